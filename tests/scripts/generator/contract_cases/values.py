"""Values of every type and format: dates, nulls, large numbers, maps."""

from __future__ import annotations

import datetime
import json

from .case import NULL, Call, Case, Form, Result

_DAY = datetime.date(2026, 2, 28)


def _object(schema: str, version: str = "3.0.3") -> str:
    """A contract of one operation that takes and returns M, by its schema."""
    return f"""
        openapi: {version}
        paths: {{/a: {{post: {{takes: M, returns: M}}}}}}
        schemas:
            N: {{type: object, properties: {{k: {{type: integer}}}}}}
            M: {schema}
        """


def _same(data: dict[str, object]) -> Result:
    """The object is read and written back as it was."""
    return Result("post_a", json.dumps(data), lambda value, data=data: value.to_dict() == data)


CASES = [
    Case(
        "dates",
        """
        paths:
          /a/{day}:
            get:
              operationId: getA
              parameters:
                - {name: day, in: path, schema: {type: string, format: date}}
                - {name: since, in: query, schema: {type: string, format: date}}
                - {name: days, in: query, schema: {type: array, items: {type: string, format: date}}}
                - {name: X-Day, in: header, schema: {type: string, format: date}}
              responses:
                '200':
                  description: it
                  content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}
          /b:
            get:
              operationId: getB
              responses:
                '200':
                  description: one
                  content: {application/json: {schema: {type: string, format: date}}}
        components:
          schemas:
            M:
              type: object
              properties:
                date: {type: string, format: date}
                datetime: {type: string, format: date-time}
                other: {type: string, format: date, nullable: true}
                days: {type: array, items: {type: string, format: date}}
                moments: {type: array, items: {oneOf: [{type: string, format: date-time}, {type: string}]}}
                by: {type: object, additionalProperties: {type: string, format: date}}
                either: {oneOf: [{type: string, format: date}, {type: string, format: date-time}]}
                or_number: {oneOf: [{type: string, format: date}, {type: integer}]}
        """,
        calls=[
            Call(
                "get_a",
                {"day": _DAY, "since": _DAY, "days": [_DAY, _DAY], "x_day": _DAY},
                path="/a/2026-02-28",
                query=[("since", "2026-02-28"), ("days", "2026-02-28"), ("days", "2026-02-28")],
                headers={"x-day": "2026-02-28"},
            )
        ],
        results=[
            Result(
                "get_a",
                '{"date":"2026-02-28","days":["2026-02-28"],"by":{"x":"2026-02-28"},"either":"2026-02-28"}',
                lambda value: (
                    type(value.date) is datetime.date
                    and (value.date, value.days, value.by) == (_DAY, [_DAY], {"x": _DAY})
                    and type(value.either) is datetime.date
                    and value.to_dict()["date"] == "2026-02-28"
                ),
            ),
            Result(
                "get_a",
                '{"datetime":"2026-02-28T01:02:03Z","either":"2026-02-28T01:02:03Z","or_number":7}',
                lambda value: (value["datetime"].hour, value.either.hour, value.or_number) == (1, 1, 7),
            ),
            *(
                Result(
                    "get_a",
                    json.dumps({"date": odd, "other": odd, "days": [odd]}),
                    lambda value, odd=odd: value.to_dict() == {"date": odd, "other": odd, "days": [odd]},
                )
                for odd in (
                    "soon",
                    "2026-02-30",
                    "20260228",
                    "2026-W09-6",
                    "2026-2-8",
                    "",
                    7,
                    "2026-02-28T00:00:00Z",
                )
            ),
            Result(
                "get_a", '{"moments":["2026-02-28T01:02:03Z","x"]}', lambda value: value.moments[0].hour == 1
            ),
            Result("get_b", '"2026-02-28"', lambda value: value == _DAY),
        ],
    ),
    Case(
        "required fields that may be null, in 3.0",
        _object(
            "{type: object, required: [a, b, c, d, e, f, g],"
            " properties: {a: {type: string, nullable: true}, b: {type: object, nullable: true,"
            " properties: {k: {type: integer}}}, c: {allOf: [{$ref: '#/components/schemas/N'}],"
            " nullable: true}, d: {type: array, nullable: true, items: {type: string}}, e: {type: string},"
            " f: {type: string, nullable: true, enum: [x, null]}, g: {$ref: '#/components/schemas/N'},"
            " o: {type: string, nullable: true}}}"
        ),
        calls=[
            Call(
                "post_a",
                {"body": Form("M", {"e": "x"})},
                json={"a": None, "b": None, "c": None, "d": None, "e": "x", "f": None},
            ),
            Call("post_a", {"body": {"a": "1", "e": "x", "o": NULL}}, json={"a": "1", "e": "x", "o": None}),
            Call("post_a", {"body": {"a": None, "o": None}}, json={"a": None, "o": None}),
        ],
        results=[
            _same({"a": None, "b": None, "c": None, "d": None, "e": "x", "f": None, "g": {"k": 1}}),
            Result(
                "post_a",
                '{"a":null,"e":"x"}',
                lambda value: (
                    value.a is None and "a" not in value and value.get("a", 5) == 5 and value.keys() == ["e"]
                ),
            ),
        ],
    ),
    Case(
        "required fields that may be null, in 3.1",
        _object(
            "{type: object, required: [a, b, c, d, e, f],"
            " properties: {a: {type: [string, 'null']}, b: {anyOf: [{$ref: '#/components/schemas/N'},"
            " {type: 'null'}]}, c: {enum: [x, null]}, d: {const: null}, e: {}, f: {type: [object, 'null'],"
            " properties: {k: {type: integer}}}}}",
            "3.1.0",
        ),
        calls=[
            Call(
                "post_a",
                {"body": Form("M", {})},
                json={"a": None, "b": None, "c": None, "d": None, "e": None, "f": None},
            )
        ],
        results=[
            _same({"a": None, "b": None, "c": None, "d": None, "e": None, "f": None}),
            _same({"a": "x", "b": {"k": 1}, "c": "x", "d": None, "e": [1], "f": {"k": 2}}),
        ],
    ),
    Case(
        "required nulls of joined schemas",
        _object(
            "{allOf: [{$ref: '#/components/schemas/B'}, {type: object, required: [own, base],"
            " properties: {own: {type: string, nullable: true}}}]}\n"
            "            B: {type: object, required: [id],"
            " properties: {id: {type: string, nullable: true}, base: {type: integer, nullable: true}}}"
        ),
        calls=[Call("post_a", {"body": Form("M", {})}, json={"id": None, "base": None, "own": None})],
    ),
    Case(
        "large and odd numbers",
        _object(
            "{type: object, properties: {i: {type: integer, format: int64}, u: {type: integer,"
            " format: uint64}, f: {type: number}, g: {type: number, format: double}, h: {type: integer}}}"
        ),
        calls=[
            Call(
                "post_a",
                {"body": Form("M", {"i": 2**63 - 1, "u": 2**64 - 1})},
                json={"i": 2**63 - 1, "u": 2**64 - 1},
            )
        ],
        results=[
            _same({"i": 9007199254740993, "u": 18446744073709551615, "f": 1e300, "g": -0.1, "h": 0}),
            Result("post_a", '{"i":9007199254740993}', lambda value: value.i == 9007199254740993),
            Result("post_a", '{"h":1.0,"f":3}', lambda value: (value.h, value.f) == (1, 3)),
        ],
    ),
    Case(
        "text of every format",
        _object(
            "{type: object, properties: {id: {type: string, format: uuid}, b: {type: string, format: byte},"
            " u: {type: string, format: uri}, p: {type: string, format: password}, t: {type: string,"
            " format: time}, d: {type: string, format: duration}, e: {type: string, format: email},"
            " x: {type: string, format: made-up}, raw: {type: string, format: binary}}}"
        ),
        results=[
            _same(
                {
                    "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
                    "b": "QUJD",
                    "u": "https://things.test/a?b",
                    "p": "secret",
                    "t": "03:04:05Z",
                    "d": "P1D",
                    "e": "a@things.test",
                    "x": "x",
                }
            ),
            _same({"id": "no uuid", "b": "%%%"}),
            Result("post_a", '{"raw":"text"}', lambda value: value.to_dict() == {"raw": "text"}),
        ],
    ),
    Case(
        "maps, maps of maps, and maps beside fields",
        _object(
            "{type: object, properties: {a: {type: object,"
            " additionalProperties: {$ref: '#/components/schemas/N'}},"
            " b: {type: object, additionalProperties: {type: object, additionalProperties: {type: array,"
            " items: {$ref: '#/components/schemas/N'}}}}, c: {$ref: '#/components/schemas/C'},"
            " d: {type: object,"
            " additionalProperties: false}, e: {type: object, additionalProperties: {type: string,"
            " nullable: true}},"
            " f: {$ref: '#/components/schemas/Empty'}}}\n"
            "            C: {type: object, additionalProperties: {type: string, format: date}}\n"
            "            Empty: {type: object}"
        ),
        results=[
            Result(
                "post_a",
                '{"a":{"x":{"k":1}},"b":{"x":{"y":[{"k":2}]}},"c":{"z":"2026-02-28"},"d":{},"e":{"n":null}}',
                lambda value: (
                    value.a["x"].k == 1
                    and value.b["x"]["y"][0].k == 2
                    and value.c["z"] == _DAY
                    and value.e == {"n": None}
                ),
            ),
            _same({"a": {}, "b": {"x": {}}, "c": {"k": "2026-02-28"}, "f": {"any": [1, {"x": None}]}}),
            _same({"d": {"undeclared": 1}}),
        ],
    ),
    Case(
        "defaults, readOnly, writeOnly, deprecated and examples change nothing",
        _object(
            "{type: object, required: [id], properties: {id: {type: string, readOnly: true},"
            " pw: {type: string,"
            " writeOnly: true}, n: {type: integer, default: 5}, l: {type: array, default: [],"
            " items: {type: string}},"
            " b: {type: boolean, default: true, deprecated: true}, e: {type: string, enum: [a, b],"
            " default: a},"
            " d: {type: string, format: date, default: '2026-01-01'}, at: {type: string, format: date-time,"
            " default: '2026-01-01T00:00:00Z'}, o: {type: object, default: {}, example: {x: 1}}}}"
        ),
        calls=[
            Call("post_a", {"body": {"pw": "x"}}, json={"pw": "x"}),
            Call("post_a", {"body": Form("M", {"pw": "x"})}, json={"pw": "x"}),
        ],
        results=[
            Result("post_a", '{"id":"1"}', lambda value: value.n is None and value.to_dict() == {"id": "1"})
        ],
    ),
    Case(
        "defaults of parameters are the server's",
        """
        paths:
          /a:
            get:
              parameters:
                - {name: n, in: query, schema: {type: integer, default: 20}}
                - {name: sort, in: query, schema: {type: string, enum: [up, down], default: up}}
                - {name: f, in: query, schema: {type: boolean, default: false}}
                - {name: l, in: query, schema: {type: array, items: {type: string}, default: [a]}}
                - {name: X-N, in: header, schema: {type: integer, default: 1}}
        """,
        calls=[
            Call("get_a", target="/a", absent=["x-n"]),
            Call(
                "get_a",
                {"n": 0, "f": False, "sort": "down"},
                query=[("n", "0"), ("sort", "down"), ("f", "false")],
            ),
        ],
    ),
    Case(
        "enums with null, of a referenced schema, in lists and maps",
        _object(
            "{type: object, properties: {a: {type: string, nullable: true, enum: [x, y, null]},"
            " l: {type: array, items: {$ref: '#/components/schemas/E'}},"
            " m: {type: object, additionalProperties: {$ref: '#/components/schemas/E'}},"
            " i: {type: integer, nullable: true, enum: [1, 2, null]}}}\n"
            "            E: {type: string, enum: [x, y]}"
        ),
        calls=[
            Call(
                "post_a",
                {"body": Form("M", {"l": ["x", "new"], "a": "y"})},
                json={"a": "y", "l": ["x", "new"]},
            )
        ],
        results=[
            _same({"a": "x", "l": ["x", "z"], "m": {"k": "y"}, "i": 2}),
            Result(
                "post_a",
                '{"a":null,"i":null,"l":["x"]}',
                lambda value: value.a is None and type(value["l"][0]).__name__ == "E",
            ),
        ],
    ),
    Case(
        "constants of every type",
        _object(
            "{type: object, required: [kind], properties: {kind: {const: thing}, n: {const: 3},"
            " b: {const: false},"
            " f: {const: 1.5}, z: {const: null}, l: {const: [1, 2]}, o: {const: {x: 1}}}}",
            "3.1.0",
        ),
        calls=[
            Call(
                "post_a",
                {"body": Form("M", {"kind": "thing", "n": 3, "b": False})},
                json={"kind": "thing", "n": 3, "b": False},
            )
        ],
        results=[
            _same({"kind": "thing", "n": 3, "b": False, "f": 1.5, "l": [1, 2], "o": {"x": 1}}),
            _same({"kind": "other", "n": 4, "b": True}),
        ],
    ),
    Case(
        "arrays of arrays, tuples, unique and untyped items",
        _object(
            "{type: object, properties: {a: {type: array, items: {type: array,"
            " items: {$ref: '#/components/schemas/N'}}},"
            " t: {type: array, prefixItems: [{type: string}, {$ref: '#/components/schemas/N'}]},"
            " u: {type: array, uniqueItems: true, items: {type: string}}, v: {type: array, items: {}},"
            " w: {type: array}, n: {type: array, items: {type: [string, 'null']}}}}",
            "3.1.0",
        ),
        results=[
            Result("post_a", '{"a":[[{"k":1}],[]]}', lambda value: value.a[0][0].k == 1 and value.a[1] == []),
            _same(
                {
                    "a": [[{"k": 1}], []],
                    "t": ["x", {"k": 1}],
                    "u": ["a"],
                    "v": [1, None, {}],
                    "w": ["x"],
                    "n": ["a", None],
                }
            ),
        ],
    ),
    Case(
        "schemas without a type, true and false",
        _object(
            "{type: object, properties: {a: {}, b: true, c: {description: anything},"
            " d: {properties: {k: {type: integer}}},"
            " e: {items: {type: string}}, f: {nullable: true}, g: {type: 'null'},"
            " h: {not: {type: string}}},"
            " additionalProperties: {}}",
            "3.1.0",
        ),
        results=[
            _same(
                {"a": [1], "b": {"x": 1}, "c": "t", "d": {"k": 1}, "e": ["a"], "h": 7, "extra": {"y": [2]}}
            ),
            Result("post_a", '{"a":null,"d":{"k":1}}', lambda value: value.a is None and value.d.k == 1),
        ],
    ),
    Case(
        "values that break the contract are kept",
        _object(
            "{type: object, properties: {i: {type: integer}, l: {type: array,"
            " items: {$ref: '#/components/schemas/N'}},"
            " o: {$ref: '#/components/schemas/N'}, at: {type: string, format: date-time},"
            " m: {type: object, additionalProperties: {$ref: '#/components/schemas/N'}}}}"
        ),
        results=[
            _same({"i": "five", "l": {"k": 1}, "o": [1], "at": "soon", "m": [2]}),
            _same({"i": 1.5, "l": [5, {"k": 1}], "o": "text", "at": 7, "m": {"x": 3}}),
        ],
    ),
]
