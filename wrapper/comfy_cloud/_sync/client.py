# Made from wrapper/comfy_cloud/_async/client.py by `make unasync`. Do not edit.
"""The synchronous client: settings, one connection pool, and `_send`, the only place that touches httpx for API calls.

`_send` owns the key, the timeouts, the retries, the hooks and the log. What the operations mean is in the modules beside
this one, one per noun; what a status means is in `calls` and `errors`; when to try again is in `retry`.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlencode

import httpx

from comfy_cloud_api.types import Operation, Request

from .. import config
from .._runtime import Runtime, file_stream, new_http_client
from ..calls import (
    body_of,
    headers_for,
    is_missing_operation,
    is_repeatable,
    network_failure,
    not_supported,
    status_failure,
    value_of,
)
from ..errors import ApiError, ComfyCloudError, ConfigurationError
from ..hooks import RequestInfo, ResponseInfo
from ..retry import Failure, Retry, next_delay

if TYPE_CHECKING:
    from .history import History

T = TypeVar("T")
logger = logging.getLogger("comfy_cloud")


class ComfyCloud:
    """A client of Comfy Cloud, or of a self-hosted ComfyUI by its `base_url`. Close it, or use it with `with`.

    Args:
        api_key: The key; else COMFY_CLOUD_API_KEY, else the profile's. It is sent to the origin of the base URL only.
        base_url: Where the API is; else COMFY_CLOUD_BASE_URL, else the profile's, else https://cloud.comfy.org.
        timeout: Seconds that a connection may stay silent before a call fails; 30 unless told.
        retry: A `Retry`, or the number of attempts. POST is repeated only when it surely was not accepted.
        http_client: An httpx client of your own (proxy, transport, certificates). It is used as it is and not closed.
        partner_api_key: A separate key for partner nodes; the API key serves when there is none.
        max_connections: The bound of connections open at a time; 100 unless told.
        on_request: Called with a `RequestInfo` before each attempt.
        on_response: Called with a `ResponseInfo` after each attempt.
        profile: The profile to read; else COMFY_CLOUD_PROFILE, else the default one.
        allow_insecure: Allow the key over plain http to a host that is not this machine.
        strict: Raise `NotSupported` where a substitute for a missing operation would be used otherwise.

    Raises:
        ConfigurationError: A setting cannot be used; the message says which, and how to mend it.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        retry: Retry | int | None = None,
        http_client: httpx.Client | None = None,
        partner_api_key: str | None = None,
        max_connections: int | None = None,
        on_request: Callable[[RequestInfo], object] | None = None,
        on_response: Callable[[ResponseInfo], object] | None = None,
        profile: str | None = None,
        allow_insecure: bool = False,
        strict: bool = False,
        runtime: Runtime | None = None,
    ) -> None:
        self.settings = config.load(
            api_key=api_key,
            base_url=base_url,
            partner_api_key=partner_api_key,
            timeout=timeout,
            retry=retry,
            max_connections=max_connections,
            allow_insecure=allow_insecure,
            strict=strict,
            profile=profile,
        )
        self._runtime = runtime or Runtime()
        self._owns_http = http_client is None
        self._http = http_client or new_http_client(self.settings.base_url, self.settings.max_connections)
        self._headers = list(self._http.headers.raw)
        seconds = self.settings.timeout
        self._extensions = {
            "timeout": {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
        }
        self._on_request = on_request
        self._on_response = on_response

    @cached_property
    def history(self) -> History:
        """Finished jobs, newest first: `for entry in cloud.history`."""
        from .history import History

        return History(self)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: object = None,
        content: Any = None,
        content_type: str = "application/octet-stream",
    ) -> httpx.Response:
        """Any call that has no method here, with the same key, retries, hooks and errors.

        `path` begins with a slash, and goes to the base URL: the key never leaves its own server. A redirect is returned, not
        followed. Raises the errors of `comfy_cloud` for statuses of 400 and above.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise ConfigurationError(
                f"request() takes a path that begins with one slash, like /api/user; not {path[:80]!r}"
            )
        target = path
        if params:
            target += ("&" if "?" in path else "?") + urlencode(params, doseq=True)
        operation = Operation("request", method.upper(), path.partition("?")[0], "optional")
        return self._send(Request(operation, target, json=json, content=content, content_type=content_type))

    def close(self) -> None:
        """Close the connections. An `http_client` that you brought stays open."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.settings.base_url}>"

    def _call(self, request: Request, parse: Callable[[Any], T]) -> T:
        """Send a generated request and return its typed value. Every resource method goes through here."""
        try:
            response = self._send(request)
        except ApiError as error:
            if is_missing_operation(request.operation, error):
                raise not_supported(request.operation, error) from error
            raise
        return value_of(request, response, parse)

    def _send(self, request: Request) -> httpx.Response:
        """Send a request, again where the retry rules allow; return a whole answer below 400, or raise."""
        runtime = self._runtime
        policy = self.settings.retry
        operation = request.operation
        self._check_key(operation)
        failed: list[ComfyCloudError] = []
        started = runtime.monotonic()
        for attempt in itertools.count(1):
            began = runtime.monotonic()
            if self._on_request is not None:
                self._on_request(RequestInfo(operation.id, operation.method, operation.path, attempt))
            error, failure, response = self._send_once(request)
            elapsed = runtime.monotonic() - began
            delay = None
            if failure is not None:
                waited = runtime.monotonic() - started
                delay = next_delay(policy, failure, attempt, waited, is_repeatable(request), runtime.random)
            if self._on_response is not None or logger.isEnabledFor(logging.INFO):
                self._report(operation, attempt, elapsed, response, error, delay)
            if error is None and response is not None:
                return response
            assert error is not None  # noqa: S101 - one of the two is always there
            if delay is None:
                error.attempts = tuple(failed)
                raise error
            failed.append(error)
            runtime.sleep(delay)
        raise AssertionError("unreachable")

    def _send_once(
        self, request: Request
    ) -> tuple[ComfyCloudError | None, Failure | None, httpx.Response | None]:
        """One attempt: the answer, or the error and what the retry rules need to know of it."""
        arguments, content_headers = body_of(request)
        if hasattr(arguments.get("content"), "read"):
            arguments["content"] = file_stream(arguments["content"])
        sent = httpx.Request(
            request.method,
            self.settings.base_url + request.target,
            headers=headers_for(request.operation, self.settings.api_key, self._headers, content_headers),
            extensions=self._extensions,
            **arguments,
        )
        try:
            response = self._http.send(sent, follow_redirects=False)
        except httpx.HTTPError as error:
            return *network_failure(request.operation, error, self.settings.timeout), None
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
            request_id = getattr(error, "request_id", None)
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
