"""A query by DuckDB, over copies in memory of the tables that it names. I/O.

Nothing is installed for it, and DuckDB gets no access to files: its own reader of SQLite files is
an extension that it would download.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._errors.redaction import one_line
from ..errors import ConfigurationError
from .arrow_reader import arrow_batches
from .results import Rows
from .table_reader import readable_tables

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

MISSING_LIBRARY = (
    "engine=\"duckdb\" needs the packages duckdb and pyarrow: pip install 'comfy-cloud[duckdb,parquet]'"
)
_LONGEST = 300


def query_by_duckdb(
    mirror: OpenMirror, sql: str, parameters: Sequence[Any], *, timeout: float, max_rows: int
) -> Rows:
    """Run a query by DuckDB; see `Mirror.query`."""
    try:
        import duckdb
        import pyarrow  # noqa: F401
    except ModuleNotFoundError:
        raise ConfigurationError(MISSING_LIBRARY) from None
    from .sql_query import ADVICE, limited_rows, too_late

    connection = duckdb.connect(
        ":memory:",
        config={
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
        },
    )
    try:
        sql = sql.encode(errors="replace").decode()
        try:
            statements = connection.extract_statements(sql)
        except duckdb.Error as error:
            raise _refusal(error) from None
        if len(statements) != 1:
            raise ConfigurationError(f"The query must be one statement, not {len(statements)}. {ADVICE}")
        if statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
            raise ConfigurationError(f"The query was refused: it does not only read. {ADVICE}")
        known = readable_tables(mirror)
        try:
            named = {name.lower() for name in connection.get_table_names(sql)}
        except duckdb.Error:  # of a statement with parameters it says none
            named = {word.lower() for word in re.findall(r"\w+", sql)}
        for name in sorted(named & known):
            connection.from_arrow(arrow_batches(mirror, name)).create(name)
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET lock_configuration = true")
        clock = threading.Timer(timeout, connection.interrupt)
        clock.start()
        try:
            cursor = connection.execute(sql, list(parameters))
            columns = [each[0] for each in cursor.description or ()]
            rows = iter(cursor.fetchone, None)
            return limited_rows(columns, rows, max_rows)
        except duckdb.InterruptException:
            raise too_late(timeout) from None
        except duckdb.Error as error:
            raise _refusal(error) from None
        finally:
            clock.cancel()
    finally:
        connection.close()


def _refusal(error: Exception) -> ConfigurationError:
    return ConfigurationError(f"DuckDB cannot run the query: {one_line(str(error), _LONGEST)}")
