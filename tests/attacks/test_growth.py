"""The harness finds a rule whose time grows too fast; some rules are measured with it.

`python -m tests.attacks.growth` measures all of them, `python -m tests.attacks.growing_inputs`
more of what Hypothesis makes up.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from tests.attacks.growing_inputs import Case, cases, is_flat, lines_per_unit
from tests.attacks.growth import Growth, growth_of, rules

RULES = dict(rules())


def test_the_harness_finds_quadratic_rules() -> None:
    slow = re.compile(r"\s+x")
    found = growth_of("a slow pattern", lambda n: lambda: slow.search(" " * n), smallest=400)
    assert not found.is_flat
    assert growth_of("a fast one", lambda n: lambda: sum(range(n))).is_flat


@pytest.mark.parametrize(
    ("seconds", "is_flat"),
    [
        ((0.001, 0.004, 0.016), True),
        ((0.01, 0.04, 0.16), True),
        ((0.01, 0.05, 0.25), True),
        ((0.01, 0.16, 2.56), False),
        ((0.0001, 0.0016, 0.0256), False),
        ((0.00001, 0.0001, 0.01), True),
    ],
)
def test_what_counts_as_flat(seconds: tuple[float, float, float], is_flat: bool) -> None:
    assert Growth("a rule", (1, 4, 16), seconds).is_flat is is_flat


@pytest.mark.parametrize(
    "name",
    [
        "parse_instant: digits",
        "parse_instant: spaces",
        "parse_when: numbers and words",
        "safe_name: dots",
        "redact_text: backslashes",
        "redact_text: secret fields",
        "an error page: a word after spaces",
        "content_info: digits",
        "read_event, damaged: open brackets",
        "load_graph: braces",
    ],
)
def test_a_rule_for_text(name: str) -> None:
    found = growth_of(name, RULES[name])
    assert found.is_flat, found


def test_equal_names_are_numbered_in_linear_time() -> None:
    found = growth_of("distinct", RULES["distinct, equal names: list"], smallest=300)
    assert found.is_flat, found


def test_entries_of_a_history_that_wait_for_others_are_not_sorted_again_and_again() -> None:
    name = "ComfyHistoryWalk, waiting: list"
    found = growth_of(name, RULES[name], smallest=2000)
    assert found.is_flat, found


def _first_ones(parts: list[int]) -> list[int]:
    found: list[int] = []
    for part in parts:
        for other in found:
            if other == part:
                break
        else:
            found.append(part)
    return found


def test_counted_lines_show_a_quadratic_rule() -> None:
    quadratic = Case("first ones", "", _first_ones, lambda n: list(range(n)))
    assert not is_flat(lines_per_unit(quadratic))
    assert is_flat(lines_per_unit(Case("equal ones", "", _first_ones, lambda n: [1] * n)))


# The lines that run are counted, not timed, and the cases are the same in each run.
@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(cases())
def test_made_up_inputs_that_grow(case: Case) -> None:
    assert is_flat(lines_per_unit(case)), case
