"""Open the database of a mirror: a file of SQLite, or PostgreSQL. I/O.

Nothing is written to a database that is not a mirror, is of another account, or that a newer
version wrote.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from ..errors import ConfigurationError
from .database_errors import database_errors
from .locks import lock_database, lock_file, one_writer
from .migrations import create_tables, migrate, schema_version
from .postgres import postgres_engine
from .schema import META, SCHEMA_VERSION
from .sqlite_file import keep_log, prepare_file, sqlite_engine


class Store:
    """An open database. Use `Store.open`, and close it.

    Attributes:
        engine: The SQLAlchemy engine. Transactions that write need the execution option `writes`.
        path: The file; None for PostgreSQL.
        name: The path, or the URL without its password: what messages call it.
        read_only: Whether writing is refused.
    """

    def __init__(
        self, engine: Engine, path: Path | None, name: str, *, read_only: bool, hidden: str | None
    ) -> None:
        self.engine = engine
        self.path = path
        self.name = name
        self.read_only = read_only
        self._hidden = hidden

    @classmethod
    def open(
        cls,
        path_or_url: str | os.PathLike[str],
        *,
        account: str | None = None,
        origin: str | None = None,
        create: bool = True,
        read_only: bool = False,
    ) -> Store:
        """Open a mirror, create one, or bring it up to date. See `Mirror.open`."""
        text = os.fspath(path_or_url)
        if "://" in text:
            engine, url = postgres_engine(text)
            name, hidden = url.render_as_string(hide_password=True), str(url.password or "") or None
            store = cls(engine, None, name, read_only=read_only, hidden=hidden)
        else:
            path = Path(text).expanduser()
            prepare_file(path, create=create and not read_only)
            store = cls(
                sqlite_engine(path, read_only=read_only), path, str(path), read_only=read_only, hidden=None
            )
        try:
            store._check(account, origin, create=create)
        except BaseException:
            store.close()
            raise
        return store

    def _check(self, account: str | None, origin: str | None, *, create: bool) -> None:
        with self.reading() as connection:
            version = schema_version(connection, self.name)
            meta = {} if version is None else read_meta(connection)
        self._refuse_other("account", account, meta)
        self._refuse_other("origin", origin, meta)
        given = {
            name: value for name, value in (("account", account), ("origin", origin)) if value is not None
        }
        is_current = version == SCHEMA_VERSION and given.keys() <= meta.keys()
        if is_current or (self.read_only and version == SCHEMA_VERSION):
            return
        if self.read_only or (version is None and not create):
            words = "is empty" if version is None else f"has the older schema {version}"
            raise ConfigurationError(f"The mirror {self.name} {words}. Run: comfy-cloud history sync")
        if version is None and self.path is not None:
            with database_errors(self.name):
                keep_log(self.engine)
        with self.writing() as connection:
            # Another process may have done it meanwhile.
            version = schema_version(connection, self.name)
            if version is None:
                created = str(int(datetime.now(UTC).timestamp() * 1000))
                create_tables(connection, {"created_ms": created})
            elif version < SCHEMA_VERSION:
                migrate(connection, version, self.name)
            write_meta(connection, given)

    def _refuse_other(self, what: str, given: str | None, meta: Mapping[str, str]) -> None:
        if given is not None and meta.get(what, given) != given:
            raise ConfigurationError(
                f"The mirror {self.name} belongs to another {what}: {meta[what]}, not {given}. It was not "
                "changed; give another path or database"
            )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database. Raises ConfigurationError."""
        with database_errors(self.name, self._hidden), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose transaction is committed at the end, or rolled back on an error.

        Raises ConfigurationError.
        """
        if self.read_only:
            raise ConfigurationError(f"The mirror {self.name} was opened to be read only")
        with database_errors(self.name, self._hidden), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                if self.path is None:
                    one_writer(connection)
                yield connection

    def lock(self) -> Callable[[], None] | None:
        """Take the lock for writing; returns what releases it, or None while another has it."""
        with database_errors(self.name, self._hidden):
            return lock_file(self.path) if self.path is not None else lock_database(self.engine)

    def close(self) -> None:
        """Close every connection. May be called again."""
        self.engine.dispose()


def read_meta(connection: Connection) -> dict[str, str]:
    """The rows of the table `meta`."""
    return {row[0]: row[1] for row in connection.execute(select(META.c.name, META.c.value))}


def write_meta(connection: Connection, values: Mapping[str, str]) -> None:
    """Set rows of the table `meta`."""
    for name, value in values.items():
        done = connection.execute(META.update().where(META.c.name == name).values(value=value))
        if not done.rowcount:
            connection.execute(META.insert().values(name=name, value=value))
