"""Schemas made of others: allOf, alternatives, discriminators, recursion, references."""

from __future__ import annotations

import json

from .case import Call, Case, Form, Result


def _read(schemas: str, *, top: str = "{$ref: '#/components/schemas/X'}", version: str = "3.0.3") -> str:
    """A contract of one operation that takes and returns `top`."""
    return f"""
        openapi: {version}
        paths:
          /a: {{post: {{requestBody: {{content: {{application/json: {{schema: {top}}}}}}}, returns: {top}}}}}
        schemas:{schemas}
        """


def _same(data: object) -> Result:
    return Result("post_a", json.dumps(data), lambda value, data=data: value.to_dict() == data)


def _kind(data: object, name: str) -> Result:
    return Result("post_a", json.dumps(data), lambda value, name=name: type(value).__name__ == name)


_PETS = """
            Cat: {type: object, required: [kind], properties: {kind: {type: string}, n: {type: integer}}}
            Dog: {type: object, required: [kind], properties: {kind: {type: string}, n: {type: integer}}}
"""

CASES = [
    Case(
        "allOf whose later parts change fields of earlier ones",
        _read(
            """
            B: {type: object, properties: {id: {type: string}, at: {type: string}, n: {type: integer}}}
            X:
              allOf:
                - {$ref: '#/components/schemas/B'}
                - {type: object, properties: {at: {type: string, format: date-time}, more: {type: string}}}
              required: [id]
            """
        ),
        calls=[
            Call(
                "post_a",
                {"body": Form("X", {"id": "1", "n": 2, "more": "m"})},
                json={"id": "1", "n": 2, "more": "m"},
            )
        ],
        results=[
            Result(
                "post_a",
                '{"id":"1","at":"2026-01-02T03:04:05Z","n":1,"more":"m"}',
                lambda v: (v.id, v.at.year, v.n, v.more, v.additional_properties) == ("1", 2026, 1, "m", {}),
            )
        ],
    ),
    Case(
        "allOf of three levels, of alternatives, and with more properties",
        _read(
            """
            A: {type: object, required: [a], properties: {a: {type: integer}}}
            B: {allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {b: {type: integer}}}]}
            C: {allOf: [{$ref: '#/components/schemas/B'}], properties: {c: {type: integer}}}
            U: {oneOf: [{type: object, properties: {u: {type: integer}}}, {type: object,
                properties: {w: {type: integer}}}]}
            X:
              allOf: [{$ref: '#/components/schemas/C'}, {$ref: '#/components/schemas/U'},
                  {description: only prose}]
              additionalProperties: {type: integer}
            """
        ),
        results=[
            Result(
                "post_a",
                '{"a":1,"b":2,"c":3,"u":4,"w":5,"z":6}',
                lambda v: (v.a, v.b, v.c, v.u, v.w, v.additional_properties) == (1, 2, 3, 4, 5, {"z": 6}),
            ),
            _same({"a": 1, "z": 9}),
        ],
    ),
    Case(
        "a reference with siblings, as 3.1 has it",
        _read(
            """
            E: {type: string, enum: [x, y]}
            N: {type: object, properties: {k: {type: integer}}}
            X:
              type: object
              properties:
                e: {$ref: '#/components/schemas/E', description: words, default: x}
                n: {$ref: '#/components/schemas/N', description: words, deprecated: true}
                more: {$ref: '#/components/schemas/N', properties: {extra: {type: integer}}}
            """,
            version="3.1.0",
        ),
        calls=[
            Call("post_a", {"body": Form("X", {"e": "y", "n": {"k": 1}})}, json={"e": "y", "n": {"k": 1}})
        ],
        results=[
            Result(
                "post_a", '{"e":"y","n":{"k":1}}', lambda v: (v.e, type(v.e).__name__, v.n.k) == ("y", "E", 1)
            ),
            _same({"more": {"k": 1, "extra": 2}}),
        ],
    ),
    Case(
        "a discriminator with mapping by name, by reference, and without mapping",
        _read(
            _PETS
            + """
            Bird: {type: object, required: [kind], properties: {kind: {type: string}, n: {type: integer}}}
            X:
              oneOf:
                - {$ref: '#/components/schemas/Cat'}
                - {$ref: '#/components/schemas/Dog'}
                - {$ref: '#/components/schemas/Bird'}
              discriminator:
                propertyName: kind
                mapping: {kitty: Cat, puppy: '#/components/schemas/Dog', hound: Dog}
            """
        ),
        calls=[
            Call("post_a", {"body": Form("Dog", {"kind": "hound", "n": 1})}, json={"kind": "hound", "n": 1})
        ],
        results=[
            _kind({"kind": "kitty", "n": 1}, "Cat"),
            _kind({"kind": "puppy", "n": 1}, "Dog"),
            _kind({"kind": "hound"}, "Dog"),
            _kind({"kind": "Bird", "n": 1}, "Bird"),
            _kind({"kind": "fish", "n": 1}, "dict"),
            _same({"kind": "puppy", "n": 1, "new": [1]}),
        ],
    ),
    Case(
        "a discriminator of an enum, in lists, in maps, and nullable",
        _read(
            _PETS
            + """
            Pet:
              oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
              discriminator: {propertyName: kind, mapping: {c: '#/components/schemas/Cat',
                  d: '#/components/schemas/Dog'}}
            X:
              type: object
              required: [main]
              properties:
                main: {allOf: [{$ref: '#/components/schemas/Pet'}], nullable: true}
                list: {type: array, items: {$ref: '#/components/schemas/Pet'}}
                by: {type: object, additionalProperties: {$ref: '#/components/schemas/Pet'}}
            """
        ),
        results=[
            Result(
                "post_a",
                '{"main":{"kind":"d"},"list":[{"kind":"c"},{"kind":"d"}],"by":{"x":{"kind":"d"}}}',
                lambda v: (
                    [type(each).__name__ for each in (v.main, *v["list"], v.by["x"])]
                    == ["Dog", "Cat", "Dog", "Dog"]
                ),
            ),
            Result("post_a", '{"main":null}', lambda v: v.main is None and v.to_dict() == {"main": None}),
        ],
    ),
    Case(
        "alternatives of models, lists, text and null, by what fits",
        _read(
            """
            A: {type: object, required: [a], properties: {a: {type: integer}}}
            B: {type: object, required: [b], properties: {b: {type: integer}}}
            X:
              type: object
              properties:
                v:
                  anyOf:
                    - {$ref: '#/components/schemas/A'}
                    - {$ref: '#/components/schemas/B'}
                    - {type: array, items: {$ref: '#/components/schemas/A'}}
                    - {type: string, format: date}
                    - {type: integer}
                    - {type: 'null'}
            """,
            version="3.1.0",
        ),
        results=[
            Result("post_a", '{"v":{"b":1}}', lambda v: type(v.v).__name__ == "B"),
            Result("post_a", '{"v":[{"a":1}]}', lambda v: v.v[0].a == 1),
            Result("post_a", '{"v":"2026-01-02"}', lambda v: v.v.day == 2),
            Result("post_a", '{"v":"text"}', lambda v: v.v == "text"),
            Result("post_a", '{"v":5}', lambda v: v.v == 5),
            Result("post_a", '{"v":null}', lambda v: v.v is None),
            Result("post_a", '{"v":{"c":1}}', lambda v: v.v == {"c": 1}),
        ],
    ),
    Case(
        "schemas that contain themselves and each other",
        _read(
            """
            X: {type: object, properties: {up: {$ref: '#/components/schemas/X'},
                y: {$ref: '#/components/schemas/Y'}}}
            Y: {type: object, properties: {xs: {type: array, items: {$ref: '#/components/schemas/X'}},
                z: {$ref: '#/components/schemas/Z'}}}
            Z: {type: object, additionalProperties: {$ref: '#/components/schemas/Z'}}
            J: {oneOf: [{type: string}, {type: array, items: {$ref: '#/components/schemas/J'}},
                {type: object, additionalProperties: {$ref: '#/components/schemas/J'}}]}
            """
        ),
        results=[
            Result(
                "post_a",
                '{"up":{"y":{"xs":[{"up":{}}],"z":{"a":{"b":{}}}}}}',
                lambda v: type(v.up.y.xs[0].up).__name__ == "X" and type(v.up.y.z["a"]["b"]).__name__ == "Z",
            ),
            _same({"up": {"y": {"xs": [{"up": {}}], "z": {"a": {"b": {}}}}}}),
        ],
    ),
    Case(
        "a recursive value at the top",
        _read(
            """
            X: {oneOf: [{type: string}, {type: array, items: {$ref: '#/components/schemas/X'}},
                {type: object, additionalProperties: {$ref: '#/components/schemas/X'}}]}
            """
        ),
        calls=[Call("post_a", {"body": ["a", ["b"]]}, json=["a", ["b"]])],
        results=[Result("post_a", '["a",{"k":["b"]}]', lambda v: v == ["a", {"k": ["b"]}])],
    ),
    Case(
        "schemas that are only references, arrays, text or maps",
        _read(
            """
            X: {type: object, properties: {a: {$ref: '#/components/schemas/Alias'},
                l: {$ref: '#/components/schemas/List'}, t: {$ref: '#/components/schemas/Text'},
                m: {$ref: '#/components/schemas/Map'}, at: {$ref: '#/components/schemas/At'}}}
            Alias: {$ref: '#/components/schemas/Alias2'}
            Alias2: {$ref: '#/components/schemas/N'}
            N: {type: object, properties: {k: {type: integer}}}
            List: {type: array, items: {$ref: '#/components/schemas/Alias'}}
            Text: {type: string}
            Map: {type: object, additionalProperties: {$ref: '#/components/schemas/Alias'}}
            At: {type: string, format: date-time}
            """
        ),
        results=[
            Result(
                "post_a",
                '{"a":{"k":1},"l":[{"k":2}],"t":"x","m":{"z":{"k":3}},"at":"2026-01-02T03:04:05Z"}',
                lambda v: (v.a.k, v["l"][0].k, v.t, v.m["z"].k, v.at.year) == (1, 2, "x", 3, 2026),
            )
        ],
    ),
    Case(
        "schemas and fields named like modules, builtins and dunders",
        _read(
            """
            __init__: {type: object, properties: {k: {type: integer}}}
            os: {type: object, properties: {k: {type: integer}}}
            types: {type: object, properties: {k: {type: integer}}}
            client: {type: object, properties: {k: {type: integer}}}
            json: {type: object, properties: {k: {type: integer}}}
            typing: {type: object, properties: {k: {type: integer}}}
            date: {type: object, properties: {k: {type: integer}}}
            Exception: {type: object, properties: {k: {type: integer}}}
            list: {type: object, properties: {k: {type: integer}}}
            A.B-c_d: {type: object, properties: {k: {type: integer}}}
            2fast: {type: object, properties: {k: {type: integer}}}
            X:
              type: object
              properties:
                a: {$ref: '#/components/schemas/__init__'}
                b: {$ref: '#/components/schemas/os'}
                c: {$ref: '#/components/schemas/types'}
                d: {$ref: '#/components/schemas/client'}
                e: {$ref: '#/components/schemas/json'}
                f: {$ref: '#/components/schemas/typing'}
                g: {$ref: '#/components/schemas/date'}
                h: {$ref: '#/components/schemas/Exception'}
                i: {$ref: '#/components/schemas/list'}
                j: {$ref: '#/components/schemas/A.B-c_d'}
                k: {$ref: '#/components/schemas/2fast'}
                date: {type: string, format: date}
                when: {type: string, format: date}
                list: {type: array, items: {type: string}}
                Model: {type: array, items: {type: string}}
                staticmethod: {type: string}
            """
        ),
        results=[
            Result(
                "post_a",
                json.dumps(
                    {name: {"k": 1} for name in "abcdefghijk"} | {"date": "2026-01-02", "list": ["x"]}
                ),
                lambda v: (
                    all(v[name].k == 1 for name in "abcdefghijk")
                    and v["date"].day == 2
                    and v["list"] == ["x"]
                ),
            )
        ],
    ),
    Case(
        "inline objects at every depth, and titles that are equal",
        _read(
            """
            X:
              type: object
              properties:
                a: {type: object, title: Thing, properties: {b: {type: object, title: Thing,
                    properties: {c: {type: array, items: {type: object, properties: {d: {type: string,
                    enum: [p, q]}}}}}}}}
                e: {type: object, title: Thing, properties: {f: {type: integer}}}
                status: {type: string, enum: [on, off]}
                other: {type: object, properties: {status: {type: string, enum: [up, down]}}}
            """
        ),
        results=[
            _same(
                {"a": {"b": {"c": [{"d": "p"}]}}, "e": {"f": 1}, "status": "on", "other": {"status": "up"}}
            ),
            Result("post_a", '{"a":{"b":{"c":[{"d":"p"}]}}}', lambda v: v.a.b.c[0].d == "p"),
        ],
    ),
    Case(
        "words in prose are only prose",
        r'''
        paths:
          /a:
            get:
              operationId: getA
              summary: 'He said """stop""" \n \ and \d {x} {{y}} {% raw %} $z end\'
              description: |
                """ {{ 1 + 1 }} {# no #} \x41 \N{BULLET} # type: ignore
                ```
                """
              tags: [t]
              parameters:
                - {name: q, in: query, description: 'a """ b \', schema: {type: string}}
              responses:
                '200':
                  description: '"""'
                  content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}
        components:
          schemas:
            M:
              type: object
              description: 'ends with a quote"'
              properties:
                k: {type: integer, description: '\"""\'}
                e: {type: string, description: "\u202e\u0000 tab\t", enum: ['"""', '\', "{x}", "{{x}}",
                    "%s", "'"]}
        ''',
        calls=[Call("get_a", {"q": "x"}, target="/a?q=x")],
        results=[
            *(
                Result(
                    "get_a",
                    json.dumps({"e": word}),
                    lambda v, word=word: v.e == word and type(v.e).__name__ != "str",
                )
                for word in ('"""', "\\", "{x}", "{{x}}", "%s", "'")
            )
        ],
    ),
]
