"""Parameters: references, styles, names, and where they are sent."""

from __future__ import annotations

from .case import Call, Case, Result

CASES = [
    Case(
        "arrays in the query, by a referenced parameter and by a referenced schema",
        """
        paths:
          /a:
            get:
              parameters:
                - {$ref: '#/components/parameters/E'}
                - {name: r, in: query, schema: {$ref: '#/components/schemas/L'}}
        components:
          parameters: {E: {name: e, in: query, schema: {type: array, items: {type: string}}}}
        schemas: {L: {type: array, items: {type: string}}}
        """,
        calls=[
            Call("get_a", {"e": ["a", "b"]}, query=[("e", "a"), ("e", "b")]),
            Call("get_a", {"r": ["a", "b"]}, query=[("r", "a"), ("r", "b")]),
        ],
    ),
    Case(
        "references to parts of other operations and into lists",
        """
        paths:
          /a:
            get:
              parameters: [{$ref: '#/paths/~1b/get/parameters/1'}]
              responses: {'200': {$ref: '#/paths/~1b/get/responses/200'}}
          /b:
            get:
              parameters:
                - {name: p, in: query, schema: {type: integer}}
                - {name: q, in: query, schema: {type: array, items: {type: string}}}
              returns: {$ref: '#/components/schemas/L/allOf/0'}
        schemas:
          L: {allOf: [{type: object, properties: {k: {type: integer}}}]}
        """,
        calls=[Call("get_a", {"q": ["a", "b"]}, query=[("q", "a"), ("q", "b")])],
        results=[Result("get_a", '{"k":1}', lambda v: v.k == 1)],
    ),
    Case(
        "objects in the query: deepObject, form, and JSON",
        """
        paths:
          /a:
            get:
              parameters:
                - name: f
                  in: query
                  schema: {type: object, properties: {x: {type: integer}, y: {type: string}}}
                  style: deepObject
                  explode: true
                - {name: o, in: query, schema: {type: object, additionalProperties: {type: string}}}
                - {name: j, in: query, schema: {}}
                - name: jc
                  in: query
                  content:
                    application/json: {schema: {type: object, properties: {x: {type: integer}}}}
        """,
        calls=[
            Call("get_a", {"f": {"x": 1, "y": "b"}}, query=[("f[x]", "1"), ("f[y]", "b")]),
            Call("get_a", {"o": {"k": "v"}}, query=[("k", "v")]),
            Call("get_a", {"jc": {"x": 1}}, query_json=("jc", {"x": 1})),
        ],
    ),
    Case(
        "a cookie",
        """
        paths:
          /a: {get: {parameters: [{name: session, in: cookie, schema: {type: string}}]}}
        """,
        calls=[Call("get_a", {"session": "w"}, headers={"cookie": "session=w"})],
    ),
    Case(
        "names that Python or the generated functions have another use for",
        """
        paths:
          '/a/{class}/{self}':
            post:
              operationId: postA
              parameters:
                - {name: class, in: path, schema: {type: string}}
                - {name: self, in: path, schema: {type: string}}
                - {name: from, in: query, schema: {type: string}}
                - {name: body, in: query, schema: {type: string}}
                - {name: client, in: query, schema: {type: string}}
                - {name: target, in: query, schema: {type: string}}
                - {name: a-b, in: query, schema: {type: string}}
                - {name: a_b, in: query, schema: {type: string}}
                - {name: response, in: query, schema: {type: string}}
                - {name: status, in: query, schema: {type: string}}
                - {name: Request, in: query, schema: {type: string}}
                - {name: OPERATION, in: query, schema: {type: string}}
                - {name: with_query, in: query, schema: {type: string}}
              takes: {type: object, properties: {z: {type: integer}}}
        """,
        calls=[
            Call(
                "post_a",
                {
                    "class_": "c",
                    "self_": "s",
                    "from_": "f",
                    "a_b_2": "1",
                    "a_b": "2",
                    "client_query": "c",
                    "target_": "t",
                    "body": {"z": 1},
                },
                path="/a/c/s",
                query=[("from", "f"), ("client", "c"), ("target", "t"), ("a-b", "1"), ("a_b", "2")],
            )
        ],
    ),
    Case(
        "path parameters with dots, beside text, and in another order",
        """
        paths:
          /a/{file.name}/v{ver}:run/{b}:
            get:
              operationId: getA
              parameters:
                - {name: b, in: path, schema: {type: string}}
                - {name: file.name, in: path, schema: {type: string}}
                - {name: ver, in: path, schema: {type: integer}}
          /{x}-{y}:
            get:
              operationId: getB
              parameters:
                - {name: x, in: path, schema: {type: string}}
                - {name: y, in: path, schema: {type: string}}
        """,
        calls=[
            Call("get_a", {"file_name": "f.txt", "ver": 3, "b": "z/1"}, path="/a/f.txt/v3:run/z%2F1"),
            Call("get_b", {"x": "1", "y": "2"}, path="/1-2"),
        ],
    ),
    Case(
        "one name in path and query",
        """
        paths:
          /a/{id}:
            get:
              operationId: getA
              parameters:
                - {name: id, in: path, schema: {type: string}}
                - {name: id, in: query, schema: {type: string}}
        """,
        calls=[Call("get_a", {"id": "7", "id_query": "8"}, path="/a/7", query=[("id", "8")])],
    ),
    Case(
        "path parameters in camel case",
        """
        paths:
          '/a/{promptId}/b/{folder_name}':
            get:
              operationId: getA
              returns: M
              parameters:
                - {name: promptId, in: path, schema: {type: string}}
                - {name: folder_name, in: path, schema: {type: string}}
        schemas: {M: {type: object, properties: {k: {type: integer}}}}
        """,
        calls=[Call("get_a", {"prompt_id": "x/1", "folder_name": "y z"}, path="/a/x%2F1/b/y%20z")],
    ),
    Case(
        "paths that differ in names of parameters only",
        """
        paths:
          '/a/{x}/b':
            get:
              operationId: getX
              returns: M
              parameters: [{name: x, in: path, schema: {type: string}}]
              security: []
          '/a/{y}/b':
            post:
              operationId: postY
              returns: M
              parameters: [{name: y, in: path, schema: {type: string}}]
          '/c/{name}':
            get:
              operationId: getName
              returns: M
              parameters: [{name: name, in: path, schema: {type: string}}]
          '/c/{id}':
            get:
              operationId: getId
              returns: M
              parameters: [{name: id, in: path, schema: {type: string}}]
              security: []
        schemas: {M: {type: object, properties: {k: {type: integer}}}}
        """,
        calls=[
            Call("get_x", {"x": "1"}, path="/a/1/b", key=False),
            Call("post_y", {"y": "1"}, path="/a/1/b", key=True),
            Call("get_name", {"name": "1"}, key=True),
            Call("get_id", {"id": "1"}, key=False),
        ],
    ),
    Case(
        "an enum by allOf with a reference, beside a default",
        """
        paths:
          /a:
            get:
              returns: M
              parameters:
                - name: e
                  in: query
                  schema: {allOf: [{$ref: '#/components/schemas/E'}], default: x}
        schemas:
          M:
            type: object
            properties:
              e: {allOf: [{$ref: '#/components/schemas/E'}], description: d, nullable: true}
          E: {type: string, enum: [x, y]}
        """,
        calls=[Call("get_a", {"e": "y"}, query=[("e", "y")])],
        results=[
            Result("get_a", '{"e":"y"}', lambda value: value.e == "y"),
            Result("get_a", '{"e":null}', lambda value: value.e is None),
        ],
    ),
    Case(
        "names outside of ASCII",
        """
        paths:
          '/ä/{名前}':
            get:
              operationId: getA
              returns: Größe
              parameters:
                - {name: 名前, in: path, schema: {type: string}}
                - {name: größe, in: query, schema: {type: integer}}
                - {name: emoji😀, in: query, schema: {type: string}}
        schemas: {Größe: {type: object, properties: {höhe: {type: integer}, 名: {type: string}}}}
        """,
        calls=[Call("get_a", {"名前": "x", "größe": 1}, path="/%C3%A4/x")],
        results=[
            Result("get_a", '{"höhe":3,"名":"n"}', lambda value: value.to_dict() == {"höhe": 3, "名": "n"})
        ],
    ),
]
