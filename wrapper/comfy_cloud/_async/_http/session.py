"""The session of one client: settings, connections, key, retries, hooks and log.

`send` is the only place that uses httpx for API calls. What a status means is decided in
`_http` and `errors`, when to retry in `retry`. Which requests exist, only the resources know.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from comfy_cloud_api.types import Operation, Request

from ..._errors.from_response import request_id_of
from ..._errors.key_forms import remember_key
from ..._files.range_plan import MOST_CONNECTIONS
from ..._http.clients import new_async_http_client, new_async_storage_client
from ..._http.closing_sockets import AsyncClosingSockets
from ..._http.concurrency import Slots
from ..._http.content_decoding import only_accepted
from ..._http.deadlines import TIMES_THE_TIMEOUT, AsyncTimeLimit, current_deadline
from ..._http.deviations import Deviations
from ..._http.file_streams import async_body_stream
from ..._http.forks import (
    free_properties_after_fork,
    has_connections,
    leave_to_parent,
    renew_after_fork,
)
from ..._http.http_requests import http_request
from ..._http.interrupted_pools import async_forget_request, renew_pool_locks, use_plain_locks
from ..._http.library_errors import is_from_a_library
from ..._http.log_filter import keep_keys_out_of_logs
from ..._http.network_failures import (
    client_failures,
    client_of_parent,
    closed_client,
    invalid_request,
    network_failure,
    too_late,
)
from ..._http.request_encoding import (
    Rewinder,
    body_of,
    headers_for,
    is_repeatable,
    is_upload,
    target_for,
    with_user,
)
from ..._http.responses import invalid_redirect, is_missing_operation, not_supported, status_failure, value_of
from ..._http.runtime import AsyncRuntime
from ..._http.shared_properties import shared_property
from ..._settings.config import Settings
from ...errors import ApiError, ComfyCloudError, ConfigurationError, UnexpectedResponse
from ...hooks import RequestInfo, ResponseInfo
from ...notices import warn
from ...retry import Failure, Retry, next_delay
from ...times import parse_instant
from .response_body import read_body

if TYPE_CHECKING:
    from ...tracing import CallTrace, Tracing

T = TypeVar("T")
logger = logging.getLogger("comfy_cloud")

_BUSY = (429, 503)
# Jobs are polled at the same URLs again and again, and parsing one takes as long as sending it.
_parsed_url = lru_cache(256)(httpx.URL)


@free_properties_after_fork
class AsyncSession:
    """Sends the requests of every resource of one client. Nothing else uses the key.

    Attributes:
        settings: The settings of the client.
        runtime: Its clock, sleep, randomness and websocket.
        deviations: Counts of what was tolerated in the server's responses so far.
        closing_sockets: The websockets that nobody needs any more.
        range_slots: Taken for connections that receive parts of large files.
        refusals: How many requests found a server busy, or got no response in time.
        tracing: Is told of calls and jobs, if the client was given one.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        runtime: AsyncRuntime | None = None,
        http_client: httpx.AsyncClient | None = None,
        on_request: Callable[[RequestInfo], object] | None = None,
        on_response: Callable[[ResponseInfo], object] | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self.settings = settings
        self.runtime = runtime or AsyncRuntime()
        self.deviations = Deviations()
        self.refusals = 0
        self.closing_sockets = AsyncClosingSockets()
        keys = (settings.api_key, settings.partner_api_key)
        self._known_keys = [remember_key(key.reveal()) for key in keys if key is not None]
        keep_keys_out_of_logs()
        self._owns_http = http_client is None
        with client_failures(settings):
            self._http = http_client or new_async_http_client(
                settings.base_url, settings.max_connections, settings.network
            )
        use_plain_locks(self._http)
        self._headers = with_user(only_accepted(self._http.headers.raw), settings.comfy_user)
        seconds = settings.timeout
        self._extensions = {
            "timeout": {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
        }
        self._on_request = on_request
        self._on_response = on_response
        self.tracing = tracing
        self._uses_v2 = settings.api == "v2"
        self._warnings: set[str] = set()
        self._last_headers: httpx.Headers | None = None  # of the last response
        self._is_of_parent = False  # the http_client that was passed in, after a fork
        self.range_slots = Slots(min(MOST_CONNECTIONS, self.max_connections // 2))
        renew_after_fork(self)

    def after_fork_in_child(self) -> None:
        """Open new connections. Those that are open belong to the parent process."""
        self.closing_sockets = AsyncClosingSockets()
        self.range_slots = Slots(min(MOST_CONNECTIONS, self.max_connections // 2))
        for client in (self._http, self.__dict__.pop("storage", None)):
            leave_to_parent(client)
            renew_pool_locks(client)
        if not self._owns_http:
            self._is_of_parent = self._is_of_parent or has_connections(self._http)
        elif not self._http.is_closed:
            settings = self.settings
            self._http = new_async_http_client(settings.base_url, settings.max_connections, settings.network)

    @shared_property
    def storage(self) -> httpx.AsyncClient:
        """The HTTP client for signed URLs: without credentials, and never the user's own client."""
        settings = self.settings
        with client_failures(settings):
            return new_async_storage_client(
                settings.base_url,
                settings.max_connections,
                settings.timeout,
                settings.address_policy,
                settings.network,
            )

    @property
    def server_time(self) -> datetime | None:
        """The time of the last response by the server's clock; None if it is not known."""
        headers = self._last_headers
        return None if headers is None else parse_instant(headers.get("date"))

    def warn_once(self, message: str) -> None:
        """Warn the calling program, at most once per message in the life of this client."""
        if message not in self._warnings:
            self._warnings.add(message)
            warn(message)

    @property
    def uses_v2(self) -> bool:
        """Whether jobs are submitted by API v2: by the settings, or since version 1 is missing."""
        return self._uses_v2

    @property
    def max_connections(self) -> int:
        """The most connections that may be open; of the user's own client if that is known."""
        pool = getattr(getattr(self._http, "_transport", None), "_pool", None)
        own = None if self._owns_http else getattr(pool, "_max_connections", None)
        return own if isinstance(own, int) else self.settings.max_connections

    def use_v2(self) -> None:
        """Note that version 1 is missing and API v2 works: warn, and use it from now on."""
        from ..._http.api_v2 import NOTICE  # hardly ever needed

        self._uses_v2 = True
        self.warn_once(NOTICE)

    async def close(self) -> None:
        """Close the connections, except those of an `http_client` that was passed in."""
        await self.closing_sockets.wait()
        if "storage" in self.__dict__:
            await self.storage.aclose()
        if self._owns_http:
            await self._http.aclose()

    async def call(self, request: Request, parse: Callable[[Any], T], *, retry: Retry | None = None) -> T:
        """Send a generated request and return its typed value, as nearly every method does.

        Raises NotSupported when the server lacks the operation. `retry` replaces the policy of
        the settings.
        """
        try:
            response = await self.send(request, retry=retry)
        except ApiError as error:
            if is_missing_operation(request.operation, error):
                raise not_supported(
                    request.operation, error, self.settings.base_url, is_v2=self._uses_v2
                ) from error
            raise
        return value_of(request, response, parse, self.deviations)

    async def send(
        self,
        request: Request,
        *,
        stream: bool = False,
        extra: Sequence[tuple[bytes, bytes]] = (),
        retry: Retry | None = None,
    ) -> httpx.Response:
        """Send a request, with retries where allowed; return a response below 400, or raise.

        With `stream` the body is not read yet, and the caller must close the response. The headers
        `extra` replace those of the same name. `retry` replaces the policy of the settings.
        """
        if self.tracing is None:
            return await self._send(request, stream, extra, retry, None)
        from ..._http.traced_calls import call_info  # costs import time, and is rarely needed

        with self.tracing.call(call_info(request, self.settings.base_url)) as trace:
            return await self._send(request, stream, extra, retry, trace)

    async def _send(
        self,
        request: Request,
        stream: bool,
        extra: Sequence[tuple[bytes, bytes]],
        retry: Retry | None,
        trace: CallTrace | None,
    ) -> httpx.Response:
        runtime = self.runtime
        policy = retry or self.settings.retry
        operation = request.operation
        self.check_key(operation)
        body = Rewinder(request.content)
        failed: list[ComfyCloudError] = []
        first_started = runtime.monotonic()
        for attempt in itertools.count(1):
            started = runtime.monotonic()
            if self._on_request is not None:
                self._on_request(RequestInfo(operation.id, operation.method, operation.path, attempt))
            error, failure, response = await self._send_once(request, stream, extra)
            if failure is not None and failure.status == 500 and error is not None:
                reason = await self._unknown_user(operation, error)
                error, failure = (error, failure) if reason is None else (reason, None)
            elapsed = runtime.monotonic() - started
            delay = None
            if failure is not None:
                self.note_refusal(failure)
                waited = runtime.monotonic() - first_started
                delay = next_delay(policy, failure, attempt, waited, is_repeatable(request), runtime.random)
            deadline = current_deadline()
            if delay is not None and deadline is not None and delay > deadline.seconds_left:
                delay = None
            if delay is not None and not body.rewind():
                delay = None
            if self._on_response is not None or trace is not None or logger.isEnabledFor(logging.INFO):
                self._report(operation, attempt, elapsed, response, error, delay, trace)
            if error is None and response is not None:
                return response
            assert error is not None  # noqa: S101 - there is always a response or an error
            if delay is None:
                error.attempts = tuple(failed)
                error.was_sent = error.was_sent if failure is None else failure.sent
                raise error
            failed.append(error)
            await runtime.sleep(delay)
        raise AssertionError("unreachable")

    async def _send_once(
        self, request: Request, stream: bool = False, extra: Sequence[tuple[bytes, bytes]] = ()
    ) -> tuple[ComfyCloudError | None, Failure | None, httpx.Response | None]:
        """One attempt: the response, or the error with the facts that the retry rules need."""
        if self._http.is_closed:
            return closed_client(request.operation), None, None
        if self._is_of_parent:
            return client_of_parent(request.operation), None, None
        limit = self.time_limit(is_upload=is_upload(request))
        if limit.is_over:
            return too_late(request.operation), None, None
        try:
            sent = self._http_request(request, extra, limit)
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            if isinstance(error, ComfyCloudError):
                raise
            return invalid_request(request.operation, error), None, None
        try:
            async with limit:
                send = self._http.send if stream else getattr(self._http, "send_short", self._http.send)
                response = await send(sent, follow_redirects=False, stream=True)
                if not stream or response.status_code >= 400:
                    await read_body(response, request.operation, self.settings.max_response_bytes)
        except UnexpectedResponse as error:  # the body is too large
            return error, None, None
        except httpx.InvalidURL:  # httpx parses the Location of a redirect even without following it
            return invalid_redirect(request.operation), None, None
        except BaseException as error:
            self.forget_if_interrupted(sent, error)
            if not (isinstance(error, Exception) and is_from_a_library(error)):
                raise
            total = limit.seconds if limit.is_over else None
            from ..._http.address_hint import connection_hint  # costs import time, and is rarely needed

            hint = connection_hint(self.settings, self._http, is_own=self._owns_http)
            return *network_failure(request.operation, error, self.settings.timeout, total, hint), None
        self._last_headers = response.headers
        self.deviations.look_at_status(request.operation, response)
        if response.status_code < 400:
            return None, None, response
        return *status_failure(request.operation, response, self.runtime.now()), response

    async def _unknown_user(self, operation: Operation, error: ComfyCloudError) -> ConfigurationError | None:
        """The error if this server has several users, and none that the settings name."""
        from ..._http.multi_user import USERS_REQUEST, may_lack_user, unknown_user  # costs import time

        if self.settings.is_comfy_cloud or not may_lack_user(operation, error):
            return None
        _, _, response = await self._send_once(USERS_REQUEST)
        if response is None or response.status_code != 200:
            return None
        return unknown_user(self.settings.comfy_user, response.content)

    def time_limit(self, *, is_upload: bool = False) -> AsyncTimeLimit:
        """How long one request may take: until its response, or with `stream` its head, is there.

        The limit of an upload begins when the body has been sent.
        """
        return AsyncTimeLimit(TIMES_THE_TIMEOUT * self.settings.timeout, is_upload=is_upload)

    def _http_request(
        self, request: Request, extra: Sequence[tuple[bytes, bytes]], limit: AsyncTimeLimit
    ) -> httpx.Request:
        arguments, content_headers = body_of(request)
        if "content" in arguments:
            arguments["content"] = async_body_stream(arguments["content"], limit.start)
        headers = self._headers
        if extra:
            names = {name.lower() for name, _ in extra}
            headers = [*(header for header in headers if header[0].lower() not in names), *extra]
        target = target_for(request, self.settings.api_key)
        url: httpx.URL | str = self.settings.base_url + target
        if target is request.target:  # there is no key in it
            url = _parsed_url(url)
        return http_request(
            request.method,
            url,
            headers_for(request.operation, self.settings.api_key, headers, content_headers),
            limit.timeouts(self._extensions, self.settings.timeout),
            arguments,
        )

    def forget_if_interrupted(self, request: httpx.Request, error: BaseException) -> None:
        """Free the connection of a request unless it failed in the usual way: after Ctrl-C.

        Then its response must not be used any more.
        """
        if isinstance(error, GeneratorExit) or (isinstance(error, Exception) and is_from_a_library(error)):
            return
        for client in (self._http, self.__dict__.get("storage")):
            if client is not None:
                async_forget_request(client, request)

    def note_refusal(self, failure: Failure) -> None:
        """Count a failure that says that there are too many requests at a time."""
        self.refusals += failure.kind == "timeout" or failure.status in _BUSY

    def check_open(self, operation: Operation) -> None:
        """Raise ConfigurationError if the client has been closed."""
        if self._http.is_closed:
            raise closed_client(operation)

    def check_key(self, operation: Operation) -> None:
        """Raise ConfigurationError if Comfy Cloud needs a key for an operation but none is set."""
        if operation.key == "required" and self.settings.api_key is None and self.settings.is_comfy_cloud:
            raise ConfigurationError(
                f"{operation.method} {operation.path} needs an API key. Pass api_key=, set "
                "COMFY_CLOUD_API_KEY, or run `comfy-cloud auth login`. Create a key at "
                "https://platform.comfy.org/profile/api-keys"
            )

    def _report(
        self,
        operation: Operation,
        attempt: int,
        elapsed: float,
        response: httpx.Response | None,
        error: ComfyCloudError | None,
        delay: float | None,
        trace: CallTrace | None,
    ) -> None:
        """Report to the log, the hook and the trace how an attempt ended."""
        status = response.status_code if response is not None else None
        outcome = str(status) if status is not None else type(error).__name__
        name = f"{operation.method} {operation.path}"
        if delay is not None:
            logger.warning("%s -> %s, attempt %d; retrying in %.2f s", name, outcome, attempt, delay)
        else:
            logger.info("%s -> %s in %.3f s, attempt %d", name, outcome, elapsed, attempt)
        if self._on_response is not None or trace is not None:
            request_id = request_id_of(response.headers) if response is not None else None
            attempted = (operation.id, operation.method, operation.path, attempt)
            info = ResponseInfo(*attempted, elapsed, status, request_id, error, delay)
            if trace is not None:
                trace.attempt(info)
            if self._on_response is not None:
                self._on_response(info)
