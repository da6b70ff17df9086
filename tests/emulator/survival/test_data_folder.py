"""What a folder keeps between two processes, and who may use it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Account, Emulator
from comfy_cloud_emulator.seeds import template
from comfy_cloud_emulator.state.store import Store

from ..workflows import job, plain, submit, text_to_image


@contextmanager
def life(folder: Path, **options: Any) -> Iterator[tuple[Emulator, httpx.Client]]:
    """One emulator on a folder, its time standing still."""
    options.setdefault("time", "virtual")
    with Emulator(data=folder, **options) as emulator:
        headers = {"X-API-Key": emulator.key}
        with httpx.Client(base_url=emulator.url, headers=headers, timeout=60, verify=False) as client:
            yield emulator, client


def test_a_second_emulator_is_refused_the_folder(tmp_path: Path) -> None:
    with life(tmp_path) as (emulator, client):
        other = Emulator(data=tmp_path)
        with pytest.raises(
            OSError, match=r"another emulator keeps its state in .*; stop it, or choose another"
        ):
            other.start()
        submit(client)
        emulator.stop()
        with other:
            assert len(other.store) == 1


def test_a_failing_start_releases_the_folder(tmp_path: Path, emulator: Emulator) -> None:
    taken = int(emulator.url.rpartition(":")[2])
    with pytest.raises(OSError, match="is not free"):
        Emulator(data=tmp_path, port=taken).start()
    with Emulator(data=tmp_path):
        pass


def test_unfinished_jobs_start_again_from_the_queue(tmp_path: Path) -> None:
    with life(tmp_path) as (emulator, client):
        running, waiting = submit(client, text_to_image()), submit(client, plain())
        emulator.time.advance(3)
        assert job(client, running)["status"] == "in_progress"
    with life(tmp_path) as (emulator, client):
        data = job(client, running)
        assert (data["status"], "execution_start_time" in data, "execution_status" in data) == (
            "pending",
            False,
            False,
        )
        emulator.time.advance(60)
        assert [job(client, id)["status"] for id in (running, waiting)] == ["completed", "completed"]
        assert [emulator.jobs.executed(id) for id in (running, waiting)] == [1, 1]
        ends = [job(client, id)["execution_end_time"] for id in (running, waiting)]
        assert ends == sorted(ends)
    with life(tmp_path) as (emulator, client):
        emulator.time.advance(60)
        assert [emulator.jobs.executed(id) for id in (running, waiting)] == [0, 0]


def test_target_nodes_are_kept(tmp_path: Path) -> None:
    """A job submitted for one of two outputs still has that target in the next process."""
    graph = plain() | {"3": plain()["2"]}
    with life(tmp_path) as (_, client):
        id = submit(client, graph, partial_execution_targets=["3"])
    with life(tmp_path) as (emulator, client):
        emulator.time.advance(60)
        assert list(job(client, id)["outputs"]) == ["3"]


def test_seeded_jobs_still_do_not_move(tmp_path: Path) -> None:
    """Seeded jobs still do not run."""
    with life(tmp_path, seed_data="demo") as (emulator, _):
        still = emulator.store.jobs("pending", "in_progress")
        assert still
    with life(tmp_path, seed_data="demo") as (emulator, _):
        emulator.time.advance(3600)
        assert emulator.store.jobs("pending", "in_progress") == still


def test_a_cleared_history_stays_empty(tmp_path: Path) -> None:
    with life(tmp_path, seed_data=3) as (_, client):
        client.post("/api/history", json={"clear": True})
    with life(tmp_path, seed_data=3) as (emulator, _):
        assert len(emulator.store) == 0


def test_what_was_spent_stays_spent(tmp_path: Path) -> None:
    accounts = {"other": Account(credits=50, name="other")}
    with life(tmp_path, credits=100, accounts=accounts) as (emulator, client):
        submit(client, text_to_image())
        emulator.time.advance(60)
        left = emulator.account.credits
        assert left is not None
        assert left < 100
    with life(tmp_path, credits=100, accounts=accounts) as (emulator, _):
        assert emulator.account.credits == pytest.approx(left)
        assert emulator.accounts["other"].account.credits == 50
    with life(tmp_path, credits=1) as (emulator, client):
        assert emulator.account.credits == 0
        assert client.post("/api/prompt", json={"prompt": plain()}).status_code == 402
    with life(tmp_path) as (emulator, client):
        assert emulator.account.credits is None


def test_time_does_not_go_back(tmp_path: Path) -> None:
    """Otherwise new work would look older than old work."""
    with life(tmp_path) as (emulator, client):
        emulator.time.advance(100_000)
        first = submit(client)
        emulator.time.advance(60)
    with life(tmp_path) as (emulator, client):
        second = submit(client)
        assert job(client, second)["create_time"] >= job(client, first)["update_time"]
        assert [entry["id"] for entry in client.get("/api/jobs").json()["jobs"]] == [second, first]
    with life(tmp_path / "new") as (emulator, client):
        emulator.time.advance(100_000)
        client.post("/api/userdata/a", content=b"a", headers={"content-type": "text/plain"})
        later = emulator.time.now()
    with life(tmp_path / "new") as (emulator, _):
        assert emulator.time.now() == pytest.approx(later, abs=0.001)


def test_half_written_files_are_removed(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / ".0123456789abcdef.part").write_bytes(b"half")
    with life(tmp_path) as (emulator, _):
        emulator.files.put(b"whole", "txt")
        assert [path.suffix for path in (tmp_path / "files").iterdir()] == [".txt"]


def test_an_interrupted_deletion_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job and its assets are in two databases; neither may remain without the other."""
    with life(tmp_path) as (emulator, client):
        id = submit(client)
        emulator.time.advance(60)
        with monkeypatch.context() as broken:
            broken.setattr(Store, "delete", _end_of_the_process)
            with pytest.raises(_Ended):
                emulator.store.delete_with_files(id)
        assert emulator.store.get(id) is not None
    with life(tmp_path) as (emulator, client):
        assert emulator.store.get(id) is None
        assert len(emulator.store.assets) == 0
        assert emulator.store.library.read("SELECT * FROM doomed_jobs") == []


