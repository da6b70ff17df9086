"""Graphs as API v2 was sent them, where that is not what runs: with references to assets."""

from __future__ import annotations

from typing import Final

import orjson

from comfy_cloud_emulator.state.database import Database
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.json_values import Json

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS submitted_graphs (job TEXT PRIMARY KEY, graph BLOB NOT NULL) WITHOUT ROWID
"""


class SubmittedGraphs:
    """The graphs by job. Safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(_SCHEMA)

    def keep(self, job: Job, graph: Json) -> None:
        """Keep what was submitted, if the job runs something else."""
        if graph == job.graph:
            return
        with self._database.write() as database:
            database.execute(
                "INSERT OR REPLACE INTO submitted_graphs VALUES (?, ?)", (job.id, orjson.dumps(graph))
            )

    def of(self, job: Job) -> Json:
        """The graph that was submitted for a job."""
        for (graph,) in self._database.read("SELECT graph FROM submitted_graphs WHERE job = ?", (job.id,)):
            found: Json = orjson.loads(graph)
            return found
        return job.graph
