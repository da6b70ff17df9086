"""Views for what people ask: one row per job with its first prompt, model, seed and size."""

from __future__ import annotations

from sqlalchemy import Connection

# Each is made anew by a migration, so they may change with a version of the schema.
_OVERVIEW = """CREATE VIEW overview AS
SELECT jobs.id, jobs.status, jobs.created_ms, jobs.finished_ms, jobs.queue_seconds, jobs.run_seconds,
    jobs.credits, jobs.workflow_id, jobs.outputs_count, jobs.error_message, jobs.deleted_ms,
    jobs.prompt, jobs.negative, jobs.model, jobs.seed, jobs.width, jobs.height
FROM jobs"""
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

VIEWS = (_OVERVIEW, _MODEL_USE, _FAILURES)


def create_views(connection: Connection) -> None:
    """Create every view."""
    for statement in VIEWS:
        connection.exec_driver_sql(statement)
