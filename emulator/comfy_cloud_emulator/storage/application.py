"""The second origin: the storage that signed URLs lead to, on its own port.

Like a public object store it has no keys. A request that carries one is refused and recorded as a
leak, because a client must not send its key to another origin. Serves whole files and byte ranges;
lists nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from comfy_cloud_emulator.http import byte_ranges
from comfy_cloud_emulator.media.media_types import media_type
from comfy_cloud_emulator.state.files.file_store import StoredFile
from comfy_cloud_emulator.state.redaction import REDACTED
from comfy_cloud_emulator.state.store import Store

from .signed_urls import Signer

CREDENTIALS: Final = ("x-api-key", "authorization", "cookie", "proxy-authorization")
"""Headers that must not be sent to this origin."""
MOST_LEAKS: Final = 20_000
"""Leaks kept; the oldest are dropped first."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A request that sent a credential to the storage: the header's name, without its value."""

    method: str
    path: str
    header: str


@dataclass(frozen=True, slots=True)
class Buckets:
    """The stores by bucket. `keys` are the keys that no request may contain."""

    stores: dict[str, Store] = field(default_factory=dict[str, Store])
    keys: set[str] = field(default_factory=set[str], repr=False)


class Storage:
    """The ASGI application of the second origin. `leaks` lists the leaks so far, oldest first.

    `pause` is called with the number of bytes before each piece of a file, to slow it down.
    """

    def __init__(
        self, buckets: Buckets, signer: Signer, pause: Callable[[int], Awaitable[object]] | None = None
    ) -> None:
        self._pause = pause
        self._shelves = buckets
        self._signer = signer
        self._leaks: deque[Leak] = deque(maxlen=MOST_LEAKS)
        self._lock = threading.Lock()

    @property
    def leaks(self) -> list[Leak]:
        """The leaks so far, oldest first."""
        with self._lock:
            return list(self._leaks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        headers, method = Headers(scope=scope), scope["method"]
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        leaked = [name for name in CREDENTIALS if name in headers]
        # A key in the URL is a leak as well.
        address, shown = unquote(f"{path}?{query}"), scope["path"]
        for key in [key for key in self._shelves.keys if key in address]:
            leaked.append("query")
            shown = shown.replace(key, REDACTED)
        if leaked:
            with self._lock:
                self._leaks += [Leak(method, shown, name) for name in leaked]
            return _problem(400, "InvalidArgument", f"credentials are not accepted here: {', '.join(leaked)}")
        if method not in ("GET", "HEAD"):
            return _problem(405, "MethodNotAllowed", "a signed URL only allows reading")
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        match self._signer.check(path, pairs):
            case "wrong":
                return _problem(403, "SignatureDoesNotMatch", "the signature does not match the URL")
            case "expired":
                return _problem(
                    403, "ExpiredToken", "the URL has expired; request a new one from the service"
                )
            case "good":
                _, bucket, name = path.split("/", 2)
                store = self._shelves.stores.get(bucket)
                file = None if store is None else store.files.record(unquote(name))
                if store is None or file is None:
                    return _problem(404, "NoSuchKey", "there is no such object")
                return self._file(store, file, headers, pairs["response-content-disposition"])

    def _file(self, store: Store, file: StoredFile, request_headers: Headers, disposition: str) -> Response:
        etag = f'"{file.digest}"'
        response_headers = {
            "accept-ranges": "bytes",
            "cache-control": "private, max-age=3600",
            "content-disposition": disposition,
            "etag": etag,
        }
        if byte_ranges.matches_etag(request_headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=response_headers)
        part = byte_ranges.requested_range(request_headers, etag, file.size)
        if part.is_beyond:
            refused = _problem(416, "InvalidRange", "the range lies beyond the end")
            refused.headers["content-range"] = f"bytes */{file.size}"
            return refused
        opened = store.files.open(file.filename)
        if opened is None:
            return _problem(404, "NoSuchKey", "there is no such object")
        response_headers |= part.headers
        chunks = byte_ranges.chunks(opened, part.first, part.length)
        if self._pause is not None:
            chunks = _slowed(chunks, self._pause)
        return StreamingResponse(chunks, part.status, response_headers, media_type(file.filename))


async def _slowed(
    chunks: AsyncIterator[bytes], pause: Callable[[int], Awaitable[object]]
) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        await pause(len(chunk))
        yield chunk


def _problem(status: int, code: str, message: str) -> Response:
    body = (
        "<?xml version='1.0' encoding='UTF-8'?>"
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    return Response(body, status, media_type="application/xml")
