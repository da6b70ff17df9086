"""The quick reading of an entry gives what the usual one gives, or nothing."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._jobs import quick_reads
from comfy_cloud._jobs.entries import HistoryEntry
from comfy_cloud._jobs.outputs import find_outputs
from comfy_cloud._jobs.quick_reads import quick_count, quick_run
from comfy_cloud._jobs.states import status_from_history, timeline
from comfy_cloud_api.api.job import get_history

T = 1_795_000_000_000
START, SUCCESS = ["execution_start", {"timestamp": T}], ["execution_success", {"timestamp": T + 7, "x": []}]
RUN: dict[str, Any] = {"status_str": "success", "completed": True, "messages": [START, SUCCESS]}

events = st.sampled_from(["execution_start", "execution_cached", "execution_success", "execution_error", "x"])
data = st.fixed_dictionaries(
    {}, optional={"timestamp": st.sampled_from([T, T + 1, 1e12, "2026-01-01", 5, None])}
)
messages = st.lists(st.tuples(events, data | st.none()) | st.tuples(events), max_size=4)
names = st.sampled_from(["a.png", "b.png", "f/a.png", "a.glb", "", "f\\a.png"])
files = st.fixed_dictionaries(
    {"filename": names | st.none()},
    optional={"subfolder": st.sampled_from(["", "f"]), "type": st.sampled_from(["", "output", "temp"])},
)
lists = st.lists(files | names | st.lists(files, max_size=2), max_size=3) | st.lists(files, max_size=4)
outputs = st.dictionaries(
    st.sampled_from(["1", "2"]), st.dictionaries(st.sampled_from(["images", "text"]), lists, max_size=2)
)


@given(st.sampled_from(["success", "SUCCESS", "error", "", None]), st.booleans(), messages)
def test_a_run_is_read_as_by_the_usual_reader(status: str | None, completed: bool, of_run: list[Any]) -> None:
    run = {"status_str": status, "completed": completed, "messages": of_run}
    found, usual = quick_run(json.dumps(run).encode()), timeline(run)
    assert found in (None, (status_from_history(run), usual.started_at, usual.finished_at))


CACHED: list[Any] = ["execution_cached", {"nodes": ["4"], "timestamp": T}]


@pytest.mark.parametrize(
    "of_run",
    [
        [START, CACHED, SUCCESS],
        [START, CACHED, ["execution_success", {}]],
        [["execution_start", {"timestamp": None}], CACHED, SUCCESS],
        [["execution_start", {"timestamp": 5}], CACHED, SUCCESS],
        [START, ["execution_cached"], SUCCESS],
        [START, ["execution_cached", None], SUCCESS],
        [START, CACHED, SUCCESS, SUCCESS],
        [START, CACHED, [*SUCCESS, 1]],
        [START, CACHED, ["execution_error", {"timestamp": T}]],
        [START, CACHED, ["execution_interrupted", {"timestamp": T}]],
        [SUCCESS, CACHED, START],
    ],
)
@pytest.mark.parametrize("status", ["success", "error"])
def test_a_run_of_three_messages_is_read_as_by_the_usual_reader(of_run: list[Any], status: str) -> None:
    run = {"status_str": status, "completed": True, "messages": of_run}
    found, usual = quick_run(json.dumps(run).encode()), timeline(run)
    assert found in (None, (status_from_history(run), usual.started_at, usual.finished_at))


@pytest.mark.parametrize("name", ["f/a.png", "f\\a.png"])
def test_a_folder_in_a_name_counts_as_the_folder_of_the_file(name: str) -> None:
    of_node = {"images": [{"filename": name}, {"filename": "a.png", "subfolder": "f"}]}
    assert len(find_outputs({"1": of_node})) == 1
    assert quick_count(json.dumps({"1": of_node}).encode()) in (None, 1)


def test_the_most_frequent_forms_have_decoders_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = quick_reads._new_decoders()
    assert usual is not None
    monkeypatch.setattr(quick_reads, "_cached", [usual._replace(run=None, files=None)])
    assert quick_run(json.dumps({**RUN, "messages": [START, CACHED, SUCCESS]}).encode()) is not None
    assert quick_count(b'{"1": {"images": [{"filename": "a.png"}, {"filename": "b.png"}]}}') == 2


@given(outputs)
def test_files_are_counted_as_by_the_usual_reader(made: dict[str, Any]) -> None:
    assert quick_count(json.dumps(made).encode()) in (None, len(find_outputs(made)))


def test_the_usual_form_is_read_quickly() -> None:
    assert quick_run(json.dumps(RUN).encode()) is not None
    made = {
        "1": {
            "images": [{"filename": "a.png"}, {"filename": "a.png"}, {"filename": "b.png", "format": "x/y"}]
        }
    }
    assert quick_count(json.dumps(made).encode()) == 2


@pytest.mark.parametrize("content", [b"null", b"[]", b"{}", b"[" * 100_000, b'{"status_str":"success"}'])
def test_another_form_is_left_to_the_usual_reader(content: bytes) -> None:
    assert quick_run(content) is None
    assert quick_count(content) in (None, 0)


def entry_of(**fields: Any) -> HistoryEntry:
    content = json.dumps({"history": [{"prompt_id": "a", "status": RUN, **fields}]}).encode()
    response: Any = SimpleNamespace(status_code=200, headers={}, content=content)
    found = get_history.parse(response).history
    assert found
    return HistoryEntry(found[0])


def test_an_entry_follows_what_is_changed_in_it() -> None:
    entry = entry_of(outputs={"1": {"images": [{"filename": "a.png"}]}})
    assert (entry.status, entry.outputs_count) == ("completed", 1)
    entry.raw.status = {"status_str": "error"}
    entry.raw.outputs = {}
    assert (entry.status, entry.outputs_count) == ("failed", 0)


def test_an_entry_without_msgspec_is_read_by_the_usual_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_reads, "_cached", [None])
    entry = entry_of(outputs={"1": {"images": [{"filename": "a.png"}]}})
    assert (entry.status, entry.outputs_count) == ("completed", 1)
    assert entry.finished_at is not None
    assert entry.finished_at.timestamp() == (T + 7) / 1000
