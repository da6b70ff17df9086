"""Request bodies by media type."""

from __future__ import annotations

from .case import NULL, Call, Case, Form

MERGE_PATCH = "application/merge-patch+json"

CASES = [
    Case(
        "bytes, text and an image",
        """
        paths:
          /a:
            put:
              requestBody:
                required: true
                content: {application/octet-stream: {schema: {type: string, format: binary}}}
          /b:
            put: {requestBody: {required: true, content: {text/plain: {schema: {type: string}}}}}
          /c:
            put:
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
              requestBody:
                required: true
                content:
                  application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/U'}}
        schemas: {U: {type: object, properties: {u: {type: string}, n: {type: integer}}}}
        """,
        calls=[Call("post_a", {"body": Form("U", {"u": "x y", "n": 1})}, form=[("u", "x y"), ("n", "1")])],
    ),
    Case(
        "JSON of every kind: array, text, by reference, anything, merge patch",
        """
        paths:
          /a: {post: {takes: {type: array, items: {$ref: '#/components/schemas/M'}}}}
          /b:
            post: {requestBody: {content: {application/json: {schema: {type: string}}}}}
          /c: {post: {requestBody: {$ref: '#/components/requestBodies/RB'}}}
          /d: {post: {requestBody: {required: true, content: {application/json: {}}}}}
          /e:
            patch:
              requestBody:
                required: true
                content: {application/merge-patch+json: {schema: {$ref: '#/components/schemas/M'}}}
        components:
          requestBodies:
            RB:
              required: true
              content: {application/json: {schema: {$ref: '#/components/schemas/M'}}}
        schemas: {M: {type: object, properties: {k: {type: integer}}}}
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
              returns: M
              requestBody: {required: true, content: {text/plain: {schema: {type: string}}}}
        schemas: {M: {type: object, properties: {k: {type: integer}}}}
        """,
        calls=[Call("put_b", {"body": "hi"}, headers={"content-type": "text/plain"}, content=b"hi")],
    ),
    Case(
        "a body without a schema",
        """
        paths:
          /d: {post: {returns: M, requestBody: {required: true, content: {application/json: {}}}}}
        schemas: {M: {type: object, properties: {k: {type: integer}}}}
        """,
        calls=[Call("post_d", {"body": {"k": 1}}, json={"k": 1})],
    ),
    Case(
        "a multipart form with files and arrays",
        """
        paths:
          /a:
            post:
              operationId: postA
              requestBody:
                required: true
                content:
                  multipart/form-data:
                    schema: {$ref: '#/components/schemas/Form'}
                    encoding: {meta: {contentType: application/json}, note: {contentType: text/markdown}}
        components:
          schemas:
            Form:
              type: object
              properties:
                files: {type: array, items: {type: string, format: binary}}
                tags: {type: array, items: {type: string}}
                meta: {type: array, items: {type: integer}}
                note: {type: string}
                flag: {type: boolean}
                more: {$ref: '#/components/schemas/More'}
                kind: {type: string, enum: [mask, still]}
                kinds: {type: array, items: {type: string, enum: [mask, still]}}
            More: {type: object, properties: {k: {type: integer}}}
        """,
        calls=[
            Call(
                "post_a",
                {"body": {"files": [b"1", b"2"], "tags": ["a", "b"], "meta": [1], "note": "n", "flag": True}},
                parts=[
                    ("files", "file", "application/octet-stream", b"1"),
                    ("files", "file", "application/octet-stream", b"2"),
                    ("tags", None, None, b"a"),
                    ("tags", None, None, b"b"),
                    ("meta", None, "application/json", b"[1]"),
                    ("note", None, "text/markdown", b"n"),
                    ("flag", None, None, b"true"),
                ],
            ),
            Call(
                "post_a",
                {"body": Form("Form", {"tags": ["a"], "more": {"k": 1}})},
                parts=[("tags", None, None, b"a"), ("more", None, "application/json", b'{"k":1}')],
            ),
            # A word of an enum is text, not a file.
            Call(
                "post_a",
                {"body": Form("Form", {"kind": "mask", "kinds": ["still"]})},
                parts=[("kind", None, None, b"mask"), ("kinds", None, None, b"still")],
            ),
        ],
    ),
    Case(
        "a form in URL encoding with arrays, objects and nothing",
        """
        paths:
          /a:
            post:
              requestBody:
                content:
                  application/x-www-form-urlencoded:
                    schema:
                      type: object
                      properties:
                        l: {type: array, items: {type: string}}
                        o: {type: object}
                        e: {type: string}
        """,
        calls=[
            Call(
                "post_a",
                {"body": {"l": ["a b", "ü&"], "o": {"k": 1}, "e": "", "n": None}},
                form=[("l", "a b"), ("l", "ü&"), ("o", '{"k":1}'), ("e", "")],
            ),
            Call("post_a", content=b"", absent=["content-type"]),
        ],
    ),
    Case(
        "bodies of several media types",
        """
        paths:
          /a:
            post:
              requestBody:
                required: true
                content:
                  text/csv: {schema: {type: string}}
                  application/json: {schema: {$ref: '#/components/schemas/M'}}
                  application/vnd.m+json: {schema: {$ref: '#/components/schemas/M'}}
                  application/zip: {}
          /b:
            put:
              requestBody:
                required: true
                content: {image/*: {schema: {type: string, format: binary}}}
          /c: {put: {requestBody: {content: {'*/*': {}}}}}
          /d: {put: {requestBody: {required: true, content: {application/xml: {}}}}}
          /e: {put: {requestBody: {required: true, content: {application/json; charset=utf-8: {}}}}}
        schemas: {M: {type: object, properties: {k: {type: integer}}}}
        """,
        calls=[
            Call("post_a", {"body": {"k": 1}}, json={"k": 1}),
            Call("post_a", {"body": Form("M", {"k": 1})}, json={"k": 1}),
            Call("post_a", {"body": "a,b"}, content=b"a,b", headers={"content-type": "text/csv"}),
            Call("post_a", {"body": b"z"}, content=b"z", headers={"content-type": "application/zip"}),
            Call(
                "post_a",
                {"body": {"k": 1}, "content_type": "application/vnd.m+json"},
                json={"k": 1},
                headers={"content-type": "application/vnd.m+json"},
            ),
            Call(
                "put_b",
                {"body": b"x", "content_type": "image/webp"},
                content=b"x",
                headers={"content-type": "image/webp"},
            ),
            Call("put_c", {"body": b"x"}, content=b"x", headers={"content-type": "application/octet-stream"}),
            Call("put_d", {"body": "<a/>"}, content=b"<a/>", headers={"content-type": "application/xml"}),
            Call("put_e", {"body": 5}, json=5, headers={"content-type": "application/json; charset=utf-8"}),
        ],
    ),
    Case(
        "null",
        """
        paths:
          /a:
            patch:
              requestBody:
                required: true
                content: {application/merge-patch+json: {schema: {$ref: '#/components/schemas/M'}}}
          /b: {put: {takes: {type: string, nullable: true}}}
          /c:
            put:
              requestBody: {content: {application/json: {schema: {type: integer, nullable: true}}}}
          /d: {put: {requestBody: {required: true, content: {application/json: {}}}}}
        schemas:
          M: {type: object, properties: {k: {type: integer, nullable: true}, s: {type: string}}}
        """,
        calls=[
            Call("patch_a", {"body": {"k": None}}, json={"k": None}, headers={"content-type": MERGE_PATCH}),
            Call(
                "patch_a",
                {"body": Form("M", {"s": "x"})},
                json={"s": "x"},
                headers={"content-type": MERGE_PATCH},
            ),
            Call("patch_a", {"body": {"k": NULL}}, json={"k": None}, headers={"content-type": MERGE_PATCH}),
            Call("put_b", {"body": None}, json=None),
            Call("put_b", {"body": "x"}, json="x"),
            Call("put_c", {"body": NULL}, json=None),
            Call("put_c", {"body": None}, content=b"", absent=["content-type"]),
            Call("put_c", {"body": 0}, json=0),
            Call("put_d", {"body": None}, json=None),
        ],
    ),
]
