"""Jobs with the same graph and other inputs: `Mirror.similar`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from .difference import graph_difference
from .results import Rows
from .schema import JOBS
from .stored_jobs import stored_job

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

COLUMNS = ("id", "status", "created_ms", "run_seconds", "credits", "changed", "values")


def similar(mirror: OpenMirror, job_id: str, *, limit: int = 20) -> Rows:
    """Find jobs with the same graph; see `Mirror.similar`."""
    this = stored_job(mirror, job_id)
    if this.graph_digest is None:
        return Rows(COLUMNS, [])
    chosen = (JOBS.c.id, JOBS.c.status, JOBS.c.created_ms, JOBS.c.run_seconds, JOBS.c.credits)
    query = (
        select(*chosen)
        .where(
            JOBS.c.graph_digest == this.graph_digest, JOBS.c.id != this.id, JOBS.c.inputs_digest.is_not(None)
        )
        .order_by(JOBS.c.created_ms.desc(), JOBS.c.id)
        .limit(limit + 1)
    )
    with mirror.connect() as connection:
        found = connection.execute(query).all()
    rows = []
    for row in found[:limit]:
        changes = graph_difference(this.graph, stored_job(mirror, row[0]).graph)
        changed = [*changes.models, *changes.seeds, *changes.inputs]
        values: dict[str, Any] = {f"{each['node']}.{each['input']}": each["after"] for each in changed}
        rows.append((*row, ", ".join(values), values))
    return Rows(COLUMNS, rows, is_cut=len(found) > limit)
