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
              responses:
                2XX: {content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}}
                '304': {description: same}
                default:
                  description: e
                  content: {application/json: {schema: {$ref: '#/components/schemas/E'}}}
          /b:
            delete:
              operationId: delB
              responses:
                '204': {}
                '202': {content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}}
          /c:
            get:
              responses:
                default: {content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}}
        schemas:
          M: {type: object, properties: {k: {type: integer}}}
          E: {type: object, properties: {m: {type: string}}}
        """,
        results=[
            Result("get_a", '{"k":1}', lambda value: value.k == 1, status=203),
            Result("get_a", "", lambda value: True, status=304),
            Result("del_b", "", lambda value: value is None, status=204),
            Result("del_b", '{"k":1}', lambda value: value.k == 1, status=202),
            Result("get_c", '{"k":1}', lambda value: value is not None and value.k == 1),
        ],
    ),
    Case(
        "HEAD and OPTIONS",
        """
        paths:
          /a:
            head: {operationId: headA, responses: {'204': {}, '404': {description: n}}}
            options: {operationId: optA}
          /b: {head: {operationId: headB, responses: {default: {}}}}
        """,
        calls=[Call("head_a", method="HEAD")],
        results=[
            Result("head_a", "", lambda value: value is True or value is None, status=204),
            Result("head_b", "", lambda value: True),
        ],
    ),
    Case(
        "a video",
        """
        paths:
          /a:
            get:
              responses: {'200': {content: {video/mp4: {schema: {type: string, format: binary}}}}}
        """,
        results=[Result("get_a", b"\x00\x01", lambda value: value == b"\x00\x01")],
    ),
    Case(
        "two media types of one status",
        """
        paths:
          /a:
            get:
              responses:
                '200':
                  content:
                    application/json: {schema: {$ref: '#/components/schemas/M'}}
                    text/csv: {schema: {type: string}}
        schemas: {M: {type: object, properties: {k: {type: integer}}}}
        """,
        results=[
            Result(
                "get_a", '{"k":1}', lambda value: value.k == 1, headers={"content-type": "application/json"}
            ),
            Result(
                "get_a", "a,b", lambda value: value in ("a,b", b"a,b"), headers={"content-type": "text/csv"}
            ),
        ],
    ),
]
