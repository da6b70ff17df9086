"""Websocket messages: every kind that servers send, and everything else that may arrive."""

from __future__ import annotations

import json
import math
import struct
import sys
from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._jobs import event_reader
from comfy_cloud._jobs.event_reader import HANDSHAKE, SeenEvents, read_event
from comfy_cloud._jobs.events import (
    ENDINGS,
    Event,
    FeatureFlags,
    JobErrored,
    JobInterrupted,
    JobStarted,
    JobSucceeded,
    NodeExecuting,
    NodeFinished,
    NodesCached,
    NodesProgress,
    NodeText,
    Notification,
    Preview,
    Progress,
    QueueStatus,
    TaskProgress,
    UnknownEvent,
)

JOB = "5f0c7a52-0f4e-4a2b-9d3c-1b2f6a7c8d9e"
JPEG = b"\xff\xd8\xff\xe0jpeg"
PNG = b"\x89PNG\r\n\x1a\npng"


def event_of(kind: str, /, **data: Any) -> Event:
    return read_event(json.dumps({"type": kind, "data": data}))


def frame(kind: int, number: int, body: bytes) -> bytes:
    return struct.pack(">II", kind, number) + body


def test_the_queue_is_reported_on_connecting_and_later() -> None:
    first = event_of("status", status={"exec_info": {"queue_remaining": 2}}, sid="abc")
    assert isinstance(first, QueueStatus)
    assert (first.remaining, first.session_id, first.job_id) == (2, "abc", None)
    later = event_of("status", status={"exec_info": {}})
    assert isinstance(later, QueueStatus)
    assert (later.remaining, later.session_id) == (None, None)


def test_a_run_from_start_to_end() -> None:
    start = event_of("execution_start", prompt_id=JOB, timestamp=1_795_435_200_000)
    assert isinstance(start, JobStarted)
    assert (start.job_id, start.at) == (JOB, datetime(2026, 11, 23, 12, tzinfo=UTC))
    cached = event_of("execution_cached", prompt_id=JOB, nodes=["1", 2])
    assert isinstance(cached, NodesCached)
    assert cached.nodes == ("1", "2")
    executing = event_of("executing", prompt_id=JOB, node="3", display_node="3")
    assert isinstance(executing, NodeExecuting)
    assert executing.node_id == "3"
    over = event_of("executing", prompt_id=JOB, node=None)
    assert isinstance(over, NodeExecuting)
    assert over.node_id is None
    success = event_of("execution_success", prompt_id=JOB)
    assert isinstance(success, JobSucceeded)
    assert set(ENDINGS) == {JobSucceeded, JobErrored, JobInterrupted}
    assert success.at is None


def test_progress_may_be_fractional_and_lack_a_maximum() -> None:
    step = event_of("progress", prompt_id=JOB, node="3", value=5, max=20)
    assert isinstance(step, Progress)
    assert (step.node_id, step.value, step.max, step.fraction) == ("3", 5, 20, 0.25)
    beyond = event_of("progress", node="3", value=21.5, max=20.0)
    assert isinstance(beyond, Progress)
    assert (beyond.job_id, beyond.fraction) == (None, 1.0)
    odd = event_of("progress", value="5", max=None)
    assert isinstance(odd, Progress)
    assert (odd.value, odd.max, odd.fraction) == (0, 0, None)


def test_the_state_of_all_nodes() -> None:
    state = event_of(
        "progress_state",
        prompt_id=JOB,
        nodes={"3": {"value": 1.0, "max": 4, "state": "running", "parent_node_id": None}, "4": "broken"},
    )
    assert isinstance(state, NodesProgress)
    assert list(state.nodes) == ["3"]
    assert (state.nodes["3"].state, state.nodes["3"].value, state.nodes["3"].max) == ("running", 1.0, 4)


