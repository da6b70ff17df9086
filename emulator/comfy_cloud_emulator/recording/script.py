"""Which recorded response a request gets, and when a message of a websocket is due. No I/O.

Two rules keep causes before effects. Nothing is played before the requests that had changed
something when it was recorded. And where a program polls, what was recorded before the messages
that it has already got is skipped. Otherwise the responses to the same request are played in order,
and the last one repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import quote

from .matching import Identity, difference, nearest
from .records import Exchange, Message, Record, SocketEnd, Upgrade

_MOST_NAMED = 1000

SocketItem: TypeAlias = Message | SocketEnd


@dataclass(slots=True, eq=False)
class RecordedExchange:
    """An exchange of the recording; `line` is its position in it."""

    line: int
    exchange: Exchange
    identity: Identity
    is_played: bool = False

    @property
    def name(self) -> str:
        """Method and path."""
        return printable(f"{self.exchange.method} {self.exchange.path}")


@dataclass(slots=True, eq=False)
class RecordedSocket:
    """A websocket of the recording, with its messages and its end, each with its line."""

    upgrade: Upgrade
    items: list[tuple[int, SocketItem]] = field(default_factory=list[tuple[int, SocketItem]])
    is_played: bool = False


class Script:
    """The records of a recording, and what has been played. Use it on one thread."""

    def __init__(self, records: Iterable[Record], identify: Callable[[Exchange], Identity]) -> None:
        self.exchanges: list[RecordedExchange] = []
        self.sockets: list[RecordedSocket] = []
        self._by_key: dict[tuple[object, ...], list[RecordedExchange]] = {}
        self._changes: list[RecordedExchange] = []
        self._begin: dict[tuple[object, ...], int] = {}
        self._played_changes = 0
        self._reached = -1
        numbered: dict[int, RecordedSocket] = {}
        for line, record in enumerate(records):
            match record:
                case Exchange():
                    recorded = RecordedExchange(line, record, identify(record))
                    self.exchanges.append(recorded)
                    self._by_key.setdefault(recorded.identity.key, []).append(recorded)
                    if record.changes:
                        self._changes.append(recorded)
                case Upgrade():
                    numbered[record.socket] = RecordedSocket(record)
                    self.sockets.append(numbered[record.socket])
                case Message() | SocketEnd():
                    if record.socket in numbered:
                        numbered[record.socket].items.append((line, record))

    def take(self, identity: Identity) -> RecordedExchange | None:
        """The response to a request; None if none was recorded."""
        recorded = self._by_key.get(identity.key)
        if not recorded:
            return None
        begin = self._begin.get(identity.key, 0)
        index = begin if recorded[0].exchange.changes else self._index_of_read(recorded, begin)
        index = min(index, len(recorded) - 1)
        self._begin[identity.key] = index + 1
        recorded[index].is_played = True
        return recorded[index]

    def done(self, recorded: RecordedExchange) -> None:
        """Note that a response was sent."""
        if recorded.exchange.changes:
            self._reached = max(self._reached, recorded.line)
            while self._played_changes < len(self._changes) and (
                self._changes[self._played_changes].is_played
            ):
                self._played_changes += 1

    def sent(self, line: int) -> None:
        """Note that a message of a websocket was sent."""
        self._reached = max(self._reached, line)

    def take_socket(self, path: str) -> RecordedSocket | None:
        """The websocket for the next connection to a path; None if none was recorded."""
        recorded = [each for each in self.sockets if each.upgrade.path == path]
        waiting = [each for each in recorded if not each.is_played]
        due = [each for each in waiting if self.is_due(each.upgrade.after)]
        played = [each for each in recorded if each.is_played]
        found = due[:1] or played[-1:] or waiting[:1]
        for each in found:
            each.is_played = True
        return found[0] if found else None

    def is_due(self, after: int) -> bool:
        """Whether the requests were played that had changed something before."""
        return min(after, len(self._changes)) <= self._played_changes

    @property
    def awaited(self) -> RecordedExchange | None:
        """The first request that changes something and was not played yet; others wait for it."""
        return next(iter(self._changes[self._played_changes :]), None)

    @property
    def unplayed(self) -> list[str]:
        """Method and path of the requests that nobody sent, each with how often it was recorded.

        Not websockets: a program whose job ends sooner may have no time to open one.
        """
        counts: dict[str, int] = {}
        for key, recorded in self._by_key.items():
            # Of a poll, those that were skipped or repeated count as sent.
            if not any(each.is_played for each in recorded):
                counts[recorded[0].name] = counts.get(recorded[0].name, 0) + len(recorded)
            elif recorded[0].exchange.changes and (missing := len(recorded) - self._begin.get(key, 0)) > 0:
                counts[recorded[0].name] = counts.get(recorded[0].name, 0) + missing
        return [name if count == 1 else f"{name} ({count} times)" for name, count in counts.items()]

    def why_unknown(self, identity: Identity) -> str:
        """What to say of a request that was not recorded: the nearest one, and the difference."""
        return printable(self._why_unknown(identity))

    def _why_unknown(self, identity: Identity) -> str:
        asked = f"{identity.method} {identity.path} is not in the recording"
        found = nearest(identity, [each.identity for each in self.exchanges[:_MOST_NAMED]])
        if found is None:
            return f"{asked}, which is empty"
        name = f"{found.method} {found.path}"
        if found.path != identity.path:
            return f"{asked}; the nearest is {name}"
        if found.method != identity.method:
            return f"{asked}; there is {name}"
        return f"{asked} in this form; {difference(identity, found)}"

    def _index_of_read(self, recorded: Sequence[RecordedExchange], begin: int) -> int:
        due = [index for index in range(begin, len(recorded)) if self.is_due(recorded[index].exchange.after)]
        if not due:
            return max(begin - 1, 0)
        for index in due:
            if recorded[index].line > self._reached:
                return index
        # All are older than what the program knows: those that say the same count once.
        first = due[0]
        while first + 1 in due and _is_same(recorded[first].exchange, recorded[first + 1].exchange):
            first += 1
        return first


def printable(text: str) -> str:
    """Text as it may be shown on a terminal, which it cannot control."""
    return "".join(each if each.isprintable() else quote(each, errors="replace") for each in text)


def _is_same(first: Exchange, second: Exchange) -> bool:
    return (first.status, first.response, first.failure) == (second.status, second.response, second.failure)
