"""SQL that reads the mirror, and can do nothing else: `Mirror.query`. I/O.

In SQLite an authorizer allows reading and no other action, on a connection of its own that is read
only. In PostgreSQL it is one statement in a transaction that is read only. A query ends at its
limits of time, rows and bytes.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy.exc import DBAPIError

from .._errors.redaction import one_line
from ..errors import ConfigurationError
from .bounded_printf import bound_printf
from .results import Rows
from .sqlite_file import reading_connection

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

MOST_ROWS = 10_000
SECONDS = 30.0

# All that one result may hold, and the longest value that a query may make.
_MOST_BYTES = 512 * 1024 * 1024
_LONGEST_VALUE = 64 * 1024 * 1024
_STEPS = 20_000
_LONGEST = 300

ADVICE = "A query only reads: SELECT ..., also with WITH or VALUES"

# These PRAGMAs describe tables; FTS5 itself asks for the version of the data.
_PRAGMAS = {
    "data_version", "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo",
}  # fmt: skip
# SQLite declares these tables when they are first used, which the authorizer would see as a change.
_DECLARED_LATE = ("search", "json_each('1')", "json_tree('1')", *(f"pragma_{name}" for name in _PRAGMAS))
_REFUSED_FUNCTIONS = {"load_extension", "fts3_tokenizer", "writefile", "readfile", "edit"}
_READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE}
_ACTIONS = {
    sqlite3.SQLITE_INSERT: "it would write rows",
    sqlite3.SQLITE_UPDATE: "it would change rows",
    sqlite3.SQLITE_DELETE: "it would delete rows",
    sqlite3.SQLITE_ATTACH: "it would open another file",
    sqlite3.SQLITE_DETACH: "it would close a database",
    sqlite3.SQLITE_PRAGMA: "it would read or change a setting",
    sqlite3.SQLITE_TRANSACTION: "it would begin or end a transaction",
    sqlite3.SQLITE_SAVEPOINT: "it would begin or end a transaction",
    sqlite3.SQLITE_FUNCTION: "it calls a function that reaches beyond the database",
}
# PostgreSQL's functions that reach beyond the tables, or run SQL that is a text.
_REFUSED_IN_POSTGRES = re.compile(
    r"\b(pg_read_\w+|pg_ls_\w+|pg_stat_file|pg_file_\w+|lo_\w+|dblink\w*|pg_terminate_backend|set_config|"
    r"pg_cancel_backend|pg_reload_conf|pg_sleep\w*|\w+_to_xml\w*|pg_advisory\w*|pg_logical\w*)\b",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"(\s|--[^\n]*(\n|$)|/\*.*?\*/)*", re.DOTALL)
_FIRST_WORD = re.compile(r"[A-Za-z]+")
_READING_WORDS = {"select", "with", "values", "table", "explain"}


def query(
    mirror: OpenMirror,
    sql: str,
    parameters: Sequence[Any] = (),
    *,
    engine: Literal["sqlite", "duckdb"] | None = None,
    timeout: float = SECONDS,
    max_rows: int = MOST_ROWS,
) -> Rows:
    """Run a query; see `Mirror.query`."""
    if not isinstance(sql, str) or not sql.strip():
        raise ConfigurationError(f"The query is empty. {ADVICE}")
    if timeout <= 0 or max_rows < 0:
        raise ConfigurationError("timeout must be more than 0 seconds, and max_rows 0 or more")
    if engine not in (None, "sqlite", "duckdb"):
        raise ConfigurationError(f'engine must be "sqlite" or "duckdb", not {engine!r}')
    if engine == "duckdb":
        from .duckdb_query import query_by_duckdb

        return query_by_duckdb(mirror, sql, parameters, timeout=timeout, max_rows=max_rows)
    if mirror.path is None:
        return _by_postgres(mirror, sql, parameters, timeout, max_rows)
    return _by_sqlite(mirror.path, sql, parameters, timeout, max_rows)


class _Guard:
    """What the authorizer allows, and the first action that it refused."""

    def __init__(self, timeout: float) -> None:
        self.refused: str | None = None
        self.is_late = False
        self._end = time.monotonic() + timeout

    def authorize(
        self, action: int, one: str | None, two: str | None, database: str | None, trigger: str | None
    ) -> int:
        if action in _READS:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and (two or "").lower() not in _REFUSED_FUNCTIONS:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_PRAGMA and (one or "").lower() in _PRAGMAS:
            return sqlite3.SQLITE_OK
        self.refuse(_ACTIONS.get(action, "it would change the tables"))
        return sqlite3.SQLITE_DENY

    def refuse(self, reason: str) -> None:
        """Note why the query is refused, unless something was before."""
        if self.refused is None:
            self.refused = reason

    def has_ended(self) -> bool:
        """Whether the time is over: the progress handler, where true ends the query."""
        self.is_late = time.monotonic() > self._end
        return self.is_late


def _by_sqlite(path: Path, sql: str, parameters: Sequence[Any], timeout: float, max_rows: int) -> Rows:
    guard = _Guard(timeout)
    connection = reading_connection(path)
    printing = bound_printf(connection, guard.refuse)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        for table in _DECLARED_LATE:
            with contextlib.suppress(sqlite3.OperationalError):  # not in this build of SQLite
                connection.execute(f"SELECT 1 FROM {table} LIMIT 0")  # noqa: S608 - names of ours
        connection.set_progress_handler(guard.has_ended, _STEPS)
        connection.set_authorizer(guard.authorize)
        cursor = connection.execute(sql, tuple(parameters))
        if cursor.description is None:
            raise ConfigurationError(f"The query gives no rows. {ADVICE}")
        return limited_rows([each[0] for each in cursor.description], cursor, max_rows)
    except (sqlite3.Error, sqlite3.Warning, UnicodeEncodeError) as error:
        if guard.refused is not None:
            raise ConfigurationError(f"The query was refused: {guard.refused}. {ADVICE}") from None
        if guard.is_late:
            raise too_late(timeout) from None
        raise ConfigurationError(f"The query cannot be run: {one_line(str(error), _LONGEST)}") from None
    finally:
        connection.close()
        printing.close()


def limited_rows(columns: Iterable[str], rows: Iterable[Sequence[Any]], max_rows: int) -> Rows:
    """At most so many rows. Raises ConfigurationError if they hold too many bytes."""
    kept: list[Sequence[Any]] = []
    size = 0
    for row in rows:
        if len(kept) == max_rows:
            return Rows(columns, kept, is_cut=True)
        size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if size > _MOST_BYTES:
            raise ConfigurationError(
                f"The result has more than {_MOST_BYTES // 1024**2} MB after {len(kept)} rows. Select fewer "
                "columns or rows, or use `history export`"
            )
        kept.append(row)
    return Rows(columns, kept)


def too_late(timeout: float) -> ConfigurationError:
    """The error of a query that ran out of time."""
    return ConfigurationError(
        f"The query took more than {timeout:g} seconds and was stopped. Ask for less, or allow more time: "
        "--timeout SECONDS, timeout= in Python"
    )


def first_word(sql: str) -> str:
    """The first word of a statement, in lower case, after any comments."""
    start = _COMMENTS.match(sql)
    found = _FIRST_WORD.match(sql.lstrip("( \t\r\n") if start is None else sql[start.end() :].lstrip("("))
    return found[0].lower() if found else ""


def _by_postgres(
    mirror: OpenMirror, sql: str, parameters: Sequence[Any], timeout: float, max_rows: int
) -> Rows:
    if first_word(sql) not in _READING_WORDS:
        raise ConfigurationError(f"The query was refused: it does not begin with SELECT. {ADVICE}")
    refused = _REFUSED_IN_POSTGRES.search(sql)
    if refused is not None:
        raise ConfigurationError(
            f"The query was refused: the function {refused[0]} reaches beyond the tables. {ADVICE}"
        )
    with mirror.connect() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(timeout * 1000)}")
        try:
            # In the binary form, psycopg sends a single statement: nothing can follow a semicolon.
            driver: Any = connection.connection.driver_connection
            with driver.cursor(binary=True) as cursor:
                cursor.execute(sql, tuple(parameters) or None)
                if cursor.description is None:
                    raise ConfigurationError(f"The query gives no rows. {ADVICE}")
                return limited_rows([each.name for each in cursor.description], cursor, max_rows)
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001 - psycopg's, which is not imported here
            raise _postgres_refusal(error, timeout) from None


def _postgres_refusal(error: Exception, timeout: float) -> Exception:
    code = getattr(error, "sqlstate", None)
    if code is None and not isinstance(error, DBAPIError):
        return error
    if code == "57014":
        return too_late(timeout)
    if code == "25006":
        return ConfigurationError(f"The query was refused: it would write. {ADVICE}")
    return ConfigurationError(f"The query cannot be run: {one_line(str(error), _LONGEST)}")
