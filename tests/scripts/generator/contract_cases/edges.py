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
              description: x
              content:
                application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}
            Odds:
              description: x
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
                200,
                '[{"kind":"cat","n":1},{"kind":"Dog","n":1},{"n":1},{"kind":"cow","n":1}]',
                lambda value: (
                    _kinds(value) == ["Cat", "Dog", "Cat", "dict"]
                    and value[0].to_dict() == {"n": 1, "kind": "cat"}
                ),
            ),
            Result("get_b", 200, '[{"l":1},{"r":1}]', lambda value: _kinds(value) == ["Left", "Right"]),
        ],
    ),
    Case(
        "parts of forms with several media types",
        """
        paths:
          /a:
            post:
              operationId: postA
              requestBody:
                required: true
                content:
                  multipart/form-data:
                    schema: {$ref: '#/components/schemas/F'}
                    encoding:
                      image: {contentType: 'image/png, image/jpeg'}
                      all: {contentType: 'image/*, application/pdf'}
                      note: {contentType: 'application/json, text/csv'}
                      meta: {contentType: 'text/plain, application/ld+json'}
                      tags: {contentType: 'application/json, text/plain'}
        components:
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
              operationId: postA
              requestBody:
                required: true
                content:
                  multipart/form-data:
                    schema: {type: object, properties: {tags: {type: array, items: {type: string}}}}
          /b:
            post:
              operationId: postB
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
              operationId: postA
              parameters: [{name: q, in: query, content: {application/json: {schema: {type: integer}}}}]
              requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}}
              responses: {'200': {$ref: '#/components/responses/M'}}
        components:
          responses:
            M: {description: x, content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}}
          schemas: {M: {type: object, properties: {n: {type: integer}, m: {type: integer}}}}
        """,
        calls=[
            Call("post_a", {"body": Form("M", _LONG), "q": 2**70}, json=_LONG, query_json=("q", 2**70)),
        ],
        results=[
            Result("post_a", 200, json.dumps(_LONG), lambda v: repr(v.to_dict()) == repr(_LONG)),
            Result("post_a", 200, f'{{"n":{2**64}}}', lambda v: repr(v.n) == repr(2**64)),
            Result("post_a", 200, f'{{"n": {-(2**63) - 1}}}', lambda v: repr(v.n) == repr(-(2**63) - 1)),
            Result("post_a", 200, '{"n":0.99999999999999999999}', lambda v: v.n == 1.0),
            Result("post_a", 200, f'{{"n":"{"7" * 30}"}}', lambda v: v.n == "7" * 30),
        ],
    ),
]
