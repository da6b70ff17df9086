# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""Two small HTTP clients, enough to use this package alone: base URL, API key, a finite timeout.

They never follow a redirect: a 302 response becomes a `Redirect`, so the key stays with this
server. They never retry, and never write to a log.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterable
from secrets import token_hex
from threading import Lock
from types import TracebackType
from typing import IO, Any, Self

import httpx
from attrs import define, field

from .types import Request, encode_json, key_sent

_CHUNK = 65_536


def httpx_arguments(request: Request) -> dict[str, Any]:
    """The arguments of `httpx.Client.build_request` for a request's body and content headers."""
    if request.parts is not None and not request.parts:  # httpx would send no form at all
        boundary = token_hex(16)
        form = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return {"content": f"--{boundary}--\r\n".encode(), "headers": form}
    if request.parts is not None:
        return {"files": request.parts}
    if request.content is not None:
        content_type = request.content_type or "application/octet-stream"
        return {"content": request.content, "headers": {"Content-Type": content_type}}
    if request.json is not None:
        content_type = request.content_type or "application/json"
        return {"content": encode_json(request.json), "headers": {"Content-Type": content_type}}
    return {}


def async_httpx_arguments(request: Request) -> dict[str, Any]:
    """The same for `httpx.AsyncClient`, which accepts neither open files nor plain iterables."""
    arguments = httpx_arguments(request)
    content = arguments.get("content")
    if content is None or isinstance(content, (bytes, str)):
        return arguments
    if hasattr(content, "read"):
        arguments["content"] = read_in_chunks(content)
        length = _bytes_left(content)
        if length is not None:
            arguments["headers"]["Content-Length"] = str(length)
    elif isinstance(content, Iterable):
        arguments["content"] = _each(content)
    return arguments


async def read_in_chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    """An open file as an async stream; it is read in a worker thread."""
    from anyio import to_thread

    while chunk := await to_thread.run_sync(file.read, _CHUNK):
        yield chunk


async def _each(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _bytes_left(file: IO[bytes]) -> int | None:
    try:
        here = file.tell()
        end = file.seek(0, io.SEEK_END)
        file.seek(here)
    except (AttributeError, OSError, ValueError):  # a pipe, or an object that only reads
        return None
    return end - here


def _check_key(_: object, __: object, key: str | None) -> None:
    # Checked here because an HTTP library would quote the whole header in its own error.
    if key is not None and not (key and key.isascii() and key.isprintable() and " " not in key):
        raise ValueError(
            "api_key: a key is printable ASCII without spaces or line breaks; was it copied whole?"
        )


@define(eq=False)
class Client:
    """A sync client; several threads may share it.

    Use it as a context manager, or call `close` when done. `timeout` is in seconds, for connecting
    and for each time the server is silent. An `http` client that you pass is used as it is, and
    stays open.
    """

    base_url: str = "https://cloud.comfy.org"
    api_key: str | None = field(default=None, repr=False, validator=_check_key)
    timeout: float = 30.0
    http: httpx.Client | None = field(default=None, repr=False)
    _own: httpx.Client | None = field(default=None, init=False, repr=False)
    _lock: Lock = field(factory=Lock, init=False, repr=False)

    def send(self, request: Request) -> httpx.Response:
        """Send a request and return the response, whatever its status, with its body read.

        Raises httpx's errors when the connection fails or times out.
        """
        http = self.http or self._own_http()
        built = _build(http, self.base_url, self.api_key, self.timeout, request, httpx_arguments(request))
        return http.send(built, follow_redirects=False)

    def close(self) -> None:
        """Close the connections. A later request opens new ones."""
        with self._lock:
            own, self._own = self._own, None
        if own is not None:
            own.close()

    def _own_http(self) -> httpx.Client:
        with self._lock:  # two threads that send their first request at once must share one pool
            if self._own is None:
                self._own = httpx.Client()
            return self._own

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


@define(eq=False)
class AsyncClient:
    """An async client; all tasks of one event loop may share it.

    Use it with `async with`, or await `aclose` when done. `timeout` is in seconds, for connecting
    and for each time the server is silent. An `http` client that you pass is used as it is, and
    stays open.
    """

    base_url: str = "https://cloud.comfy.org"
    api_key: str | None = field(default=None, repr=False, validator=_check_key)
    timeout: float = 30.0
    http: httpx.AsyncClient | None = field(default=None, repr=False)
    _own: httpx.AsyncClient | None = field(default=None, init=False, repr=False)

    async def send(self, request: Request) -> httpx.Response:
        """Send a request and return the response, whatever its status, with its body read.

        Raises httpx's errors when the connection fails or times out.
        """
        http = self.http or self._own_http()
        arguments = async_httpx_arguments(request)
        built = _build(http, self.base_url, self.api_key, self.timeout, request, arguments)
        return await http.send(built, follow_redirects=False)

    async def aclose(self) -> None:
        """Close the connections. A later request opens new ones."""
        own, self._own = self._own, None
        if own is not None:
            await own.aclose()

    def _own_http(self) -> httpx.AsyncClient:
        if self._own is None:  # there is no await in here, so no other task can run in between
            self._own = httpx.AsyncClient()
        return self._own

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


def _build(
    http: httpx.Client | httpx.AsyncClient,
    base_url: str,
    api_key: str | None,
    timeout: float,
    request: Request,
    arguments: dict[str, Any],
) -> httpx.Request:
    target, own_headers = key_sent(request, api_key)
    headers = {"Accept": "*/*", **arguments.pop("headers", {}), **own_headers}
    url = base_url.rstrip("/") + target
    return http.build_request(request.method, url, headers=headers, timeout=timeout, **arguments)
