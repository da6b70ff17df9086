"""The log of every API request, for tests that check what a client really sent.

Requests to the emulator's own control routes are not logged. Headers are kept as they were sent,
keys included, so the repr of a logged request shows none of them.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTROL_PREFIX: Final = "/_emulator/"
KEPT_REQUESTS: Final = 20_000
"""Requests kept; the oldest are dropped first."""
KEPT_BYTES: Final = 256 << 20
"""Bytes of all requests kept, roughly."""
KEPT_BODY: Final = 1 << 20
"""Bytes kept of a request body; longer ones are truncated in the log."""


@dataclass(slots=True, eq=False)
class Request:
    """One request as it arrived.

    - `path`, `raw_path`: decoded and as sent, both without the query
    - `query`: (name, value) pairs in order
    - `headers`: by lower-case name; the values of a repeated header are joined by a comma
    - `body`: its first MiB
    - `status`: None until the response begins, and still None if a fault broke the connection
      before
    - `fault`: the kind of the fault that hit it, or None
    - `account`: the account whose key it carried; None without a known key
    - `started`: when it arrived, in seconds since 1970 by the machine's clock, not the emulated one
    - `seconds`: how long it took until the end of its response; None before that
    """

    method: str
    path: str
    raw_path: str
    query: list[tuple[str, str]] = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    status: int | None = None
    fault: str | None = None
    account: str | None = None
    started: float = 0.0
    seconds: float | None = None


Exchange = Callable[[Request, int, dict[str, str], bytes], None]
"""Called with (request, status, headers, body) for each response of the API."""


@dataclass(slots=True, eq=False)
class _Kept:
    """A request in the log, and how much of the log's bytes it takes; None once it is dropped."""

    record: Request
    size: int | None


class BoundedLog:
    """The newest requests, bounded in number and in bytes. Safe to use from any thread."""

    def __init__(self) -> None:
        self._kept: deque[_Kept] = deque()
        self._size = 0
        self._count = 0
        self._lock = threading.Lock()

    def add(self, record: Request) -> Callable[[], None]:
        """Add a request; drops the oldest when there are too many.

        Returns a function to call when its body is complete.
        """
        kept = _Kept(record, _size_of(record))
        with self._lock:
            self._kept.append(kept)
            self._count += 1
            self._size += kept.size or 0
            self._drop_oldest()
        return lambda: self._weigh_again(kept)

    def requests(self) -> list[Request]:
        """The requests so far, oldest first."""
        with self._lock:
            return [kept.record for kept in self._kept]

    def latest(self, most: int) -> tuple[int, list[Request]]:
        """How many there were, including forgotten ones, and the newest `most`, newest first."""
        with self._lock:
            return self._count, [kept.record for kept in islice(reversed(self._kept), most)]

    def numbered(self, number: int) -> Request | None:
        """The request with this number, counted from 1; None if it is unknown or forgotten."""
        with self._lock:
            age = self._count - number
            return self._kept[-1 - age].record if 0 <= age < len(self._kept) else None

    def clear(self) -> None:
        """Forget the requests."""
        with self._lock:
            self._drop_oldest(all=True)

    def _weigh_again(self, kept: _Kept) -> None:
        with self._lock:
            if kept.size is not None:
                self._size -= kept.size
                kept.size = _size_of(kept.record)
                self._size += kept.size
                self._drop_oldest()

    def _drop_oldest(self, *, all: bool = False) -> None:
        while self._kept and (all or len(self._kept) > KEPT_REQUESTS or self._size > KEPT_BYTES):
            dropped = self._kept.popleft()
            self._size -= dropped.size or 0
            dropped.size = None


class RequestLog(BoundedLog):
    """The requests of all accounts.

    `upgrades` are the websocket upgrades, `hook_errors` the exceptions that `on_exchange` raised.
    """

    def __init__(self) -> None:
        super().__init__()
        self.hook_errors: list[Exception] = []
        self.upgrades = BoundedLog()


