"""Operations: their ids, tags and methods, and what a contract may have beside them."""

from __future__ import annotations

from .case import Call, Case, Result

CASES = [
    Case(
        "ids that are no names of Python",
        """
        paths:
          /a: {get: {operationId: get-a.b/c d}}
          /b: {get: {operationId: class}}
          /c: {get: {operationId: 1get}}
          /d: {get: {operationId: getÜnï}}
        """,
        calls=[
            Call("get_a_b_c_d", target="/a"),
            Call("class_", target="/b"),
            Call("operation_1get", target="/c"),
            Call("get_ünï", target="/d"),
        ],
    ),
    Case(
        "links and callbacks",
        """
        paths:
          /a:
            post:
              responses:
                '201':
                  content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}
                  links: {next: {operationId: postA, parameters: {id: $response.body#/k}}}
              callbacks:
                done:
                  '{$request.body#/url}':
                    post:
                      operationId: cbDone
                      requestBody:
                        content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}
                      responses: {'200': {description: k}}
        schemas: {M: {type: object, properties: {k: {type: integer}}}}
        """,
        calls=[Call("post_a", target="/a")],
        results=[Result("post_a", '{"k":1}', lambda value: value.k == 1, status=201)],
    ),
    Case(
        "no tag, two tags, odd tags",
        """
        paths:
          /a: {get: {operationId: getA}}
          /b: {get: {operationId: getB, tags: [My Tag!, two]}}
          /c: {get: {operationId: getC, tags: [class]}}
          /d: {get: {operationId: getD, tags: [日本]}}
        """,
        calls=[
            Call("get_a", target="/a"),
            Call("get_b", target="/b"),
            Call("get_c", target="/c"),
            Call("get_d", target="/d"),
        ],
    ),
    Case(
        "webhooks",
        """
        openapi: 3.1.0
        paths:
          /a: {get: {operationId: getA}}
        schemas: {E: {type: object, properties: {k: {type: integer}}}}
        webhooks:
          done:
            post:
              operationId: onDone
              requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/E'}}}}
              responses: {'200': {description: k}}
        """,
        calls=[Call("get_a", target="/a")],
        results=[Result("get_a", "", lambda value: value is None, status=204)],
    ),
    Case(
        "a reference to another file",
        """
        paths:
          /a: {get: {operationId: getA, returns: {$ref: other.yaml#/M}}}
        """,
        refused=["other.yaml#/M", "bundle"],
    ),
    Case(
        "contract without any model",
        """
        paths:
          /a: {get: {operationId: getA}}
        """,
        calls=[Call("get_a", target="/a")],
    ),
]
