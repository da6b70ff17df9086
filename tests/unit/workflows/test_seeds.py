"""Which inputs are seeds, and the range from which they are drawn."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import Workflow

SMALL: list[Any] = ["INT", {"min": 0, "max": 9}]


def drawn(inputs: dict[str, Any], specs: dict[str, Any]) -> dict[str, int]:
    """The largest seeds that may be drawn, by input."""
    graph = {"1": {"class_type": "A", "inputs": inputs}, "2": {"class_type": "B", "inputs": {}}}
    info: Any = {"A": {"input": {"optional": specs}}}
    found = Workflow(graph).randomise_seeds(lambda least, most: most, object_info=info)
    return {name.partition(".")[2]: seed for name, seed in found.items()}


@pytest.mark.parametrize("value", [1, 2**64 - 1, "42", " 42 ", 42.0, {"__value__": 3}])
@pytest.mark.parametrize("name", ["seed", "noise_seed", "rand_seed", "Seed", "image_seed"])
def test_seeds_in_every_form(name: str, value: object) -> None:
    assert drawn({name: value}, {name: SMALL}) == {name: 9}


@pytest.mark.parametrize(
    "value", [["2", 0], True, None, 1.5, "7f", "", "4" * 30, {"__value__": [1]}, {"a": 1}]
)
def test_what_is_not_a_seed(value: object) -> None:
    assert drawn({"seed": value}, {"seed": SMALL}) == {}


@pytest.mark.parametrize(
    ("options", "largest"),
    [
        ({"max": 65535.0}, 65535),
        ({"min": -5, "max": -1}, -1),
        ({"min": 10, "max": 5}, 2**31 - 1),
        ({"max": float("nan")}, 2**31 - 1),
        ({"max": True}, 2**31 - 1),
        ({"max": "9"}, 2**31 - 1),
        ({"min": 2**40, "max": 2**41}, 2**41),
        ({}, 2**31 - 1),
    ],
)
def test_odd_ranges(options: dict[str, Any], largest: int) -> None:
    assert drawn({"seed": 1}, {"seed": ["INT", options]}) == {"seed": largest}


def test_the_range_is_that_of_the_chosen_option() -> None:
    options = [
        {"key": key, "inputs": {"required": {"seed": ["INT", {"max": most}]}}}
        for key, most in (("a", 7), ("b", 99))
    ]
    specs = {"mode": ["COMFY_DYNAMICCOMBO_V3", {"options": options}]}
    assert drawn({"mode": "a", "mode.seed": 3}, specs) == {"mode.seed": 7}
    assert drawn({"mode": "b", "mode.seed": 3}, specs) == {"mode.seed": 99}
