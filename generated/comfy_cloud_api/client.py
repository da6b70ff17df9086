# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""Two small HTTP clients, enough to use this package alone: base URL, API key, a finite timeout, no retries.

They never follow a redirect: an operation that answers 302 returns a `Redirect`, and the key stays with this server.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import IO, Any, Self

import httpx
import orjson
from attrs import define, field

from .types import Request

_CHUNK = 65_536


def httpx_arguments(request: Request) -> dict[str, Any]:
    """The keyword arguments of `httpx.Client.build_request` for a request's body and content headers."""
    if request.parts is not None:
        return {"files": request.parts}
    if request.content is not None:
        return {
            "content": request.content,
            "headers": {"Content-Type": request.content_type or "application/octet-stream"},
        }
    if request.json is not None:
        return {"content": orjson.dumps(request.json), "headers": {"Content-Type": "application/json"}}
    return {}


async def read_in_chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    """An open file as an asynchronous stream; reading happens in a worker thread."""
    from anyio import to_thread

    while chunk := await to_thread.run_sync(file.read, _CHUNK):
        yield chunk


@define
class Client:
    """A synchronous client. Use it as a context manager, or call `close` when done. `timeout` is in seconds."""

    base_url: str = "https://cloud.comfy.org"
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    _http: httpx.Client | None = field(default=None, repr=False, alias="http")

    def send(self, request: Request) -> httpx.Response:
        """Send a request and return the answer, whatever its status, with its body read."""
        if self._http is None:
            self._http = httpx.Client()
        built = _build(
            self._http, self.base_url, self.api_key, self.timeout, request, httpx_arguments(request)
        )
        return self._http.send(built, follow_redirects=False)

    def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


@define
class AsyncClient:
    """An asynchronous client. Use it with `async with`, or await `aclose` when done. `timeout` is in seconds."""

    base_url: str = "https://cloud.comfy.org"
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    _http: httpx.AsyncClient | None = field(default=None, repr=False, alias="http")

    async def send(self, request: Request) -> httpx.Response:
        """Send a request and return the answer, whatever its status, with its body read."""
        if self._http is None:
            self._http = httpx.AsyncClient()
        arguments = httpx_arguments(request)
        if hasattr(arguments.get("content"), "read"):
            arguments["content"] = read_in_chunks(arguments["content"])
        built = _build(self._http, self.base_url, self.api_key, self.timeout, request, arguments)
        return await self._http.send(built, follow_redirects=False)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

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
    headers = {"Accept": "*/*", **arguments.pop("headers", {})}
    if api_key and request.operation.key != "none":
        headers["X-API-Key"] = api_key
    url = base_url.rstrip("/") + request.target
    return http.build_request(request.method, url, headers=headers, timeout=timeout, **arguments)
