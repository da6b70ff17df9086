"""The options of a report."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypedDict

from sqlalchemy import Connection

from .thumbnails import Fetch


class ReadableMirror(Protocol):
    """What a report needs of a mirror."""

    def connect(self) -> AbstractContextManager[Connection]:
        """A connection to read with."""
        ...


class ReportOptions(TypedDict, total=False):
    """What `write_report` takes beside the mirror and the path."""

    since: datetime | None
    until: datetime | None
    status: str | Collection[str] | None
    model: str | None
    workflow_id: str | None
    limit: int
    thumbnails: int
    overwrite: bool
    fetch: Fetch | None
