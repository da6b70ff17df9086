"""The events of one job, as a server sends them, held to the contract and to what clients need."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from .json_access import text_of
from .probe import Probe
from .raw_response import RawResponse

OPERATION: Final = "getJobEvents"
MOST_EVENTS: Final = 500
"""How many events of a stream are checked."""
_LINE_END = re.compile(r"\r\n|\n|\r")


def events_in(content: bytes) -> Iterator[tuple[str, str]]:
    """The kind and the data of each event. One that the end of the stream cuts is left out."""
    kind, data = "", list[str]()
    for line in _LINE_END.split(content.decode("utf-8", "replace"))[:-1]:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            kind = value
        elif name == "data":
            data.append(value)
        elif not line:
            if data:
                yield kind or "message", "\n".join(data)
            kind, data = "", []


def check_events(probe: Probe, response: RawResponse | None, status: str, *, has_ended: bool) -> None:
    """The stream of a job with this status; that of a job that has ended ends with its status."""
    if response is None or not response.is_good:
        return
    last = ""
    for number, (kind, data) in enumerate(events_in(response.content)):
        if number < MOST_EVENTS:
            probe.check_event(OPERATION, kind, data)
        if kind == "status":
            last = _status_in(data)
    if not response.is_whole:
        if has_ended:
            probe.deviates(OPERATION, "stream", "an end, since the job has ended", "more than was read")
    elif has_ended and last != status:
        expected = "the state that the job has ended in, last"
        probe.deviates(OPERATION, "event status status", expected, "another one" if last else "nothing")


def _status_in(data: str) -> str:
    try:
        return text_of(json.loads(data), "status")
    except (ValueError, RecursionError):
        return ""
