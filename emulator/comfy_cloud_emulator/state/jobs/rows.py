"""The table of jobs, and converting a job to a row and back.

A row contains its list entries as JSON bytes, so a page of a thousand entries is a join of bytes
and nothing is encoded twice. What lists leave out (the graph and the full extra_data) is in a
second table keyed by its digest, because many jobs share one workflow.

The table `runs` lists the jobs that the engine has to finish, with their target nodes. `life` has
one row: the cost of all runs so far, and whether the store has been used. This module contains
schema and conversion; it runs no statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple, cast

import orjson

from comfy_cloud_emulator.state.json_values import Json
from comfy_cloud_emulator.state.redaction import with_redacted_secrets

from . import documents, outputs
from .job import Job
from .statuses import TERMINAL, JobStatus

RUN: Final = "end_time - start_time"
"""The run time of a job, in SQL; NULL for one that never ran."""
PREVIEW_NAME: Final = (
    """substr(listing, instr(listing, CAST('"preview_output":{"filename":"' AS BLOB)) + 30, 68)"""
)
"""The stored name of a job's preview file, in SQL, if it has the length of an image's name."""

# The first three indices contain all filters of the jobs list, so pages are found without reading
# rows.
SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS sources (
    digest BLOB PRIMARY KEY,
    source BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    state TEXT NOT NULL,
    terminal INTEGER NOT NULL,
    create_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL,
    start_time INTEGER,
    end_time INTEGER,
    workflow_id TEXT,
    kinds TEXT NOT NULL,
    digest BLOB NOT NULL REFERENCES sources (digest),
    entry BLOB NOT NULL,
    listing BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_in_order ON jobs (create_time, number, status, workflow_id, kinds, id);
CREATE INDEX IF NOT EXISTS jobs_by_run ON jobs ({RUN} IS NULL, {RUN}, number, status, workflow_id, kinds, id);
CREATE INDEX IF NOT EXISTS jobs_by_longest_run ON jobs
    ({RUN} IS NULL, {RUN} DESC, number DESC, status, workflow_id, kinds, id);
CREATE INDEX IF NOT EXISTS jobs_by_end ON jobs (terminal, create_time);
CREATE INDEX IF NOT EXISTS jobs_by_status ON jobs (status, create_time);
CREATE INDEX IF NOT EXISTS jobs_by_picture ON jobs ({PREVIEW_NAME});
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY,
    targets BLOB
);
CREATE TABLE IF NOT EXISTS life (
    spent REAL NOT NULL,
    begun INTEGER NOT NULL
);
INSERT INTO life SELECT 0.0, 0 WHERE NOT EXISTS (SELECT 1 FROM life);
"""  # noqa: S608 - nothing in it comes from outside


class JobRow(NamedTuple):
    """One row of `jobs`, in the order of its columns."""

    number: int
    id: str
    status: str
    state: str
    terminal: bool
    create_time: int
    update_time: int
    start_time: int | None
    end_time: int | None
    workflow_id: str | None
    kinds: str
    digest: bytes
    entry: bytes
    listing: bytes


class Source(NamedTuple):
    """One row of `sources`: what the lists leave out."""

    digest: bytes
    source: bytes


COLUMNS: Final = ", ".join(JobRow._fields)
INSERT_JOB: Final = f"INSERT INTO jobs ({COLUMNS}) VALUES ({', '.join('?' * len(JobRow._fields))})"  # noqa: S608
INSERT_SOURCE: Final = "INSERT OR IGNORE INTO sources (digest, source) VALUES (?, ?)"
REPLACE_JOB: Final = INSERT_JOB.replace("INSERT", "REPLACE", 1)
SELECT_JOB: Final = (
    f"SELECT {', '.join(f'jobs.{name}' for name in JobRow._fields)}, sources.source"  # noqa: S608
    " FROM jobs JOIN sources USING (digest)"
)


def encode(job: Job) -> tuple[JobRow, Source]:
    """The rows of a job. Raises TypeError when something in it is not a JSON value."""
    source = encode_source(job.graph, job.extra_data)
    row = JobRow(
        number=job.number,
        id=job.id,
        status=job.status,
        state=job.state,
        terminal=job.status in TERMINAL,
        create_time=job.create_time,
        update_time=job.update_time,
        start_time=job.start_time,
        end_time=job.end_time,
        workflow_id=job.workflow_id,
        kinds=encode_kinds(outputs.kinds(job.outputs)),
        digest=source.digest,
        entry=orjson.dumps(documents.history_entry(job)),
        listing=orjson.dumps(documents.job_entry(job)),
    )
    return row, source


def encode_source(graph: Json, extra_data: Json) -> Source:
    """The graph and extra_data as a row of `sources`.

    The user's keys are redacted before they are kept.
    """
    kept = with_redacted_secrets(extra_data)
    source = orjson.dumps({"graph": graph, "extra_data": kept})
    return Source(blake2b(source, digest_size=16).digest(), source)


def encode_kinds(kinds: set[str]) -> str:
    """The kinds of media as text that can be searched for `,kind,`."""
    return f",{','.join(sorted(kinds))},"


def decode(row: Sequence[Any]) -> Job:
    """The job in a row of `SELECT_JOB`."""
    job_row = JobRow(*row[:-1])
    entry = orjson.loads(job_row.entry)
    source = orjson.loads(row[-1])
    return Job(
        id=job_row.id,
        status=cast("JobStatus", job_row.status),
        state=job_row.state,
        number=job_row.number,
        create_time=job_row.create_time,
        update_time=job_row.update_time,
        start_time=job_row.start_time,
        end_time=job_row.end_time,
        workflow_id=job_row.workflow_id,
        graph=source["graph"],
        extra_data=source["extra_data"],
        outputs=entry["outputs"],
        messages=tuple((event, data) for event, data in entry["status"]["messages"]),
        meta=entry["meta"],
    )
