"""Paths, servers and queries: what is encoded, what is kept, and which operations are left out."""

from __future__ import annotations

from .case import Call, Case, Result

_LONG = "aVeryLongName" + "ThatGoesOnAndOn" * 5

CASES = [
    Case(
        "a relative server",
        "{servers: [{url: /v1}], paths: {/a: {get: {operationId: getA}}}}",
        calls=[Call("get_a", target="/v1/a", headers={"host": "cloud.comfy.org"})],
    ),
    Case(
        "no server",
        "{servers: [], paths: {/a: {get: {operationId: getA}}}}",
        calls=[Call("get_a", target="/a", headers={"host": "cloud.comfy.org"})],
    ),
    Case(
        "a server with variables",
        """
        servers:
          - url: https://{region}.things.test:{port}/{base}
            variables:
              region: {default: eu, enum: [eu, us]}
              port: {default: '8443'}
              base: {default: v2}
        paths: {/a: {get: {operationId: getA}}}
        """,
        calls=[Call("get_a", target="/v2/a", headers={"host": "eu.things.test:8443"})],
    ),
    Case(
        "a server with a variable that has no default",
        "{servers: [{url: 'https://{x}.test'}], paths: {/a: {get: {operationId: getA}}}}",
        refused=["servers[0].url", "variables without default"],
    ),
    Case(
        "operations on another server",
        """
        paths:
          /a: {get: {operationId: getA}}
          /same: {servers: [{url: https://h.example}], get: {operationId: getSame}}
          /b: {get: {operationId: getB, servers: [{url: https://uploads.test}]}}
          /c: {servers: [{url: https://uploads.test}], get: {operationId: getC}}
        """,
        calls=[Call("get_a", target="/a"), Call("get_same", target="/same")],
        left_out={"getB": "servers: it is on another server", "getC": "servers: it is on another server"},
    ),
    Case(
        "undeclared parameters of paths, and ids that two operations have",
        """
        paths:
          /a: {get: {operationId: getA}}
          '/b/{id}': {get: {operationId: getB}}
          /c: {get: {operationId: getC, parameters: [{name: id, in: path, schema: {type: string}}]}}
          '/d/{id}/{id}':
            get: {operationId: getD, parameters: [{name: id, in: path, schema: {type: string}}]}
          /e: {get: {operationId: getA}, post: {operationId: postE}}
        """,
        calls=[Call("get_a", target="/a"), Call("post_e", target="/e")],
        left_out={
            "getA": "operationId: GET /a has the same operationId",
            "getB": "parameters.id: the path has {id}, which is not declared",
            "getC": "parameters.id: the parameter is in the path, which has no {id}",
            "getD": "parameters.id: the path has {id} more than once",
        },
    ),
    Case(
        "slashes at the end, percent characters, dots, colons and other marks of paths",
        """
        paths:
          /a/: {get: {operationId: slash}}
          /: {get: {operationId: root}}
          /a%20b/c: {get: {operationId: percent}}
          /v1/things:search: {post: {operationId: colon}}
          /a.b/~c/@me/(x)/$y: {get: {operationId: marks}}
          /files/{name}.json:
            get: {operationId: suffix, parameters: [{name: name, in: path, schema: {type: string}}]}
          /files/{name}/:
            get: {operationId: ending, parameters: [{name: name, in: path, schema: {type: string}}]}
          /{a}{b}:
            get:
              operationId: adjacent
              parameters:
                - {name: a, in: path, schema: {type: string}}
                - {name: b, in: path, schema: {type: integer}}
        """,
        calls=[
            Call("slash", target="/a/"),
            Call("root", target="/"),
            Call("percent", target="/a%20b/c"),
            Call("colon", target="/v1/things:search"),
            Call("marks", target="/a.b/~c/@me/(x)/$y"),
            Call("suffix", {"name": "a/b c"}, target="/files/a%2Fb%20c.json"),
            Call("ending", {"name": "100%"}, target="/files/100%25/"),
            Call("adjacent", {"a": "x?y#z", "b": 0}, target="/x%3Fy%23z0"),
        ],
    ),
    Case(
        "reserved characters of the query are sent as they are where the contract has it so",
        """
        paths:
          /a:
            get:
              operationId: getA
              parameters:
                - {name: path, in: query, allowReserved: true, schema: {type: string}}
                - {name: q, in: query, schema: {type: string}}
                - {name: l, in: query, allowReserved: true, schema: {type: array, items: {type: string}}}
                - name: j
                  in: query
                  allowReserved: true
                  explode: false
                  schema: {type: array, items: {type: string}}
                - {name: f, in: query, allowReserved: false, schema: {type: string}}
        """,
        calls=[
            Call("get_a", {"path": "/a/b:c?d;e,f@g!$'()*"}, target="/a?path=/a/b:c?d;e,f@g!$'()*"),
            Call("get_a", {"path": "a&b=c#d+e%2F f[]"}, query=[("path", "a&b=c#d+e%2F f[]")]),
            Call("get_a", {"path": "a%2Fb"}, target="/a?path=a%252Fb"),
            Call("get_a", {"path": "x/y", "q": "x/y"}, target="/a?path=x/y&q=x%2Fy"),
            Call("get_a", {"l": ["a/b", "c:d"]}, target="/a?l=a/b&l=c:d"),
            Call("get_a", {"j": ["a/b", "c"]}, target="/a?j=a/b,c"),
            Call("get_a", {"f": "a/b"}, target="/a?f=a%2Fb"),
            Call("get_a", target="/a"),
        ],
    ),
    Case(
        "odd names of query parameters",
        """
        paths:
          /a:
            get:
              parameters:
                - {name: 'ids[]', in: query, schema: {type: array, items: {type: integer}}}
                - {name: 'filter[name]', in: query, schema: {type: string}}
                - {name: $top, in: query, schema: {type: integer}}
                - {name: x.y, in: query, schema: {type: string}}
                - {name: a~b, in: query, schema: {type: string}}
                - {name: '@type', in: query, schema: {type: string}}
                - {name: lambda, in: query, schema: {type: string}}
                - {name: 2fa, in: query, schema: {type: string}}
        """,
        calls=[
            Call(
                "get_a",
                {"ids": [1, 2], "filtername": "n", "top": 3, "x_y": "d"},
                query=[("ids[]", "1"), ("ids[]", "2"), ("filter[name]", "n"), ("$top", "3"), ("x.y", "d")],
            ),
            Call("get_a", {"lambda_": "l", "field_2fa": "t"}, query=[("lambda", "l"), ("2fa", "t")]),
        ],
    ),
    Case(
        "scalars where an array may be, with a delimiter in them",
        """
        paths:
          /a:
            get:
              parameters:
                - name: s
                  in: query
                  style: spaceDelimited
                  schema: {oneOf: [{type: string}, {type: array, items: {type: string}}]}
                - name: c
                  in: query
                  explode: false
                  schema: {oneOf: [{type: string}, {type: array, items: {type: string}}]}
        """,
        calls=[
            Call("get_a", {"s": "a b"}, query=[("s", "a b")]),
            Call("get_a", {"s": ["a", "b"]}, query=[("s", "a b")]),
            Call("get_a", {"c": "a,b"}, query=[("c", "a,b")]),
        ],
    ),
    Case(
        "empty values, required parameters and text outside of ASCII",
        """
        paths:
          /a:
            get:
              operationId: getA
              parameters:
                - {name: q, in: query, required: true, allowEmptyValue: true, schema: {type: string}}
                - {name: n, in: query, schema: {type: number}}
                - {name: b, in: query, schema: {type: boolean, nullable: true}}
        """,
        calls=[
            Call("get_a", {"q": ""}, target="/a?q="),
            Call(
                "get_a",
                {"q": "ä &=+é", "n": 1.5, "b": True},
                query=[("q", "ä &=+é"), ("n", "1.5"), ("b", "true")],
            ),
        ],
    ),
    Case(
        "very long names",
        f"""
        paths:
          /a:
            post:
              operationId: {_LONG}
              tags: [{_LONG}]
              parameters: [{{name: {_LONG}, in: query, schema: {{type: string}}}}]
              requestBody:
                content: {{application/json: {{schema: {{$ref: '#/components/schemas/{_LONG}'}}}}}}
              returns: {{type: object, properties: {{{_LONG}: {{$ref: '#/components/schemas/{_LONG}'}}}}}}
        schemas: {{{_LONG}: {{type: object, properties: {{{_LONG}: {{type: integer}}}}}}}}
        """,
        results=[
            Result(
                "a_very_long_name" + "_that_goes_on_and_on" * 5,
                f'{{"{_LONG}": {{"{_LONG}": 5}}}}',
                lambda value: value[_LONG][_LONG] == 5,
            )
        ],
    ),
    Case(
        "no ids, and ids equal in snake case",
        """
        paths:
          /things/{id}:
            parameters: [{name: id, in: path, schema: {type: string}}]
            get: {operationId: null}
            delete: {operationId: null}
          /things: {get: {operationId: null}, post: {operationId: get_things_id}}
          /list: {get: {operationId: listThings}}
          /list2: {get: {operationId: list_things}}
          /list3: {get: {operationId: list-things}}
        """,
        calls=[
            Call("get_things_id_2", {"id": "1"}, method="GET", target="/things/1"),
            Call("delete_things_id", {"id": "1"}, method="DELETE"),
            Call("get_things", target="/things"),
            Call("get_things_id", method="POST", target="/things"),
            Call("list_things", target="/list2"),
        ],
    ),
    Case(
        "tags that are odd, equal or names of modules",
        """
        paths:
          /a: {get: {operationId: getA, tags: [Things]}}
          /b: {get: {operationId: getB, tags: [things]}}
          /c: {get: {operationId: getC, tags: [os]}}
          /d: {get: {operationId: getD, tags: [import]}}
          /e: {get: {operationId: getE, tags: ['1 & 2']}}
          /f: {get: {operationId: getF, tags: [models]}}
          /g: {get: {operationId: getG, tags: []}}
          /h: {get: {operationId: getH, tags: [a/b (beta)]}}
          /i: {get: {operationId: getI, tags: ['a/b: c']}}
          /j: {get: {operationId: getJ, tags: [🚀]}}
          /k: {get: {operationId: getK, tags: ['Users & [Beta] (#1)']}}
        """,
        calls=[Call(f"get_{name}", target=f"/{name}") for name in "abcdefghijk"],
    ),
]
