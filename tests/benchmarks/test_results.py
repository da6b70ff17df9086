"""The records of a run: their file, and what counts as a loss."""

from __future__ import annotations

import json
import math
import platform
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import machine, results, table
from benchmarks.measurement import Row, middle
from benchmarks.results import Result, result_of

SLOW = Result("calls", "one GET", "httpx", 1.2, 1.1)


def with_ratio(ratio: float, **changes: Any) -> Result:
    return replace(SLOW, ratio=ratio, **changes)


@pytest.mark.parametrize(("ratio", "is_loss"), [(1.0, False), (1.14, False), (1.16, True), (0.5, False)])
def test_a_loss_is_more_than_15_percent(ratio: float, is_loss: bool) -> None:
    assert bool(list(results.losses([with_ratio(ratio)], [with_ratio(1.0)]))) is is_loss


@pytest.mark.parametrize(("ratio", "is_loss"), [(6.0, True), (7.5, False), (20.0, False)])
def test_of_a_row_where_more_is_better_less_is_a_loss(ratio: float, is_loss: bool) -> None:
    new, old = with_ratio(ratio, higher_is_better=True), with_ratio(8.0, higher_is_better=True)
    assert bool(list(results.losses([new], [old]))) is is_loss


def test_a_row_of_another_name_is_not_compared() -> None:
    old = [with_ratio(0.1, work="another"), with_ratio(0.1, module="events"), with_ratio(0.1, against="json")]
    assert list(results.losses([with_ratio(1.0)], old)) == []


def test_the_file_gives_back_what_was_written(tmp_path: Path) -> None:
    row = result_of("calls", Row("one GET", "httpx", middle([1.0, 1.25, 1.5]), 1.1, "a note", limit=0.5), "")
    path = tmp_path / "rows.json"
    path.write_text(results.text_of(results.document(machine.described(), "2026-11-30", [row, SLOW])))
    assert results.results_in(results.read(path)) == [row, SLOW]
    assert (row.low, row.ratio, row.high, row.rounds) == (1.125, 1.25, 1.375, 3)


def test_the_machine_is_described_without_its_name_or_a_path() -> None:
    described = json.dumps(machine.described())
    assert platform.node() not in described
    assert str(Path.home()) not in described
    assert results.ROOT.as_posix() not in described
    assert machine.described()["cores"] >= 1


def test_the_spread_follows_what_is_done_with_a_ratio() -> None:
    found = 1 / (middle([2.0, 4.0, 8.0]) / 2)
    assert (found.low, float(found), found.high) == (1 / 3, 0.5, pytest.approx(2 / 3))


def test_a_row_that_goes_on_has_a_full_name() -> None:
    row = Row("  its memory", "40 MB", 1.0, 1.0)
    assert result_of("transfers", row, "1 GiB down").work == "1 GiB down: its memory"


def test_what_is_new_stays_with_its_module() -> None:
    old = [with_ratio(1.0), Result("events", "events", "json", 1, 1)]
    new = [with_ratio(2.0), with_ratio(3.0, work="more")]
    merged = results.merged(old, new)
    assert [(each.work, each.ratio) for each in merged] == [("one GET", 2.0), ("more", 3.0), ("events", 1)]


def test_the_committed_file_counts_not_the_one_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(results.text_of(results.document({}, "", [with_ratio(1.0)])), encoding="utf-8")
    assert results.committed(path, tmp_path) == [with_ratio(1.0)]  # no repository: the file itself
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "a"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    path.write_text(results.text_of(results.document({}, "", [with_ratio(2.0)])), encoding="utf-8")
    assert results.committed(path, tmp_path) == [with_ratio(1.0)]


def test_a_table_says_what_is_not_reached() -> None:
    assert "not yet" in table.line(SLOW)
    assert "not yet" not in table.line(with_ratio(1.0))
    rows = table.markdown([SLOW, with_ratio(8.0, target=7.0, higher_is_better=True, work="a|b")])
    assert "| one GET | httpx | 1.2 |  | ≤ 1.1 |  | not yet |" in rows
    assert "| a/b | httpx | 8 |  | ≥ 7 |  | reached |" in rows


def test_a_busy_machine_is_named() -> None:
    quiet = {"cores": 4, "cpu": "c", "system": "s", "python": "p", "packages": {"httpx": "1"}, "load": 0.5}
    run = {"date": "2026-11-30", "machine": quiet}
    assert "rough" not in table.machine_line(run)
    assert "rough" in table.machine_line({**run, "machine": {**quiet, "load": 3.0}})


def test_a_row_is_measured_when_it_is_wanted() -> None:
    row = Row.later("one GET", "httpx", lambda: 0.5, 1.0, limit=lambda: 0.1)
    assert math.isnan(row.ratio)
    assert (row.measured().ratio, row.measured().limit, row.measured().reached) == (0.5, 0.1, True)
