"""`Mirror`: an open database of the history. Questions to it take no network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from sqlalchemy import Connection, Engine

from .._late_names import names_imported_late
from .questions import Questions
from .store import Store, read_meta

if TYPE_CHECKING:
    from .report.report_options import ReportOptions


@names_imported_late(ReportOptions=".report.report_options")
class Mirror(Questions):
    """A mirror of the history of one account. Use `Mirror.open`, or `cloud.mirror()` to sync it.

    Close it, or use it with `with`.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    @classmethod
    def open(
        cls,
        path_or_url: str | os.PathLike[str],
        *,
        account: str | None = None,
        origin: str | None = None,
        create: bool = True,
        read_only: bool = False,
    ) -> Self:
        """Open a mirror, or create an empty one.

        Args:
            path_or_url: The path of a file of SQLite, or a URL such as
                "postgresql+psycopg://user:password@host/database".
            account: The account whose history it must be; by default that is not checked.
            origin: The server whose history it must be; by default that is not checked.
            create: Whether to create a mirror that is not there.
            read_only: Open it to be read only; nothing is created or changed.

        Raises:
            ConfigurationError: It cannot be opened, is not a mirror, is damaged or of another
                account, or was written by a newer version. It is as it was, and the message names
                the fix.
        """
        return cls(
            Store.open(path_or_url, account=account, origin=origin, create=create, read_only=read_only)
        )

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine of the database."""
        return self.store.engine

    @property
    def path(self) -> Path | None:
        """The file of SQLite; None for PostgreSQL."""
        return self.store.path

    @property
    def place(self) -> str:
        """The path of the file, or the URL of the database without its password."""
        return self.store.name

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection to read with. It sees one state of the mirror, whatever a sync writes."""
        with self.store.reading() as connection:
            yield connection

    @property
    def meta(self) -> dict[str, str]:
        """What is known of the mirror as a whole: `account`, `origin`, `created_ms` and others."""
        with self.connect() as connection:
            return read_meta(connection)

    def report(self, path: str | os.PathLike[str], **options: Unpack[ReportOptions]) -> Path:
        """Write a report: one HTML file to look at the jobs and search them without a network.

        See `comfy_cloud.mirror.report.report.write_report` for the options and errors.
        """
        from .report.report import write_report

        return write_report(self, path, **options)

    def close(self) -> None:
        """Close it. May be called again."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.store.name}>"
