"""Server-sent events of API v2 as events: every kind, and whatever else a server may send."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud import (
    Event,
    JobChanged,
    JobStarted,
    JobStatus,
    NodeExecuting,
    NodeFinished,
    Notification,
    Preview,
    Progress,
    UnknownEvent,
)
from comfy_cloud._http.server_sent_events import SentEvent
from comfy_cloud._jobs.event_reader import SeenEvents
from comfy_cloud._jobs.v2_events import V2EventReader

from . import v2_documents

OUTPUT = {**v2_documents.OUTPUT, "job_id": "job-1"}


def read(name: str, data: Any, reader: V2EventReader | None = None) -> list[Event]:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return list((reader or V2EventReader("job-1")).read(SentEvent(name, body)))


@pytest.mark.parametrize(
    ("word", "status"),
    [*v2_documents.STATUSES, ("levitating", JobStatus.UNKNOWN)],
)
def test_statuses(word: str, status: JobStatus) -> None:
    data = {"status": word, "queue_position": 4}
    event, *started = read("status", data)
    assert [type(each) for each in started] == [JobStarted] * (status is JobStatus.IN_PROGRESS)
    assert event == JobChanged(
        type="job_changed",
        job_id="job-1",
        status=status,
        queue_position=4 if status is JobStatus.PENDING else None,
        raw=data,
    )


def test_progress_names_a_node_once_and_each_of_its_steps() -> None:
    reader = V2EventReader("job-1")
    snapshot = {"value": 0.5, "nodes_done": 1, "nodes_total": 3}
    assert read("progress", snapshot, reader) == []
    at_work = {**snapshot, "current_node": "3", "current_node_class": "KSampler"}
    (begun,) = read("progress", at_work, reader)
    assert begun == NodeExecuting(type="executing", job_id="job-1", node_id="3", raw=at_work)
    stepping = {**at_work, "step": 2, "steps": 20, "message": "KSampler 2/20"}
    (step,) = read("progress", stepping, reader)
    assert step == Progress(type="progress", job_id="job-1", node_id="3", value=2, max=20, raw=stepping)
    both = read("progress", {**stepping, "current_node": "4"}, reader)
    assert [type(event) for event in both] == [NodeExecuting, Progress]
    assert {event.node_id for event in both} == {"4"}


def test_a_preview_is_an_image() -> None:
    image = b"\xff\xd8 an image"
    data = {"node_id": "3", "content_type": "image/jpeg", "data_base64": base64.b64encode(image).decode()}
    (event,) = read("preview", data)
    assert isinstance(event, Preview)
    assert (event.image, event.format, event.node_id, event.job_id) == (image, "jpeg", "3", "job-1")
    assert "data_base64" not in event.raw
    for broken in ("", "?", "%%%%", None, 7):
        (event,) = read("preview", {**data, "data_base64": broken})
        assert isinstance(event, UnknownEvent)


def test_each_output_is_reported_once_also_after_a_reconnect() -> None:
    reader, seen = V2EventReader("job-1"), SeenEvents()
    events = [
        event
        for name in ("a.png", "b.png", "a.png", "c.png")
        for event in read("output", {**OUTPUT, "name": name}, reader)
    ]
    assert [event.outputs[0].filename for event in events if isinstance(event, NodeFinished)] == [
        "a.png",
        "b.png",
        "c.png",
    ]
    assert not any(map(seen.is_repeat, events))
    assert all(map(seen.is_repeat, events))


def test_the_memory_of_outputs_is_bounded() -> None:
    reader = V2EventReader("job-1")
    reported = sum(len(read("output", {**OUTPUT, "name": str(n)}, reader)) for n in range(10_100))
    assert reported == 10_000


def test_a_line_of_the_log_is_a_notification() -> None:
    (event,) = read("log", {"level": "info", "message": "loading"})
    assert isinstance(event, Notification)
    assert (event.text, event.job_id) == ("loading", "job-1")


@pytest.mark.parametrize("name", ["status", "progress", "preview", "output", "log", "new"])
@pytest.mark.parametrize("owner", ["job_id", "prompt_id"])
def test_events_of_another_job_are_left_out(name: str, owner: str) -> None:
    data = {**OUTPUT, "status": "succeeded", "message": "x", "current_node": "1", owner: "job-2"}
    assert read(name, data) == []


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 100_000, b'"text"'])
def test_what_is_not_an_object_is_unreadable(data: bytes) -> None:
    (event,) = read("status", data)
    assert isinstance(event, UnknownEvent)
    assert (event.type, event.job_id) == ("unreadable", "job-1")


def test_an_unknown_kind_keeps_its_name_and_data() -> None:
    (event,) = read("invoice", {"amount": 3})
    assert event == UnknownEvent(type="invoice", job_id="job-1", raw={"amount": 3})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.sampled_from(["status", "progress", "preview", "output", "log", "message"]),
    st.dictionaries(
        st.sampled_from([*OUTPUT, "status", "queue_position", "current_node", "step", "steps", "message"]),
        VALUES,
    ),
)
def test_nothing_that_is_sent_raises(name: str, data: dict[str, Any]) -> None:
    for event in read(name, data):
        assert event.job_id == "job-1"