def test_results_are_listed_before_their_job_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends in between runs the job again, and lists its file once."""
    with life(tmp_path) as (emulator, client):
        id = submit(client)
        update = Store.update

        def end_at_the_last_word(self: Store, changed: Any, **more: Any) -> None:
            if changed.terminal:
                raise _Ended
            update(self, changed, **more)

        with monkeypatch.context() as broken:
            broken.setattr(Store, "update", end_at_the_last_word)
            with pytest.raises(_Ended):
                emulator.time.advance(60)
        assert len(emulator.store.assets.of_job(id)) == 1
        assert job(client, id)["status"] == "in_progress"
    with life(tmp_path) as (emulator, client):
        assert client.get(f"/api/jobs/{id}/assets").json()["assets"] == []
        emulator.time.advance(60)
        assert job(client, id)["status"] == "completed"
        assert len(client.get(f"/api/jobs/{id}/assets").json()["assets"]) == 1


class _Ended(BaseException):
    """The process ends here."""


def _end_of_the_process(*_: object) -> None:
    raise _Ended


def test_seeding_is_kept_completely_or_not_at_all(
    tmp_path: Path, start_emulator: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(template, "_moved", _end_of_the_process)  # the jobs, which are written last
        with pytest.raises(_Ended):
            Emulator(data=tmp_path, seed_data="demo").start()
    with sqlite3.connect(tmp_path / "library.sqlite3") as library:
        assert library.execute("SELECT count(*) FROM assets").fetchone()[0] > 0
    library.close()
    whole = start_emulator(seed_data="demo")
    with life(tmp_path, seed_data="demo") as (emulator, _):
        assert (len(emulator.store), len(emulator.store.assets)) == (
            len(whole.store),
            len(whole.store.assets),
        )
