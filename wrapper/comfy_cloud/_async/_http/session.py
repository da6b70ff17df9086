"""Sending one request: `_send` is the only place that touches httpx for API calls.

It owns the key, the timeouts, the retries, the hooks and the log. What a status means is in `calls` and `errors`, when to try
again in `retry`; which requests there are, the nouns know.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import httpx

from comfy_cloud_api.types import Operation, Request

from ..._errors.from_response import request_id_of
from ..._http.deviations import Deviations
from ..._http.file_streams import async_file_stream
from ..._http.network_failures import network_failure
from ..._http.request_encoding import Rewinder, body_of, headers_for, is_repeatable
from ..._http.responses import (
    invalid_redirect,
    is_missing_operation,
    not_supported,
    status_failure,
    value_of,
)
from ..._http.runtime import AsyncRuntime
from ..._settings.config import Settings
from ...errors import ApiError, ComfyCloudError, ConfigurationError
from ...hooks import RequestInfo, ResponseInfo
from ...retry import Failure, Retry, next_delay

T = TypeVar("T")
logger = logging.getLogger("comfy_cloud")


class AsyncSender:
    """The part of a client that sends. The client sets it up."""

    settings: Settings
    deviations: Deviations
    _runtime: AsyncRuntime
    _http: httpx.AsyncClient
    _headers: list[tuple[bytes, bytes]]
    _extensions: dict[str, Any]
    _on_request: Callable[[RequestInfo], object] | None
    _on_response: Callable[[ResponseInfo], object] | None

    async def _call(self, request: Request, parse: Callable[[Any], T], *, retry: Retry | None = None) -> T:
        """Send a generated request and return its typed value. Every resource method goes through here."""
        try:
            response = await self._send(request, retry=retry)
        except ApiError as error:
            if is_missing_operation(request.operation, error):
                raise not_supported(request.operation, error) from error
            raise
        return value_of(request, response, parse, self.deviations)

    async def _send(
        self,
        request: Request,
        *,
        stream: bool = False,
        extra: Sequence[tuple[bytes, bytes]] = (),
        retry: Retry | None = None,
    ) -> httpx.Response:
        """Send a request, again where the retry rules allow; return a whole answer below 400, or raise.

        With `stream` the body of that answer is not read yet, and the caller closes it. `extra` are headers that replace
        those of the same name. `retry` replaces the policy of the settings.
        """
        runtime = self._runtime
        policy = retry or self.settings.retry
        operation = request.operation
        self._check_key(operation)
        body = Rewinder(request.content)
        failed: list[ComfyCloudError] = []
        started = runtime.monotonic()
        for attempt in itertools.count(1):
            began = runtime.monotonic()
            if self._on_request is not None:
                self._on_request(RequestInfo(operation.id, operation.method, operation.path, attempt))
            error, failure, response = await self._send_once(request, stream, extra)
            elapsed = runtime.monotonic() - began
            delay = None
            if failure is not None:
                waited = runtime.monotonic() - started
                delay = next_delay(policy, failure, attempt, waited, is_repeatable(request), runtime.random)
            if delay is not None and not body.rewind():
                delay = None
            if self._on_response is not None or logger.isEnabledFor(logging.INFO):
                self._report(operation, attempt, elapsed, response, error, delay)
            if error is None and response is not None:
                return response
            assert error is not None  # noqa: S101 - one of the two is always there
            if delay is None:
                error.attempts = tuple(failed)
                error.was_sent = failure is None or failure.sent
                raise error
            failed.append(error)
            await runtime.sleep(delay)
        raise AssertionError("unreachable")

    async def _send_once(
        self, request: Request, stream: bool = False, extra: Sequence[tuple[bytes, bytes]] = ()
    ) -> tuple[ComfyCloudError | None, Failure | None, httpx.Response | None]:
        """One attempt: the answer, or the error and what the retry rules need to know of it."""
        arguments, content_headers = body_of(request)
        if hasattr(arguments.get("content"), "read"):
            arguments["content"] = async_file_stream(arguments["content"])
        base = self._headers
        if extra:
            names = {name.lower() for name, _ in extra}
            base = [*(header for header in base if header[0].lower() not in names), *extra]
        sent = httpx.Request(
            request.method,
            self.settings.base_url + request.target,
            headers=headers_for(request.operation, self.settings.api_key, base, content_headers),
            extensions=self._extensions,
            **arguments,
        )
        try:
            response = await self._http.send(sent, follow_redirects=False, stream=stream)
            if stream and response.status_code >= 400:
                await response.aread()
        except httpx.HTTPError as error:
            return *network_failure(request.operation, error, self.settings.timeout), None
        except httpx.InvalidURL:  # httpx looks at where a redirect leads, though it does not go there
            return invalid_redirect(request.operation), None, None
        self.deviations.look_at_status(request.operation, response)
        if response.status_code < 400:
            return None, None, response
        return *status_failure(request.operation, response, self._runtime.now()), response

    def _check_key(self, operation: Operation) -> None:
        if operation.key == "required" and self.settings.api_key is None and self.settings.is_comfy_cloud:
            raise ConfigurationError(
                f"{operation.method} {operation.path} needs an API key. Pass api_key=, set COMFY_CLOUD_API_KEY, or run "
                "`comfy-cloud auth login`. Keys are made at https://platform.comfy.org/profile/api-keys"
            )

    def _report(
        self,
        operation: Operation,
        attempt: int,
        elapsed: float,
        response: httpx.Response | None,
        error: ComfyCloudError | None,
        delay: float | None,
    ) -> None:
        """Tell the log and the hook how an attempt ended."""
        status = response.status_code if response is not None else None
        outcome = str(status) if status is not None else type(error).__name__
        what = f"{operation.method} {operation.path}"
        if delay is not None:
            logger.warning("%s -> %s, attempt %d; trying again in %.2f s", what, outcome, attempt, delay)
        else:
            logger.info("%s -> %s in %.3f s, attempt %d", what, outcome, elapsed, attempt)
        if self._on_response is not None:
            request_id = request_id_of(response.headers) if response is not None else None
            info = (
                operation.id,
                operation.method,
                operation.path,
                attempt,
                elapsed,
                status,
                request_id,
                error,
                delay,
            )
            self._on_response(ResponseInfo(*info))
