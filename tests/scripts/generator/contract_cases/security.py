"""How each operation is authenticated."""

from __future__ import annotations

from .case import Call, Case

CASES = [
    Case(
        "one scheme per operation",
        """
        paths:
          /n: {get: {operationId: getNone, security: []}}
          /o: {get: {operationId: getOpt, security: [{}, {ApiKeyAuth: []}]}}
          /b: {get: {operationId: getBearer, security: [{Bearer: []}]}}
          /q: {get: {operationId: getQuery, security: [{KeyQuery: []}]}}
          /c: {get: {operationId: getCookie, security: [{KeyCookie: []}]}}
          /k: {get: {operationId: getKey}}
        components:
          securitySchemes:
            ApiKeyAuth: {type: apiKey, in: header, name: X-API-Key}
            Bearer: {type: http, scheme: bearer}
            KeyQuery: {type: apiKey, in: query, name: key}
            KeyCookie: {type: apiKey, in: cookie, name: sid}
        """,
        calls=[
            Call("get_none", key=False),
            Call("get_opt", key=True),
            Call("get_key", key=True),
            Call("get_bearer", headers={"authorization": "Bearer K"}, key=False),
            Call("get_query", query=[("key", "K")], key=False),
            Call("get_cookie", headers={"cookie": "sid=K"}, key=False),
        ],
    ),
    Case(
        "alternatives, several at once, tokens and basic",
        """
        security: [{Bearer: []}]
        paths:
          /default: {get: {}}
          /either: {get: {security: [{Bearer: []}, {ApiKeyAuth: []}]}}
          /maybe: {get: {security: [{Bearer: []}, {}]}}
          /both: {get: {security: [{Tenant: [], Bearer: []}]}}
          /oauth: {get: {security: [{OAuth: [read]}]}}
          /basic: {get: {security: [{Basic: []}]}}
          /query:
            get:
              security: [{Query: []}]
              parameters:
                - {name: a, in: query, schema: {type: string}}
                - {name: c, in: cookie, schema: {type: string}}
          /cookie:
            get:
              security: [{Cookie: []}]
              parameters: [{name: c, in: cookie, schema: {type: string}}]
          /first: {get: {security: [{Digest: []}, {Query: []}]}}
        components:
          securitySchemes:
            ApiKeyAuth: {type: apiKey, in: header, name: X-API-Key}
            Bearer: {$ref: '#/components/securitySchemes/Token'}
            Token: {type: http, scheme: Bearer}
            Tenant: {type: apiKey, in: header, name: X-Tenant}
            OAuth: {type: oauth2, flows: {}}
            Basic: {type: http, scheme: basic}
            Digest: {type: http, scheme: digest}
            Query: {type: apiKey, in: query, name: key}
            Cookie: {type: apiKey, in: cookie, name: sid}
        """,
        calls=[
            Call("get_default", headers={"authorization": "Bearer K"}, key=False),
            Call("get_either", absent=["authorization"], key=True),
            Call("get_maybe", headers={"authorization": "Bearer K"}, key=False),
            Call("get_both", headers={"authorization": "Bearer K", "x-tenant": "K"}, key=False),
            Call("get_oauth", headers={"authorization": "Bearer K"}, key=False),
            Call("get_basic", headers={"authorization": "Basic Sw=="}, key=False),
            Call(
                "get_query", {"a": "1", "c": "2"}, query=[("a", "1"), ("key", "K")], headers={"cookie": "c=2"}
            ),
            Call("get_cookie", {"c": "2"}, headers={"cookie": "c=2; sid=K"}, key=False),
            Call("get_first", target="/first?key=K", key=False),
        ],
    ),
]
