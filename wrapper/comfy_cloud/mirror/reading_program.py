"""The program of `reading_process`: the rows of a query as a stream of Arrow on its output. I/O.

It imports nothing of this package, since it has to start quickly. Its input is a JSON object with
`uri` and `statement`; an error ends it with a status and a line on its error output.
"""

# pyright: reportMissingImports=false
# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import gc
import json
import os
import sys

_ROWS = "1024"


def main() -> None:
    """Send the rows."""
    gc.disable()  # nothing here makes circles of objects
    import adbc_driver_manager
    import adbc_driver_sqlite
    import pyarrow
    import pyarrow.ipc

    given = json.load(sys.stdin)
    output = os.fdopen(1, "wb", 1024 * 1024, closefd=False)
    with (
        adbc_driver_sqlite.connect(given["uri"]) as database,
        adbc_driver_manager.AdbcConnection(database) as connection,
        adbc_driver_manager.AdbcStatement(connection) as statement,
    ):
        statement.set_options(**{"adbc.sqlite.query.batch_rows": _ROWS})
        statement.set_sql_query(given["statement"])
        found, _ = statement.execute_query()
        with pyarrow.RecordBatchReader.from_stream(found) as reader:
            with pyarrow.ipc.new_stream(output, reader.schema) as writer:
                for batch in reader:
                    writer.write_batch(batch)
    output.flush()


if __name__ == "__main__":
    main()
