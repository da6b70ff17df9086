"""Jobs of API v2 as entries: states, times, outputs and errors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from comfy_cloud import JobStatus
from comfy_cloud._jobs.outputs import Output
from comfy_cloud._jobs.v2_entries import V2JobEntry, asset_id_of
from comfy_cloud_api_v2.models import Job, JobSummary

from .v2_documents import OUTPUT, STATUSES


def entry(**fields: Any) -> V2JobEntry:
    return V2JobEntry(Job.from_dict({"id": "job-1", **fields}))


@pytest.mark.parametrize(
    ("word", "status"),
    [
        *STATUSES,
        ("paused", JobStatus.UNKNOWN),
        (None, JobStatus.UNKNOWN),
        (7, JobStatus.UNKNOWN),
    ],
)
def test_states(word: object, status: JobStatus) -> None:
    assert entry(status=word).status is status


def test_times() -> None:
    found = entry(
        created_at="2026-01-02T03:04:05Z",
        started_at="2026-01-02T03:04:06Z",
        completed_at="2026-01-02T03:04:08.5Z",
    )
    assert found.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.created_ms == 1_767_323_045_000
    assert found.duration is not None
    assert found.duration.total_seconds() == 2.5
    listed = V2JobEntry(JobSummary.from_dict({"id": "a", "create_time": "2026-01-02T03:04:05Z"}))
    assert (listed.created_at, listed.started_at) == (found.created_at, None)


def test_outputs() -> None:
    found = entry(status="succeeded", outputs=[OUTPUT, {"name": ""}, "text", None])
    (output,) = found.outputs
    assert (output.filename, output.node_id, output.kind) == ("a_00001_.png", "9", "image")
    assert asset_id_of(output) == "asset-1"
    assert not found.is_partial
    assert asset_id_of(Output({"filename": "a.png", "id": "of version 1"})) is None
    listed = V2JobEntry(JobSummary.from_dict({"id": "a", "status": "succeeded"}))
    assert (listed.outputs, listed.texts, listed.is_partial) == ([], [], True)


@pytest.mark.parametrize("outputs", [None, {}, "x", 5])
def test_odd_outputs(outputs: Any) -> None:
    assert entry(outputs=outputs).outputs == []


def test_errors() -> None:
    error = {
        "code": "node_execution_error",
        "message": "too small",
        "node_id": "1",
        "class_type": "EmptyImage",
    }
    found = entry(status="failed", error=error).error
    assert found is not None
    assert (found.job_id, found.node_id, found.node_class) == ("job-1", "1", "EmptyImage")
    assert found.exception_type == "node_execution_error"
    assert "too small" in str(found)
    expired = entry(status="expired").error
    assert "expired" in str(expired)
    assert entry(status="succeeded", error=error).error is None
