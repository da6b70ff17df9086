"""Reading background tasks, in all forms that servers send."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError, TaskFailed
from comfy_cloud.tasks import (
    TaskFilter,
    asset_id_of,
    created_ms,
    failure_of,
    is_completed,
    poll_delays,
    task_progress,
    task_query,
    with_instants,
)
from comfy_cloud_api.models.task import Task

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def task(**fields: Any) -> Task:
    return Task.from_dict({"id": "t", "status": "running", **fields})


def test_delays_grow_to_a_bound() -> None:
    assert list(islice(poll_delays(), 10)) == [
        *(0.5, 0.75, 1.125, 1.6875, 2.53125, 3.796875, 5.6953125, 8.54296875),
        *(10, 10),
    ]


NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_what_is_sent_for_a_filter() -> None:
    everything: TaskFilter = {
        "task_name": "import",
        "idempotency_key": "k",
        "status": ["failed", "created", "failed", "running", "completed", "cancelled"],
        "created_after": datetime(2026, 11, 1, tzinfo=UTC),
        "created_before": "2026-11-02T00:00:00Z",
    }
    assert task_query(NOW, **everything) == {
        "task_name": "import",
        "idempotency_key": "k",
        "status": "failed,created,running,completed,cancelled",
        "created_after": datetime(2026, 11, 1, tzinfo=UTC),
        "created_before": datetime(2026, 11, 2, tzinfo=UTC),
    }
    assert task_query(NOW, status="failed")["status"] == "failed"
    assert set(task_query(NOW).values()) == {None}


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (
            {"color": "red"},
            "There is no filter 'color' for tasks; the filters are task_name, idempotency_key, status, "
            "created_after, created_before",
        ),
        (
            {"status": ["failed", "success"]},
            "Tasks have no status 'success'; the statuses are created, running, completed, failed, cancelled",
        ),
        ({"created_after": "some day"}, None),
    ],
)
def test_a_filter_that_cannot_be_sent(filters: Any, message: str | None) -> None:
    with pytest.raises(ConfigurationError) as caught:
        task_query(NOW, **filters)
    assert message in (None, str(caught.value))


def test_instants_are_aware_datetimes() -> None:
    found = with_instants(
        task(create_time=1_790_000_000_000, update_time="2026-09-21T14:13:20Z", started_at="soon")
    )
    moment = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert (found.create_time, found.update_time, found.started_at) == (moment, moment, "soon")
    assert found.completed_at is None
    for name in ("started_at", "completed_at"):
        assert getattr(with_instants(task(**{name: 1_790_000_000})), name) == moment
    assert created_ms(task(create_time="2026-09-21T14:13:20Z")) == 1_790_000_000_000
    assert created_ms(task()) is None


def test_endings() -> None:
    assert is_completed(task(status="completed"))
    assert not is_completed(task())
    assert failure_of(task(), "t") is None
    assert failure_of(task(status="completed"), "t") is None
    failed = failure_of(task(status="failed", error_message="disk full"), "t")
    assert isinstance(failed, TaskFailed)
    assert str(failed) == "task t failed: disk full"
    for word in ("canceled", "cancelled", "CANCELLED"):
        cancelled = failure_of(task(status=word), "t")
        assert cancelled is not None
        assert "it was cancelled" in str(cancelled)
    silent = failure_of(task(status="failed", error_message=" "), "t")
    assert str(silent) == "task t failed: the server gave no reason"


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


@example({"bytes_downloaded": float("inf")})
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
