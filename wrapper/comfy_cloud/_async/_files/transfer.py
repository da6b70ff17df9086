"""Receive one file from a server in chunks, whatever breaks in between.

Comfy Cloud redirects to a signed URL at a storage, which is read by a second HTTP client without
credentials. A self-hosted ComfyUI sends the bytes itself. A body that breaks off is continued where
it ended, as often as the retry rules allow without new bytes. An expired URL is requested again.
What is done with the bytes is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin

import httpx

from comfy_cloud_api.types import Request

from ..._files.byte_ranges import (
    EXPIRED_URL_STATUSES,
    ContentInfo,
    PassedOn,
    RangesRefused,
    content_info,
    range_headers,
)
from ..._http.address_guard import AddressRefused
from ..._http.bounded_bodies import body_failure, bound
from ..._http.content_decoding import BodyRefused, BodyTooLarge
from ..._http.file_streams import AsyncChunks
from ..._http.library_errors import is_from_a_library
from ..._http.network_failures import network_failure
from ..._http.responses import is_missing_operation, not_supported, unexpected_response
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
_CHANGED = "has changed while it was read"


class AsyncFileOrigin:
    """Where a file turned out to be: at a signed URL, or at the API itself.

    The parts of one file share it, so that an expired URL is requested again only once.
    """

    __slots__ = ("is_direct", "signed_url")

    def __init__(self) -> None:
        self.signed_url: str | None = None
        self.is_direct = False  # whether the API sends the bytes itself


class AsyncTransfer:
    """The content of one file. `size` and `media_type` are known once a response has arrived.

    Args:
        session: The session of the client.
        request: The request to the API. Its response is the content or a redirect to it.
        can_change: Whether to start over when the file changes while it is read. By default that
            raises UnexpectedResponse.
        media_type: The type that the server was asked to convert the file to, if any. A server that
            sends another type cannot convert it.
        is_proved: Whether the caller compares the content with a known hash. Then a broken body is
            also continued where the server sends no strong validator.
        listed_size: The bytes that a list says the file has, if any. It may not have more.
        part: Where a part begins and ends, if only that is to be received. RangesRefused is raised
            if it cannot be had, or is not of the same `content`.
        content: What is known of the file that the part is of.
        origin: Where the file is, as far as other parts have found it.
    """

    def __init__(
        self,
        session: AsyncSession,
        request: Request,
        *,
        can_change: bool = False,
        media_type: str | None = None,
        is_proved: bool = False,
        listed_size: int | None = None,
        part: tuple[int, int] | None = None,
        content: ContentInfo | None = None,
        origin: AsyncFileOrigin | None = None,
    ) -> None:
        self._session = session
        self._request = request
        self._can_change = can_change
        self._wanted_type = media_type
        self._is_proved = is_proved
        self._listed_size = listed_size
        self.origin = origin or AsyncFileOrigin()
        self._used_url: str | None = None  # of the last request to the storage
        self._has_renewed_url = False  # since the last progress
        self._position = 0 if part is None else part[0]  # of the next byte to yield
        self._end = None if part is None else part[1]
        # The furthest position so far: only getting beyond it is progress.
        self._furthest = self._position
        self._failures: list[ComfyCloudError] = []  # since the last progress
        self._progressed_at = session.runtime.monotonic()
        self._content: ContentInfo | None = content
        self._passed_on: PassedOn | None = None  # of a stream that cannot be continued safely
        self._response: httpx.Response | None = None

    @property
    def size(self) -> int | None:
        """The length of the file in bytes; None if it is unknown, or not known yet."""
        return self._content.size if self._content else None

    @property
    def content(self) -> ContentInfo | None:
        """What the last response said about the content."""
        return self._content

    @property
    def media_type(self) -> str | None:
        """The media type that the server sent."""
        return self._content.media_type if self._content else None

    async def open(self) -> None:
        """Get the head of a response. Raises the errors of the API, the storage and the network."""
        if self._response is None:
            await self._open_with_retries()

    async def chunks(self) -> AsyncChunks:
        """The bytes in order, as pairs of offset and chunk.

        An offset that goes back to 0 means that the file has changed and starts over. An empty file
        is one empty chunk.
        """
        while True:
            await self.open()
            error, failure = None, None
            response, content = self._response, self._content
            assert response is not None  # noqa: S101 - open() has set both
            assert content is not None  # noqa: S101
            offset, is_changed = content.offset, False
            limit = self._limit(content)
            too_large: BodyTooLarge | BodyRefused | None = None
            try:
                # Usually there is nothing to decode; then chunks are passed on as they arrive.
                if content.is_encoded:
                    bound(response, limit)
                async for chunk in response.aiter_raw():
                    if self._passed_on is not None and not self._passed_on.feed(offset, chunk):
                        is_changed = True
                        break
                    # Bytes that arrived before the break are not repeated.
                    new = chunk[max(0, self._position - offset) :]
                    offset += len(chunk)
                    has_more = self._end is not None and offset > self._end
                    if self._end is not None and has_more:  # than was requested
                        new, offset = new[: self._end - offset], self._end
                    if limit is not None and offset > limit:
                        too_large = BodyTooLarge()
                        break
                    if new:
                        self._position = offset
                        yield offset - len(new), new
                    if has_more:
                        break
            except (BodyTooLarge, BodyRefused) as found:
                too_large = found
            except BaseException as broken:
                self._session.forget_if_interrupted(response.request, broken)
                if not (isinstance(broken, Exception) and is_from_a_library(broken)):
                    raise
                timeout = self._session.settings.timeout
                error, failure = network_failure(self._request.operation, broken, timeout)
            finally:
                await self.close()
            if is_changed:
                raise self._unexpected(_CHANGED)
            if too_large is not None:
                raise self._too_large(response, content, too_large)
            wanted = content.size if self._end is None else self._end
            if error is None and (wanted is None or offset == wanted):
                if offset < self._position:
                    raise self._unexpected(_CHANGED)
                if offset == 0:
                    yield 0, b""  # an empty file, which may replace one that was partly read
                return
            if error is None or failure is None:
                short = httpx.RemoteProtocolError("the body is too short")
                error, failure = network_failure(
                    self._request.operation, short, self._session.settings.timeout
                )
            if self._position > self._furthest:
                self._furthest, self._has_renewed_url = self._position, False
                self._failures, self._progressed_at = [], self._session.runtime.monotonic()
            await self._wait_or_raise(error, failure)

    async def close(self) -> None:
        """Return the connection to the pool. Calling `chunks` again continues."""
        response, self._response = self._response, None
        if response is not None:
            try:
                await response.aclose()
            except BaseException as error:
                self._session.forget_if_interrupted(response.request, error)
                raise

    async def signed_url(self) -> str:
        """The signed URL. Raises NotSupported when the server sends the bytes itself."""
        response = await self._request_from_api(())
        if not response.is_redirect:
            await response.aclose()
            operation = self._request.operation
            raise NotSupported("signed URLs of files", method=operation.method, path=operation.path)
        return await self._redirect_target(response)

    async def _open_with_retries(self) -> None:
        """Get a response that continues at the position, with retries where the rules allow."""
        while True:
            error, failure, response = await self._request_content()
            if response is not None and response.status_code < 400:
                if await self._accept(response):
                    return
                continue  # from the start, since this part does not fit
            if response is not None:
                await response.aclose()
                if response.status_code == _RANGE_NOT_SATISFIABLE and self._start_over():
                    continue
                if response.status_code in EXPIRED_URL_STATUSES and not self._has_renewed_url:
                    if self.origin.signed_url == self._used_url:
                        self.origin.signed_url = None
                    self._has_renewed_url = True
                    continue
                error, failure = self._storage_failure(response)
            assert error is not None  # noqa: S101 - there is a response or an error
            assert failure is not None  # noqa: S101
            await self._wait_or_raise(error, failure)

    async def _request_content(
        self,
    ) -> tuple[ComfyCloudError | None, Failure | None, httpx.Response | None]:
        """One attempt to get the content, from the API or from the storage."""
        headers = [_IDENTITY]
        if self._passed_on is None:
            headers += range_headers(self._position, self._content, is_proved=self._is_proved, end=self._end)
        origin = self.origin
        url = origin.signed_url
        if url is None:
            response = await self._request_from_api(headers if origin.is_direct else [_IDENTITY])
            if not response.is_redirect:
                origin.is_direct = True
                return None, None, response
            url = origin.signed_url = await self._redirect_target(response)
        self._used_url = url
        storage = self._session.storage
        limit = self._session.time_limit()
        try:
            request = storage.build_request("GET", url, headers=headers)
            try:
                async with limit:
                    response = await storage.send(request, stream=True)
            except BaseException as error:
                self._session.forget_if_interrupted(request, error)
                raise
            return None, None, response
        except httpx.TooManyRedirects:
            unexpected = self._unexpected("redirects again and again")
        except AddressRefused as refused:
            unexpected = self._unexpected(f"redirects to {refused}")
        except httpx.InvalidURL:
            unexpected = self._unexpected("redirects to a URL that is not valid")
        except Exception as error:
            if not is_from_a_library(error):
                raise
            timeout = self._session.settings.timeout
            total = limit.seconds if limit.is_over else None
            return *network_failure(self._request.operation, error, timeout, total), None
        raise unexpected  # outside of the handlers, so that it has no context with the signed URL

    async def _request_from_api(self, headers: Sequence[tuple[bytes, bytes]]) -> httpx.Response:
        try:
            return await self._session.send(self._request, stream=True, extra=headers)
        except ApiError as error:
            if is_missing_operation(self._request.operation, error):
                raise not_supported(
                    self._request.operation,
                    error,
                    self._session.settings.base_url,
                    is_v2=self._session.uses_v2,
                ) from error
            if error.status == _RANGE_NOT_SATISFIABLE and self._start_over():
                return await self._request_from_api([_IDENTITY])
            raise

    async def _redirect_target(self, response: httpx.Response) -> str:
        location: str = response.headers.get("location", "")
        await response.aclose()
        if not location:
            raise self._unexpected("redirects without a Location header")
        base = self._session.settings.base_url + self._request.target
        try:
            url = urljoin(base, location)
        except ValueError:
            url = ""
        if not url.startswith(("http://", "https://")):
            raise self._unexpected("redirects to a URL that is neither http nor https")
        return url

    async def _accept(self, response: httpx.Response) -> bool:
        """Keep a response whose body fits; False when the file must be requested from the start."""
        if self._end is not None and response.status_code != 206:
            await response.aclose()
            raise RangesRefused
        requested = self._position if "range" in response.request.headers else 0
        found = content_info(response.status_code, response.headers, requested)
        is_page = found is not None and self.origin.is_direct and found.media_type == "text/html"
        if found is None or (is_page and ".htm" not in self._request.target.lower()):
            await response.aclose()
            if is_page or not self._start_over():
                raise unexpected_response(
                    self._request.operation, _without_body(response), "this is not the content of a file"
                )
            return False
        if self._listed_size is not None and (found.size or 0) > self._listed_size:
            await response.aclose()
            raise self._too_large(response, found, BodyTooLarge())
        if self._wanted_type is not None and found.media_type != self._wanted_type:
            await response.aclose()
            operation = self._request.operation
            raise NotSupported("smaller images", method=operation.method, path=operation.path)
        earlier = self._content
        has_begun = self._position > 0 or self._end is not None
        if earlier is not None and has_begun and not found.continues(earlier):
            if self._passed_on is not None:  # a whole file is compared with what was passed on
                is_usable = found.offset == 0 and found.has_size_of(earlier)
            else:
                is_part = found.offset > 0 or self._end is not None
                is_usable = is_part and self._is_proved and found.may_continue(earlier)
            if not is_usable and self._end is not None:
                await response.aclose()
                raise RangesRefused
            if not is_usable and not self._can_change:
                await response.aclose()
                raise self._unexpected(_CHANGED)
            if not is_usable:
                self._position = 0
                if found.offset:
                    await response.aclose()
                    self._content = None
                    return False
        if not self._can_change and not has_begun and found.validator is None:
            self._passed_on = PassedOn()
        self._content, self._response = found, response
        return True

    def _limit(self, content: ContentInfo) -> int | None:
        """The most bytes that the file may have."""
        announced = [size for size in (content.size, self._listed_size) if size is not None]
        return min(announced) if announced else self._session.settings.max_response_bytes

    def _too_large(
        self, response: httpx.Response, content: ContentInfo, error: BodyTooLarge | BodyRefused
    ) -> UnexpectedResponse:
        operation, limit = self._request.operation, self._limit(content)
        if isinstance(error, BodyRefused) or (content.size is None and self._listed_size is None):
            return body_failure(operation, response, error, limit, "its length is not announced, and it is")
        if limit == content.size:
            reason = "the file has more bytes than its length says"
        else:
            reason = f"the file has more than the {limit} bytes that the list of assets says"
        return unexpected_response(operation, _without_body(response), reason)

    def _start_over(self) -> bool:
        """Request the whole file next; False when the last request did so already."""
        if self._end is not None:
            raise RangesRefused
        if self._position == 0:
            return False
        if not self._can_change:
            raise self._unexpected("cannot be continued, since it has changed or cannot be read in parts")
        self._position, self._content = 0, None
        return True

    async def _wait_or_raise(self, error: ComfyCloudError, failure: Failure) -> None:
        runtime = self._session.runtime
        self._session.note_refusal(failure)
        waited = runtime.monotonic() - self._progressed_at
        policy = self._session.settings.retry
        delay = next_delay(policy, failure, len(self._failures) + 1, waited, True, runtime.random)
        if delay is None:
            error.attempts = tuple(self._failures)
            raise error
        self._failures.append(error)
        await runtime.sleep(delay)

    def _storage_failure(self, response: httpx.Response) -> tuple[ComfyCloudError, Failure]:
        """The error for a response of the storage, without the body, which may be signed data."""
        operation = self._request.operation
        error = error_from_response(
            status=response.status_code, headers={}, body=b"", method=operation.method, path=operation.path
        )
        retry_after = retry_after_seconds(response.headers.get("retry-after"), self._session.runtime.now())
        return error, Failure(kind="status", status=response.status_code, retry_after=retry_after)

    def _unexpected(self, reason: str) -> UnexpectedResponse:
        operation = self._request.operation
        return UnexpectedResponse(
            f"{operation.method} {operation.path} {reason}", method=operation.method, path=operation.path
        )


def _without_body(response: httpx.Response) -> httpx.Response:
    """A response with the same status and media type; a streamed body cannot be shown."""
    return httpx.Response(
        response.status_code, headers={"content-type": response.headers.get("content-type", "")}
    )
