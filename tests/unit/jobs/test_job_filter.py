"""Filtering and sorting jobs where the server cannot do it."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud._jobs.entries import ComfyHistoryEntry, HistoryEntry
from comfy_cloud._jobs.history_filter import HistoryFilter
from comfy_cloud._jobs.job_filter import in_order, matches
from comfy_cloud._jobs.queue_items import entries_of, entry_of, read_queue
from comfy_cloud._jobs.states import JobStatus
from tests.clock import FakeTime

NOTHING: dict[str, Any] = dict.fromkeys(("status", "workflow_id", "output_type", "sort_by", "sort_order"))
NOON = 1_780_000_000_000


def entry(
    id: str, began: int | None = None, ended: int | None = None, *, created: int | None = None, **raw: Any
) -> HistoryEntry:
    """A finished job of a self-hosted ComfyUI; instants are seconds after noon."""
    instants = {"execution_start": began, "execution_success": ended}
    messages = [[event, {"timestamp": NOON + at * 1000}] for event, at in instants.items() if at is not None]
    extra_data = raw.pop("extra_data", {}) | (
        {} if created is None else {"create_time": NOON + created * 1000}
    )
    status = {"status_str": "success", "completed": True, "messages": messages}
    return ComfyHistoryEntry(
        id, {"prompt": [0, id, {}, extra_data, []], "status": status, "outputs": {}} | raw
    )


def ids(entries: list[HistoryEntry]) -> list[str]:
    return [each.id for each in entries]


def test_by_status_and_workflow() -> None:
    saved = entry("a", extra_data={"extra_pnginfo": {"workflow": {"id": "w-1"}}})
    failed = entry("b", status={"status_str": "error", "completed": False, "messages": []})
    assert (saved.workflow_id, failed.workflow_id) == ("w-1", None)
    for query, found in [
        ({}, [True, True]),
        ({"status": "failed,pending"}, [False, True]),
        ({"status": "completed"}, [True, False]),
        ({"workflow_id": "w-1"}, [True, False]),
        ({"workflow_id": "w-2"}, [False, False]),
    ]:
        assert [matches({**NOTHING, **query}, each) for each in (saved, failed)] == found


@pytest.mark.parametrize(("kind", "expected"), [("image", True), ("video", True), ("3d", False)])
def test_by_kind_of_output(kind: str, expected: bool) -> None:
    outputs = {"1": {"images": [{"filename": "a.png"}, {"filename": "b.mp4"}]}}
    query = {**NOTHING, "output_type": kind}
    assert matches(query, entry("a", outputs=outputs)) is expected
    failed = {"status_str": "error", "completed": False, "messages": []}
    assert not matches(query, entry("a", outputs=outputs, status=failed))


def test_orders() -> None:
    listed = [
        entry("short", 0, 1),
        entry("unknown"),
        entry("long", 2, 9),
        entry("mean", 10, 12),
        entry("new"),
    ]
    assert ids(in_order(NOTHING, listed)) == ["new", "mean", "long", "unknown", "short"]
    assert ids(in_order({**NOTHING, "sort_order": "asc"}, listed)) == ids(listed)
    by_length = {**NOTHING, "sort_by": "execution_time"}
    assert ids(in_order(by_length, listed)) == ["long", "mean", "short", "new", "unknown"]
    assert ids(in_order({**by_length, "sort_order": "asc"}, listed)) == [
        "short", "mean", "long", "unknown", "new"
    ]  # fmt: skip
    # As an iterator, which can be read only once, and under the other name of the same field.
    by_length["sort_by"] = "execution_duration"
    assert ids(in_order(by_length, iter(listed))) == ["long", "mean", "short", "new", "unknown"]


def test_jobs_of_equal_length_keep_their_order() -> None:
    listed = [entry("first", 0, 1), entry("second", 2, 3)]
    query = {**NOTHING, "sort_by": "execution_time"}
    assert ids(in_order(query, listed)) == ["second", "first"]
    assert ids(in_order({**query, "sort_order": "asc"}, listed)) == ["first", "second"]


def test_the_date_of_an_entry_is_the_first_known_one(time: FakeTime) -> None:
    now = time.now()
    assert entry("a", 1, 2, created=0).instant == entry("a", 0).instant
    assert entry("a", 1, 2).instant == entry("a", 1).started_at
    assert entry("a", None, 2).instant == entry("a", None, 2).finished_at
    wanted = HistoryFilter.of(entry("a", 2).started_at, None, None, now)
    assert [wanted.matches(each) for each in (entry("a", 2), entry("a", 1), entry("a"))] == [
        True,
        False,
        False,
    ]
    assert wanted.is_before([entry("a", 0), entry("b", 1)])
    assert not wanted.is_before([entry("a", 0), entry("b")])


def test_a_queue_as_entries() -> None:
    def item(number: float, id: str) -> list[Any]:
        return [number, id, {}, {"extra_pnginfo": {"workflow": {"id": f"w-{id}"}}}, []]

    queue = read_queue([item(0, "run")], [item(9, "last"), item(1.5, "next")])
    entries = entries_of(queue)
    assert [each.id for each in entries] == ["run", "next", "last"]
    assert [each.status for each in entries] == [
        JobStatus.IN_PROGRESS, JobStatus.PENDING, JobStatus.PENDING
    ]  # fmt: skip
    assert [each.queue_position for each in entries] == [None, 1, 2]
    assert [each.workflow_id for each in entries] == ["w-run", "w-next", "w-last"]
    assert [(item.id, item.job_id) for item in queue] == [("run", "run"), ("next", "next"), ("last", "last")]
    assert (queue.position("last"), queue.position("run"), "run" in queue) == (2, None, True)
    found = entry_of(queue, "last")
    assert found is not None
    assert found.queue_position == 2
    assert entry_of(queue, "nobody") is None
