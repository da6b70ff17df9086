"""A query by DuckDB, in another process, over copies in memory of the tables that it names.

Nothing is installed for it, and DuckDB gets no access to files: its own reader of SQLite files is
an extension that it would download.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._errors.redaction import one_line
from ..errors import ConfigurationError
from .arrow_reader import arrow_batches
from .query_process import is_possible, run
from .query_program import by_duckdb
from .results import Rows
from .table_reader import readable_tables

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

MISSING_LIBRARY = (
    "engine=\"duckdb\" needs the packages duckdb and pyarrow: pip install 'comfy-cloud[duckdb,parquet]'"
)
_LONGEST = 300
_FAILED = "DuckDB cannot run the query"


def query_by_duckdb(
    mirror: OpenMirror, sql: str, parameters: Sequence[Any], *, timeout: float, max_rows: int
) -> Rows:
    """Run a query by DuckDB; see `Mirror.query`."""
    try:
        import duckdb
        import pyarrow  # noqa: F401
    except ModuleNotFoundError:
        raise ConfigurationError(MISSING_LIBRARY) from None
    from .sql_query import ADVICE, rows_of

    sql = sql.encode(errors="replace").decode()
    with duckdb.connect(":memory:") as connection:
        try:
            statements = connection.extract_statements(sql)
        except duckdb.Error as error:
            raise ConfigurationError(f"{_FAILED}: {one_line(str(error), _LONGEST)}") from None
        if len(statements) != 1:
            raise ConfigurationError(f"The query must be one statement, not {len(statements)}. {ADVICE}")
        if statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
            raise ConfigurationError(f"The query was refused: it does not only read. {ADVICE}")
        try:
            named = {name.lower() for name in connection.get_table_names(sql)}
        except duckdb.Error:  # of a statement with parameters it says none
            named = {word.lower() for word in re.findall(r"\w+", sql)}
    names = sorted(named & readable_tables(mirror))
    request = {
        "engine": "duckdb",
        "sql": sql,
        "parameters": tuple(parameters),
        "timeout": timeout,
        "max_rows": max_rows,
        "tables": names,
    }
    tables = (arrow_batches(mirror, name) for name in names)
    named_tables = zip(names, tables, strict=True)
    answer = run(request, tables) if is_possible() else by_duckdb(request, named_tables)
    return rows_of(answer, _FAILED, timeout)
