"""Read a body of the type text/event-stream, piece by piece, within bounds. Pure rules.

The form is that of the HTML standard. A library that reads it over httpx exists (httpx-sse), but
it splits lines that may be endless, and keeps an event however large it is. Here a line and an
event have a limit, and each byte is read once, in whatever pieces it comes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

# The most bytes of one event, and so of one line: a preview is a whole image, in base64.
LARGEST_EVENT: Final = 16 * 2**20
# The most bytes in a row without any event, such as comments and empty lines.
MOST_WITHOUT_EVENT: Final = 2**20
# Longer names and ids are cut off or ignored: they are kept, and events have short ones.
_LONGEST_NAME = 128
_LONGEST_ID = 256
_LONGEST_DIGITS = 9

_BOM = b"\xef\xbb\xbf"


class SentEvent(NamedTuple):
    """One event: its name, "message" where the server gave none, and its data in UTF-8."""

    name: str
    data: bytes


class EventStreamRefused(Exception):
    """A stream has more bytes than it may have; the message says which. It never reaches a user."""


class EventStreamParser:
    """Reads one stream, which is fed in pieces of any size.

    Attributes:
        last_id: The id that the server last gave an event, to be sent on reconnecting; "" for none.
        retry_seconds: The seconds after which the server wants the client to reconnect, or None.
    """

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry_seconds: float | None = None
        self._line = bytearray()  # the beginning of a line whose end has not arrived
        self._is_first = True
        self._is_after_cr = False  # a line break may be cut between CR and LF
        self._name = ""
        self._data = bytearray()
        self._has_data = False
        self._id = last_id
        self._since_event = 0

    def feed(self, piece: bytes) -> list[SentEvent]:
        """The events that these bytes complete. Raises EventStreamRefused."""
        found: list[SentEvent] = []
        if not piece:
            return found
        if self._is_after_cr:
            self._is_after_cr = False
            piece = piece[1:] if piece.startswith(b"\n") else piece
        for line in piece.splitlines(keepends=True):
            self._count(line)
            if not line.endswith((b"\n", b"\r")):
                self._line += line
                break
            content = line.rstrip(b"\r\n")
            if self._line:
                content = bytes(self._line) + content
                self._line.clear()
            event = self._end_line(content)
            if event is not None:
                found.append(event)
                self._since_event = 0
        self._is_after_cr = piece.endswith(b"\r")
        return found

    def _count(self, line: bytes) -> None:
        self._since_event += len(line)
        # What belongs to the event that is being received has a limit of its own.
        kept = len(self._line) + len(self._data)
        if kept + len(line) > LARGEST_EVENT:
            raise EventStreamRefused(f"an event of more than {LARGEST_EVENT // 2**20} MiB")
        if self._since_event - kept > MOST_WITHOUT_EVENT + len(line):
            raise EventStreamRefused(f"more than {MOST_WITHOUT_EVENT // 2**20} MiB without an event")

    def _end_line(self, line: bytes) -> SentEvent | None:
        if self._is_first:
            self._is_first = False
            line = line.removeprefix(_BOM)
        if not line:
            return self._end_event()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match field:
            case b"data":
                self._data += value + b"\n"
                self._has_data = True
            case b"event":
                self._name = value[:_LONGEST_NAME].decode("utf-8", "replace")
            case b"id" if b"\0" not in value and len(value) <= _LONGEST_ID:
                self._id = value.decode("utf-8", "replace")
            case b"retry" if value.isdigit() and len(value) <= _LONGEST_DIGITS:
                self.retry_seconds = int(value) / 1000
            case _:
                pass  # a comment, whose field is empty, or a field that nobody knows
        return None

    def _end_event(self) -> SentEvent | None:
        self.last_id = self._id
        name, self._name = self._name or "message", ""
        if not self._has_data:
            return None
        data = bytes(self._data[:-1])
        self._data.clear()
        self._has_data = False
        return SentEvent(name, data)
