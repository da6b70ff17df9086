"""A pytest plugin that notes which tests are slow, in `tests/slow.txt`: `make slow-tests`.

A test function is slow if a case of it takes more than 0.07 seconds of processor time on average,
that of the programs it starts included. One that is in the list already stays until it takes
clearly less, so that measuring again changes little.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator, Mapping
from pathlib import Path
from statistics import fmean

import pytest

LIST = Path(__file__).with_name("slow.txt")
SLOW_SECONDS = 0.07
QUICK_SECONDS = 0.05

_COST = "processor seconds"


def function_of(test_id: str) -> str:
    """The id of a test without that of its case."""
    return test_id.partition("[")[0]


def slow_functions() -> frozenset[str]:
    """The ids of the functions in the list."""
    return frozenset(LIST.read_text(encoding="utf-8").split())


def chosen(costs: Mapping[str, float], listed: frozenset[str]) -> list[str]:
    """The functions that belong into the list, by the mean cost of each that ran.

    Those that did not run stay.
    """
    limits = {name: QUICK_SECONDS if name in listed else SLOW_SECONDS for name in costs}
    return sorted([name for name in costs if costs[name] > limits[name]] + [*(listed - costs.keys())])


class Costs:
    """Measures each test where it runs, and writes the list where all results come in."""

    def __init__(self) -> None:
        self._found: dict[str, list[float]] = defaultdict(list)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        before = sum(os.times()[:4])
        item.user_properties.append((_COST, before))
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "teardown":
            report.user_properties = [
                (name, sum(os.times()[:4]) - float(str(value)) if name == _COST else value)
                for name, value in item.user_properties
            ]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            self._found[function_of(report.nodeid)] += [
                float(str(value)) for name, value in report.user_properties if name == _COST
            ]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not hasattr(session.config, "workerinput") and not session.testsfailed:
            costs = {name: fmean(each) for name, each in self._found.items() if each}
            names = chosen(costs, slow_functions())
            LIST.write_text("".join(f"{name}\n" for name in names), encoding="utf-8", newline="\n")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Costs())
