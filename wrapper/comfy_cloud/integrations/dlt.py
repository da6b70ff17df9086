"""The history of a mirror as a source of dlt, loaded incrementally (package dlt).

    import dlt
    from comfy_cloud.integrations.dlt import comfy_cloud_history

    pipeline = dlt.pipeline("comfy_cloud", destination="duckdb", dataset_name="comfy")
    pipeline.run(comfy_cloud_history("history.sqlite"))

Each run loads the jobs that the mirror has changed since the run before, with their outputs,
models and prompts. Rows are merged by their keys, so nothing is there twice.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from ..errors import ConfigurationError
from ..mirror.job_conditions import JobConditions
from ..mirror.mirror import Mirror
from ..mirror.table_reader import column_batches, original_columns, table_columns

try:
    import dlt
except ModuleNotFoundError as missing:
    if (missing.name or "").split(".")[0] != "dlt":
        raise
    raise ConfigurationError(
        "comfy_cloud.integrations.dlt needs the package dlt: pip install 'comfy-cloud[mirror,dlt]'"
    ) from None

TABLES = {
    "outputs": ("job_id", "position"),
    "models": ("job_id", "node_id", "name"),
    "prompts": ("job_id", "node_id", "name", "role"),
    "seeds": ("job_id", "node_id", "name"),
}
_TYPES = {
    "text": "text",
    "integer": "bigint",
    "number": "double",
    "boolean": "bool",
    "bytes": "binary",
    "time": "timestamp",
}


def comfy_cloud_history(mirror: str | os.PathLike[str]) -> Any:
    """A source of dlt with the resources `jobs`, `outputs`, `models`, `prompts` and `seeds`.

    Args:
        mirror: The file of a mirror, or the URL of a PostgreSQL, as `Mirror.open` takes it. Sync it
            before: `comfy-cloud history sync`.

    Raises:
        ConfigurationError: There is no mirror, or it cannot be read.
    """
    with Mirror.open(mirror, create=False, read_only=True) as opened:
        columns = {name: table_columns(opened, name) for name in ("jobs", *TABLES)}

    def resource(name: str, key: tuple[str, ...]) -> Any:
        hints = {each.name: {"data_type": _TYPES[each.kind]} for each in columns[name]}

        def rows() -> Iterator[list[dict[str, Any]]]:
            state = dlt.current.resource_state()
            since = state.get("synced_ms", -1)
            latest = since
            conditions = JobConditions()
            # Not only later: a sync may write more jobs within the same millisecond.
            conditions.add("jobs.synced_ms >= {}", since)
            with Mirror.open(mirror, create=False, read_only=True) as opened:
                latest = opened.query("SELECT max(synced_ms) AS latest FROM jobs")[0]["latest"] or since
                for batch in column_batches(opened, name, conditions):
                    originals = original_columns(columns[name], batch)
                    yield [
                        dict(zip((each.name for each in columns[name]), row, strict=True))
                        for row in zip(*originals, strict=True)
                    ]
            state["synced_ms"] = latest

        settings: dict[str, Any] = {"primary_key": list(key), "columns": hints}
        return dlt.resource(rows, name=name, write_disposition="merge", **settings)

    def source() -> Any:
        return [resource("jobs", ("id",)), *(resource(name, key) for name, key in TABLES.items())]

    return dlt.source(source, name="comfy_cloud_history")()
