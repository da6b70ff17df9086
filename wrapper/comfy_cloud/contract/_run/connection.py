"""Sending the requests of a contract run: built, keyed and retried by the rules of the client.

Those rules are in `_http.calls`, `_http.runtime` and `retry`. Reading is not shared: the client
reads tolerantly, while a run keeps every response as the server sent it, to be checked.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode, urljoin

import httpx

from comfy_cloud_api.types import X_API_KEY, Credential, Operation, Part, Request

from ..._errors.key_forms import remember_key
from ..._http.bounded_bodies import bound
from ..._http.clients import new_http_client, new_storage_client
from ..._http.content_decoding import BodyRefused, BodyTooLarge
from ..._http.deadlines import TIMES_THE_TIMEOUT, TimeLimit
from ..._http.file_streams import file_stream
from ..._http.log_filter import keep_keys_out_of_logs
from ..._http.network_failures import network_failure
from ..._http.request_encoding import body_of, headers_for, is_repeatable, target_for, with_user
from ..._http.responses import status_failure
from ..._http.runtime import Runtime
from ..._settings.config import Settings
from ..._settings.fields import Secret, in_bytes
from ..._settings.origins import origin_of
from ...retry import Failure, Retry, next_delay
from .._documents.operations import ContractOperation
from .._documents.security import API_KEY, places_to_send
from .raw_response import PartialStream, RawResponse

ATTEMPTS: Final = 3
LONGEST_WAIT: Final = 15.0
"""The longest Retry-After, in seconds, that a run waits for."""
MOST_SILENT: Final = 2 * ATTEMPTS
"""Requests in a row without a response, after which no more are sent."""
FIRST_BYTES: Final = 1024
"""How much of a file at a signed address is read."""
STREAM_BYTES: Final = 2**20
"""How much of a stream of events is read; it is also read no longer than the timeout lasts."""
_EVENT_STREAM: Final = "text/event-stream"
_RETRY: Final = Retry(attempts=ATTEMPTS, max_retry_after=LONGEST_WAIT)
_CONNECTIONS: Final = 4


@dataclass(frozen=True, slots=True)
class RequestParts:
    """What fills an operation: values for path, query and headers by name, and at most one body.

    With `stream` the response may be a stream of events, of which a bounded part is read.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    form: Mapping[str, Any] | None = None
    stream: bool = False


