"""The plugin that measures which tests are slow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import costs

SUITE = """
import os, time, pytest

def burn():
    began = time.process_time()
    while time.process_time() - began < 0.2:
        pass

@pytest.mark.parametrize("case", ["a", "b[c]"])
def test_slow(case):
    burn()

@pytest.fixture
def slow_fixture():
    burn()

class TestGroup:
    def test_with_a_slow_fixture(self, slow_fixture):
        pass

def test_quick():
    pass

def test_waiting():
    time.sleep(0.2)
"""
PLAIN = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:schemathesis")
SLOW = ["test_suite.py::TestGroup::test_with_a_slow_fixture", "test_suite.py::test_slow"]


@pytest.mark.parametrize("workers", [0, 1])
def test_what_takes_processor_time_is_slow(
    workers: int, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = pytester.path / "slow.txt"
    listed.write_text("test_suite.py::test_quick\ntest_elsewhere.py::test_another\n")
    monkeypatch.setattr(costs, "LIST", listed)
    pytester.makepyfile(test_suite=SUITE)
    run = pytester.inline_run("-p", "tests.costs", "-n", str(workers), *PLAIN)
    run.assertoutcome(passed=5)
    assert listed.read_text().split() == ["test_elsewhere.py::test_another", *SLOW]


def test_a_run_with_failures_changes_nothing(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = pytester.path / "slow.txt"
    listed.write_text("test_suite.py::test_quick\n")
    monkeypatch.setattr(costs, "LIST", listed)
    pytester.makepyfile(test_suite="def test_wrong():\n    assert False")
    pytester.inline_run("-p", "tests.costs", *PLAIN).assertoutcome(failed=1)
    assert listed.read_text() == "test_suite.py::test_quick\n"


def test_one_that_is_listed_stays_until_it_is_clearly_quicker() -> None:
    times = {"a": 0.08, "b": 0.06, "c": 0.06, "d": 0.04}
    assert costs.chosen(times, frozenset({"c", "d", "gone"})) == ["a", "c", "gone"]


def test_the_list_is_read_by_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "LIST", tmp_path / "slow.txt")
    (tmp_path / "slow.txt").write_text("a.py::test_b\n")
    assert costs.slow_functions() == {costs.function_of("a.py::test_b[with::odd[id]]")}
