"""Operations that no code can be made of are left out, and everything else is there."""

from __future__ import annotations

from .case import Call, Case

_FINE = """
          /fine:
            get: {operationId: getFine}
"""

CASES = [
    Case(
        "styles, media types and schemes that nothing can be sent by",
        """
        paths:
          /fine: {get: {}}
          /style:
            get: {parameters: [{name: X-A, in: header, style: form, schema: {type: string}}]}
          /content:
            get: {parameters: [{name: a, in: query, content: {application/xml: {}}}]}
          /body:
            post:
              operationId: postMixed
              requestBody: {content: {multipart/mixed: {schema: {type: object}}}}
          /digest: {get: {security: [{Digest: []}]}}
          /unknown: {get: {security: [{Nowhere: []}]}}
        components:
          securitySchemes:
            ApiKeyAuth: {type: apiKey, in: header, name: X-API-Key}
            Digest: {type: http, scheme: digest}
        """,
        calls=[Call("get_fine", target="/fine")],
        left_out={
            "getStyle": "parameters.X-A: a parameter in the header cannot have the style form",
            "getContent": "parameters.a: a value cannot be written as application/xml",
            "postMixed": "requestBody: a body of the media type multipart/mixed",
            "getDigest": "security.Digest: a key cannot be sent by the scheme http digest",
            "getUnknown": "security.Nowhere: the contract defines no such security scheme",
        },
    )
]
