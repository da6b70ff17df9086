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
        f"""
        paths:
          /a:
            post:
              operationId: postA
              requestBody:
                required: true
                content: {{application/vnd.things.v2+json: {{schema: {{$ref: '#/components/schemas/M'}}}}}}
              responses:
                '200':
                  description: x
                  content: {{application/vnd.things.v2+json: {{schema:
                      {{$ref: '#/components/schemas/M'}}}}}}
          /b:
            get:
              operationId: getB
              responses:
                '200':
                  description: x
                  content: {{application/json; charset=utf-8: {{schema:
                      {{$ref: '#/components/schemas/M'}}}}}}
          /c:
            get:
              operationId: getC
              responses:
                '200': {{description: x,
                    content: {{text/html; charset=utf-8: {{schema: {{type: string}}}}}}}}
          /d:
            get:
              operationId: getD
              responses:
                '200':
                  description: x
                  content: {{application/hal+json: {{schema: {{type: array,
                      items: {{$ref: '#/components/schemas/M'}}}}}}}}
          /e:
            post:
              operationId: postE
              requestBody: {{required: true,
                  content: {{text/plain; charset=utf-8: {{schema: {{type: string}}}}}}}}
        components: {_SCHEMAS}
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
                "post_a",
                200,
                '{"k":1}',
                lambda v: v.k == 1,
                {"content-type": "application/vnd.things.v2+json"},
            ),
            Result("get_b", 200, '{"k":1}', lambda v: v.k == 1, {"content-type": "application/json"}),
            Result(
                "get_b",
                200,
                '{"k":1}',
                lambda v: v.k == 1,
                {"content-type": "application/json;charset=UTF-8"},
            ),
            Result("get_c", 200, "<p>ä", lambda v: v == "<p>ä", {"content-type": "text/html"}),
            Result(
                "get_d", 200, '[{"k":1}]', lambda v: v[0].k == 1, {"content-type": "application/hal+json"}
            ),
        ],
    ),
    Case(
        "several statuses of one operation",
        f"""
        paths:
          /a:
            post:
              operationId: postA
              responses:
                '200': {{description: x, content: {_M}}}
                '201': {{description: x,
                    content: {{application/json: {{schema: {{$ref: '#/components/schemas/E'}}}}}}}}
                '202': {{description: accepted}}
                '204': {{description: nothing}}
                4XX: {{description: x,
                    content: {{application/json: {{schema: {{$ref: '#/components/schemas/E'}}}}}}}}
                5XX: {{description: x}}
          /b:
            get:
              operationId: getB
              responses:
                '200': {{description: x, content: {_M}}}
                '301': {{description: moved}}
                '304': {{description: same}}
                '307': {{description: there, headers: {{Location: {{schema: {{type: string}}}}}}}}
          /c:
            get:
              operationId: getC
              responses: {{'404': {{description: none}}}}
          /d:
            get:
              operationId: getD
              responses:
                '200': {{description: x, content: {_M}}}
                2XX: {{description: x,
                    content: {{application/json: {{schema: {{$ref: '#/components/schemas/E'}}}}}}}}
        components: {_SCHEMAS}
        """,
        results=[
            Result("post_a", 200, '{"k":1}', lambda v: v.k == 1),
            Result("post_a", 201, '{"m":"x"}', lambda v: v.m == "x"),
            Result("post_a", 202, "", lambda v: v is None),
            Result("post_a", 204, "", lambda v: v is None),
            Result("get_b", 304, "", lambda v: v is None),
            Result("get_b", 307, "", lambda v: v.location == "/x", {"location": "/x"}),
            Result("get_d", 200, '{"k":1}', lambda v: v.k == 1),
            Result("get_d", 206, '{"m":"x"}', lambda v: v.m == "x"),
        ],
    ),
    Case(
        "binary, text and JSON of one status",
        """
        paths:
          /a:
            get:
              operationId: getA
              responses:
                '200':
                  description: x
                  content:
                    application/pdf: {schema: {type: string, format: binary}}
                    text/csv: {schema: {type: string}}
                    application/json: {schema: {type: array, items: {type: integer}}}
          /zip:
            get:
              operationId: getZip
              responses:
                '200': {description: x, content: {application/zip: {schema: {type: string,
                    format: binary}}}}
          /any:
            get:
              operationId: getAny
              responses: {'200': {description: x, content: {'*/*': {schema: {type: string,
                  format: binary}}}}}
          /empty:
            get: {operationId: getEmpty, responses: {'200': {description: x, content: {}}}}
          /events:
            get:
              operationId: getEvents
              responses: {'200': {description: x, content: {text/event-stream: {schema: {type: string}}}}}
          /xml:
            get:
              operationId: getXml
              responses: {'200': {description: x, content: {application/xml: {schema: {type: object}}}}}
        """,
        results=[
            Result("get_a", 200, b"%PDF", lambda v: v == b"%PDF", {"content-type": "application/pdf"}),
            Result("get_a", 200, "a,b", lambda v: v == "a,b", {"content-type": "text/csv; charset=utf-8"}),
            Result("get_a", 200, "[1,2]", lambda v: v == [1, 2], {"content-type": "application/json"}),
            Result("get_zip", 200, b"PK\x00", lambda v: v == b"PK\x00", {"content-type": "application/zip"}),
            Result("get_any", 200, b"\xff\x00", lambda v: v == b"\xff\x00", {"content-type": "image/png"}),
            Result("get_empty", 200, "", lambda v: v is None),
            Result(
                "get_events",
                200,
                "data: x\n\n",
                lambda v: v == "data: x\n\n",
                {"content-type": "text/event-stream"},
            ),
            Result("get_xml", 200, "<a/>", lambda v: v == b"<a/>", {"content-type": "application/xml"}),
        ],
    ),
    Case(
        "scalars, lists, maps and null at the top of a response",
        """
        paths:
          /i: {get: {operationId: getI, responses: {'200': {description: x,
              content: {application/json: {schema: {type: integer}}}}}}}
          /s: {get: {operationId: getS, responses: {'200': {description: x,
              content: {application/json: {schema: {type: string}}}}}}}
          /b: {get: {operationId: getB, responses: {'200': {description: x,
              content: {application/json: {schema: {type: boolean}}}}}}}
          /n: {get: {operationId: getN, responses: {'200': {description: x,
              content: {application/json: {schema: {type: string, nullable: true}}}}}}}
          /m: {get: {operationId: getM, responses: {'200': {description: x,
              content: {application/json: {schema: {type: object,
              additionalProperties: {type: integer}}}}}}}}
          /l: {get: {operationId: getL, responses: {'200': {description: x,
              content: {application/json: {schema: {type: array, items: {type: array,
              items: {type: string, format: date-time}}}}}}}}}
          /a: {get: {operationId: getA, responses: {'200': {description: x,
              content: {application/json: {}}}}}}
          /e: {get: {operationId: getE, responses: {'200': {description: x,
              content: {application/json: {schema: {type: string, enum: [up, down]}}}}}}}
          /u: {get: {operationId: getU, responses: {'200': {description: x,
              content: {application/json: {schema: {oneOf: [{type: array, items: {type: integer}},
              {type: string}]}}}}}}}
        """,
        results=[
            Result("get_i", 200, "5", lambda v: v == 5),
            Result("get_s", 200, '"x"', lambda v: v == "x"),
            Result("get_b", 200, "true", lambda v: v is True),
            Result("get_n", 200, "null", lambda v: v is None),
            Result("get_m", 200, '{"a":1}', lambda v: v == {"a": 1}),
            Result("get_l", 200, '[["2026-01-02T03:04:05Z"]]', lambda v: v[0][0].year == 2026),
            Result("get_a", 200, '{"x":[1]}', lambda v: v == {"x": [1]}),
            Result("get_e", 200, '"up"', lambda v: v == "up" and type(v).__name__ != "str"),
            Result("get_u", 200, "[1]", lambda v: v == [1]),
            Result("get_u", 200, '"x"', lambda v: v == "x"),
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
            Result("head_a", 200, "", lambda v: v is True),
            Result("head_a", 404, "", lambda v: v is False),
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
            Result("post_a", 200, '{"k":1}', lambda v: v.k == 1),
            Result("get_b", 200, '{"k":1}', lambda v: v.k == 1),
        ],
    ),
]
