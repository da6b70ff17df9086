"""Alternatives and joined schemas: what a value is read as, at the top, in fields, in arrays."""

from __future__ import annotations

from typing import Any

from .case import Case, Result


def kinds(value: Any) -> list[str]:
    return [type(item).__name__ for item in value]


CASES = [
    Case(
        "alternatives by what fits best",
        """
        openapi: 3.1.0
        paths:
          /a: {get: {operationId: byRule, responses: {'200': {$ref: '#/components/responses/ByRule'}}}}
          /b: {get: {operationId: byShape, responses: {'200': {$ref: '#/components/responses/ByShape'}}}}
          /c: {get: {operationId: byBase, responses: {'200': {$ref: '#/components/responses/ByBase'}}}}
          /d: {get: {operationId: scalar, responses: {'200': {$ref: '#/components/responses/Scalar'}}}}
        components:
          responses:
            ByRule:
              description: x
              content:
                application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Nested'}}}
            ByShape:
              description: x
              content:
                application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Shape'}}}
            ByBase:
              description: x
              content:
                application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Base'}}}
            Scalar: {description: x, content: {application/json: {schema: {type: [string, integer]}}}}
          schemas:
            Nested: {anyOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Stone'}]}
            Pet:
              oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
              discriminator: {propertyName: kind, mapping: {kitten: Cat, cat: '#/components/schemas/Cat'}}
            Cat: {type: object, required: [kind], properties: {kind: {type: string}, n: {type: integer}}}
            Dog: {type: object, required: [kind], properties: {kind: {type: string}, n: {type: integer}}}
            Stone: {type: object, required: [weight], properties: {weight: {type: number}}}
            Shape:
              oneOf:
                - {$ref: '#/components/schemas/Tagged'}
                - {$ref: '#/components/schemas/Worded'}
                - {$ref: '#/components/schemas/Whole'}
                - {$ref: '#/components/schemas/Text'}
                - {$ref: '#/components/schemas/Wide'}
            Tagged: {type: object, required: [tag], properties: {tag: {const: a}, v: {type: integer}}}
            Worded: {type: object, required: [tag], properties: {tag: {enum: [b, c]}, v: {type: integer}}}
            Whole: {type: object, required: [size], properties: {size: {type: integer}}}
            Text: {type: object, required: [size], properties: {size: {type: string}}}
            Wide: {type: object, required: [size], properties: {size: {type: integer}, more: {type: string}}}
            Base:
              type: object
              required: [type]
              properties: {type: {type: string}}
              discriminator: {propertyName: type, mapping: {one: '#/components/schemas/First'}}
            First: {allOf: [{$ref: '#/components/schemas/Base'}, {properties: {a: {type: integer}}}]}
            Second: {allOf: [{$ref: '#/components/schemas/Base'}, {properties: {b: {type: integer}}}]}
        """,
        results=[
            Result(
                "by_rule",
                '[{"kind":"kitten"},{"kind":"cat"},{"kind":"Dog"},{"weight":1.5},{"kind":"bird","n":1},7]',
                lambda value: kinds(value) == ["Cat", "Cat", "Dog", "Stone", "dict", "int"],
            ),
            Result(
                "by_shape",
                '[{"tag":"a","v":1},{"tag":"c","v":1},{"size":1},{"size":"s"},{"size":1,"more":"m"},{"x":1}]',
                lambda value: kinds(value) == ["Tagged", "Worded", "Whole", "Text", "Wide", "dict"],
            ),
            Result(
                "by_base",
                '[{"type":"one","a":1},{"type":"Second","b":2},{"type":"other"}]',
                lambda value: kinds(value) == ["First", "Second", "Base"] and value[1].b == 2,
            ),
            Result("scalar", '"a"', lambda value: value == "a"),
            Result("scalar", "5", lambda value: value == 5),
        ],
    ),
    Case(
        "alternatives in fields",
        """
        paths:
          /a: {get: {operationId: getA, returns: X}}
        schemas:
          Moment: {type: string, format: date-time}
          E: {type: string, enum: [p, q]}
          M: {type: object, properties: {k: {type: integer}}}
          X:
            type: object
            properties:
              d: {oneOf: [{$ref: '#/components/schemas/Moment'}, {$ref: '#/components/schemas/M'}]}
              e: {oneOf: [{$ref: '#/components/schemas/E'}, {$ref: '#/components/schemas/M'}]}
              l:
                oneOf:
                  - {$ref: '#/components/schemas/M'}
                  - {type: array, items: {$ref: '#/components/schemas/M'}}
              n: {oneOf: [{type: array, items: {type: integer}}, {type: integer}]}
              o:
                oneOf:
                  - {type: object, additionalProperties: {$ref: '#/components/schemas/M'}}
                  - {type: array, items: {$ref: '#/components/schemas/Moment'}}
              t: {oneOf: [{$ref: '#/components/schemas/Moment'}, {type: string}]}
        """,
        results=[
            Result(
                "get_a",
                '{"d":"2026-01-02T03:04:05Z","e":"p","l":[{"k":1}],"n":[1],"o":{"z":{"k":3}},"t":"20260102"}',
                lambda v: (
                    (v.d.year, type(v.e).__name__, v.l[0].k, v.n, v.o["z"].k, v.t)
                    == (2026, "E", 1, [1], 3, "20260102")
                ),
            ),
            Result(
                "get_a",
                '{"d":{"k":1},"e":{"k":2},"l":{"k":3},"n":4,"o":["2026-01-02T03:04:05Z"]}',
                lambda v: (v.d.k, v.e.k, v.l.k, v.n, v.o[0].year) == (1, 2, 3, 4, 2026),
            ),
            Result(
                "get_a",
                '{"d":5,"e":"new","l":"x","n":"no","o":7}',
                lambda v: v.to_dict() == {"d": 5, "e": "new", "l": "x", "n": "no", "o": 7},
            ),
        ],
    ),
    Case(
        "schemas that lead back to themselves",
        """
        paths:
          /a: {get: {operationId: getA, returns: A}}
        schemas:
          A:
            properties:
              b: {$ref: '#/components/schemas/B'}
              j: {$ref: '#/components/schemas/Json'}
          B:
            properties: {c: {$ref: '#/components/schemas/C'}, u: {$ref: '#/components/schemas/U'}}
          C: {type: object, properties: {a: {type: array, items: {$ref: '#/components/schemas/A'}}}}
          U: {oneOf: [{$ref: '#/components/schemas/B'}, {$ref: '#/components/schemas/Node'}]}
          Node:
            type: object
            nullable: true
            required: [next]
            properties: {next: {$ref: '#/components/schemas/Node'}}
          Json:
            oneOf:
              - {type: string}
              - {type: array, items: {$ref: '#/components/schemas/Json'}}
              - {type: object, additionalProperties: {$ref: '#/components/schemas/Json'}}
          Inline:
            oneOf:
              - {type: object, properties: {again: {$ref: '#/components/schemas/Inline'}}}
              - {type: string}
          List: {type: array, items: {$ref: '#/components/schemas/List'}}
        """,
        results=[
            Result(
                "get_a",
                '{"b":{"c":{"a":[{"b":{}}]},"u":{"next":{"next":null}}},"j":["x",{"y":["z"]}]}',
                lambda v: (
                    type(v.b.c.a[0].b).__name__ == "B"
                    and type(v.b.u.next_).__name__ == "Node"
                    and v.j == ["x", {"y": ["z"]}]
                ),
            )
        ],
    ),
    Case(
        "joined schemas",
        """
        openapi: 3.1.0
        paths:
          /a: {get: {operationId: getA, returns: X}}
        schemas:
          Base: {type: object, properties: {kind: {type: string}, size: {type: integer}}}
          E: {type: string, enum: [x]}
          Narrowed:
            allOf:
              - {$ref: '#/components/schemas/Base'}
              - {properties: {kind: {const: b}, size: {type: string}}}
          Beside:
            type: object
            properties: {z: {type: integer}}
            allOf: [{$ref: '#/components/schemas/Base'}]
          Either:
            type: object
            properties: {id: {type: string}}
            oneOf:
              - {properties: {a: {type: integer}}, required: [a]}
              - {properties: {b: {type: integer}}}
          X:
            type: object
            properties:
              narrowed: {$ref: '#/components/schemas/Narrowed'}
              beside: {$ref: '#/components/schemas/Beside'}
              either: {$ref: '#/components/schemas/Either'}
              word: {allOf: [{type: string}, {enum: [x]}]}
              ref: {allOf: [{$ref: '#/components/schemas/E'}, {description: more}], default: y}
        """,
        results=[
            Result(
                "get_a",
                '{"narrowed":{"kind":"b","size":"s"},"beside":{"size":1,"z":2},"either":{"id":"i","b":3},'
                '"word":"x","ref":"x"}',
                lambda v: (
                    (v.narrowed.size, v.beside.size, v.beside.z, v.either.id, v.either.b, v.word, v.ref)
                    == ("s", 1, 2, "i", 3, "x", "x")
                ),
            )
        ],
    ),
]
