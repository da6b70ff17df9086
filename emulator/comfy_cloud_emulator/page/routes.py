"""The routes of the page: the page at `/`, its static files, the live stream, and images.

They need no key, like the control routes; `http.access.LocalOnly` in front of them keeps pages of
other origins out. The Content-Security-Policy allows only the page's own scripts, styles and
images.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import cache
from typing import Any, Final

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from comfy_cloud_emulator.http.access import PAGE_PATHS, PAGE_PREFIX
from comfy_cloud_emulator.http.decoding_threads import run_decoder
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
"""Media types of the page's static files, by extension."""
MAX_SEARCH: Final = 500
"""Characters of a search."""
MOST_WORDS: Final = 20
MOST_STREAMS: Final = 32
"""Open streams at a time; a hidden browser tab closes its stream."""
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
    streams = _OpenStreams(overview)

    async def get_page(request: Request) -> Response:
        return _static_file(DOCUMENT)

    async def get_static_file(request: Request) -> Response:
        return _static_file(request.path_params["name"])

    async def get_stream(request: Request) -> Response:
        return streams.opened()

    async def find_jobs(request: Request) -> Response:
        return _json(await run_in_threadpool(overview.found_jobs, _searched(request)))

    async def find_files(request: Request) -> Response:
        return _json(await run_in_threadpool(overview.found_files, _searched(request)))

    async def get_job(request: Request) -> Response:
        found = await run_in_threadpool(overview.job_details, request.path_params["id"])
        if found is None:
            raise ApiProblem(404, "there is no such job; it may have been deleted")
        return _json(found)

    async def get_request(request: Request) -> Response:
        found = await run_in_threadpool(overview.request_details, request.path_params["id"])
        if found is None:
            raise ApiProblem(404, "there is no such request; the log keeps the newest ones only")
        return _json(found)

    async def get_progress_image(request: Request) -> Response:
        image = overview.progress.image(request.path_params["id"])
        if image is None:
            raise ApiProblem(404, "there is no preview image of this job")
        return Response(image, headers=HEADERS, media_type="image/jpeg")

    async def get_thumbnail(request: Request) -> Response:
        name = request.path_params["name"]
        return _or_404(await run_decoder(account_files.thumbnail, overview.store, name))

    async def get_file(request: Request) -> Response:
        name = request.path_params["name"]
        return _or_404(await run_in_threadpool(account_files.whole, overview.store, name, request.headers))

    return [
        *(Operation("GET", path, get_page) for path in sorted(PAGE_PATHS)),
        Operation("GET", f"{PAGE_PREFIX}stream", get_stream),
        Operation("GET", f"{PAGE_PREFIX}own/{{name}}", get_static_file),
        Operation("GET", f"{PAGE_PREFIX}jobs", find_jobs),
        Operation("GET", f"{PAGE_PREFIX}jobs/{{id}}", get_job),
        Operation("GET", f"{PAGE_PREFIX}requests/{{id}}", get_request),
        Operation("GET", f"{PAGE_PREFIX}files", find_files),
        Operation("GET", f"{PAGE_PREFIX}progress/{{id}}", get_progress_image),
        Operation("GET", f"{PAGE_PREFIX}thumbnails/{{name}}", get_thumbnail),
        Operation("GET", f"{PAGE_PREFIX}files/{{name}}", get_file),
    ]


class _OpenStreams:
    """The open streams."""

    def __init__(self, overview: Overview) -> None:
        self._overview = overview
        self._open = 0

    def opened(self) -> Response:
        """Open another stream. Raises ApiProblem when too many are open."""
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
    """One stream, written until the browser disconnects."""

    media_type = "text/event-stream"

    def __init__(self, streams: _OpenStreams) -> None:
        super().__init__(headers=HEADERS)
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        writing = asyncio.create_task(self._streams.write(send))
        leaving = asyncio.create_task(_until_disconnected(receive))
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if writing.done():
                writing.result()  # the stream has no end, so this raises what went wrong
        finally:
            for task in (writing, leaving):
                task.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _searched(request: Request) -> str:
    """The text to search for. Raises ApiProblem when there is none, or too much."""
    text = request.query_params.get("search", "").strip()
    if not text:
        raise ApiProblem(400, "say what to search for: ?search=<words>")
    if len(text) > MAX_SEARCH or len(text.split()) > MOST_WORDS:
        raise ApiProblem(400, f"search for at most {MOST_WORDS} words and {MAX_SEARCH} characters")
    return text


def _json(document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document), headers=HEADERS | {"content-type": "application/json"})


def _or_404(reply: Response | None) -> Response:
    if reply is None:
        raise ApiProblem(404, "there is no such file, or it cannot be shown")
    return reply


def _static_file(name: str) -> Response:
    found = _static_files().get(name)
    if found is None:
        raise ApiProblem(404, "the page has no such file")
    return Response(found, headers=HEADERS | {"content-type": TYPES[name[name.rindex(".") :]]})


@cache
def _static_files() -> dict[str, bytes]:
    """The page's static files by name; nothing else can be requested."""
    from importlib.resources import files

    return {
        each.name: each.read_bytes()
        for each in files(PACKAGE).joinpath("static").iterdir()
        if each.name.endswith(tuple(TYPES))
    }