def test_what_a_node_made() -> None:
    output = {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}], "text": ["hello"]}
    made = event_of("executed", prompt_id=JOB, node="9.2", display_node="9", output=output)
    assert isinstance(made, NodeFinished)
    assert [(file.filename, file.node_id) for file in made.outputs] == [("a.png", "9")]
    assert made.texts == ("hello",)
    nothing = event_of("executed", prompt_id=JOB, node="9", output=None)
    assert isinstance(nothing, NodeFinished)
    assert (nothing.outputs, nothing.texts) == ((), ())


def test_an_error_has_a_reason() -> None:
    errored = event_of(
        "execution_error", prompt_id=JOB, node_id="3", node_type="KSampler", exception_type="OOMError",
        exception_message="out of memory\n", traceback=["line"], current_outputs=["1"],
    )  # fmt: skip
    assert isinstance(errored, JobErrored)
    assert errored.error is not None
    assert (errored.error.job_id, errored.error.node_class, errored.error.exception_type) == (
        JOB,
        "KSampler",
        "OOMError",
    )
    assert isinstance(event_of("execution_interrupted", prompt_id=JOB, node_id="3"), JobInterrupted)


def test_notifications_and_feature_flags() -> None:
    line = event_of("notification", value="Executing workflow...", id=JOB)
    assert isinstance(line, Notification)
    assert (line.text, line.job_id) == ("Executing workflow...", JOB)
    assert event_of("notification", value="hello").job_id is None
    flags = event_of("feature_flags", supports_preview_metadata=True)
    assert isinstance(flags, FeatureFlags)
    assert flags.flags == {"supports_preview_metadata": True}
    assert json.loads(HANDSHAKE) == {"type": "feature_flags", "data": {"supports_preview_metadata": True}}


@pytest.mark.parametrize(
    "fields", [("bytes_downloaded", "asset_download"), ("bytes_processed", "asset_export")]
)
def test_the_progress_of_tasks(fields: tuple[str, str]) -> None:
    done, kind = fields
    task = event_of(kind, task_id="t", status="running", bytes_total=100, **{done: 40.0})
    assert isinstance(task, TaskProgress)
    assert (task.task_id, task.status, task.done, task.total, task.error) == ("t", "running", 40, 100, None)
    bare = event_of(kind, task_id="t", error="no space")
    assert isinstance(bare, TaskProgress)
    assert (bare.done, bare.total, bare.error) == (None, None, "no space")


def test_unknown_kinds_keep_what_was_sent() -> None:
    event = event_of("draft_patch", prompt_id=JOB, patch=[1])
    assert isinstance(event, UnknownEvent)
    assert (event.type, event.job_id, event.raw) == ("draft_patch", JOB, {"prompt_id": JOB, "patch": [1]})
    assert isinstance(read_event('{"type": "progress", "data": 7}'), UnknownEvent)


@pytest.mark.parametrize("message", ["", "{", "7", "[]", "{}", '{"type": 7}', '{"data": {}}', "null"])
def test_text_that_is_not_a_message(message: str) -> None:
    event = read_event(message)
    assert isinstance(event, UnknownEvent)
    assert event.type == "unreadable"


# NaN and Infinity, which Python servers write, are read as in HTTP responses


def test_a_finished_node_with_nan_in_its_output() -> None:
    event = read_event(
        '{"type": "executed", "data": {"node": "9", "display_node": "9", "prompt_id": "p", "output": '
        '{"score": [NaN], "images": [{"filename": "own.png", "subfolder": "", "type": "output"}]}}}'
    )
    assert isinstance(event, NodeFinished)
    assert [output.filename for output in event.outputs] == ["own.png"]
    assert math.isnan(event.raw["output"]["score"][0])


def test_progress_with_an_unrelated_infinity() -> None:
    event = read_event(
        '{"type": "progress", "data": {"node": "3", "prompt_id": "p", "value": 1, "max": 4, "eta": Infinity}}'
    )
    assert isinstance(event, Progress)
    assert (event.fraction, event.raw["eta"]) == (0.25, math.inf)


