"""Runs one query of SQLite or DuckDB: in this process, or as a program that can be ended. I/O.

As a program it reads a `Request` and the tables for DuckDB from its input, and writes an `Answer`.
It imports nothing of this package, since it has to start quickly.
"""

# pyright: reportMissingImports=false
# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import contextlib
import pickle
import re
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any

MOST_BYTES = 512 * 1024 * 1024
"""Bytes of all texts of one result."""
MOST_MEMORY = 1536 * 1024 * 1024
"""Bytes that a query may use beside the tables, where the system can hold it to that."""
MOST_WIDTH = 999
NOT_PLAIN = "a parameter is something other than text, a number, bytes, a date or None"
WIDTH_REFUSED = f"a width or precision in printf is larger than {MOST_WIDTH}, or is given by *"
_WIDE = re.compile(r"%[^a-zA-Z%]*(\*|[0-9]{4})")

_LONGEST_VALUE = 64 * 1024 * 1024
_MOST_COLUMNS = 200
_STEPS = 20_000
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
# Those whose time and results are about as long as the values they are given.
_QUICK = {
    "abs", "avg", "bm25", "coalesce", "count", "date", "datetime", "dense_rank", "first_value", "format",
    "ifnull", "iif", "json_extract", "json_array_length", "json_type", "json_valid", "julianday", "lag",
    "last_value", "lead", "length", "likelihood", "likely", "lower", "match", "max", "min", "nth_value",
    "ntile", "nullif", "percent_rank", "printf", "rank", "round", "row_number", "sign", "strftime", "substr",
    "substring", "sum", "time", "total", "typeof", "unicode", "unixepoch", "unlikely", "upper", "cume_dist",
}  # fmt: skip

# engine, sql, parameters, timeout, max_rows; for SQLite `uri`; for DuckDB `tables`, names in order
Request = Mapping[str, Any]
# "rows", columns, rows, is_cut; or the kind of an error, and its text
Answer = tuple[Any, ...]


class _Guard:
    """What the authorizer of SQLite allows, and the first action that it refused."""

    def __init__(self, timeout: float) -> None:
        self.refused: str | None = None
        self.is_late = False
        self.functions: set[str] = set()
        self._end = time.monotonic() + timeout

    def authorize(
        self, action: int, one: str | None, two: str | None, database: str | None, trigger: str | None
    ) -> int:
        if action in _READS:
            return sqlite3.SQLITE_OK
        name = (two or "").lower()
        if action == sqlite3.SQLITE_FUNCTION and name not in _REFUSED_FUNCTIONS:
            self.functions.add(name)
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


def by_sqlite(connection: sqlite3.Connection, request: Request, *, is_free: bool = True) -> Answer | None:
    """Run a query on a connection that only reads, and close it.

    None if it is not `is_free` and has a step that could take any time or memory: nothing stops a
    function before its end.
    """
    guard = _Guard(request["timeout"])
    printing = _bound_printf(connection, guard.refuse)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _MOST_COLUMNS)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        for table in _DECLARED_LATE:
            with contextlib.suppress(sqlite3.OperationalError):  # not in this build of SQLite
                connection.execute(f"SELECT 1 FROM {table} LIMIT 0")  # noqa: S608 - names of ours
        connection.set_progress_handler(guard.has_ended, _STEPS)
        connection.set_authorizer(guard.authorize)
        if not is_free and _has_long_steps(connection, guard, request):
            return None
        cursor = connection.execute(request["sql"], request["parameters"])
        if cursor.description is None:
            return "empty", ""
        return limited([each[0] for each in cursor.description], cursor, request["max_rows"])
    except (sqlite3.Error, sqlite3.Warning, UnicodeEncodeError, OverflowError) as error:
        if guard.refused is not None:
            return "refused", guard.refused
        return ("late", "") if guard.is_late else ("failed", str(error))
    finally:
        connection.close()
        printing.close()


