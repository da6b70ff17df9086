"""Discriminators that models do not declare, media types and headers of parts, long integers."""

from __future__ import annotations

import io
import json
from typing import Any

from .case import Call, Case, Form, Result

_OCTETS = "application/octet-stream"
_LONG = {"n": 2**64, "m": -(2**63) - 1, "o": 10**40, "p": [-(2**70)], "q": {"r": 2**64 - 1, "s": -(2**63)}}


class _Named(io.BytesIO):
    """An open file with a name."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def _kinds(value: Any) -> list[str]:
    return [type(item).__name__ for item in value]


CASES = [
    Case(
        "discriminators of fields that no model declares, with odd mappings, and without a field",
        """
        paths:
          /a: {get: {operationId: getA, responses: {'200': {$ref: '#/components/responses/Pets'}}}}
          /b: {get: {operationId: getB, responses: {'200': {$ref: '#/components/responses/Odds'}}}}
        components:
          responses:
            Pets:
              content:
                application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}
            Odds:
              content:
                application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Odd'}}}
        schemas:
          Pet:
            oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
            discriminator:
              propertyName: kind
              mapping: {cat: Cat, cow: '#/components/schemas/Cow', file: cat.yaml}
          Cat: {type: object, properties: {n: {type: integer}}}
          Dog: {type: object, properties: {n: {type: integer}}}
          Odd:
            oneOf: [{$ref: '#/components/schemas/Left'}, {$ref: '#/components/schemas/Right'}]
            discriminator: {mapping: [1]}
          Left: {type: object, required: [l], properties: {l: {type: integer}}}
          Right: {type: object, required: [r], properties: {r: {type: integer}}}
        """,
        results=[
            Result(
                "get_a",
                '[{"kind":"cat","n":1},{"kind":"Dog","n":1},{"n":1},{"kind":"cow","n":1}]',
                lambda value: (
                    _kinds(value) == ["Cat", "Dog", "Cat", "dict"]
                    and value[0].to_dict() == {"n": 1, "kind": "cat"}
                ),
            ),
            Result("get_b", '[{"l":1},{"r":1}]', lambda value: _kinds(value) == ["Left", "Right"]),
        ],
    ),
    Case(
        "parts of forms with several media types",
        """
        paths:
          /a:
            post:
              requestBody:
                required: true
                content:
                  multipart/form-data:
                    schema: {$ref: '#/components/schemas/F'}
                    encoding:
                      image: {contentType: 'image/png, image/jpeg'}
                      all: {contentType: 'image/*,application/pdf'}
                      note: {contentType: 'application/json, text/csv'}
                      meta: {contentType: 'text/plain, application/ld+json'}
                      tags: {contentType: 'application/json, text/plain'}
        schemas:
          F:
            type: object
            properties:
              image: {type: string, format: binary}
              all: {type: array, items: {type: string, format: binary}}
              note: {type: string}
              meta: {type: object, properties: {k: {type: integer}}}
              tags: {type: array, items: {type: string}}
        """,
        calls=[
            Call(
                "post_a",
                {"body": {"image": b"1", "all": [_Named(b"2", "/tmp/a.gif"), b"3"], "note": "x"}},
                parts=[
                    ("image", "file", "image/png", b"1"),
                    ("all", "a.gif", "image/gif", b"2"),
                    ("all", "file", "application/pdf", b"3"),
                    ("note", None, "text/csv", b"x"),
                ],
            ),
            Call(
                "post_a",
                {"body": {"image": _Named(b"1", "a.jpg"), "meta": {"k": 1}, "tags": ["a"]}},
                parts=[
                    ("image", "a.jpg", "image/jpeg", b"1"),
                    ("meta", None, "application/ld+json", b'{"k":1}'),
                    ("tags", None, "application/json", b'["a"]'),
                ],
            ),
            Call(
                "post_a",
                {"body": {"image": _Named(b"1", "a.mp4")}},
                parts=[("image", "a.mp4", "image/png", b"1")],
            ),
        ],
    ),
    Case(
        "a form of empty lists is a form without parts",
        """
        paths:
          /a:
            post:
              requestBody:
                required: true
                content:
                  multipart/form-data:
                    schema: {type: object, properties: {tags: {type: array, items: {type: string}}}}
          /b:
            post:
              requestBody:
                required: true
                content:
                  application/x-www-form-urlencoded:
                    schema: {type: object, properties: {tags: {type: array, items: {type: string}}}}
        """,
        calls=[Call("post_a", {"body": {"tags": []}}, parts=[]), Call("post_b", {"body": {}}, form=[])],
    ),
    Case(
        "integers beyond 64 bits",
        """
        paths:
          /a:
            post:
              parameters:
                - {name: q, in: query, content: {application/json: {schema: {type: integer}}}}
              requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}}
              responses: {'200': {$ref: '#/components/responses/M'}}
        components:
          responses: {M: {content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}}}
        schemas: {M: {type: object, properties: {n: {type: integer}, m: {type: integer}}}}
        """,
        calls=[Call("post_a", {"body": Form("M", _LONG), "q": 2**70}, json=_LONG, query_json=("q", 2**70))],
        results=[
            Result("post_a", json.dumps(_LONG), lambda v: repr(v.to_dict()) == repr(_LONG)),
            Result("post_a", f'{{"n":{2**64}}}', lambda v: repr(v.n) == repr(2**64)),
            Result("post_a", f'{{"n": {-(2**63) - 1}}}', lambda v: repr(v.n) == repr(-(2**63) - 1)),
            Result("post_a", '{"n":0.99999999999999999999}', lambda v: v.n == 1.0),
            Result("post_a", f'{{"n":"{"7" * 30}"}}', lambda v: v.n == "7" * 30),
        ],
    ),
    Case(
        "discriminators without a mapping, of models with words of their own",
        """
        openapi: 3.1.0
        paths:
          /a: {get: {operationId: getA, responses: {'200': {$ref: '#/components/responses/Pet'}}}}
        components:
          responses:
            Pet: {description: x, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
          schemas:
            Pet:
              oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
              discriminator: {propertyName: kind}
            Cat: {type: object, required: [kind], properties: {kind: {enum: [kitten, cat]}, n: {}}}
            Dog: {type: object, required: [kind], properties: {kind: {const: dog}, n: {}}}
        """,
        results=[
            Result("get_a", '{"kind":"cat","n":1}', lambda value: _kinds([value]) == ["Cat"]),
            Result("get_a", '{"kind":"dog","n":1}', lambda value: _kinds([value]) == ["Dog"]),
            Result("get_a", '{"kind":"Dog","n":1}', lambda value: _kinds([value]) == ["Dog"]),
            Result("get_a", '{"kind":"cow","n":1}', lambda value: value == {"kind": "cow", "n": 1}),
        ],
    ),
    Case(
        "redirects of HEAD, and statuses that have no body whatever the contract says",
        """
        paths:
          /a:
            head: {responses: {'200': {}, '302': {}}}
            get:
              responses:
                '200': {$ref: '#/components/responses/M'}
                '204': {$ref: '#/components/responses/M'}
                '304': {$ref: '#/components/responses/M'}
          /b: {head: {responses: {3XX: {}, '404': {}}}}
        components:
          responses: {M: {content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}}}
        schemas: {M: {type: object, properties: {k: {type: integer}}}}
        """,
        results=[
            Result("head_a", "", lambda value: value is True),
            Result("head_a", "", lambda value: value.location == "/x", {"location": "/x"}, status=302),
            Result("head_b", "", lambda value: value.location == "/x", {"location": "/x"}, status=307),
            Result("head_b", "", lambda value: value is False, status=404),
            Result("get_a", "", lambda value: value is None, status=204),
            Result("get_a", "", lambda value: value is None, status=304),
            Result("get_a", '{"k":1}', lambda value: value.k == 1),
        ],
    ),
    Case(
        "methods and places of OpenAPI 3.2 and Swagger 2, and media types in capitals",
        """
        openapi: 3.2.0
        paths:
          /a:
            query: {operationId: queryA}
            additionalOperations: {COPY: {operationId: copyA}}
            post:
              requestBody: {required: true, content: {APPLICATION/JSON: {schema: {type: object}}}}
          /b:
            get: {parameters: [{name: x, in: querystring, content: {text/plain: {}}}]}
          /c: {post: {parameters: [{name: x, in: formData, schema: {type: string}}]}}
        """,
        calls=[
            Call("post_a", {"body": {"k": 1}}, json={"k": 1}, headers={"content-type": "APPLICATION/JSON"})
        ],
        left_out={
            "queryA": "its method: QUERY is no method of OpenAPI 3.1",
            "copyA": "its method: COPY is no method of OpenAPI 3.1",
            "getB": "parameters.x: nothing can be sent in the querystring of a request",
            "postC": "parameters.x: nothing can be sent in the formData of a request",
        },
    ),
    Case(
        "a schema joined with another, each in the other, with null in maps of them",
        """
        openapi: 3.1.0
        paths: {/a: {get: {returns: Node}, post: {takes: Node}}}
        schemas:
          Node:
            allOf:
              - {$ref: '#/components/schemas/Base'}
              - type: object
                properties:
                  inner: {type: array, items: {$ref: '#/components/schemas/Node'}}
                  named:
                    type: object
                    additionalProperties: {anyOf: [{$ref: '#/components/schemas/Node'}, {type: 'null'}]}
          Base:
            type: object
            required: [id]
            properties: {id: {type: string}, owner: {$ref: '#/components/schemas/Node'}}
        """,
        calls=[
            Call(
                "post_a",
                {"body": Form("Node", {"id": "1", "inner": [{"id": "2", "named": {"x": None}}]})},
                json={"id": "1", "inner": [{"id": "2", "named": {"x": None}}]},
            )
        ],
        results=[
            Result(
                "get_a",
                '{"id":"1","owner":{"id":"9"},"inner":[{"id":"2","named":{"x":{"id":"3"},"y":null}}]}',
                lambda v: (v.owner.id, v.inner[0].named["x"].id, v.inner[0].named["y"]) == ("9", "3", None),
            )
        ],
    ),
    Case(
        "paths by reference, schemas within schemas, media types with a star",
        """
        openapi: 3.1.0
        paths: {/a: {$ref: '#/components/pathItems/A'}}
        components:
          pathItems:
            A:
              get:
                operationId: getA
                responses:
                  '200':
                    description: x
                    content:
                      'application/problem+json; charset=utf-8': {schema: {$ref: '#/components/schemas/M'}}
                      'image/*': {schema: {type: string, format: binary}}
          schemas:
            M:
              type: object
              properties: {d: {$ref: '#/components/schemas/M/$defs/D'}}
              $defs: {D: {type: object, properties: {k: {type: integer}}}}
        """,
        calls=[Call("get_a", target="/a")],
        results=[
            Result(
                "get_a",
                '{"d":{"k":4}}',
                lambda v: v.d.k == 4,
                headers={"content-type": "application/problem+json"},
            ),
            Result("get_a", b"\x89PNG", lambda v: v == b"\x89PNG", headers={"content-type": "image/png"}),
        ],
    ),
]
