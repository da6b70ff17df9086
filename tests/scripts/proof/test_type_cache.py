"""Runs of mypy at the same time have caches of their own."""

from __future__ import annotations

from pathlib import Path

from scripts.proof.type_cache import TypeCache


def test_each_run_has_its_own_and_the_last_one_is_kept(tmp_path: Path) -> None:
    shared = tmp_path / "caches" / "proof"
    first = TypeCache(shared)
    assert not first.path.exists()
    first.path.mkdir()
    (first.path / "a").write_text("first")
    first.keep()
    first.close()
    one, two = TypeCache(shared), TypeCache(shared)
    (one.path / "a").write_text("one")
    assert (two.path / "a").read_text() == (shared / "a").read_text() == "first"
    one.keep()
    two.close()  # its run found an error
    one.close()
    assert (shared / "a").read_text() == "one"
    assert [path.name for path in shared.parent.iterdir()] == ["proof"]


def test_two_that_end_at_the_same_time_leave_one(tmp_path: Path) -> None:
    shared = tmp_path / "proof"
    runs = [TypeCache(shared) for _ in range(3)]
    for run in runs:
        run.path.mkdir()
        (run.path / "a").write_text("whole")
    for run in runs:
        run.keep()
    for run in runs:
        run.close()
    assert (shared / "a").read_text() == "whole"
    assert list(tmp_path.iterdir()) == [shared]
