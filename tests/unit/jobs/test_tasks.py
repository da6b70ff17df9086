"""Reading background tasks, in all forms that servers send."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud import TaskFailed
from comfy_cloud.tasks import asset_id_of, failure_of, is_completed, poll_delays, task_progress
from comfy_cloud_api.models.task import Task

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def task(**fields: Any) -> Task:
    return Task.from_dict({"id": "t", "status": "running", **fields})


def test_delays_grow_to_a_bound() -> None:
    delays = list(islice(poll_delays(), 20))
    assert delays == sorted(delays)
    assert delays[0] == 0.5
    assert delays[-1] == 10


def test_endings() -> None:
    assert is_completed(task(status="completed"))
    assert not is_completed(task())
    assert failure_of(task(), "t") is None
    assert failure_of(task(status="completed"), "t") is None
    failed = failure_of(task(status="failed", error_message="disk full"), "t")
    assert isinstance(failed, TaskFailed)
    assert str(failed) == "task t failed: disk full"
    cancelled = failure_of(task(status="canceled"), "t")
    assert cancelled is not None
    assert "cancelled" in str(cancelled)


@pytest.mark.parametrize(
    ("fields", "progress"),
    [
        ({}, None),
        ({"bytes_downloaded": 5, "bytes_total": 10}, (5, 10)),
        ({"result": {"bytes_downloaded": 5.0, "bytes_total": 0}}, (5, None)),
        ({"payload": {"bytes_downloaded": 7}}, (7, None)),
        ({"payload": {"bytes_downloaded": True}}, None),
    ],
)
def test_progress(fields: dict[str, Any], progress: tuple[int, int | None] | None) -> None:
    assert task_progress(task(**fields)) == progress


@pytest.mark.parametrize(
    ("fields", "asset_id"),
    [
        ({"result": {"asset_id": "a"}}, "a"),
        ({"result": {"asset": {"id": "b"}}}, "b"),
        ({"result": {"id": "c"}}, "c"),
        ({"asset_id": "d"}, "d"),
        ({"result": {"asset": "x"}}, None),
        ({}, None),
    ],
)
def test_the_asset_that_was_made(fields: dict[str, Any], asset_id: str | None) -> None:
    assert asset_id_of(task(**fields)) == asset_id


@given(
    st.dictionaries(
        st.sampled_from(["status", "result", "payload", "error_message", "bytes_downloaded"]), JSON
    )
)
def test_no_shape_raises(fields: dict[str, Any]) -> None:
    found = Task.from_dict(fields)
    failure_of(found, "t")
    is_completed(found)
    asset_id_of(found)
    task_progress(found)
