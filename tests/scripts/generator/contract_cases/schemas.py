"""Schemas of every kind, and what is read from them."""

from __future__ import annotations

from .case import Call, Case, Result

CASES = [
    Case(
        "lists of types",
        """
        openapi: 3.1.0
        paths:
          /a:
            get: {returns: M, parameters: [{name: n, in: query, schema: {type: [integer, 'null']}}]}
        schemas:
          M:
            type: object
            properties:
              x: {type: [string, 'null']}
              y: {type: [string, integer]}
              z: {type: [array, 'null'], items: {type: string}}
        """,
        calls=[Call("get_a", {"n": 3}, target="/a?n=3")],
        results=[
            Result(
                "get_a",
                '{"x":null,"y":5,"z":["q"]}',
                lambda value: (value.x, value.y, value.z) == (None, 5, ["q"]),
            )
        ],
    ),
    Case(
        "constants",
        """
        openapi: 3.1.0
        paths:
          /a: {get: {returns: M, parameters: [{name: mode, in: query, schema: {const: fast}}]}}
        schemas: {M: {type: object, properties: {kind: {const: dog}, v: {const: 3}}}}
        """,
        calls=[Call("get_a", {"mode": "fast"}, target="/a?mode=fast")],
        results=[Result("get_a", '{"kind":"cat","v":4}', lambda value: value.kind == "cat")],
    ),
    Case(
        "alternatives with a discriminator",
        """
        paths:
          /a: {get: {operationId: getA, returns: Pet}}
        schemas:
          Pet:
            oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
            discriminator:
              propertyName: kind
              mapping: {cat: '#/components/schemas/Cat', dog: '#/components/schemas/Dog'}
          Cat:
            type: object
            required: [kind]
            properties: {kind: {type: string}, n: {type: integer}}
          Dog:
            type: object
            required: [kind]
            properties: {kind: {type: string}, n: {type: integer}}
        """,
        results=[
            Result("get_a", '{"kind":"dog","n":1}', lambda value: type(value).__name__ == "Dog"),
            Result("get_a", '{"kind":"cat","n":1}', lambda value: type(value).__name__ == "Cat"),
        ],
    ),
    Case(
        "a schema that contains itself",
        """
        paths:
          /a: {get: {operationId: getA, returns: Tree}}
        schemas:
          Tree:
            type: object
            properties:
              v: {type: integer}
              kids: {type: array, items: {$ref: '#/components/schemas/Tree'}}
              up: {$ref: '#/components/schemas/Tree'}
              by: {type: object, additionalProperties: {$ref: '#/components/schemas/Tree'}}
        """,
        results=[
            Result(
                "get_a",
                '{"v":1,"kids":[{"v":2,"kids":[{"v":3}]}],"by":{"x":{"v":9}}}',
                lambda value: value.kids[0].kids[0].v == 3 and value.by["x"].v == 9,
            )
        ],
    ),
    Case(
        "objects of anything, and of one type of value",
        """
        paths:
          /a: {get: {operationId: getA, returns: M}}
        schemas:
          M:
            type: object
            properties:
              f: {type: object, additionalProperties: true}
              g: {type: object}
              h: {type: object, additionalProperties: {type: string, format: date-time}}
              a: {}
              m:
                type: object
                additionalProperties: {type: array, items: {$ref: '#/components/schemas/N'}}
            additionalProperties: {type: integer}
          N: {type: object, properties: {k: {type: integer}}}
        """,
        results=[
            Result(
                "get_a",
                '{"f":{"x":[1]},"g":{"y":1},"h":{"t":"2026-01-01T00:00:00Z"},"a":[1],"m":{"z":[{"k":1}]},"extra":7}',
                lambda value: (
                    (
                        value.f,
                        value.g,
                        value.h["t"].year,
                        value.a,
                        value.m["z"][0].k,
                        value.additional_properties,
                    )
                    == ({"x": [1]}, {"y": 1}, 2026, [1], 1, {"extra": 7})
                ),
            )
        ],
    ),
]
