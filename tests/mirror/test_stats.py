"""Counts and percentiles of a mirror, against the same by plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.stats import nearest_rank

from .sample import fill


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with Mirror.open(tmp_path_factory.mktemp("mirror") / "history.sqlite") as made:
        fill(made, 3000)
        yield made


def test_counts_are_those_of_the_rows(mirror: Mirror) -> None:
    jobs, found = mirror.jobs(), mirror.stats()
    assert found.jobs == len(jobs) == 3000
    assert dict(found.by_status.tuples) == Counter(jobs.column("status"))
    days = Counter(
        datetime.fromtimestamp(created / 1000, UTC).date().isoformat()
        for created in jobs.column("created_ms")
    )
    assert {row["day"]: row["jobs"] for row in found.by_day} == days
    assert sum(row["failed"] for row in found.by_day) == dict(found.by_status.tuples)["failed"]
    assert {row["workflow_id"]: row["jobs"] for row in found.by_workflow} == Counter(
        jobs.column("workflow_id")
    )
    assert found.credits == pytest.approx(sum(each or 0 for each in jobs.column("credits")))
    assert (found.first_ms, found.last_ms) == (min(jobs.column("created_ms")), max(jobs.column("created_ms")))


def test_models_are_counted(mirror: Mirror) -> None:
    models = mirror.query("SELECT model FROM models").column("model")
    assert dict(mirror.stats().by_model.tuples) == Counter(models)


def test_percentiles_are_of_the_nearest_rank(mirror: Mirror) -> None:
    ran = sorted(mirror.jobs().column("run_seconds"))
    _, run = mirror.stats().times
    expected = {"what": "run", "jobs": 3000, "p50": ran[1499], "p90": ran[2699], "p99": ran[2969]}
    assert run == {**expected, "longest": ran[-1]}
    assert [nearest_rank(1, each) for each in (50, 90, 99)] == [0, 0, 0]


def test_with_and_without_the_indexes_are_the_same(mirror: Mirror) -> None:
    assert mirror.stats(since="1970-01-02").to_dict() == mirror.stats().to_dict()


def test_filters_apply_to_every_part(mirror: Mirror) -> None:
    found = mirror.stats(status="failed", model="flux")
    jobs = mirror.search(status="failed", model="flux", limit=None)
    assert found.jobs == len(jobs) > 0
    assert (
        sum(row["jobs"] for row in found.by_day) == sum(row["jobs"] for row in found.by_workflow) == len(jobs)
    )
    assert all(row["uses"] <= len(jobs) for row in found.by_model)


def test_an_empty_mirror(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Mirror.open(tmp_path_factory.mktemp("empty") / "history.sqlite") as made:
        found = made.stats()
        assert (found.jobs, found.credits, found.first_ms, len(found.by_day)) == (0, None, None, 0)
        assert found.times[0]["p50"] is None
