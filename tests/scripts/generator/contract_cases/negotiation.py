"""Media types and statuses: vendor types, character sets, binary, several statuses, no body."""

from __future__ import annotations

from .case import Call, Case, Result

_M = "{application/json: {schema: {$ref: '#/components/schemas/M'}}}"
_SCHEMAS = (
    "{schemas: {M: {type: object, properties: {k: {type: integer}}},"
    " E: {type: object, properties: {m: {type: string}}}}}"
)

CASES = [
    Case(
        "vendor media types and character sets",
        """
        paths:
          /a:
            post:
              requestBody:
                required: true
                content:
                  application/vnd.things.v2+json: {schema: {$ref: '#/components/schemas/M'}}
              responses:
                '200':
                  content:
                    application/vnd.things.v2+json: {schema: {$ref: '#/components/schemas/M'}}
          /b:
            get:
              responses:
                '200':
                  content:
                    application/json; charset=utf-8: {schema: {$ref: '#/components/schemas/M'}}
          /c:
            get:
              responses: {'200': {content: {text/html; charset=utf-8: {schema: {type: string}}}}}
          /d:
            get:
              responses:
                '200':
                  content:
                    application/hal+json:
                      schema: {type: array, items: {$ref: '#/components/schemas/M'}}
          /e:
            post:
              requestBody:
                required: true
                content: {text/plain; charset=utf-8: {schema: {type: string}}}
        schemas:
          M: {type: object, properties: {k: {type: integer}}}
          E: {type: object, properties: {m: {type: string}}}
        """,
        calls=[
            Call(
                "post_a",
                {"body": {"k": 1}},
                json={"k": 1},
                headers={"content-type": "application/vnd.things.v2+json"},
            ),
            Call(
                "post_e",
                {"body": "ä"},
                content="ä".encode(),
                headers={"content-type": "text/plain; charset=utf-8"},
            ),
        ],
        results=[
            Result(
                "post_a", '{"k":1}', lambda v: v.k == 1, {"content-type": "application/vnd.things.v2+json"}
            ),
            Result("get_b", '{"k":1}', lambda v: v.k == 1, {"content-type": "application/json"}),
            Result(
                "get_b", '{"k":1}', lambda v: v.k == 1, {"content-type": "application/json;charset=UTF-8"}
            ),
            Result("get_c", "<p>ä", lambda v: v == "<p>ä", {"content-type": "text/html"}),
            Result("get_d", '[{"k":1}]', lambda v: v[0].k == 1, {"content-type": "application/hal+json"}),
        ],
    ),
    Case(
        "several statuses of one operation",
        """
        paths:
          /a:
            post:
              responses:
                '200': {content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}}
                '201': {content: {application/json: {schema: {$ref: '#/components/schemas/E'}}}}
                '202': {description: accepted}
                '204': {description: nothing}
                4XX: {content: {application/json: {schema: {$ref: '#/components/schemas/E'}}}}
                5XX: {}
          /b:
            get:
              responses:
                '200': {content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}}
                '301': {description: moved}
                '304': {description: same}
                '307': {description: there, headers: {Location: {schema: {type: string}}}}
          /c: {get: {responses: {'404': {description: none}}}}
          /d:
            get:
              responses:
                '200': {content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}}
                2XX: {content: {application/json: {schema: {$ref: '#/components/schemas/E'}}}}
        schemas:
          M: {type: object, properties: {k: {type: integer}}}
          E: {type: object, properties: {m: {type: string}}}
        """,
        results=[
            Result("post_a", '{"k":1}', lambda v: v.k == 1),
            Result("post_a", '{"m":"x"}', lambda v: v.m == "x", status=201),
            Result("post_a", "", lambda v: v is None, status=202),
            Result("post_a", "", lambda v: v is None, status=204),
            Result("get_b", "", lambda v: v is None, status=304),
            Result("get_b", "", lambda v: v.location == "/x", {"location": "/x"}, status=307),
            Result("get_d", '{"k":1}', lambda v: v.k == 1),
            Result("get_d", '{"m":"x"}', lambda v: v.m == "x", status=206),
        ],
    ),
    Case(
        "binary, text and JSON of one status",
        """
        paths:
          /a:
            get:
              responses:
                '200':
                  content:
                    application/pdf: {schema: {type: string, format: binary}}
                    text/csv: {schema: {type: string}}
                    application/json: {schema: {type: array, items: {type: integer}}}
          /zip:
            get:
              responses:
                '200': {content: {application/zip: {schema: {type: string, format: binary}}}}
          /any:
            get:
              responses: {'200': {content: {'*/*': {schema: {type: string, format: binary}}}}}
          /empty: {get: {responses: {'200': {content: {}}}}}
          /events:
            get:
              responses: {'200': {content: {text/event-stream: {schema: {type: string}}}}}
          /xml:
            get:
              responses: {'200': {content: {application/xml: {schema: {type: object}}}}}
        """,
        results=[
            Result("get_a", b"%PDF", lambda v: v == b"%PDF", {"content-type": "application/pdf"}),
            Result("get_a", "a,b", lambda v: v == "a,b", {"content-type": "text/csv; charset=utf-8"}),
            Result("get_a", "[1,2]", lambda v: v == [1, 2], {"content-type": "application/json"}),
            Result("get_zip", b"PK\x00", lambda v: v == b"PK\x00", {"content-type": "application/zip"}),
            Result("get_any", b"\xff\x00", lambda v: v == b"\xff\x00", {"content-type": "image/png"}),
            Result("get_empty", "", lambda v: v is None),
            Result(
                "get_events",
                "data: x\n\n",
                lambda v: v == "data: x\n\n",
                {"content-type": "text/event-stream"},
            ),
            Result("get_xml", "<a/>", lambda v: v == b"<a/>", {"content-type": "application/xml"}),
        ],
    ),
    Case(
        "scalars, lists, maps and null at the top of a response",
        """
        paths:
          /i: {get: {returns: {type: integer}}}
          /s: {get: {returns: {type: string}}}
          /b: {get: {returns: {type: boolean}}}
          /n: {get: {returns: {type: string, nullable: true}}}
          /m: {get: {returns: {type: object, additionalProperties: {type: integer}}}}
          /l:
            get:
              returns: {type: array, items: {type: array, items: {type: string, format: date-time}}}
          /a:
            get: {responses: {'200': {content: {application/json: {}}}}}
          /e: {get: {returns: {type: string, enum: [up, down]}}}
          /u:
            get: {returns: {oneOf: [{type: array, items: {type: integer}}, {type: string}]}}
        """,
        results=[
            Result("get_i", "5", lambda v: v == 5),
            Result("get_s", '"x"', lambda v: v == "x"),
            Result("get_b", "true", lambda v: v is True),
            Result("get_n", "null", lambda v: v is None),
            Result("get_m", '{"a":1}', lambda v: v == {"a": 1}),
            Result("get_l", '[["2026-01-02T03:04:05Z"]]', lambda v: v[0][0].year == 2026),
            Result("get_a", '{"x":[1]}', lambda v: v == {"x": [1]}),
            Result("get_e", '"up"', lambda v: v == "up" and type(v).__name__ != "str"),
            Result("get_u", "[1]", lambda v: v == [1]),
            Result("get_u", '"x"', lambda v: v == "x"),
        ],
    ),
    Case(
        "bodies of GET, DELETE and HEAD, and uploads of bytes",
        """
        paths:
          /a:
            delete:
              operationId: delA
              requestBody: {content: {application/json: {schema: {type: object,
                  properties: {ids: {type: array, items: {type: string}}}}}}}
            head: {operationId: headA, responses: {'200': {description: x}, '404': {description: none}}}
            trace: {operationId: traceA}
          /b:
            put:
              operationId: putB
              requestBody: {required: true, content: {application/octet-stream: {}}}
          /c:
            put:
              operationId: putC
              requestBody: {required: true, content: {video/mp4: {schema: {type: string,
                  format: binary}}, image/*: {schema: {type: string, format: binary}}}}
        """,
        calls=[
            Call("del_a", {"body": {"ids": ["x"]}}, method="DELETE", json={"ids": ["x"]}),
            Call("del_a", content=b"", absent=["content-type"]),
            Call("head_a", method="HEAD", content=b""),
            Call(
                "put_b",
                {"body": b"\x00"},
                content=b"\x00",
                headers={"content-type": "application/octet-stream"},
            ),
            Call(
                "put_c",
                {"body": b"x", "content_type": "image/webp"},
                content=b"x",
                headers={"content-type": "image/webp"},
            ),
        ],
        results=[
            Result("head_a", "", lambda v: v is True),
            Result("head_a", "", lambda v: v is False, status=404),
        ],
    ),
    Case(
        "references to responses, headers and bodies, through several steps",
        f"""
        paths:
          /a:
            $ref: '#/components/pathItems/A'
          /b:
            get:
              operationId: getB
              responses:
                '200': {{$ref: '#/components/responses/One'}}
                default: {{$ref: '#/components/responses/Err'}}
        components:
          schemas: {{M: {{$ref: '#/components/schemas/Real'}}, Real: {{type: object,
              properties: {{k: {{type: integer}}}}}},
                    E: {{type: object, properties: {{m: {{type: string}}}}}}}}
          headers: {{Rate: {{schema: {{type: integer}}}}, Limit: {{$ref: '#/components/headers/Rate'}}}}
          responses:
            One: {{$ref: '#/components/responses/Two'}}
            Two: {{description: x, headers: {{X-Limit: {{$ref: '#/components/headers/Limit'}}}},
                content: {_M}}}
            Err: {{description: x,
                content: {{application/json: {{schema: {{$ref: '#/components/schemas/E'}}}}}}}}
          requestBodies:
            One: {{$ref: '#/components/requestBodies/Two'}}
            Two: {{required: true, content: {_M}}}
          parameters:
            Trace: {{name: X-Trace, in: header, schema: {{type: string}}}}
          pathItems:
            A:
              parameters: [{{$ref: '#/components/parameters/Trace'}}]
              post:
                operationId: postA
                parameters: [{{name: X-Trace, in: header, required: true, schema: {{type: integer}}}}]
                requestBody: {{$ref: '#/components/requestBodies/One'}}
                responses: {{'200': {{$ref: '#/components/responses/One'}}}}
        """,
        calls=[Call("post_a", {"x_trace": 5, "body": {"k": 1}}, json={"k": 1}, headers={"x-trace": "5"})],
        results=[
            Result("post_a", '{"k":1}', lambda v: v.k == 1),
            Result("get_b", '{"k":1}', lambda v: v.k == 1),
        ],
    ),
]
