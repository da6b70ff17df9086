"""Parameters of every location in every style, inherited and referenced."""

from __future__ import annotations

import datetime

from .case import Call, Case

_AT = datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC)

CASES = [
    Case(
        "parameters of the path, by reference, replaced by the operation",
        """
        paths:
          /a/{id}:
            parameters:
              - {name: id, in: path, schema: {type: string}}
              - {name: tags, in: query, schema: {type: array, items: {type: string}}}
              - {$ref: '#/components/parameters/Page'}
            get: {operationId: getA}
            put:
              operationId: putA
              parameters:
                - {name: tags, in: query, explode: false, schema: {type: array, items: {type: string}}}
          /b:
            $ref: '#/components/pathItems/B'
        components:
          parameters:
            Page: {$ref: '#/components/parameters/Offset'}
            Offset: {name: page, in: query, schema: {type: integer}}
          pathItems:
            B: {get: {operationId: getB, responses: {'204': {description: done}}}}
        """,
        calls=[
            Call("get_a", {"id": "1", "tags": ["x", "y"], "page": 2}, target="/a/1?tags=x&tags=y&page=2"),
            Call("put_a", {"id": "1", "tags": ["x", "y"]}, path="/a/1", query=[("tags", "x,y")]),
            Call("get_b", target="/b"),
        ],
    ),
    Case(
        "headers and cookies",
        """
        paths:
          /a:
            post:
              parameters:
                - name: Idempotency-Key
                  in: header
                  required: true
                  schema: {type: string, format: uuid}
                - {name: X-Count, in: header, schema: {type: integer}}
                - {name: X-Flag, in: header, schema: {type: boolean}}
                - {name: X-Tags, in: header, schema: {type: array, items: {type: string}}}
                - {name: X-Object, in: header, explode: true, schema: {type: object}}
                - {name: X-Flat, in: header, schema: {type: object}}
                - {name: X-JSON, in: header, content: {application/json: {schema: {type: object}}}}
                - {name: Accept, in: header, required: true, schema: {type: string}}
                - {name: a, in: cookie, schema: {type: string}}
                - {name: b, in: cookie, required: true, schema: {type: integer}}
              requestBody: {content: {application/json: {schema: {type: object}}}}
        """,
        calls=[
            Call(
                "post_a",
                {
                    "idempotency_key": "k-1",
                    "x_count": 3,
                    "x_flag": True,
                    "x_tags": ["a", "b"],
                    "x_object": {"c": 1, "d": 2},
                    "x_flat": {"c": 1, "d": 2},
                    "x_json": {"e": "ä"},
                    "a": "x y;z",
                    "b": 1,
                    "body": {"f": 1},
                },
                headers={
                    "idempotency-key": "k-1",
                    "x-count": "3",
                    "x-flag": "true",
                    "x-tags": "a,b",
                    "x-object": "c=1,d=2",
                    "x-flat": "c,1,d,2",
                    "x-json": '{"e":"\\u00e4"}',
                    "cookie": "a=x%20y%3Bz; b=1",
                    "accept": "*/*",
                },
                json={"f": 1},
                key=True,
            ),
            Call(
                "post_a",
                {"idempotency_key": "k", "b": 2},
                headers={"cookie": "b=2"},
                absent=["x-count", "x-flag", "x-tags", "x-object", "content-type"],
                content=b"",
            ),
        ],
    ),
    Case(
        "arrays and objects in the query, in every style",
        """
        paths:
          /a:
            get:
              operationId: getA
              parameters:
                - {name: s, in: query, style: spaceDelimited, schema: {type: array, items: {type: string}}}
                - {name: p, in: query, style: pipeDelimited, schema: {type: array, items: {type: integer}}}
                - {name: pe, in: query, style: pipeDelimited, explode: true, schema: {type: array, items: {}}}
                - {name: o, in: query, explode: false, schema: {type: object}}
                - {name: d, in: query, style: deepObject, schema: {$ref: '#/components/schemas/D'}}
                - {name: at, in: query, schema: {type: string, format: date-time}}
                - name: u
                  in: query
                  schema: {oneOf: [{type: string}, {type: array, items: {type: string}}]}
                - {name: j, in: query, content: {application/json: {schema: {type: array, items: {}}}}}
                - {name: f, in: query, schema: {type: boolean}}
        components:
          schemas:
            D: {type: object, properties: {x: {type: integer}, y: {type: array, items: {type: string}}}}
        """,
        calls=[
            Call("get_a", {"s": ["a", "b"]}, target="/a?s=a%20b"),
            Call("get_a", {"p": [1, 2]}, target="/a?p=1%7C2"),
            Call("get_a", {"pe": [1, 2]}, target="/a?pe=1&pe=2"),
            Call("get_a", {"o": {"x": 1, "y": 2}}, query=[("o", "x,1,y,2")]),
            Call(
                "get_a",
                {"d": {"x": 1, "y": ["a", "b"], "z": None}},
                target="/a?d%5Bx%5D=1&d%5By%5D=a&d%5By%5D=b",
            ),
            Call("get_a", {"at": _AT}, query=[("at", "2026-01-02T03:04:00+00:00")]),
            Call("get_a", {"u": "a,b"}, query=[("u", "a,b")]),
            Call("get_a", {"u": ["a", "b"]}, query=[("u", "a"), ("u", "b")]),
            Call("get_a", {"j": [1, "a&b"]}, query_json=("j", [1, "a&b"])),
            Call("get_a", {"f": False}, target="/a?f=false"),
            Call("get_a", {"s": [], "o": {}}, target="/a"),
        ],
    ),
    Case(
        "arrays and objects in the path, in every style",
        """
        paths:
          /s/{a}/{o}/{flag}:
            get:
              operationId: getSimple
              parameters:
                - {name: a, in: path, schema: {type: array, items: {type: string}}}
                - {name: o, in: path, explode: true, schema: {type: object}}
                - {name: flag, in: path, schema: {type: boolean}}
          /l/{a}{b}:
            get:
              operationId: getLabel
              parameters:
                - {name: a, in: path, style: label, schema: {type: string}}
                - name: b
                  in: path
                  style: label
                  explode: true
                  schema: {type: array, items: {type: string}}
          /m/{a}{b}{c}/end:
            get:
              operationId: getMatrix
              parameters:
                - {name: a, in: path, style: matrix, schema: {type: integer}}
                - name: b
                  in: path
                  style: matrix
                  explode: true
                  schema: {type: array, items: {type: string}}
                - {name: c, in: path, style: matrix, schema: {type: object}}
        """,
        calls=[
            Call(
                "get_simple", {"a": ["x/1", "y"], "o": {"k": "v"}, "flag": True}, path="/s/x%2F1,y/k=v/true"
            ),
            Call("get_label", {"a": "x", "b": ["y", "z"]}, path="/l/.x.y.z"),
            Call("get_matrix", {"a": 5, "b": ["y", "z"], "c": {"k": "v"}}, path="/m/;a=5;b=y;b=z;c=k,v/end"),
        ],
    ),
    Case(
        "one name in several locations, and names that become one",
        """
        paths:
          /a:
            get:
              parameters:
                - {name: id, in: query, schema: {type: string}}
                - {name: id, in: header, schema: {type: string}}
                - {name: id, in: cookie, schema: {type: string}}
                - {name: fooBar, in: query, schema: {type: string}}
                - {name: foo-bar, in: query, schema: {type: string}}
                - {name: body, in: header, schema: {type: string}}
                - {name: headers, in: query, schema: {type: string}}
                - {name: url, in: query, schema: {type: string}}
          /b: {get: {operationId: get_a, tags: [other]}, put: {operationId: GetA}}
        """,
        calls=[
            Call(
                "get_a_2",
                {
                    "id": "1",
                    "id_header": "2",
                    "id_cookie": "3",
                    "foo_bar": "4",
                    "foo_bar_2": "5",
                    "url_query": "6",
                },
                query=[("id", "1"), ("fooBar", "4"), ("foo-bar", "5"), ("url", "6")],
                headers={"id": "2", "cookie": "id=3"},
            ),
            Call("get_a_2", {"body_": "x", "headers_": "y"}, headers={"body": "x"}, query=[("headers", "y")]),
            Call("get_a", method="GET", target="/b"),
            Call("get_a_3", method="PUT", target="/b"),
        ],
    ),
    Case(
        "a parameter that refers to itself",
        """
        paths:
          /a: {get: {operationId: getA, parameters: [{$ref: '#/components/parameters/One'}]}}
        components:
          parameters:
            One: {$ref: '#/components/parameters/Two'}
            Two: {$ref: '#/components/parameters/One'}
        """,
        refused=["#/components/parameters/", "comes back to itself", "parameters"],
    ),
]
