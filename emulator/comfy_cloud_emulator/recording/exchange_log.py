"""What a recorder has seen so far, and how it becomes the records of the file.

Secrets are removed when the file is written: by then all of them are known. Until then bodies are
in a temporary file without a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from .addresses import PLACEHOLDER, for_file
from .file_reading import LARGEST_LOADED
from .file_writing import FileWriter
from .records import READS, Body, Exchange, Failure, Message, Record, Side, SocketEnd, Upgrade
from .secrets_found import SecretsFound
from .spool import Spool, SpooledBody

# What is about one connection or one moment, or set by the machines in between.
_DROPPED: Final = frozenset(
    (
        *("connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "trailer"),
        *("upgrade", "date", "server", "via", "alt-svc", "set-cookie", "set-cookie2", "vary", "nel"),
        *("report-to", "strict-transport-security", "proxy-authenticate", "authentication-info"),
        *("accept-ranges", "content-range", "age"),
    )
)
_DROPPED_PREFIXES: Final = ("x-goog-", "x-amz-", "x-ms-", "x-guploader", "cf-", "access-control-")
MOST_TEXT: Final = LARGEST_LOADED


@dataclass(slots=True)
class LiveExchange:
    """A request that was received, and what has come back so far."""

    after: int
    method: str
    path: str
    query: str
    request_type: str
    response: SpooledBody
    request: bytes = b""
    digest: str | None = None
    request_size: int = 0
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    parts: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    failure: Failure = "none"
    is_over: bool = False


@dataclass(slots=True)
class LiveMessage:
    """A message of a websocket."""

    socket: int
    after: int
    side: Side
    content: SpooledBody
    is_text: bool


@dataclass(slots=True)
class LiveUpgrade:
    """A websocket; `status` is 101, or that of the refusal."""

    socket: int
    after: int
    path: str
    query: str
    status: int = 101
    response: bytes = b""


class ExchangeLog:
    """The exchanges and messages of one recording. `own` is the recorder's address."""

    def __init__(self, secrets: SecretsFound) -> None:
        self.secrets = secrets
        self.own = ""
        self._spool = Spool()
        self._seen: list[LiveExchange | LiveMessage | LiveUpgrade | SocketEnd] = []
        self._changes = 0
        self._sockets = 0

    @property
    def failure(self) -> OSError | None:
        """Why something that was received could not be kept; None if all was."""
        return self._spool.failure

    @property
    def changes(self) -> int:
        """How many requests that change something were received so far."""
        return self._changes

    @property
    def counts(self) -> tuple[int, int]:
        """How many requests and messages there are."""
        exchanges = sum(isinstance(each, LiveExchange) for each in self._seen)
        return exchanges, sum(isinstance(each, LiveMessage) for each in self._seen)

    def request(self, method: str, path: str, query: str, headers: list[tuple[str, str]]) -> LiveExchange:
        """Note a request."""
        self._learn(query, headers)
        media_type = next((value for name, value in headers if name == "content-type"), "")
        body = SpooledBody(self._spool)
        exchange = LiveExchange(self._changes, method, path, query, media_type, body)
        self._seen.append(exchange)
        self._changes += method not in READS
        return exchange

    def forget(self, exchange: LiveExchange) -> None:
        """Take a request out again, which the recorder has not sent."""
        self._seen.remove(exchange)

    def upgrade(self, path: str, query: str, headers: list[tuple[str, str]]) -> LiveUpgrade:
        """Note a websocket."""
        self._learn(query, headers)
        self._sockets += 1
        upgrade = LiveUpgrade(self._sockets, self._changes, path, query)
        self._seen.append(upgrade)
        return upgrade

    def message(self, socket: int, side: Side, content: str | bytes) -> None:
        """Note a message of a websocket."""
        body = SpooledBody(self._spool)
        if isinstance(content, str):
            encoded = content.encode("utf-8", "replace")
            self.learn_from_body(encoded)
            body.write(encoded)
        else:
            body.write(content)
        self._seen.append(LiveMessage(socket, self._changes, side, body, isinstance(content, str)))

    def socket_end(self, socket: int, side: Side, code: int | None) -> None:
        """Note the end of a websocket."""
        self._seen.append(SocketEnd(socket, self._changes, side, code))

    def learn_from_body(self, content: bytes) -> None:
        """Learn the secrets of a JSON body."""
        self.secrets.add_from_body(content)

    def records(self, writer: FileWriter) -> Iterator[Record]:
        """All records, in the order in which they began. Without requests that got no response
        because the recording ended."""
        for seen in self._seen:
            match seen:
                case LiveExchange():
                    if seen.status or seen.failure == "broken":
                        yield self._exchange(seen, writer)
                case LiveMessage():
                    content = self._body(writer, seen.content, "")
                    yield Message(seen.socket, seen.after, seen.side, content, seen.is_text)
                case LiveUpgrade():
                    refusal = writer.text_body(self.secrets.body(seen.response))
                    path, query = self._address(seen.path, seen.query)
                    yield Upgrade(seen.socket, seen.after, path, query, seen.status, refusal)
                case SocketEnd():
                    yield seen

    def close(self) -> None:
        """Remove the temporary file."""
        self._spool.close()

    def _learn(self, query: str, headers: list[tuple[str, str]]) -> None:
        self.secrets.add_from_headers(headers)
        self.secrets.add_from_url(f"?{query}")

    def _exchange(self, seen: LiveExchange, writer: FileWriter) -> Exchange:
        path, query = self._address(seen.path, seen.query)
        if seen.digest is not None:
            request = Body(digest=seen.digest, size=seen.request_size)
        else:
            request = writer.text_body(self.secrets.body(seen.request))
        media_type = next((value for name, value in seen.headers if name == "content-type"), "")
        parts, response = self._stream(writer, seen, media_type)
        return Exchange(
            seen.after,
            seen.method,
            path,
            query,
            self.secrets.text(seen.request_type.partition("boundary=")[0]),
            request,
            seen.status,
            self._headers(seen.headers),
            response,
            parts,
            seen.failure if seen.is_over or seen.failure == "broken" else "cut",
        )

    def _stream(
        self, writer: FileWriter, seen: LiveExchange, media_type: str
    ) -> tuple[list[tuple[int, int]], Body]:
        """The body of a response. That of a stream of events in parts, each of whole events."""
        if len(seen.parts) < 2 or seen.response.size > MOST_TEXT:
            return [], self._body(writer, seen.response, media_type)
        content, clean = seen.response.read(), bytearray()
        begins = [0, *(_end_of_events(content, first) for first, _ in seen.parts[1:])]
        parts: list[tuple[int, int]] = []
        for begin, end, (_, after) in zip(begins, [*begins[1:], len(content)], seen.parts, strict=True):
            parts.append((len(clean), after))
            clean += self.secrets.body(content[begin : max(begin, end)])
        return parts, writer.text_body(bytes(clean))

    def _address(self, path: str, query: str) -> tuple[str, list[tuple[str, str]]]:
        return self.secrets.text(path), self.secrets.pairs(parse_qsl(query, keep_blank_values=True))

    def _headers(self, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        kept = [
            (name, for_file(value, self.own))
            for name, value in headers
            if name not in _DROPPED and not name.startswith(_DROPPED_PREFIXES)
        ]
        return self.secrets.pairs(kept)

    def _body(self, writer: FileWriter, body: SpooledBody, media_type: str) -> Body:
        if body.size > MOST_TEXT:
            return writer.file_body(self._clean_copy(body), media_type)
        content = body.read()
        clean = self.secrets.body(content)
        if PLACEHOLDER.encode() in clean or self.own.encode() not in clean:
            return writer.text_body(clean)
        try:
            text = for_file(clean.decode(), self.own)
        except UnicodeDecodeError:
            return writer.text_body(clean)
        return writer.text_body(text.encode(), has_addresses=True)

    def _clean_copy(self, body: SpooledBody) -> SpooledBody:
        """A large body without secrets; itself if it has none."""
        clean = SpooledBody(self._spool)
        for chunk in self.secrets.large(body.chunks(0, body.size)):
            clean.write(chunk)
        return body if clean.digest == body.digest else clean


def _end_of_events(content: bytes, before: int) -> int:
    """Where the last whole event before a position ends."""
    ends = (content.rfind(end, 0, before) + len(end) for end in (b"\n\n", b"\r\n\r\n", b"\r\r"))
    return max((end for end in ends if end > 3), default=0)
