"""Whatever a server sends as a history entry, reading it never raises and keeps the types."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from comfy_cloud import HistoryEntry, JobStatus
from comfy_cloud._jobs.entries import ComfyHistoryEntry, JobHistoryEntry
from comfy_cloud_api.models.history_detail_entry import HistoryDetailEntry
from comfy_cloud_api.models.history_entry import HistoryEntry as HistoryModel
from comfy_cloud_api.models.job_detail_response import JobDetailResponse
from comfy_cloud_api.models.job_entry import JobEntry

ID = "0b6c1b1e-0d5e-4a55-8f3c-1f0f1f0f1f0f"
MS = 1_790_000_000_000  # 21 September 2026, in milliseconds


_JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
        st.sampled_from([
            "execution_start", "execution_error", "execution_interrupted", "error", "success", MS, "1e400",
        ]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(
                st.text(max_size=3),
                st.sampled_from([
                    "status_str", "completed", "messages", "timestamp", "filename", "extra_data", "prompt",
                    "create_time", "traceback", "exception_message", "node_errors", "content", "text",
                ]),
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)  # fmt: skip


def read_all(found: HistoryEntry) -> None:
    assert isinstance(found.id, str)
    for instant in (found.created_at, found.started_at, found.finished_at):
        assert instant is None or instant.utcoffset() == timedelta(0)
    assert found.duration is None or found.duration >= timedelta(0)
    assert found.created_ms is None or isinstance(found.created_ms, int | float)
    assert found.created_ms is not None or found.created_at is None
    assert isinstance(found.status, JobStatus)
    assert found.workflow_id is None or found.workflow_id
    assert isinstance(found.extra_data, dict)
    assert found.workflow is None or isinstance(found.workflow, dict)
    assert all(output.filename for output in found.outputs)
    assert all(isinstance(text, str) for text in found.texts)
    assert (found.error is not None) == (found.status is JobStatus.FAILED)
    assert isinstance(str(found.error), str)
    assert repr(found).startswith("<")
    hash(found)


_FIELDS = ["prompt_id", "create_time", "workflow_id", "prompt", "outputs", "status", "meta"]
_JOB_FIELDS = [
    "id", "status", "execution_error", "create_time", "preview_output", "workflow_id", "execution_start_time",
    "execution_end_time", "execution_status", "workflow", "outputs",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(_FIELDS), _JSON))
@example({"status": {"messages": [["execution_start", {"timestamp": float("nan")}]]}, "prompt": [1, 2]})
@settings(deadline=None, max_examples=60)
def test_no_response_breaks_an_entry(fields: dict[str, Any]) -> None:
    read_all(HistoryEntry(HistoryModel.from_dict(fields)))
    read_all(HistoryEntry(HistoryDetailEntry.from_dict(fields), ID))


@given(st.dictionaries(st.sampled_from(_JOB_FIELDS), _JSON))
@example({"status": "failed", "execution_error": [1]})
@settings(deadline=None, max_examples=60)
def test_no_response_breaks_a_job_entry(fields: dict[str, Any]) -> None:
    read_all(JobHistoryEntry(JobEntry.from_dict(fields)))
    read_all(JobHistoryEntry(JobDetailResponse.from_dict(fields)))


@given(st.dictionaries(st.sampled_from(_FIELDS), _JSON))
@settings(deadline=None, max_examples=60)
def test_no_response_breaks_a_self_hosted_entry(fields: dict[str, Any]) -> None:
    read_all(ComfyHistoryEntry(ID, fields))


@given(_JSON)
@example("text")
@example(None)
@example([])
@settings(deadline=None, max_examples=60)
def test_an_entry_that_is_not_an_object_is_unknown(value: Any) -> None:
    """The items of a list are read one by one; one that is not an object stays as it is."""
    plain = HistoryModel.read(value)
    for found in (HistoryEntry(plain), JobHistoryEntry(JobEntry.read(value)), ComfyHistoryEntry(ID, value)):
        read_all(found)
    if not isinstance(value, dict):
        assert HistoryEntry(plain).status is JobStatus.UNKNOWN
        assert HistoryEntry(plain).id == ""
