"""`make bench`: which rows are measured, repeated and saved, and its exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import machine, results, runner
from benchmarks.measurement import Row
from benchmarks.results import Result

CALLS = Result("calls", "a", "httpx", 1.0, 1.1)


class Bench:
    """Modules of rows whose ratios are given, and how often each was measured."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ratios: dict[str, list[float]] = {}
        self.measured: list[str] = []
        self.committed: list[Result] = []
        self.pages = 0

    def rows_of(self, module: str) -> Callable[[], Iterator[Row]]:
        def rows() -> Iterator[Row]:
            for name in self.ratios:
                in_module, work = name.split(" ")
                if in_module == module:
                    yield Row.later(work, "httpx", lambda name=name: self._ratio(name), 1.1)  # type: ignore[misc]

        return rows

    def _ratio(self, name: str) -> float:
        self.measured.append(name)
        found = self.ratios[name]
        return found.pop(0) if len(found) > 1 else found[0]

    def __call__(self, *arguments: str) -> int:
        return program.main(list(arguments), self.path)

    @property
    def saved(self) -> dict[str, float]:
        return {each.work: each.ratio for each in results.results_in(results.read(self.path))}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    found = Bench(tmp_path / "rows.json")

    def count(_: list[str]) -> int:
        found.pages += 1
        return 0

    for name in program.UNUSUAL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(program, "MODULES", ["calls", "events"])
    monkeypatch.setattr(program, "rows_of", found.rows_of)
    monkeypatch.setattr(runner.confirmed, "__defaults__", (found.rows_of,))
    monkeypatch.setattr(results, "committed", lambda path: found.committed)
    monkeypatch.setattr(program.performance, "main", count)
    return found


def test_a_target_that_is_missed_is_not_a_failure(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.ratios = {"calls a": [1.5], "events b": [0.5]}
    assert bench() == 0
    shown = capsys.readouterr().out
    assert "not yet" in shown
    assert "1 of 2 rows reach their targets" in shown
    assert bench.saved == {"a": 1.5, "b": 0.5}
    assert bench.pages == 1


def test_a_loss_that_is_shown_each_time_fails(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.committed = [CALLS]
    bench.ratios = {"calls a": [1.3, 1.2, 1.25, 1.4], "events b": [0.5]}
    assert bench() == 1
    assert bench.measured == ["calls a", "events b", "calls a", "calls a", "calls a"]
    assert "a: 1.3, committed 1; again 1.2, 1.25, 1.4" in capsys.readouterr().err
    assert bench.saved["a"] == 1.3


def test_a_loss_that_is_not_confirmed_is_forgotten(bench: Bench) -> None:
    bench.committed = [CALLS]
    bench.ratios = {"calls a": [1.3, 1.2, 1.05], "calls c": [9.0]}
    assert bench() == 0
    assert bench.measured == ["calls a", "calls c", "calls a", "calls a"]  # only the row that lost
    assert bench.saved["a"] == 1.05


def test_a_part_is_measured_alone_and_not_saved(bench: Bench) -> None:
    bench.ratios = {"calls a": [1.0], "calls c": [1.0], "events b": [1.0]}
    assert bench("calls", "--rows", "c") == 0
    assert bench.measured == ["calls c"]
    assert bench.saved == {}


def test_a_saved_part_leaves_the_other_rows(bench: Bench) -> None:
    bench.ratios = {"calls a": [1.0, 0.9], "events b": [0.8]}
    assert bench() == 0
    assert bench("calls", "--save") == 0
    assert bench.saved == {"a": 0.9, "b": 0.8}


def test_a_part_of_another_machine_is_not_saved(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.ratios = {"calls a": [1.0]}
    assert bench() == 0
    monkeypatch.setattr(machine, "cpu_model", lambda: "another")
    with pytest.raises(SystemExit):
        bench("calls", "--save")


def test_quick_results_are_not_saved(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.ratios = {"calls a": [1.0]}
    monkeypatch.setenv("BENCH_QUICK", "1")
    assert bench() == 0
    assert bench.saved == {}
    with pytest.raises(SystemExit):
        bench("--save")
    assert "BENCH_QUICK" in capsys.readouterr().err


def test_a_module_that_fails_leaves_the_others_but_is_an_error(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.ratios = {"calls a": [], "events b": [1.0]}
    assert bench() == 1
    assert bench.measured == ["calls a", "events b"]
    assert "not measured: calls" in capsys.readouterr().err
    assert bench.saved == {}


def test_an_unknown_module_is_an_error(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench("cals")
    assert "cals; there are calls, events" in capsys.readouterr().err
