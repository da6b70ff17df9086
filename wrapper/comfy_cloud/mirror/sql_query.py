"""SQL that reads the mirror, and can do nothing else: `Mirror.query`. I/O.

In SQLite an authorizer allows reading and no other action, on a connection of its own that is read
only. In PostgreSQL it is one statement in a transaction that is read only. A query ends at its
limits of time, rows and bytes: where a single step of it could go beyond them, it runs in a process
of its own (`query_process`), as every query by DuckDB does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy.exc import DBAPIError

from .._errors.redaction import one_line
from ..errors import ConfigurationError
from .query_process import is_possible, run
from .query_program import MOST_BYTES, MOST_MEMORY, Answer, by_sqlite, limited
from .results import Rows
from .sqlite_file import reading_connection, reading_uri

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

MOST_ROWS = 10_000
SECONDS = 30.0

_LONGEST = 300

ADVICE = "A query only reads: SELECT ..., also with WITH or VALUES"

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


def _by_sqlite(path: Path, sql: str, parameters: Sequence[Any], timeout: float, max_rows: int) -> Rows:
    request = {
        "engine": "sqlite",
        "sql": sql,
        "parameters": tuple(parameters),
        "timeout": timeout,
        "max_rows": max_rows,
    }
    answer = by_sqlite(reading_connection(path), request, is_free=not is_possible())
    if answer is None:
        answer = run({**request, "uri": reading_uri(path)})
    return rows_of(answer, "The query cannot be run", timeout)


def rows_of(answer: Answer, failed: str, timeout: float) -> Rows:
    """The rows of an answer. Raises ConfigurationError for an error; see `query_program`."""
    kind, *rest = answer
    if kind == "rows":
        columns, rows, is_cut = rest
        return Rows(columns, rows, is_cut=is_cut)
    raise _error(kind, rest[0], failed, timeout)


def _error(kind: str, text: str, failed: str, timeout: float) -> ConfigurationError:
    if kind == "late":
        return too_late(timeout)
    if kind == "large":
        return too_large(int(text))
    if kind == "memory":
        return ConfigurationError(
            f"The query needs more than {MOST_MEMORY // 1024**2} MB of memory and was stopped. Ask for "
            "less, or use `history export`"
        )
    if kind == "refused":
        return ConfigurationError(f"The query was refused: {text}. {ADVICE}")
    if kind == "empty":
        return ConfigurationError(f"The query gives no rows. {ADVICE}")
    return ConfigurationError(f"{failed}: {one_line(text, _LONGEST)}")


def too_large(rows: int) -> ConfigurationError:
    """The error of a result with too many bytes."""
    return ConfigurationError(
        f"The result has more than {MOST_BYTES // 1024**2} MB after {rows} rows. Select fewer columns or "
        "rows, or use `history export`"
    )


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
                return rows_of(
                    limited([each.name for each in cursor.description], cursor, max_rows), "", timeout
                )
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