class Connection:
    """One run's connection to a server. The key is sent to the server's origin only."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        # httpx logs URLs, and a contract may have the key in the query.
        keep_keys_out_of_logs()
        key = settings.api_key
        self._known_key = None if key is None else remember_key(key.reveal())
        self._partial = PartialStream()
        self._user = with_user([], settings.comfy_user)
        self._http = new_http_client(settings.base_url, _CONNECTIONS, settings.network)
        self._http.event_hooks = {"response": [self._keep]}
        self._kept: list[httpx.Response] = []
        self._storage: httpx.Client | None = None
        self._silent = 0
        self.requests = 0
        """Requests sent, those to signed addresses included."""
        self.has_responded = False
        """Whether the server has responded at all."""

    @property
    def has_fallen_silent(self) -> bool:
        """Whether so many requests in a row had no response that no more should be sent."""
        return self._silent >= MOST_SILENT

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        if self._storage is not None:
            self._storage.close()

    def send(
        self,
        request: Request,
        key: Secret | None,
        note: Callable[[RawResponse], object],
        *,
        stream: bool = False,
    ) -> RawResponse | str:
        """Send a request, again where the client's retry rules allow it.

        `note` is called with every response. Returns the last response, or why there was none.
        """
        # A run checks what the first POST does, such as 201 for new content. So none is repeated
        # that the server may have accepted.
        repeatable = is_repeatable(request) and request.method != "POST"
        started = self._runtime.monotonic()
        for attempt in itertools.count(1):
            response, failure = self._send_once(request, key, stream)
            if isinstance(response, RawResponse):
                note(response)
            if failure is None:
                return response
            elapsed = self._runtime.monotonic() - started
            delay = next_delay(_RETRY, failure, attempt, elapsed, repeatable, self._runtime.random)
            if delay is None:
                return response
            if self.has_responded:  # no time is spent on a server that never did
                self._runtime.sleep(delay)
        raise AssertionError("unreachable")

    def _send_once(
        self, request: Request, key: Secret | None, stream: bool
    ) -> tuple[RawResponse | str, Failure | None]:
        """One attempt: the response, or why there was none; and the failure that may be retried."""
        operation = request.operation
        arguments, content_headers = body_of(request)
        if hasattr(arguments.get("content"), "read"):
            arguments["content"] = file_stream(arguments["content"])
        try:
            sent = self._http.build_request(
                request.method,
                self._settings.base_url + target_for(request, key),
                headers=headers_for(operation, key, self._user, content_headers),
                timeout=self._settings.timeout,
                **arguments,
            )
        except httpx.InvalidURL as error:
            return f"its address is not valid: {error}", None
        self.requests += 1
        self._kept.clear()
        self._partial = PartialStream()
        limit = TimeLimit((1 if stream else TIMES_THE_TIMEOUT) * self._settings.timeout)
        try:
            with limit:
                response = self._http.send(sent, follow_redirects=False)
        except (BodyTooLarge, BodyRefused) as error:
            if stream and (partial := self._partial.as_raw()) is not None:
                self._silent, self.has_responded = 0, True
                return partial, None
            most = in_bytes(self._settings.max_response_bytes)
            why = str(error) if isinstance(error, BodyRefused) else f"its body is larger than {most}"
            return f"its response cannot be read: {why}", None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            if stream and (partial := self._partial.as_raw()) is not None:
                self._silent, self.has_responded = 0, True
                return partial, None
            if not self._kept:
                self._silent += 1
                total = limit.seconds if limit.is_over else None
                reason, lost = network_failure(operation, error, self._settings.timeout, total)
                what = f"{operation.method} {operation.path}: "
                return f"no response: {str(reason).removeprefix(what)}", lost
            response = self._kept[-1]
        finally:
            self._http.cookies.clear()
        self._silent, self.has_responded = 0, True
        failure: Failure | None = None
        if response.status_code >= 400:
            _, failure = status_failure(operation, response, self._runtime.now())
        return RawResponse(response.status_code, response.headers, response.content), failure

    def _keep(self, response: httpx.Response) -> None:
        # httpx parses the address of a redirect although it does not go there. When it cannot, it
        # raises, and only this has the response.
        headers = response.headers
        is_stream = headers.get("content-type", "").partition(";")[0].strip().lower() == _EVENT_STREAM
        if bound(response, STREAM_BYTES if is_stream else self._settings.max_response_bytes):
            response.headers = httpx.Headers()  # else httpx would decode it once more
        try:
            if is_stream:
                self._partial.watch(response, headers)
            response.read()
        finally:
            response.headers = headers
        self._kept.append(response)

    def read_signed(self, url: str) -> tuple[int, bytes]:
        """Status and first bytes of a file at a signed address, asked for without any credentials.

        Raises httpx.HTTPError, httpx.InvalidURL or UnicodeError when there is no response.
        """
        if self._storage is None:
            settings = self._settings
            self._storage = new_storage_client(
                settings.base_url, _CONNECTIONS, settings.timeout, settings.address_policy, settings.network
            )
        self.requests += 1
        headers = {"Range": f"bytes=0-{FIRST_BYTES - 1}"}
        with self._storage.stream("GET", url, headers=headers) as response:
            return response.status_code, next(response.iter_bytes(FIRST_BYTES), b"")

    def absolute(self, location: str) -> str | None:
        """The absolute http(s) URL of a Location header; None when it is not one."""
        try:
            url = urljoin(self._settings.base_url + "/", location)
            scheme, host, _ = origin_of(url)
        except ValueError:
            return None
        return url if scheme in ("http", "https") and host else None

    def is_own_origin(self, location: str) -> bool:
        """Whether an address belongs to the server that has the key."""
        url = self.absolute(location)
        return url is not None and origin_of(url) == self._settings.origin


def request_of(operation: ContractOperation, parts: RequestParts) -> Request:
    """The request of an operation. Raises UnicodeError for parts that no URL can hold."""
    places = places_to_send(operation.security)
    is_usual = places in ((), (API_KEY,))
    credentials = tuple(Credential(place.location, place.name, place.prefix) for place in places)
    return Request(
        Operation(
            operation.id,
            operation.method,
            operation.path,
            "none" if operation.key == "unused" or not places else operation.key,
            X_API_KEY if is_usual else credentials,
        ),
        _target(operation.path, parts),
        json=parts.json,
        content=parts.content,
        parts=None if parts.form is None else list(_form_parts(parts.form)),
        headers=dict(parts.headers) or None,
    )


def _target(template: str, parts: RequestParts) -> str:
    path = template
    for name, value in parts.path.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    given = {name: value for name, value in parts.query.items() if value is not None}
    query = urlencode(given, quote_via=quote)
    return f"{path}?{query}" if query else path


def _form_parts(form: Mapping[str, Any]) -> Iterator[Part]:
    """A tuple of file name, content and media type is a file, a list several fields of one name."""
    for name, value in form.items():
        for item in value if isinstance(value, list) else [value]:
            yield name, item if isinstance(item, tuple) else (None, item, None)
