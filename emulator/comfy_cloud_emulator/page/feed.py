"""The updates for one open page: whole sections that changed, and single request rows.

One check gives at most one version of each section and `MOST_REQUESTS` rows, whatever happened
since the last one, so neither side accumulates a backlog.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import orjson

from .overview import Overview

_NEVER: Final = object()


class SectionUpdate(NamedTuple):
    """One section: its name, and its value as JSON in one line."""

    section: str
    value: bytes


class _Section:
    """One section as last sent. `mark` avoids building it when nothing changed."""

    def __init__(self, make: Callable[[], Any], mark: Callable[[], object] | None = None) -> None:
        self._make = make
        self._mark = mark
        self._marked: object = _NEVER
        self._told: bytes | None = None

    def update(self) -> bytes | None:
        # Taken before the section is built: what changes in between is in the next update.
        mark = _NEVER if self._mark is None else self._mark()
        if mark is not _NEVER and mark == self._marked:
            return None
        self._marked = mark
        value = orjson.dumps(self._make())
        if value == self._told:
            return None
        self._told = value
        return value


class Feed:
    """The updates for one page."""

    def __init__(self, overview: Overview) -> None:
        self._overview = overview
        self._sections = {
            "account": _Section(overview.account),
            "time": _Section(overview.time),
            "faults": _Section(overview.faults),
            "jobs": _Section(overview.jobs, overview.jobs_mark),
            "files": _Section(overview.files, overview.files_mark),
            "progress": _Section(overview.progress.now),
        }
        self._requests: dict[str, dict[str, Any]] = {}
        self._requests_mark: object = _NEVER

    def updates(self) -> Iterator[SectionUpdate]:
        """The sections that changed since the last call."""
        for name, section in self._sections.items():
            value = section.update()
            if value is not None:
                yield SectionUpdate(name, value)
        rows = self._new_rows()
        if rows is not None:
            yield SectionUpdate("requests", rows)

    def _new_rows(self) -> bytes | None:
        mark = self._overview.requests_mark()
        if mark == self._requests_mark:
            return None
        self._requests_mark = mark
        count, rows = self._overview.requests()
        fresh = [row for row in rows if self._requests.get(row["id"]) != row]
        self._requests = {row["id"]: row for row in rows}
        # The ids say which rows remain, and in which order.
        return orjson.dumps({"count": count, "ids": list(self._requests), "rows": fresh})
