"""Request bodies by media type."""

from __future__ import annotations

from .case import Call, Case, Form

CASES = [
    Case(
        "bytes, text and an image",
        """
        paths:
          /a:
            put:
              operationId: putA
              requestBody:
                required: true
                content:
                  application/octet-stream: {schema: {type: string, format: binary}}
          /b:
            put:
              operationId: putB
              requestBody:
                required: true
                content: {text/plain: {schema: {type: string}}}
          /c:
            put:
              operationId: putC
              requestBody:
                required: true
                content: {image/png: {schema: {type: string, format: binary}}}
        """,
        calls=[
            Call(
                "put_a",
                {"body": b"\x00\xff"},
                headers={"content-type": "application/octet-stream"},
                content=b"\x00\xff",
            ),
            Call("put_b", {"body": "hi"}, headers={"content-type": "text/plain"}, content=b"hi"),
            Call("put_c", {"body": b"x"}, headers={"content-type": "image/png"}, content=b"x"),
        ],
    ),
    Case(
        "a form in URL encoding",
        """
        paths:
          /a:
            post:
              operationId: postA
              requestBody:
                required: true
                content:
                  application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/U'}}
        components:
          schemas:
            U:
              type: object
              properties: {u: {type: string}, n: {type: integer}}
        """,
        calls=[Call("post_a", {"body": Form("U", {"u": "x y", "n": 1})}, form=[("u", "x y"), ("n", "1")])],
    ),
    Case(
        "JSON of every kind: array, text, by reference, anything, merge patch",
        """
        paths:
          /a:
            post:
              operationId: postA
              requestBody:
                required: true
                content:
                  application/json:
                    schema: {type: array, items: {$ref: '#/components/schemas/M'}}
          /b:
            post:
              operationId: postB
              requestBody: {content: {application/json: {schema: {type: string}}}}
          /c:
            post:
              operationId: postC
              requestBody: {$ref: '#/components/requestBodies/RB'}
          /d:
            post:
              operationId: postD
              requestBody: {required: true, content: {application/json: {}}}
          /e:
            patch:
              operationId: patchE
              requestBody:
                required: true
                content:
                  application/merge-patch+json: {schema: {$ref: '#/components/schemas/M'}}
        components:
          schemas: {M: {type: object, properties: {k: {type: integer}}}}
          requestBodies:
            RB:
              required: true
              content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}
        """,
        calls=[
            Call("post_a", {"body": [{"k": 1}]}, json=[{"k": 1}]),
            Call("post_b", {"body": "x"}, json="x"),
            Call("post_c", {"body": {"k": 1}}, json={"k": 1}),
            Call("post_d", {"body": {"k": 1}}, json={"k": 1}),
            Call(
                "patch_e",
                {"body": {"k": 1}},
                json={"k": 1},
                headers={"content-type": "application/merge-patch+json"},
            ),
        ],
    ),
    Case(
        "text",
        """
        paths:
          /b:
            put:
              operationId: putB
              responses:
                '200':
                  description: ok
                  content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}
              requestBody:
                required: true
                content: {text/plain: {schema: {type: string}}}
        components:
          schemas: {M: {type: object, properties: {k: {type: integer}}}}
        """,
        calls=[Call("put_b", {"body": "hi"}, headers={"content-type": "text/plain"}, content=b"hi")],
    ),
    Case(
        "a body without a schema",
        """
        paths:
          /d:
            post:
              operationId: postD
              responses:
                '200':
                  description: ok
                  content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}
              requestBody: {required: true, content: {application/json: {}}}
        components:
          schemas: {M: {type: object, properties: {k: {type: integer}}}}
        """,
        calls=[Call("post_d", {"body": {"k": 1}}, json={"k": 1})],
    ),
]