@pytest.mark.parametrize(
    ("value", "maximum", "fraction"),
    [
        ("NaN", "4", None), ("1", "NaN", None), ("1", "Infinity", 0.0), ("Infinity", "4", 1.0),
        ("Infinity", "Infinity", None), ("-Infinity", "4", 0.0), ("-1", "4", 0.0), ("1", "-4", None),
        ("5", "4", 1.0), ("1", "0", None),
    ],
)  # fmt: skip
def test_a_fraction_is_between_0_and_1_or_unknown(value: str, maximum: str, fraction: float | None) -> None:
    event = read_event(f'{{"type": "progress", "data": {{"value": {value}, "max": {maximum}}}}}')
    assert isinstance(event, Progress)
    assert event.fraction == fraction


def test_a_task_of_unknown_size() -> None:
    event = read_event(
        '{"type": "asset_download", "data": '
        '{"task_id": "t", "bytes_downloaded": NaN, "bytes_total": Infinity}}'
    )
    assert isinstance(event, TaskProgress)
    assert (event.task_id, event.done, event.total) == ("t", None, None)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("status", QueueStatus),
        ("execution_start", JobStarted),
        ("execution_cached", NodesCached),
        ("executing", NodeExecuting),
        ("progress", Progress),
        ("executed", NodeFinished),
        ("execution_success", JobSucceeded),
        ("execution_error", JobErrored),
        ("execution_interrupted", JobInterrupted),
        ("feature_flags", FeatureFlags),
    ],
)
def test_every_kind_may_contain_numbers_that_json_does_not_have(
    number: str, kind: str, event: type[Event]
) -> None:
    data = f'"prompt_id": "p", "timestamp": {number}, "value": {number}, "current_inputs": [[{number}]]'
    found = read_event(f'{{"type": "{kind}", "data": {{{data}}}}}')
    assert (type(found), found.job_id, found.at) == (event, "p", None)


def test_the_state_of_nodes_with_nan() -> None:
    found = read_event(
        '{"type": "progress_state", "data": {"prompt_id": "p", "nodes": '
        '{"3": {"value": NaN, "max": Infinity, "state": "running"}}}}'
    )
    assert isinstance(found, NodesProgress)
    assert (found.nodes["3"].state, found.nodes["3"].max) == ("running", math.inf)


def test_a_preview_whose_description_has_nan() -> None:
    description = b'{"node_id": "3", "prompt_id": "p", "image_type": "image/png", "score": NaN}'
    event = read_event(frame(4, len(description), description + PNG))
    assert isinstance(event, Preview)
    assert (event.job_id, event.node_id, event.format) == ("p", "3", "png")


def test_json_that_is_nested_too_deep_is_unreadable() -> None:
    event = read_event("[" * 200_000)
    assert isinstance(event, UnknownEvent)
    assert event.type == "unreadable"


# Binary frames


@pytest.mark.parametrize(
    ("number", "image", "form"),
    [
        (1, JPEG, "jpeg"),
        (2, PNG, "png"),
        (1, PNG, "png"),
        (2, JPEG, "jpeg"),
        (2, b"?", "png"),
        (1, b"?", "jpeg"),
    ],
)
def test_a_bare_preview(number: int, image: bytes, form: str) -> None:
    event = read_event(frame(1, number, image))
    assert isinstance(event, Preview)
    assert (event.image, event.format, event.job_id) == (image, form, None)


def test_a_preview_with_its_job_and_node() -> None:
    about = {"node_id": "3.1", "display_node_id": "3", "prompt_id": JOB, "image_type": "image/png"}
    description = orjson.dumps(about)
    event = read_event(frame(4, len(description), description + PNG))
    assert isinstance(event, Preview)
    assert (event.job_id, event.node_id, event.format, event.image) == (JOB, "3", "png", PNG)
    assert event.raw == about
    assert "image=" not in repr(event)


