"""Who may send requests: only this machine, and for most operations only with the key.

The checks read only the head of a request. They protect the emulator from web pages that try to
reach it through a browser (foreign Host or Origin), and imitate the service's key check.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .addresses import Addresses, host_of, is_loopback
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

HEALTH_PATH: Final = "/_emulator/health"
"""Path of the report that the emulator is ready, for whatever starts it."""

PLAIN_TEXT_PATHS: Final = re.compile(r"/api/userdata(/.*)?", re.DOTALL)
"""Operations whose errors are plain text."""


class LocalOnly:
    """Returns 403 for requests with a foreign Host, or from a web page that is not on this machine.

    `addresses` say which hosts are served; by default loopback only. Where other machines are let
    in, pages of the host that was asked for are served too.

    Browsers report the source of a request in Origin, or at least, for images, scripts and links,
    in Sec-Fetch-Site. Links to `PAGE_PATHS` are followed from anywhere. With `embeddable`, pages of
    any site may embed the responses, as they may embed what signed URLs lead to; Sec-Fetch-Site is
    then ignored.
    """

    def __init__(self, app: ASGIApp, *, embeddable: bool = False, addresses: Addresses | None = None) -> None:
        self._app = app
        self._embeddable = embeddable
        self._addresses = addresses or Addresses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Return 403, or pass the request on."""
        headers = Headers(scope=scope)
        host = host_of(f"//{headers.get('host', '')}")
        if not self._addresses.serves(host):
            await error_response(403, self._wrong_host())(scope, receive, send)
        elif self._is_foreign(scope, headers, host):
            await error_response(403, "requests from another origin are refused")(scope, receive, send)
        else:
            self._addresses.called(host)
            await self._app(scope, receive, send)

    def _wrong_host(self) -> str:
        if self._addresses.is_open:
            return (
                "the emulator does not know this host name; start it with --public-url (in Python"
                " public_url=) and the URL that leads to it, or address it by its IP address"
            )
        return "the emulator serves loopback only; address it as 127.0.0.1 or localhost"

    def _is_foreign(self, scope: Scope, headers: Headers, host: str) -> bool:
        origins = headers.getlist("origin")
        if origins:
            return not all(self._is_near(host_of(origin), host) for origin in origins)
        if self._embeddable or headers.get("sec-fetch-site") != "cross-site":
            return False
        return not (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and scope["path"] in PAGE_PATHS
            and headers.get("sec-fetch-mode") == "navigate"
            and headers.get("sec-fetch-dest") == "document"
        )

    def _is_near(self, origin: str, host: str) -> bool:
        return is_loopback(origin) or (self._addresses.is_open and origin == host)


class ControlKey:
    """Returns 401 for requests to the page and the control routes without the key.

    Only where other machines are let in. The key comes in X-API-Key, as a bearer token, or as the
    password of a user of any name, for which browsers ask. Without it, `HEALTH_PATH` is served, and
    `may_control` in the scope's state is False.
    """

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Return 401, or pass the request on."""
        headers = Headers(scope=scope)
        given = request_key(headers) or _password(headers) or ""
        is_known = hmac.compare_digest(given.encode("utf-8", "replace"), self._key)
        scope["state"]["may_control"] = is_known
        if is_known or scope["path"] == HEALTH_PATH:
            await self._app(scope, receive, send)
            return
        reply = error_response(
            401, "other machines can reach this emulator: send its key in the X-API-Key header"
        )
        reply.headers["www-authenticate"] = 'Basic realm="the password is the key of the emulator"'
        await reply(scope, receive, send)


def _password(headers: Headers) -> str | None:
    """The password of the Authorization header of a browser, or None."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(token.strip(), validate=True).decode().partition(":")[2]
    except (Base64Error, ValueError):
        return None


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
