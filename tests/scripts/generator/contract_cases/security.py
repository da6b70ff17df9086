"""How each operation is authenticated."""

from __future__ import annotations

from .case import Call, Case

CASES = [
    Case(
        "one scheme per operation",
        """
        paths:
          /n:
            get: {operationId: getNone, security: []}
          /o:
            get: {operationId: getOpt, security: [{}, {ApiKeyAuth: []}]}
          /b:
            get: {operationId: getBearer, security: [{Bearer: []}]}
          /q:
            get: {operationId: getQuery, security: [{KeyQuery: []}]}
          /c:
            get: {operationId: getCookie, security: [{KeyCookie: []}]}
          /k:
            get: {operationId: getKey}
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
]