def test_text_of_a_node() -> None:
    event = read_event(frame(3, 2, b"12" + "grüße".encode()))
    assert isinstance(event, NodeText)
    assert (event.node_id, event.text) == ("12", "grüße")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 7,
        frame(9, 0, b"x"),
        frame(3, 99, b"short"),
        frame(4, 99, b"{}"),
        frame(4, 2, b"7x"),
        frame(4, 1, b"{"),
    ],
)
def test_frames_that_cannot_be_read(content: bytes) -> None:
    event = read_event(content)
    assert isinstance(event, UnknownEvent)
    assert event.raw == content


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
KINDS = [
    "status", "notification", "execution_start", "execution_cached", "executing", "progress",
    "progress_state", "executed", "execution_success", "execution_error", "execution_interrupted",
    "asset_download", "feature_flags", "other",
]  # fmt: skip
FIELDS = [
    "status",
    "value",
    "max",
    "nodes",
    "output",
    "prompt_id",
    "timestamp",
    "bytes_total",
    "node",
    "display_node",
]


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_odd_data_never_raises(kind: str, data: dict[str, Any]) -> None:
    event = read_event(json.dumps({"type": kind, "data": data}))
    assert event.type in {kind, "unreadable"}


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_an_event_equals_one_made_by_its_class(kind: str, data: dict[str, Any]) -> None:
    event = read_event(json.dumps({"type": kind, "data": data}))
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    assert type(event)(**values) == event
    assert replace(event) == event
    assert type(event).__name__ in repr(event)
    with pytest.raises(FrozenInstanceError):
        event.type = "other"  # type: ignore[misc]


@given(st.binary(max_size=200) | st.text())
def test_noise_never_raises(message: bytes | str) -> None:
    assert isinstance(read_event(message), Event)


@given(st.integers(1, 4), st.integers(0, 300), st.binary(max_size=200))
def test_binary_noise_never_raises(kind: int, number: int, body: bytes) -> None:
    assert isinstance(read_event(frame(kind, number, body)), Event)


# Repeats


def test_events_that_came_before_are_recognised() -> None:
    repeats = SeenEvents()
    made = event_of("executed", prompt_id=JOB, node="9", output={})
    step = event_of("progress", prompt_id=JOB, node="3", value=1, max=2)
    assert [repeats.is_repeat(event) for event in (made, made, step, step)] == [False, True, False, False]
    assert not repeats.is_repeat(event_of("executed", prompt_id=JOB, node="10", output={}))
    assert not repeats.is_repeat(event_of("executed", prompt_id="other", node="9", output={}))


def test_the_memory_for_repeats_is_limited() -> None:
    repeats = SeenEvents()
    for number in range(1536):
        assert not repeats.is_repeat(event_of("execution_start", prompt_id=str(number)))
    assert len(repeats._seen) == 512
    assert repeats.is_repeat(event_of("execution_start", prompt_id=str(1536 - 1)))


@pytest.mark.parametrize(
    "message",
    [
        '{"type": "progress", "data": {"value": 1, "max": NaN, "node": 7, "prompt_id": ""}}',
        '{"type": "progress", "data": {"value": 36893488147419103232, "max": 1.0, "node_id": "4"}}',
        '{"type": "progress_state", "data": {"nodes": {"1": {"state": 1, "value": 2.0, "max": true}}}}',
        '{"type": "notification", "data": {"id": "a", "value": "\\ud800"}}',
        '{"type": "status", "data": {"status": {"exec_info": {"queue_remaining": Infinity}}}}',
        '{"type": "executing", "data": {"node": null, "prompt_id": "a", "prompt_id": "b"}}',
        '{"type": "executing", "data": []}',
        '{"type": "\\u0065xecuting", "data": {"node": "\ud800"}}',
        '{"type": 1}',
        "[]",
        "[" * 100_000,
        "no JSON",
        "",
    ],
)
def test_messages_are_read_alike_with_and_without_msgspec(
    message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read_event(message)
    monkeypatch.setattr(event_reader, "_decode", event_reader.json_in)
    usual = read_event(message)
    assert (type(found), repr(vars(found))) == (type(usual), repr(vars(usual)))


def test_a_program_without_msgspec_reads_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msgspec.json", None)
    monkeypatch.setattr(event_reader, "_decode", event_reader._import_decoder)
    assert read_event('{"type": "executing", "data": {"node": "4"}}').node_id == "4"
    assert event_reader._decode is event_reader.json_in
