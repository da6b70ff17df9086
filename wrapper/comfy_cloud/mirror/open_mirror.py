"""What the modules that read a mirror need of it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection


class OpenMirror(Protocol):
    """An open mirror, as `Mirror` is one."""

    @property
    def path(self) -> Path | None:
        """The file of SQLite; None for PostgreSQL."""
        ...

    def connect(self) -> AbstractContextManager[Connection]:
        """A connection to read with."""
        ...
