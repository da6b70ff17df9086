"""The routes of the page: the page at `/`, its own files, the live stream, and the pictures that it shows.

They need no key, like the control routes; `access.LocalOnly` in front of them keeps pages of other origins out. What the
page may load and run is closed by its Content-Security-Policy: nothing but its own modules, styles and pictures.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import cache
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from comfy_cloud_emulator.http.access import PAGE_PATHS, PAGE_PREFIX
from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.http.routing import Operation

from . import account_files, event_stream
from .overview import Overview

PACKAGE: Final = "comfy_cloud_emulator.page"
DOCUMENT: Final = "page.html"
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""The page's own files by extension."""
MOST_STREAMS: Final = 32
"""Pages that are open at a time; a browser tab that is hidden closes its stream."""
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def routes(overview: Overview) -> list[Operation]:
    """The routes of the page over one account."""
    streams = _Streams(overview)

    async def get_page(request: Request) -> Response:
        return _own(DOCUMENT)

    async def get_own(request: Request) -> Response:
        return _own(request.path_params["name"])

    async def get_stream(request: Request) -> Response:
        return streams.opened()

    async def get_progress_picture(request: Request) -> Response:
        image = overview.progress.picture(request.path_params["id"])
        if image is None:
            raise ApiProblem(404, "there is no picture of this job's work in progress")
        return Response(image, headers=HEADERS, media_type="image/jpeg")

    async def get_thumbnail(request: Request) -> Response:
        name = request.path_params["name"]
        return _found(await run_in_threadpool(account_files.thumbnail, overview.store, name))

    async def get_file(request: Request) -> Response:
        name = request.path_params["name"]
        return _found(await run_in_threadpool(account_files.whole, overview.store, name, request.headers))

    return [
        *(Operation("GET", path, get_page) for path in sorted(PAGE_PATHS)),
        Operation("GET", f"{PAGE_PREFIX}stream", get_stream),
        Operation("GET", f"{PAGE_PREFIX}own/{{name}}", get_own),
        Operation("GET", f"{PAGE_PREFIX}progress/{{id}}", get_progress_picture),
        Operation("GET", f"{PAGE_PREFIX}thumbnails/{{name}}", get_thumbnail),
        Operation("GET", f"{PAGE_PREFIX}files/{{name}}", get_file),
    ]


class _Streams:
    """The open streams."""

    def __init__(self, overview: Overview) -> None:
        self._overview = overview
        self._open = 0

    def opened(self) -> Response:
        """Another stream. Raises ApiProblem when too many are open."""
        if self._open >= MOST_STREAMS:
            raise ApiProblem(503, f"{MOST_STREAMS} pages are open already; close some")
        return _EventStream(self)

    async def write(self, send: Send) -> None:
        """Send events without end."""
        self._open += 1
        try:
            async with aclosing(event_stream.events(self._overview)) as events:
                async for event in events:
                    await send({"type": "http.response.body", "body": event, "more_body": True})
        finally:
            self._open -= 1


class _EventStream(Response):
    """One stream, written until the browser leaves."""

    media_type = "text/event-stream"

    def __init__(self, streams: _Streams) -> None:
        super().__init__(headers=HEADERS)
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        writing = asyncio.create_task(self._streams.write(send))
        leaving = asyncio.create_task(_until_left(receive))
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if writing.done():
                writing.result()  # it has no end of its own, so this raises what went wrong
        finally:
            for task in (writing, leaving):
                task.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)


async def _until_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _found(reply: Response | None) -> Response:
    if reply is None:
        raise ApiProblem(404, "there is no such file, or nothing to show of it")
    return reply


def _own(name: str) -> Response:
    found = _own_files().get(name)
    if found is None:
        raise ApiProblem(404, "the page has no such file")
    return Response(found, headers=HEADERS | {"content-type": TYPES[name[name.rindex(".") :]]})


@cache
def _own_files() -> dict[str, bytes]:
    """The page's own files by name; nothing else can be asked for."""
    from importlib.resources import files

    return {
        each.name: each.read_bytes()
        for each in files(PACKAGE).joinpath("static").iterdir()
        if each.name.endswith(tuple(TYPES))
    }
