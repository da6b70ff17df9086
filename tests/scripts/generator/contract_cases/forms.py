"""Forms whose fields have a style of their own, files of every number, and optional forms."""

from __future__ import annotations

import datetime
import io

from .case import Call, Case, Form

_OCTETS = "application/octet-stream"

CASES = [
    Case(
        "fields of a form in URL encoding with styles",
        """
        paths:
          /a:
            post:
              requestBody:
                required: true
                content:
                  application/x-www-form-urlencoded:
                    schema: {$ref: '#/components/schemas/F'}
                    encoding:
                      joined: {explode: false}
                      spaced: {style: spaceDelimited, explode: false}
                      piped: {style: pipeDelimited}
                      repeated: {style: form, explode: true}
                      deep: {style: deepObject, explode: true}
                      flat: {style: form, explode: false}
                      fields: {explode: true}
                      path: {allowReserved: true}
        schemas:
          F:
            type: object
            properties:
              joined: {type: array, items: {type: string}}
              spaced: {type: array, items: {type: integer}}
              piped: {type: array, items: {type: string}}
              repeated: {type: array, items: {type: string}}
              deep: {type: object, properties: {x: {type: integer}, y: {type: string}}}
              flat: {type: object, additionalProperties: {type: string}}
              fields: {type: object, additionalProperties: {type: string}}
              path: {type: string}
              plain: {type: object}
        """,
        calls=[
            Call("post_a", {"body": {"joined": ["a", "b"]}}, form=[("joined", "a,b")]),
            Call("post_a", {"body": Form("F", {"joined": ["a", "b"]})}, form=[("joined", "a,b")]),
            Call("post_a", {"body": {"joined": []}}, form=[]),
            Call("post_a", {"body": {"spaced": [1, 2]}}, form=[("spaced", "1 2")]),
            Call("post_a", {"body": {"piped": ["a", "b"]}}, form=[("piped", "a|b")]),
            Call("post_a", {"body": {"repeated": ["a", "b"]}}, form=[("repeated", "a"), ("repeated", "b")]),
            Call("post_a", {"body": {"deep": {"x": 1, "y": "z"}}}, form=[("deep[x]", "1"), ("deep[y]", "z")]),
            Call("post_a", {"body": {"flat": {"k": "v", "l": "w"}}}, form=[("flat", "k,v,l,w")]),
            Call("post_a", {"body": {"fields": {"k": "v"}}}, form=[("k", "v")]),
            Call(
                "post_a",
                {"body": {"path": "a/b:c&d=e", "plain": {"k": 1}}},
                content=b"path=a/b:c%26d%3De&plain=%7B%22k%22%3A1%7D",
            ),
        ],
    ),
    Case(
        "fields of a multipart form with styles",
        """
        openapi: 3.1.0
        paths:
          /a:
            post:
              requestBody:
                required: true
                content:
                  multipart/form-data:
                    schema:
                      type: object
                      properties:
                        tags: {type: array, items: {type: string}}
                        more: {type: array, items: {type: string}}
                        deep: {type: object, additionalProperties: {type: integer}}
                    encoding: {tags: {explode: false}, deep: {style: deepObject, explode: true}}
        """,
        calls=[
            Call(
                "post_a",
                {"body": {"tags": ["a", "b"], "more": ["c", "d"], "deep": {"x": 1}}},
                parts=[
                    ("tags", None, None, b"a,b"),
                    ("more", None, None, b"c"),
                    ("more", None, None, b"d"),
                    ("deep[x]", None, None, b"1"),
                ],
            )
        ],
    ),
    Case(
        "a field of a form in a style that a form cannot have",
        """
        paths:
          /fine: {get: {}}
          /a:
            post:
              requestBody:
                content:
                  application/x-www-form-urlencoded:
                    schema: {type: object, properties: {a: {type: string}}}
                    encoding: {a: {style: matrix}}
        """,
        calls=[Call("get_fine", target="/fine")],
        left_out={"postA": "requestBody: a field of a form cannot have the style matrix"},
    ),
    Case(
        "several files, named files, and files beside other fields",
        """
        openapi: 3.1.0
        paths:
          /many:
            post:
              operationId: postMany
              requestBody:
                required: true
                content:
                  multipart/form-data:
                    schema:
                      type: object
                      required: [files]
                      properties:
                        files: {type: array, items: {type: string,
                            contentMediaType: application/octet-stream}}
                        one: {type: string, format: binary}
                        day: {type: string, format: date}
                        at: {type: string, format: date-time}
                        id: {type: string, format: uuid}
                        n: {type: integer, format: int64}
          /all:
            post:
              operationId: postAll
              requestBody:
                content:
                  multipart/form-data:
                    schema: {allOf: [{$ref: '#/components/schemas/Base'},
                        {$ref: '#/components/schemas/Files'}]}
        components:
          schemas:
            Base: {type: object, properties: {tags: {type: array, items: {type: string}}}}
            Files:
              type: object
              properties: {files: {type: array, items: {type: string, format: binary}}}
        """,
        calls=[
            Call(
                "post_many",
                {
                    "body": {
                        "files": [b"1", io.BytesIO(b"2")],
                        "one": b"3",
                        "day": datetime.date(2026, 1, 2),
                        "at": datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC),
                        "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
                        "n": 2**60,
                    }
                },
                parts=[
                    ("files", "file", _OCTETS, b"1"),
                    ("files", "file", _OCTETS, b"2"),
                    ("one", "file", _OCTETS, b"3"),
                    ("day", None, None, b"2026-01-02"),
                    ("at", None, None, b"2026-01-02T03:04:00+00:00"),
                    ("id", None, None, b"3fa85f64-5717-4562-b3fc-2c963f66afa6"),
                    ("n", None, None, b"1152921504606846976"),
                ],
            ),
            Call(
                "post_all",
                {"body": {"tags": ["a", "b"], "files": [b"1", b"2"]}},
                parts=[
                    ("tags", None, None, b"a"),
                    ("tags", None, None, b"b"),
                    ("files", "file", _OCTETS, b"1"),
                    ("files", "file", _OCTETS, b"2"),
                ],
            ),
            Call("post_all", content=b"", absent=["content-type"]),
        ],
    ),
    Case(
        "a form or JSON, by the type of the body or its media type",
        """
        paths:
          /a:
            post:
              requestBody:
                required: true
                content:
                  application/json: {schema: {$ref: '#/components/schemas/M'}}
                  multipart/form-data: {schema: {$ref: '#/components/schemas/F'}}
                  application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/M'}}
        schemas:
          M: {type: object, properties: {k: {type: string}}}
          F: {type: object, properties: {f: {type: string, format: binary}}}
        """,
        calls=[
            Call("post_a", {"body": Form("M", {"k": "v"})}, json={"k": "v"}),
            Call("post_a", {"body": {"k": "v"}}, json={"k": "v"}),
            Call("post_a", {"body": Form("F", {"f": b"x"})}, parts=[("f", "file", _OCTETS, b"x")]),
            Call(
                "post_a",
                {"body": {"k": "v w"}, "content_type": "application/x-www-form-urlencoded"},
                content=b"k=v+w",
            ),
        ],
    ),
    Case(
        "null and bytes in forms",
        """
        paths:
          /a:
            post:
              operationId: postA
              requestBody:
                required: true
                content:
                  application/x-www-form-urlencoded:
                    schema:
                      type: object
                      required: [n]
                      properties: {n: {type: string, nullable: true}, b: {type: string, format: byte},
                          f: {type: boolean}}
        """,
        calls=[
            Call(
                "post_a", {"body": {"n": None, "b": "QUJD", "f": False}}, form=[("b", "QUJD"), ("f", "false")]
            ),
            Call("post_a", {"body": {"b": b"\x00ab"}}, content=b"b=%00ab"),
        ],
    ),
]
