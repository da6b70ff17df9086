"""Checked arguments of `cloud.map`, and how many jobs an account may run at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import ConfigurationError

# For accounts whose features do not include the number of concurrent jobs.
_JOBS_PER_TIER = {"free": 1, "standard": 1, "founders": 1, "creator": 3, "pro": 5, "team": 25}
_TIER_FIELDS = ("subscription_tier", "tier", "plan")


def concurrency_of(features: Mapping[str, Any] | None) -> int:
    """How many jobs an account may run at a time, by its features; 1 if it is not known."""
    known = features or {}
    number = known.get("max_concurrent_jobs")
    if isinstance(number, int) and not isinstance(number, bool) and number >= 1:
        return number
    for name in _TIER_FIELDS:
        tier = known.get(name)
        if isinstance(tier, str) and tier.strip().lower() in _JOBS_PER_TIER:
            return _JOBS_PER_TIER[tier.strip().lower()]
    return 1


def checked_inputs(inputs: object) -> Iterable[Any]:
    """The inputs of many variants.

    Raises ConfigurationError if they are not an iterable of inputs.
    """
    if isinstance(inputs, (str, bytes, Mapping)) or not isinstance(inputs, Iterable):
        raise ConfigurationError(
            "map() takes the inputs of many variants, such as [{'6.text': 'a cat'}, {'6.text': 'a dog'}], "
            "not "
            f"{type(inputs).__name__}. Use run() for one variant"
        )
    return inputs


def checked_concurrency(concurrency: object) -> int | None:
    """How many variants to run at a time. Raises ConfigurationError if it is not 1 or more."""
    if concurrency is None:
        return None
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
        raise ConfigurationError(f"concurrency must be a whole number of 1 or more, not {concurrency!r}")
    return concurrency