def _has_long_steps(connection: sqlite3.Connection, guard: _Guard, request: Request) -> bool:
    """By the program that SQLite has made of the query; one that is not valid has none."""
    try:
        steps = connection.execute(f"EXPLAIN {request['sql']}", request["parameters"]).fetchall()
    except (sqlite3.Error, sqlite3.Warning, UnicodeEncodeError, OverflowError):
        return False
    return not guard.functions <= _QUICK or any(step[1] == "Concat" for step in steps)


def _bound_printf(connection: sqlite3.Connection, refuse: Callable[[str], object]) -> sqlite3.Connection:
    """Refuse widths in `printf` and `format` that take half a minute to fill.

    `refuse` is called with the reason. Returns what both run in, to be closed.
    """
    plain = sqlite3.connect(":memory:", check_same_thread=False)

    def printf(*values: Any) -> Any:
        if values and isinstance(values[0], str) and _WIDE.search(values[0]):
            refuse(WIDTH_REFUSED)
            raise ValueError(WIDTH_REFUSED)
        marks = ", ".join("?" * len(values))
        return plain.execute(f"SELECT printf({marks})", values).fetchone()[0]

    for name in ("printf", "format"):
        connection.create_function(name, -1, printf, deterministic=True)
    return plain


def by_duckdb(request: Request, tables: Iterable[tuple[str, Any]]) -> Answer:
    """Run a query over copies of tables, each a RecordBatchReader of pyarrow."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        ends = time.monotonic() + request["timeout"]
        clock = threading.Timer(request["timeout"], connection.interrupt)
        clock.start()
        try:
            for name, reader in tables:
                connection.from_arrow(reader).create(name)
            if time.monotonic() > ends:  # between two statements, nothing is interrupted
                return "late", ""
            connection.execute("SET python_enable_replacements = false")
            connection.execute("SET lock_configuration = true")
            _bound_memory()
            cursor = connection.execute(request["sql"], list(request["parameters"]))
            columns = [each[0] for each in cursor.description or ()]
            return limited(columns, iter(cursor.fetchone, None), request["max_rows"])
        except duckdb.InterruptException:
            return "late", ""
        except duckdb.OutOfMemoryException:
            return "memory", ""
        except duckdb.Error as error:
            return "failed", str(error)
        finally:
            clock.cancel()


def limited(columns: Sequence[str], rows: Iterable[Sequence[Any]], most: int) -> Answer:
    """At most so many rows, and bytes."""
    kept: list[Sequence[Any]] = []
    size = 0
    for row in rows:
        if len(kept) == most:
            return "rows", columns, kept, True
        size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if size > MOST_BYTES:
            return "large", str(len(kept))
        kept.append(row)
    return "rows", columns, kept, False


def _bound_memory() -> None:
    """From here on, allow so many more bytes. Linux alone counts them."""
    try:
        import resource

        with open("/proc/self/statm") as file:
            used = int(file.read().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (used + MOST_MEMORY, used + MOST_MEMORY))
    except (ImportError, OSError, ValueError):
        return


def _received(names: Iterable[str], given: IO[bytes]) -> Iterable[tuple[str, Any]]:
    import pyarrow

    for name in names:
        yield name, pyarrow.ipc.open_stream(given)


def main() -> None:
    """Answer one request."""
    try:
        request = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    except Exception:  # noqa: BLE001 - of a class that this process does not have, any
        sys.stdout.buffer.write(pickle.dumps(("failed", NOT_PLAIN)))
        return
    try:
        if request["engine"] == "duckdb":
            answer = by_duckdb(request, _received(request["tables"], sys.stdin.buffer))
        else:
            _bound_memory()
            connection = sqlite3.connect(request["uri"], uri=True, timeout=10, isolation_level=None)
            answer = by_sqlite(connection, request) or ("empty", "")
        content = pickle.dumps(answer)
    except MemoryError:
        content = pickle.dumps(("memory", ""))
    sys.stdout.buffer.write(content)


if __name__ == "__main__":
    main()