class RequestRecorder:
    """Logs requests; calls `on_request` after each, `on_exchange` with each complete response."""

    def __init__(
        self,
        app: ASGIApp,
        records: RequestLog,
        *,
        on_exchange: Exchange | None = None,
        on_request: Callable[[Request], object] | None = None,
    ) -> None:
        self._app = app
        self._records = records
        self._on_exchange = on_exchange
        self._on_request = on_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request and log it."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PREFIX):
            await self._app(scope, receive, send)
            return
        record = logged_request(scope)
        complete = self._records.add(record)
        scope["state"]["record"] = record
        begun = time.perf_counter()
        watcher = _ResponseWatcher(record, send, self._safe_hook(), begun)
        if 0 < int(record.headers.get("content-length", "0")) <= KEPT_BODY:
            # Read before anything responds, so that the bodies of refused requests and of those hit
            # by faults are logged too.
            receive = await _read_ahead(record, receive)
        else:
            receive = _keep_beginning(record, receive)
        try:
            await self._app(scope, receive, watcher.send)
        finally:
            if record.seconds is None:
                record.seconds = time.perf_counter() - begun
            complete()
            if self._on_request is not None:
                self._on_request(record)

    def _safe_hook(self) -> Exchange | None:
        """The hook wrapped so that its exceptions are kept for whoever stops the emulator."""
        on_exchange = self._on_exchange
        if on_exchange is None:
            return None

        def call_hook(record: Request, status: int, headers: dict[str, str], body: bytes) -> None:
            try:
                on_exchange(record, status, headers, body)
            except Exception as error:  # noqa: BLE001 - the client must get its response whatever a hook raises
                self._records.hook_errors.append(error)

        return call_hook


class _ResponseWatcher:
    """Watches a response on its way out."""

    def __init__(self, record: Request, send: Send, exchange: Exchange | None, begun: float) -> None:
        self._record = record
        self._begun = begun
        self._send = send
        self._exchange = exchange
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        """Note one message of the response and pass it on."""
        # Noted before the bytes leave, so that a client with its response finds the log entry
        # complete.
        if message["type"] == "http.response.start":
            self._status = self._record.status = message["status"]
            self._headers = {
                name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]
            }
        elif message["type"] == "http.response.body":
            is_last = not message.get("more_body", False)
            if is_last:
                self._record.seconds = time.perf_counter() - self._begun
            if self._exchange is not None:
                if self._record.method != "HEAD":  # the server drops the body of these
                    self._body += message.get("body", b"")
                if is_last:
                    self._exchange(self._record, self._status, self._headers, bytes(self._body))
        await self._send(message)


def logged_request(scope: Scope) -> Request:
    """The log entry of a request or a websocket upgrade, before it is handled."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Request(
        method=scope.get("method", "GET"),
        path=scope["path"],
        raw_path=scope["raw_path"].decode("latin-1"),
        query=parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True),
        headers=headers,
        account=scope["state"].get("account"),
        started=time.time(),
    )


async def _read_ahead(record: Request, receive: Receive) -> Receive:
    """Read the whole body, and replay it as one message."""
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    record.body = b"".join(chunks)
    first: list[Message] = [{"type": "http.request", "body": record.body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay


def _keep_beginning(record: Request, receive: Receive) -> Receive:
    """Pass on a large body, or one of unknown length, and keep its beginning."""

    async def listen() -> Message:
        message = await receive()
        if message["type"] == "http.request" and len(record.body) < KEPT_BODY:
            record.body = (record.body + message.get("body", b""))[:KEPT_BODY]
        return message

    return listen


def _size_of(record: Request) -> int:
    """Bytes that a request takes in memory, roughly."""
    texts = sum(len(name) + len(value) for name, value in (*record.query, *record.headers.items()))
    fields = len(record.query) + len(record.headers)
    return 500 + 250 * fields + texts + len(record.path) + len(record.raw_path) + len(record.body)
