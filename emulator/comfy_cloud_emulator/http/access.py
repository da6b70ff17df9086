"""Who may send requests: only this machine, and for most operations only with the key.

The checks read only the head of a request. They protect the emulator from web pages that try to
reach it through a browser (foreign Host or Origin), and imitate the service's key check.
"""

from __future__ import annotations

import hmac
import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .responses import error_response

PUBLIC_PATHS: Final = re.compile(
    r"/api/(features|system_stats|workflow_templates|global_subgraphs(/.*)?|experiment/models(/.*)?)",
    re.DOTALL,  # an encoded line break is part of a path like any other character
)
"""Operations that the contract opens to everyone."""

PAGE_PATHS: Final = frozenset({"/", "/_emulator/"})
"""Paths of the emulator's own page."""
PAGE_PREFIX: Final = "/_emulator/page/"
"""Prefix of everything that the page loads."""

PLAIN_TEXT_PATHS: Final = re.compile(r"/api/userdata(/.*)?", re.DOTALL)
"""Operations whose errors are plain text."""


def is_loopback(host: str) -> bool:
    """Whether a host name without port can only mean this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class LocalOnly:
    """Returns 403 for requests with a foreign Host, or from a web page that is not on this machine.

    Browsers report the source of a request in Origin, or at least, for images, scripts and links,
    in Sec-Fetch-Site. Links to `PAGE_PATHS` are followed from anywhere. With `embeddable`, pages of
    any site may embed the responses, as they may embed what signed URLs lead to; Sec-Fetch-Site is
    then ignored.
    """

    def __init__(self, app: ASGIApp, *, embeddable: bool = False) -> None:
        self._app = app
        self._embeddable = embeddable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Return 403, or pass the request on."""
        headers = Headers(scope=scope)
        if not is_loopback(_host_of(f"//{headers.get('host', '')}")):
            reply = error_response(
                403, "the emulator serves loopback only; address it as 127.0.0.1 or localhost"
            )
            await reply(scope, receive, send)
        elif self._is_foreign(scope, headers):
            await error_response(403, "requests from another origin are refused")(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_foreign(self, scope: Scope, headers: Headers) -> bool:
        origins = headers.getlist("origin")
        if origins:
            return not all(is_loopback(_host_of(origin)) for origin in origins)
        if self._embeddable or headers.get("sec-fetch-site") != "cross-site":
            return False
        return not (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and scope["path"] in PAGE_PATHS
            and headers.get("sec-fetch-mode") == "navigate"
            and headers.get("sec-fetch-dest") == "document"
        )


class KeyCheck:
    """Returns 401 for requests without the right key, unless the operation is public."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Return 401, or pass the request on."""
        if PUBLIC_PATHS.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        given = request_key(Headers(scope=scope))
        if given is None:
            message = "no API key; send it in the X-API-Key header"
        elif not hmac.compare_digest(given.encode("latin-1"), self._key):
            message = "the API key is not valid"
        else:
            await self._app(scope, receive, send)
            return
        is_text = PLAIN_TEXT_PATHS.fullmatch(scope["path"])
        reply = (
            PlainTextResponse(message, 401) if is_text else error_response(401, message, path=scope["path"])
        )
        await reply(scope, receive, send)


def request_key(headers: Headers) -> str | None:
    """The key in a request's headers, or None."""
    key = headers.get("x-api-key")
    if key:
        return key
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def websocket_key(scope: Scope) -> str | None:
    """The key of a websocket request, from its `token` parameter or its headers, or None."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    return query.get("token", [None])[0] or request_key(Headers(scope=scope))
