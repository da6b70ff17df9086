"""Read the event stream of one job: GET /api/v2/jobs/{id}/events.

It only informs; whether a job has ended, the API decides. `job_streams` opens it and reconnects.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

from comfy_cloud_api_v2.api.jobs import get_job_events

from ..._http.api_v2 import request_of
from ..._http.library_errors import is_from_a_library
from ..._http.network_failures import network_failure
from ..._http.responses import is_missing_operation
from ..._http.server_sent_events import EventStreamParser, EventStreamRefused, SentEvent
from ..._lenient import media_type_in
from ..._settings.fields import in_bytes
from ...errors import ApiError, ComfyCloudError, ConfigurationError
from ...retry import Retry
from .._http.session import AsyncSession

_HEADERS = [
    (b"Accept", b"text/event-stream"),
    (b"Accept-Encoding", b"identity"),  # a little of it could hold very much
    (b"Cache-Control", b"no-store"),
]
_ONCE = Retry.none()
_FINAL = frozenset((401, 403, 405, 410, 501))
# Something that is not an event, such as a comment, is reported after so many seconds.
_REPORT_SECONDS = 1.0


class StreamFailed(Exception):
    """No stream could be opened, or it has ended. It never reaches a user.

    `is_final` is True when a retry cannot help. `retry_after` is when the server wants a retry.
    """

    def __init__(self, reason: str, *, is_final: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final
        self.retry_after = retry_after


async def read_job_stream(
    session: AsyncSession,
    job_id: str,
    parser: EventStreamParser,
    deliver: Callable[[list[SentEvent]], Awaitable[None]],
) -> None:
    """Deliver the events of a job until the stream ends; an empty list when it is open.

    Raises StreamFailed.
    """
    request = request_of(get_job_events.build(job_id))
    headers = list(_HEADERS)
    if parser.last_id.isascii() and parser.last_id.isprintable() and parser.last_id:
        headers.append((b"Last-Event-ID", parser.last_id.encode()))
    failure: StreamFailed | None = None
    response = None
    try:
        response = await session.send(request, stream=True, extra=headers, retry=_ONCE)
    except ComfyCloudError as error:
        failure = _refusal_of(error)
        if isinstance(error, ApiError) and is_missing_operation(request.operation, error):
            failure.is_final = True
    if response is None:
        raise failure or StreamFailed(
            "there is no response"
        )  # outside of the handler, so that it does not carry the original
    try:
        # A redirect is not followed: the key belongs to this server alone.
        if response.status_code != 200:
            raise StreamFailed(f"the server returned {response.status_code}", is_final=True)
        if media_type_in(response.headers.get("content-type")) != "text/event-stream":
            raise StreamFailed("the response is not an event stream")
        if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise StreamFailed("the response is encoded, which was not requested", is_final=True)
        await deliver([])
        limit = session.settings.max_response_bytes
        size, delivered_at = 0, time.monotonic()
        pieces: Any = response.aiter_raw()
        async with aclosing(pieces):
            async for piece in pieces:
                found = parser.feed(piece)
                if found or time.monotonic() - delivered_at >= _REPORT_SECONDS:
                    await deliver(found)
                    delivered_at = time.monotonic()
                size += len(piece)
                if limit is not None and size > limit:
                    raise StreamFailed(f"the stream sent more than {in_bytes(limit)}")
    except EventStreamRefused as refused:
        failure = StreamFailed(f"the stream sent {refused}")
    except Exception as error:
        if isinstance(error, (ComfyCloudError, StreamFailed)) or not is_from_a_library(error):
            raise
        broken, _ = network_failure(request.operation, error, session.settings.timeout)
        failure = StreamFailed(str(broken))
    finally:
        await response.aclose()
    if failure is not None:
        raise failure


def _refusal_of(error: ComfyCloudError) -> StreamFailed:
    is_final = isinstance(error, ConfigurationError) or (
        isinstance(error, ApiError) and error.status in _FINAL
    )
    return StreamFailed(str(error), is_final=is_final, retry_after=getattr(error, "retry_after", None))
