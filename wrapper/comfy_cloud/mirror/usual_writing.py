"""Write new usual jobs: only the columns that they have, so that a row takes few steps. I/O.

The rows are those that `job_writing` writes for the same jobs as records.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from .schema import JOBS, OUTPUTS
from .search_writing import IndexedRow, indexed_name
from .usual_entries import STATUS, UsualJob
from .writing import insert_values

_JOBS = (
    f"INSERT INTO {JOBS.name} (number, search_rowid, first_seen_ms, synced_ms, id, created_ms, started_ms, "
    "finished_ms, queue_seconds, run_seconds, workflow_id, outputs_count, files, status, has_details)"
)
_OUTPUTS = (
    f"INSERT INTO {OUTPUTS.name} (job_id, position, node_id, key, kind, filename, display_name, subfolder, "
    "type, media_type, hash)"
)
_OF_JOBS = UsualJob._fields.index("outputs")


def insert_usual_jobs(
    connection: Connection, jobs: Sequence[tuple[int, int, UsualJob]], now_ms: int
) -> list[IndexedRow]:
    """Insert jobs with their numbers and rowids in the index, of which the rows are returned."""
    insert_values(
        connection,
        _JOBS,
        [(number, rowid, now_ms, now_ms, *job[:_OF_JOBS]) for number, rowid, job in jobs],
        constants=(f"'{STATUS}'", "false"),
    )
    insert_values(connection, _OUTPUTS, [row for _, _, job in jobs for row in job.outputs])
    return [
        (rowid, job.id, job.filters, "", "", "", "", indexed_name(job.names) if job.names else "")
        for _, rowid, job in jobs
    ]
