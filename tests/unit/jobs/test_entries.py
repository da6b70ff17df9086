"""History entries in all three forms: what a user reads from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, HistoryEntry, JobFailed, JobStatus, Workflow
from comfy_cloud._jobs.entries import ComfyHistoryEntry, JobHistoryEntry
from comfy_cloud_api.models.history_detail_entry import HistoryDetailEntry
from comfy_cloud_api.models.history_entry import HistoryEntry as HistoryModel
from comfy_cloud_api.models.job_detail_response import JobDetailResponse
from comfy_cloud_api.models.job_entry import JobEntry

ID = "0b6c1b1e-0d5e-4a55-8f3c-1f0f1f0f1f0f"
MS = 1_790_000_000_000  # 21 September 2026, in milliseconds
CREATED = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GRAPH = {"9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}}}


def messages(*events: tuple[str, int, dict[str, Any]]) -> list[list[Any]]:
    return [[event, {"prompt_id": ID, "timestamp": MS + after, **data}] for event, after, data in events]


SUCCESS = {
    "status_str": "success",
    "completed": True,
    "messages": messages(
        ("execution_start", 1000, {}),
        ("execution_cached", 1100, {"nodes": []}),
        ("execution_success", 6500, {}),
    ),
}
CRASH = {
    "node_id": "3",
    "node_type": "KSampler",
    "executed": ["4"],
    "exception_message": "out of memory\n",
    "exception_type": "RuntimeError",
    "traceback": ["line 1", "line 2"],
    "current_inputs": {"seed": [7], "api_key_comfy_org": "comfyui-0123456789"},
    "current_outputs": ["4"],
}
FAILURE = {
    "status_str": "error",
    "completed": False,
    "messages": messages(("execution_start", 1000, {}), ("execution_error", 2000, CRASH)),
}
CANCELLATION = {
    "status_str": "error",
    "completed": False,
    "messages": messages(("execution_start", 1000, {}), ("execution_interrupted", 3000, {"node_id": "3"})),
}
OUTPUTS = {
    "9": {"images": [{"filename": "ab.png", "subfolder": "", "type": "output"}], "animated": [False]},
    "11": {"audio": []},
    "12": {"video": [{"filename": "cd.mp4", "subfolder": "", "type": "output", "display_name": "Video.mp4"}]},
    "13": {"text": ["a lighthouse"]},
}


def entry(**fields: Any) -> HistoryEntry:
    """An entry from the list of GET /api/history_v2."""
    listed = {
        "prompt_id": ID,
        "create_time": MS,
        "workflow_id": "5f0e",
        "prompt": {"priority": 1, "prompt_id": ID, "extra_data": {"client_id": "c"}},
        "outputs": OUTPUTS,
        "status": SUCCESS,
        "meta": {"9": {"node_id": "9", "display_node": "9"}},
    }
    return HistoryEntry(HistoryModel.from_dict({**listed, **fields}))


# GET /api/history_v2


def test_everything_of_a_listed_entry() -> None:
    found = entry()
    assert found.id == ID
    assert found.created_at == CREATED
    assert found.started_at == CREATED + timedelta(seconds=1)
    assert found.finished_at == CREATED + timedelta(seconds=6.5)
    assert found.duration == timedelta(seconds=5.5)
    assert found.status is JobStatus.COMPLETED
    assert found.workflow_id == "5f0e"
    assert found.extra_data == {"client_id": "c"}
    assert found.workflow is None
    assert [output.filename for output in found.outputs] == ["ab.png", "cd.mp4"]
    assert [output.kind for output in found.outputs] == ["image", "video"]
    assert found.outputs[1].display_name == "Video.mp4"
    assert found.texts == ["a lighthouse"]
    assert found.error is None
    assert found.raw.create_time == found.raw["create_time"] == MS
    assert found.raw.to_dict()["meta"] == {"9": {"node_id": "9", "display_node": "9"}}


def test_instants_are_aware_and_in_utc() -> None:
    for instant in (entry().created_at, entry().started_at, entry().finished_at):
        assert instant is not None
        assert instant.tzinfo is UTC


def test_a_time_in_seconds_is_read_too() -> None:
    assert entry(create_time=MS // 1000).created_at == CREATED


def test_the_creation_time_in_milliseconds_whatever_the_server_sent() -> None:
    assert entry().created_ms == entry(create_time=MS // 1000).created_ms == MS
    assert entry(create_time=None).created_ms is None
    assert comfy().created_ms == MS


def test_the_id_may_be_only_in_the_prompt() -> None:
    assert entry(prompt_id=None).id == ID
    assert entry(prompt_id=None, prompt={"prompt_id": 3}).id == ""


def test_outputs_are_made_once() -> None:
    found = entry()
    assert found.outputs is found.outputs


def test_a_failure_has_a_reason() -> None:
    found = entry(status=FAILURE)
    assert found.status is JobStatus.FAILED
    assert found.finished_at == CREATED + timedelta(seconds=2)
    error = found.error
    assert isinstance(error, JobFailed)
    assert (error.job_id, error.node_id, error.node_class) == (ID, "3", "KSampler")
    assert error.exception_type == "RuntimeError"
    assert error.message.strip() == "out of memory"
    assert error.traceback == ["line 1", "line 2"]
    assert "comfyui-0123456789" not in repr(vars(error))


def test_a_cancellation_is_not_a_failure() -> None:
    found = entry(status=CANCELLATION)
    assert found.status is JobStatus.CANCELLED
    assert found.error is None
    assert found.duration == timedelta(seconds=2)


def test_a_failure_without_messages_has_an_error_nevertheless() -> None:
    found = entry(status={"status_str": "error", "completed": False, "messages": []})
    assert found.status is JobStatus.FAILED
    assert found.error is not None
    assert ID in str(found.error)
    assert found.duration is None


@pytest.mark.parametrize("missing", ["create_time", "workflow_id", "prompt", "outputs", "status", "meta"])
@pytest.mark.parametrize("how", ["absent", "null"])
def test_missing_fields_are_none_or_empty(missing: str, how: str) -> None:
    fields: dict[str, Any] = {"prompt_id": ID, "create_time": MS, "outputs": OUTPUTS, "status": SUCCESS}
    fields.pop(missing, None)
    if how == "null":
        fields[missing] = None
    found = HistoryEntry(HistoryModel.from_dict(fields))
    assert found.id == ID
    assert (found.created_at is None) == (missing == "create_time")
    assert (found.outputs == []) == (missing == "outputs")
    assert (found.status is JobStatus.UNKNOWN) == (missing == "status")
    assert found.workflow_id is None
    assert found.extra_data == {}


def test_a_creation_time_may_be_in_the_extra_data() -> None:
    found = entry(create_time=None, prompt={"extra_data": {"create_time": MS}})
    assert found.created_at == CREATED


def test_an_end_before_the_start_gives_no_duration() -> None:
    backwards = messages(("execution_start", 9000, {}), ("execution_success", 2000, {}))
    found = entry(status={"status_str": "success", "messages": backwards})
    assert found.started_at is not None
    assert found.finished_at is not None
    assert found.duration is None


def test_the_single_entry_has_the_graph() -> None:
    detail = HistoryDetailEntry.from_dict(
        {
            "prompt": {
                "priority": 1,
                "prompt_id": ID,
                "prompt": GRAPH,
                "extra_data": {"create_time": MS},
                "outputs_to_execute": ["9"],
            },
            "outputs": OUTPUTS,
            "status": SUCCESS,
            "meta": {},
        }
    )
    found = HistoryEntry(detail, ID)
    assert found.id == ID
    assert found.workflow == GRAPH
    assert found.created_at == CREATED
    assert len(found.outputs) == 2


def test_a_workflow_is_loaded_from_an_entry_that_has_its_graph() -> None:
    graph = {"1": {"class_type": "A", "inputs": {}}}
    layout = {"nodes": [{"id": 1, "type": "A"}], "links": []}
    prompt = {"prompt": graph, "extra_data": {"extra_pnginfo": {"workflow": layout}}}
    loaded = Workflow.load(HistoryEntry(HistoryDetailEntry.from_dict({"prompt": prompt}), ID))
    assert (loaded.graph, loaded.ui) == (graph, layout)
    for source in (entry(), None):
        with pytest.raises(ConfigurationError, match=r"no graph.*cloud\.history\.get"):
            Workflow.load(source)  # type: ignore[arg-type]


def test_unknown_fields_are_reachable() -> None:
    assert entry(brand_new={"a": 1}).raw["brand_new"] == {"a": 1}


def test_a_repr_is_short_and_clear() -> None:
    assert repr(entry()) == f"<HistoryEntry {ID} completed 2026-09-21T14:13:20+00:00>"
    assert repr(entry(create_time=None)).endswith("no time>")


def test_entries_are_equal_by_id_and_content() -> None:
    assert entry() == entry()
    assert hash(entry()) == hash(entry())
    assert entry() != entry(create_time=MS + 1)
    assert entry() != entry(prompt_id="another")
    assert entry() != ID


@pytest.mark.parametrize("form", ["history_v2", "jobs", "history"])
def test_the_id_has_the_name_of_the_api_too(form: str) -> None:
    found = {"history_v2": entry, "jobs": job, "history": comfy}[form]()
    assert found.id == found.prompt_id == ID
    with pytest.raises(AttributeError):
        found.prompt_id = "another"  # type: ignore[misc]


# GET /api/jobs


def job(**fields: Any) -> JobHistoryEntry:
    """An entry from the list of GET /api/jobs."""
    listed = {
        "id": ID,
        "status": "completed",
        "create_time": MS,
        "execution_start_time": MS + 1000,
        "execution_end_time": MS + 6500,
        "preview_output": {
            "filename": "ab.png",
            "subfolder": "",
            "type": "output",
            "nodeId": "9",
            "mediaType": "images",
        },
        "outputs_count": 3,
        "workflow_id": "5f0e",
    }
    return JobHistoryEntry(JobEntry.from_dict({**listed, **fields}))


def test_everything_of_a_job_in_the_list() -> None:
    found = job()
    assert found.id == ID
    assert found.created_at == CREATED
    assert found.started_at == CREATED + timedelta(seconds=1)
    assert found.duration == timedelta(seconds=5.5)
    assert found.status is JobStatus.COMPLETED
    assert found.workflow_id == "5f0e"
    assert [(output.filename, output.node_id, output.kind) for output in found.outputs] == [
        ("ab.png", "9", "image")
    ]
    assert found.texts == []
    assert found.workflow is None
    assert found.extra_data == {}
    assert found.error is None
    assert repr(found).startswith(f"<JobHistoryEntry {ID} completed")


def test_a_text_preview_is_a_text() -> None:
    found = job(preview_output={"content": "a lighthouse", "nodeId": "13", "mediaType": "text"})
    assert found.texts == ["a lighthouse"]
    assert found.outputs == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("failed", JobStatus.FAILED),
        ("cancelled", JobStatus.CANCELLED),
        ("canceled", JobStatus.CANCELLED),
        ("success", JobStatus.COMPLETED),
        ("in_progress", JobStatus.IN_PROGRESS),
        ("something new", JobStatus.UNKNOWN),
        (None, JobStatus.UNKNOWN),
        (3, JobStatus.UNKNOWN),
    ],
)
def test_the_status_word_of_a_job_decides(word: object, expected: JobStatus) -> None:
    assert job(status=word).status is expected


@pytest.mark.parametrize(
    ("details", "said"),
    [
        (CRASH, "out of memory"),
        ({"exception_message": "Job has stagnated", "node_id": "", "node_type": ""}, "Job has stagnated"),
        ('{"exception_message": "as text", "node_id": "3"}', "as text"),
        ("plain words", "plain words"),
        (None, "no reason"),
        ({}, "no reason"),
    ],
)
def test_a_failed_job_has_a_reason(details: object, said: str) -> None:
    error = job(status="failed", execution_error=details).error
    assert error is not None
    assert said in str(error)


def test_a_job_that_did_not_fail_has_no_error() -> None:
    assert job(status="cancelled", execution_error=CRASH).error is None


def test_the_details_of_a_job_are_complete() -> None:
    detail = {
        "id": ID,
        "status": "failed",
        "create_time": MS,
        "outputs": OUTPUTS,
        "preview_output": {"filename": "zz.png"},
        "execution_status": FAILURE,
        "workflow": {"prompt": GRAPH, "extra_data": {"client_id": "c"}},
    }
    found = JobHistoryEntry(JobDetailResponse.from_dict(detail))
    assert [output.filename for output in found.outputs] == ["ab.png", "cd.mp4"]
    assert found.texts == ["a lighthouse"]
    assert found.workflow == GRAPH
    assert found.extra_data == {"client_id": "c"}
    assert found.duration == timedelta(seconds=1)  # from the messages, when the fields are missing
    assert found.error is not None
    assert found.error.node_id == "3"


# GET /api/history of a self-hosted ComfyUI


def comfy(**fields: Any) -> ComfyHistoryEntry:
    """An entry of a self-hosted ComfyUI."""
    listed = {
        "prompt": [3, ID, GRAPH, {"client_id": "c", "create_time": MS}, ["9"]],
        "outputs": OUTPUTS,
        "status": SUCCESS,
        "meta": {"9": {"node_id": "9", "display_node": "9", "parent_node": None, "real_node_id": "9"}},
    }
    return ComfyHistoryEntry(ID, {**listed, **fields})


def test_everything_of_a_self_hosted_entry() -> None:
    found = comfy()
    assert found.id == ID
    assert found.created_at == CREATED
    assert found.duration == timedelta(seconds=5.5)
    assert found.status is JobStatus.COMPLETED
    assert found.workflow == GRAPH
    assert found.extra_data == {"client_id": "c", "create_time": MS}
    assert found.workflow_id is None
    assert [output.filename for output in found.outputs] == ["ab.png", "cd.mp4"]
    assert found.texts == ["a lighthouse"]
    assert found.raw["prompt"][0] == 3


@pytest.mark.parametrize(
    ("status", "expected"),
    [(FAILURE, JobStatus.FAILED), (CANCELLATION, JobStatus.CANCELLED), (None, JobStatus.UNKNOWN)],
)
def test_the_ending_of_a_self_hosted_entry(status: object, expected: JobStatus) -> None:
    found = comfy(status=status)
    assert found.status is expected
    assert (found.error is not None) == (expected is JobStatus.FAILED)


def test_older_servers_do_not_say_when_it_was_submitted() -> None:
    assert comfy(prompt=[3, ID, GRAPH, {}, ["9"]]).created_at is None
    assert comfy(prompt=[3, ID]).workflow is None
    assert comfy(prompt={"prompt": GRAPH}).workflow == GRAPH
