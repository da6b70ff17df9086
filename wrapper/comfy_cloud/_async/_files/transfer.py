"""One file on its way from a server, in pieces, whatever breaks in between.

Comfy Cloud answers with a signed address at a storage, which is read by a second HTTP client that has no credentials; a
self-hosted ComfyUI sends the bytes at once. A body that breaks off is continued where it ended, as often as the retry rules
allow without new bytes; an address that has expired is asked for anew. What becomes of the bytes is decided elsewhere.
"""

from __future__ import annotations

from urllib.parse import urljoin

import httpx

from comfy_cloud_api.types import Request

from ..._files.byte_ranges import EXPIRED_URL_STATUSES, ContentInfo, content_info, range_headers
from ..._http.calls import is_missing_operation, network_failure, not_supported, unexpected
from ..._http.runtime import AsyncChunks
from ...errors import (
    ApiError,
    ComfyCloudError,
    NotSupported,
    UnexpectedResponse,
    error_from_response,
)
from ...retry import Failure, next_delay
from ...times import retry_after_seconds
from .._http.session import AsyncSession

_IDENTITY = (b"Accept-Encoding", b"identity")
_RANGE_NOT_SATISFIABLE = 416


class AsyncTransfer:
    """The content of one file. `size` and `media_type` are known once `open` or `chunks` has had an answer.

    Args:
        session: The session of the client.
        request: The request that the API answers with the content or with its address.
        can_change: Whether a file that changes while it is read may be begun anew; else that raises UnexpectedResponse.
        media_type: The type that the server makes of the file, if it was asked to. One that sends another type cannot.
    """

    def __init__(
        self,
        session: AsyncSession,
        request: Request,
        *,
        can_change: bool = False,
        media_type: str | None = None,
    ) -> None:
        self._session = session
        self._request = request
        self._can_change = can_change
        self._wanted_type = media_type
        self._address: str | None = None
        self._renewed = False
        self._is_direct = False
        self._position = 0  # of the next byte that is new
        self._furthest = 0  # what was ever reached: only more than that counts as getting on
        self._failures: list[ComfyCloudError] = []  # since then
        self._began = session.runtime.monotonic()
        self._content: ContentInfo | None = None
        self._response: httpx.Response | None = None

    @property
    def size(self) -> int | None:
        """The length of the file in bytes; None while or when it is unknown."""
        return self._content.size if self._content else None

    @property
    def media_type(self) -> str | None:
        """The media type that the server gave it."""
        return self._content.media_type if self._content else None

    async def open(self) -> None:
        """Get the beginning of an answer. Raises the errors of the API, of the storage, and of the network."""
        if self._response is None:
            await self._until_answered()

    async def chunks(self) -> AsyncChunks:
        """The bytes in order, each piece with its place in the file.

        A place that goes back to 0 means that the file has changed and begins anew. An empty file is one empty piece.
        """
        while True:
            await self.open()
            error, failure = None, None
            response, content = self._response, self._content
            assert response is not None  # noqa: S101 - open() has set both
            assert content is not None  # noqa: S101
            place = content.offset
            try:
                # Nothing to decode is the rule: then the pieces come as they were received.
                pieces = response.aiter_bytes() if content.is_encoded else response.aiter_raw()
                async for chunk in pieces:
                    # What came before the break is not repeated.
                    new = chunk[max(0, self._position - place) :]
                    place += len(chunk)
                    if new:
                        self._position = place
                        yield place - len(new), new
            except httpx.HTTPError as broken:
                timeout = self._session.settings.timeout
                error, failure = network_failure(self._request.operation, broken, timeout)
            finally:
                await self.close()
            if content.size is not None and place > content.size:
                raise unexpected(
                    self._request.operation, _without_body(response), "sent more bytes than it said"
                )
            if error is None and (content.size is None or place == content.size):
                if place == 0:
                    yield 0, b""  # an empty file, which may take the place of one that was begun
                return
            if error is None or failure is None:
                short = httpx.RemoteProtocolError("the body is too short")
                error, failure = network_failure(
                    self._request.operation, short, self._session.settings.timeout
                )
            if self._position > self._furthest:
                self._furthest, self._renewed = self._position, False
                self._failures, self._began = [], self._session.runtime.monotonic()
            await self._wait_or_raise(error, failure)

    async def close(self) -> None:
        """Give the connection back. `chunks` may be called again, and continues."""
        response, self._response = self._response, None
        if response is not None:
            await response.aclose()

    async def address(self) -> str:
        """The signed address. Raises NotSupported when the server sends the bytes itself."""
        response = await self._ask_api(())
        if not response.is_redirect:
            await response.aclose()
            operation = self._request.operation
            raise NotSupported("signed addresses of files", method=operation.method, path=operation.path)
        return await self._location(response)

    async def _until_answered(self) -> None:
        """Get an answer that continues at the position, again where the rules allow."""
        while True:
            error, failure, response = await self._ask()
            if response is not None and response.status_code < 400:
                if await self._take(response):
                    return
                continue  # from the start, since this part is of no use
            if response is not None:
                await response.aclose()
                if response.status_code == _RANGE_NOT_SATISFIABLE and self._begin_anew():
                    continue
                if response.status_code in EXPIRED_URL_STATUSES and not self._renewed:
                    self._address, self._renewed = None, True
                    continue
                error, failure = self._storage_failure(response)
            assert error is not None  # noqa: S101 - there is an answer or an error
            assert failure is not None  # noqa: S101
            await self._wait_or_raise(error, failure)

    async def _ask(self) -> tuple[ComfyCloudError | None, Failure | None, httpx.Response | None]:
        """One attempt at the content, from the API or from the storage."""
        wanted = [_IDENTITY, *range_headers(self._position, self._content)]
        if self._address is None:
            response = await self._ask_api(wanted if self._is_direct else [_IDENTITY])
            if not response.is_redirect:
                self._is_direct = True
                return None, None, response
            self._address = await self._location(response)
        storage = self._session.storage
        try:
            request = storage.build_request("GET", self._address, headers=wanted)
            return None, None, await storage.send(request, stream=True)
        except httpx.TooManyRedirects:
            raise self._unusable("redirects again and again") from None
        except httpx.HTTPError as error:
            timeout = self._session.settings.timeout
            return *network_failure(self._request.operation, error, timeout), None
        except httpx.InvalidURL:
            raise self._unusable("redirects to an address that cannot be read") from None

    async def _ask_api(self, headers: list[tuple[bytes, bytes]] | tuple[()]) -> httpx.Response:
        try:
            return await self._session.send(self._request, stream=True, extra=headers)
        except ApiError as error:
            if is_missing_operation(self._request.operation, error):
                raise not_supported(self._request.operation, error) from error
            if error.status == _RANGE_NOT_SATISFIABLE and self._begin_anew():
                return await self._ask_api([_IDENTITY])
            raise

    async def _location(self, response: httpx.Response) -> str:
        location: str = response.headers.get("location", "")
        await response.aclose()
        if not location:
            raise self._unusable("redirects, but does not say where")
        base = self._session.settings.base_url + self._request.target
        try:
            address = urljoin(base, location)
        except ValueError:
            address = ""
        if not address.startswith(("http://", "https://")):
            raise self._unusable("redirects to an address that is not on the web")
        return address

    async def _take(self, response: httpx.Response) -> bool:
        """Keep an answer whose body can be used; say whether it can."""
        found = content_info(response.status_code, response.headers, self._position)
        is_page = found is not None and self._is_direct and found.media_type == "text/html"
        if found is None or (is_page and ".htm" not in self._request.target.lower()):
            await response.aclose()
            if is_page or not self._begin_anew():
                raise unexpected(
                    self._request.operation, _without_body(response), "is not the content of a file"
                )
            return False
        if self._wanted_type is not None and found.media_type != self._wanted_type:
            await response.aclose()
            operation = self._request.operation
            raise NotSupported("smaller pictures", method=operation.method, path=operation.path)
        if self._content is not None and self._position and not found.continues(self._content):
            # Without a length or validator a part that was asked for by place is believed, a whole file is not.
            is_other = found.offset == 0 or (found.size, found.validator) != (
                self._content.size,
                self._content.validator,
            )
            if is_other and not self._can_change:
                await response.aclose()
                raise self._unusable("has changed while it was read")
            if is_other:
                self._position = 0
                if found.offset:
                    await response.aclose()
                    self._content = None
                    return False
        self._content, self._response = found, response
        return True

    def _begin_anew(self) -> bool:
        """Ask for the whole file next; False when it was asked for already."""
        if self._position == 0:
            return False
        if not self._can_change:
            raise self._unusable("cannot be continued, since it has changed or cannot be read in parts")
        self._position, self._content = 0, None
        return True

    async def _wait_or_raise(self, error: ComfyCloudError, failure: Failure) -> None:
        runtime = self._session.runtime
        waited = runtime.monotonic() - self._began
        policy = self._session.settings.retry
        delay = next_delay(policy, failure, len(self._failures) + 1, waited, True, runtime.random)
        if delay is None:
            error.attempts = tuple(self._failures)
            raise error
        self._failures.append(error)
        await runtime.sleep(delay)

    def _storage_failure(self, response: httpx.Response) -> tuple[ComfyCloudError, Failure]:
        """The error of an answer of the storage. Its body is left out: it may hold what was signed."""
        operation = self._request.operation
        error = error_from_response(
            status=response.status_code, headers={}, body=b"", method=operation.method, path=operation.path
        )
        wait = retry_after_seconds(response.headers.get("retry-after"), self._session.runtime.now())
        return error, Failure(kind="status", status=response.status_code, retry_after=wait)

    def _unusable(self, reason: str) -> UnexpectedResponse:
        operation = self._request.operation
        return UnexpectedResponse(
            f"{operation.method} {operation.path} {reason}", method=operation.method, path=operation.path
        )


def _without_body(response: httpx.Response) -> httpx.Response:
    """The same status and type; a body that was streamed cannot be shown."""
    return httpx.Response(
        response.status_code, headers={"content-type": response.headers.get("content-type", "")}
    )
