"""A history that changes and breaks at random while it is synced: the mirror equals it."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from comfy_cloud import ComfyCloudError
from comfy_cloud._sync._mirror import sync as sync_module
from comfy_cloud.mirror.store import Store

from .walking_service import CHANGES, ENDS, Killed, WalkingService

PAGE = 6


@pytest.fixture(scope="module")
def small_pages() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sync_module, "_PAGE", PAGE)
        patch.setattr(sync_module, "_SHORT_LIST", 0)
        patch.setattr(sync_module, "_BATCH", 3)
        patch.setattr(sync_module, "_MOST_HELD", 3 * PAGE)
        patch.setattr(sync_module, "_WRITTEN_AT_ONCE", PAGE // 2)
        patch.setattr(sync_module, "_MOST_WAITING", 2 * PAGE)
        yield


@pytest.fixture(scope="module")
def empty_mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy: creating one takes longer than a sync."""
    path = tmp_path_factory.mktemp("empty") / "m.sqlite"
    Store.open(path).close()
    return path


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def sync(service: Any, store: Store, *, full: bool = False, details: bool = True) -> Any:
    return sync_module.Sync(service, service, store, None).run(full=full, details=details, wait=0)


def check(service: WalkingService, store: Store) -> None:
    """The mirror has what the service has, and keeps what that has deleted."""
    found = rows(store, "SELECT id, status, has_details FROM jobs WHERE deleted_ms IS NULL")
    assert sorted(found) == sorted(
        (job.id, "failed" if job.has_failed else "completed", 1) for job in service.listed
    )
    gone = {job.id for job in service.jobs if job.is_gone}
    assert {job_id for (job_id,) in rows(store, "SELECT id FROM jobs WHERE deleted_ms IS NOT NULL")} <= gone
    times = dict(rows(store, "SELECT id, created_ms FROM jobs WHERE deleted_ms IS NULL"))
    assert times == {job.id: job.sent().get("create_time") for job in service.listed}
    outputs = rows(
        store, "SELECT job_id, filename FROM outputs JOIN jobs ON id = job_id AND deleted_ms IS NULL"
    )
    assert sorted(outputs) == sorted(
        (job.id, f"{job.number}-{place}.png") for job in service.listed for place in range(job.number % 3)
    )
    for table in ("nodes", "seeds", "search"):
        of_each = (
            f"SELECT job_id, count(*) FROM {table} JOIN jobs ON id = job_id AND deleted_ms IS NULL GROUP BY 1"
        )
        assert dict(rows(store, of_each)) == {job.id: 1 for job in service.listed}


# What happens before each of the first requests of one sync, after how many more it ends early (if
# it does, and by what), and which kind of sync it is.
ROUNDS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(CHANGES), max_size=8),
        st.none() | st.tuples(st.integers(0, 12), st.sampled_from(ENDS)),
        st.sampled_from(["plain", "plain", "full", "list"]),
    ),
    min_size=1,
    max_size=5,
)
Round = tuple[list[str], tuple[int, str] | None, str]
CALM: Round = ([], None, "plain")


EXPLICIT_TOO, RANDOM = tuple(Phase), tuple(phase for phase in Phase if phase is not Phase.explicit)


@pytest.mark.parametrize(
    ("examples", "phases"), [(10, EXPLICIT_TOO), pytest.param(25, RANDOM, marks=pytest.mark.slow)]
)
@pytest.mark.usefixtures("small_pages")
def test_the_mirror_equals_the_history(empty_mirror: Path, examples: int, phases: tuple[Phase, ...]) -> None:
    @settings(
        max_examples=examples,
        phases=phases,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(jobs=st.integers(0, 24), rounds=ROUNDS)
    # A job that ends after newer ones; deletions; an interrupted pass, and newer jobs since.
    @example(
        jobs=20,
        rounds=[(["begin"], None, "plain"), (["run many"], None, "plain"), (["end oldest"], None, "plain")],
    )
    @example(jobs=20, rounds=[CALM, (["delete middle", "delete oldest"], None, "full")])
    @example(jobs=24, rounds=[([], (3, "kill"), "plain"), (["run three"], (0, "kill"), "list")])
    @example(jobs=24, rounds=[(["", "", "delete newest", "delete newest", "run"], None, "plain")])
    # A job that begins after a sync looked for unfinished ones, and ends after newer jobs.
    @example(
        jobs=1,
        rounds=[
            (["", "", "run"], None, "plain"),
            (["", "", "begin", "run many"], None, "plain"),
            (["end oldest"], None, "plain"),
        ],
    )
    @example(jobs=1, rounds=[(["", "begin", "run many"], None, "plain"), (["end oldest"], None, "plain")])
    @example(jobs=1, rounds=[(["", "begin"], None, "plain")])
    # A job that was unfinished, ended and was deleted: the whole list does not have it.
    @example(
        jobs=10,
        rounds=[
            (["run", "run many", "begin", "delete middle", "fail", "fail"], None, "plain"),
            (
                ["run", "run many", "", "delete middle", "fail", "", "run three", "delete middle"],
                None,
                "plain",
            ),
            (["begin", "end newest", "end oldest", "delete middle"], None, "plain"),
        ],
    )
    def holds(jobs: int, rounds: list[Round]) -> None:
        walk(empty_mirror, jobs, rounds)

    holds()


def walk(empty_mirror: Path, jobs: int, rounds: list[Round]) -> None:
    service = WalkingService()
    for _ in range(jobs):
        service.add(has_ended=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(empty_mirror, folder))
        store = Store.open(path)
        try:
            for changes, end, kind in rounds:
                service.expect(changes if end is None else [*changes, *[""] * end[0], end[1]])
                with suppress(ComfyCloudError, Killed):
                    sync(service, store, full=kind == "full", details=kind != "list")
            service.expect(())
            # Without reading all of the list: nothing is missing that has ended by now.
            sync(service, store)
            found = {job_id for (job_id,) in rows(store, "SELECT id FROM jobs")}
            assert {job.id for job in service.listed} <= found
            sync(service, store, full=True)
            check(service, store)
            sent = service.requests
            again = sync(service, store)
            assert (again.added, again.changed, again.details) == (0, 0, 0)
            assert service.requests <= sent + 2
            check(service, store)
        finally:
            store.close()
