"""Statuses and media types of responses."""

from __future__ import annotations

from .case import Call, Case, Result

CASES = [
    Case(
        "204, 304, default and ranges",
        """
        paths:
          /a:
            get:
              operationId: getA
              responses:
                2XX:
                  description: ok
                  content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}
                '304': {description: same}
                default:
                  description: e
                  content: {application/json: {schema: {$ref: '#/components/schemas/E'}}}
          /b:
            delete:
              operationId: delB
              responses:
                '204': {description: x}
                '202':
                  description: ok
                  content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}
          /c:
            get:
              operationId: getC
              responses:
                default:
                  description: ok
                  content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}
        components:
          schemas:
            M: {type: object, properties: {k: {type: integer}}}
            E: {type: object, properties: {m: {type: string}}}
        """,
        results=[
            Result("get_a", 203, '{"k":1}', lambda value: value.k == 1),
            Result("get_a", 304, "", lambda value: True),
            Result("del_b", 204, "", lambda value: value is None),
            Result("del_b", 202, '{"k":1}', lambda value: value.k == 1),
            Result("get_c", 200, '{"k":1}', lambda value: value is not None and value.k == 1),
        ],
    ),
    Case(
        "HEAD and OPTIONS",
        """
        paths:
          /a:
            head:
              operationId: headA
              responses: {'204': {description: x}, '404': {description: n}}
            options: {operationId: optA}
          /b:
            head:
              operationId: headB
              responses: {default: {description: x}}
        """,
        calls=[Call("head_a", method="HEAD")],
        results=[
            Result("head_a", 204, "", lambda value: value is True or value is None),
            Result("head_b", 200, "", lambda value: True),
        ],
    ),
    Case(
        "a video",
        """
        paths:
          /a:
            get:
              operationId: getA
              responses:
                '200':
                  description: ok
                  content: {video/mp4: {schema: {type: string, format: binary}}}
        """,
        results=[Result("get_a", 200, b"\x00\x01", lambda value: value == b"\x00\x01")],
    ),
    Case(
        "two media types of one status",
        """
        paths:
          /a:
            get:
              operationId: getA
              responses:
                '200':
                  description: x
                  content:
                    application/json: {schema: {$ref: '#/components/schemas/M'}}
                    text/csv: {schema: {type: string}}
        components:
          schemas: {M: {type: object, properties: {k: {type: integer}}}}
        """,
        results=[
            Result(
                "get_a",
                200,
                '{"k":1}',
                lambda value: value.k == 1,
                headers={"content-type": "application/json"},
            ),
            Result(
                "get_a",
                200,
                "a,b",
                lambda value: value in ("a,b", b"a,b"),
                headers={"content-type": "text/csv"},
            ),
        ],
    ),
]
