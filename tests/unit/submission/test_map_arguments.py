"""Arguments of map, and how many jobs an account may run at a time."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._submission.map_arguments import checked_concurrency, checked_inputs, concurrency_of


@pytest.mark.parametrize(
    ("features", "number"),
    [
        ({"max_concurrent_jobs": 7, "tier": "free"}, 7),
        ({"max_concurrent_jobs": 0, "tier": "Pro "}, 5),
        ({"max_concurrent_jobs": True, "subscription_tier": "CREATOR"}, 3),
        ({"max_concurrent_jobs": "5", "plan": "team"}, 25),
        *(({"tier": tier}, 1) for tier in ("free", "standard", "founders")),
        ({"subscription_tier": "creator"}, 3),
        ({"subscription_tier": "free", "tier": "pro", "plan": "team"}, 1),
        ({"max_concurrent_jobs": 1.5, "tier": "pro"}, 5),
        ({"tier": "platinum"}, 1),
        ({"tier": 3}, 1),
        ({}, 1),
        (None, 1),
    ],
)
def test_how_many_may_run(features: Any, number: int) -> None:
    assert concurrency_of(features) == number


@pytest.mark.parametrize("inputs", ["text", b"", {"6.text": "a cat"}, 7, None])
def test_what_is_no_series_of_inputs(inputs: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"inputs of many variants.*run\(\)"):
        checked_inputs(inputs)


@pytest.mark.parametrize("concurrency", [0, -1, 1.5, "3", True])
def test_what_is_no_concurrency(concurrency: Any) -> None:
    with pytest.raises(ConfigurationError, match="whole number of 1 or more"):
        checked_concurrency(concurrency)


def test_what_can_be_used() -> None:
    assert checked_concurrency(None) is None
    assert checked_concurrency(3) == 3
    assert list(checked_inputs(iter([{}]))) == [{}]
