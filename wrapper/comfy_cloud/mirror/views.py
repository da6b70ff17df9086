"""Views for what people ask: one row per job with its first prompt, model, seed and size."""

from __future__ import annotations

from sqlalchemy import Connection

# Each is made anew by a migration, so they may change with a version of the schema.
OVERVIEW_COLUMNS = (
    "id", "status", "created_ms", "finished_ms", "queue_seconds", "run_seconds", "credits", "workflow_id",
    "outputs_count", "error_message", "deleted_ms", "prompt", "negative", "model", "seed", "width", "height",
)  # fmt: skip
"""The columns of `jobs` that the view `overview` has."""

_OVERVIEW = f"""CREATE VIEW overview AS
SELECT {", ".join(f"jobs.{name}" for name in OVERVIEW_COLUMNS)}
FROM jobs"""  # noqa: S608 - names of ours
_MODEL_USE = """CREATE VIEW model_use AS
SELECT models.kind, models.model, count(DISTINCT jobs.id) AS jobs,
    sum(CASE WHEN jobs.status = 'failed' THEN 1 ELSE 0 END) AS failed,
    min(jobs.created_ms) AS first_ms, max(jobs.created_ms) AS last_ms,
    avg(jobs.run_seconds) AS mean_run_seconds
FROM models JOIN jobs ON jobs.id = models.job_id GROUP BY models.kind, models.model"""
_FAILURES = """CREATE VIEW failures AS
SELECT error_node_class, error_class, count(*) AS jobs, max(created_ms) AS last_ms,
    max(error_message) AS example
FROM jobs WHERE status = 'failed' GROUP BY error_node_class, error_class"""

VIEWS = {"overview": _OVERVIEW, "model_use": _MODEL_USE, "failures": _FAILURES}


def create_views(connection: Connection) -> None:
    """Create every view."""
    for statement in VIEWS.values():
        connection.exec_driver_sql(statement)


def drop_views(connection: Connection) -> None:
    """Drop every view: a migration makes them anew."""
    for name in VIEWS:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
