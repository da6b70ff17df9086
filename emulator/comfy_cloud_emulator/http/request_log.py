"""A record of every request to the API, for tests that ask what a client really sent.

Wraps the whole application; requests to the emulator's own control routes are not recorded. Headers are kept as they
came, the key among them, so a record's repr shows none of them.
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
"""RequestLog kept; the oldest go first."""
KEPT_BODY: Final = 1 << 20
"""Bytes of a request body kept; longer bodies are cut in the record."""


@dataclass(slots=True, eq=False)
class Request:
    """One request as it arrived.

    `path` is decoded, `raw_path` as sent, both without the query. `query` holds (name, value) pairs in order, `headers`
    lower-case names (a repeated header's values are joined by a comma). `status` is None until the answer begins, and
    stays None when a fault cut the connection before. `fault` names the kind of the fault that hit it, `account` the
    account whose key came with it; None without a key that is known. `started` is when it came in, in seconds since 1970 by
    the machine's clock, whatever the emulated time; `seconds` how long it took until the end of its answer, None before that.
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
"""Called with (request, status, headers, body) for each answer the API gave."""


class RequestLog:
    """What was asked of all accounts. `upgrades` are those to websockets, `hook_errors` what `on_exchange` raised."""

    def __init__(self) -> None:
        self.hook_errors: list[Exception] = []
        self.upgrades: list[Request] = []
        self._requests: deque[Request] = deque(maxlen=KEPT_REQUESTS)
        self._count = 0
        self._lock = threading.Lock()

    def add(self, record: Request) -> None:
        """Keep a record; the oldest goes when there are too many."""
        with self._lock:
            self._requests.append(record)
            self._count += 1

    def requests(self) -> list[Request]:
        """The records so far, oldest first."""
        with self._lock:
            return list(self._requests)

    def latest(self, most: int) -> tuple[int, list[Request]]:
        """How many there have been in all, forgotten ones too, and the newest of those kept, newest first."""
        with self._lock:
            return self._count, list(islice(reversed(self._requests), most))

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._requests.clear()


class RequestRecorder:
    """Keeps the requests, and calls `on_request` after each and `on_exchange` with each whole answer."""

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
        """Answer one request and keep its record."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PREFIX):
            await self._app(scope, receive, send)
            return
        record = logged_request(scope)
        self._records.add(record)
        scope["state"]["record"] = record
        begun = time.perf_counter()
        answer = _ResponseWatcher(record, send, self._told_exchange(), begun)
        if 0 < int(record.headers.get("content-length", "0")) <= KEPT_BODY:
            # Read before anything answers, so that refused and disturbed requests have their body on record too.
            receive = await _read_ahead(record, receive)
        else:
            receive = _listening(record, receive)
        try:
            await self._app(scope, receive, answer.send)
        finally:
            if record.seconds is None:
                record.seconds = time.perf_counter() - begun
            if self._on_request is not None:
                self._on_request(record)

    def _told_exchange(self) -> Exchange | None:
        """The hook, made safe: its errors are kept for whoever stops the emulator."""
        on_exchange = self._on_exchange
        if on_exchange is None:
            return None

        def tell(record: Request, status: int, headers: dict[str, str], body: bytes) -> None:
            try:
                on_exchange(record, status, headers, body)
            except Exception as error:  # noqa: BLE001 - the client must get its answer whatever a hook raises
                self._records.hook_errors.append(error)

        return tell


class _ResponseWatcher:
    """Watches an answer on its way out."""

    def __init__(self, record: Request, send: Send, exchange: Exchange | None, begun: float) -> None:
        self._record = record
        self._begun = begun
        self._send = send
        self._exchange = exchange
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        """Note one message of the answer and pass it on."""
        # Everything is noted before the bytes leave, so a client that has its answer finds the record complete.
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
                if self._record.method != "HEAD":  # the server leaves the body of these away
                    self._body += message.get("body", b"")
                if is_last:
                    self._exchange(self._record, self._status, self._headers, bytes(self._body))
        await self._send(message)


def logged_request(scope: Scope) -> Request:
    """The record of a request, or of a websocket's upgrade, before it is answered."""
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
    """Read the whole body, then give it out again as one message."""
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


def _listening(record: Request, receive: Receive) -> Receive:
    """Pass a large or unannounced body through, keeping its beginning."""

    async def listen() -> Message:
        message = await receive()
        if message["type"] == "http.request" and len(record.body) < KEPT_BODY:
            record.body = (record.body + message.get("body", b""))[:KEPT_BODY]
        return message

    return listen
