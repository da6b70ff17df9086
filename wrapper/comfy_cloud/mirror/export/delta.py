"""A table of Delta Lake, by the package deltalake, partitioned by month. I/O."""

# pyright: reportMissingImports=false
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import ConfigurationError
from ..arrow_reader import arrow_schema, record_batches
from ..table_reader import HISTORY, table_columns
from .months import months

if TYPE_CHECKING:
    from ..open_mirror import OpenMirror

PARTITION = "month"
MISSING_LIBRARY = (
    "Delta Lake needs the packages deltalake and pyarrow: pip install 'comfy-cloud[mirror,delta]'"
)


def write_delta(mirror: OpenMirror, to: str, table: str, since_ms: int | None) -> int:
    """Write the whole table, or replace the months from `since_ms` on; returns how many rows.

    Each commit is one step of Delta Lake: readers see all of a month, or what was there before.

    Raises ConfigurationError without the packages deltalake and pyarrow.
    """
    try:
        import deltalake
        import pyarrow
    except ModuleNotFoundError:
        raise ConfigurationError(MISSING_LIBRARY) from None
    if table not in (HISTORY, "jobs"):
        raise ConfigurationError("Delta Lake is for the tables history and jobs")
    plain = arrow_schema(table_columns(mirror, table))
    schema = plain.append(pyarrow.field(PARTITION, pyarrow.string()))
    total = 0

    def batches(month: str, conditions: Any) -> Any:
        nonlocal total
        for made in record_batches(mirror, table, conditions):
            total += made.num_rows
            names = pyarrow.array([month] * made.num_rows, pyarrow.string())
            yield pyarrow.RecordBatch.from_arrays([*made.columns, names], schema=schema)

    for month, conditions in months(mirror, since_ms):
        reader = pyarrow.RecordBatchReader.from_batches(schema, batches(month, conditions))
        exists = deltalake.DeltaTable.is_deltatable(to)
        replaced = {"predicate": f"{PARTITION} = '{month}'"} if exists else {}
        deltalake.write_deltalake(to, reader, mode="overwrite", partition_by=[PARTITION], **replaced)
    return total
