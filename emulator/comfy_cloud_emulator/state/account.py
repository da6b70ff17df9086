"""The account that the key belongs to: its tier, its credits, whether its subscription is active.

Values only, to be read by the engine and the routes and changed by tests at any time. Nothing here refuses anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Tier = Literal["free", "standard", "creator", "pro"]
TIERS: Final[tuple[Tier, ...]] = get_args(Tier)
CONCURRENT_JOBS: Final[dict[Tier, int]] = {"free": 1, "standard": 1, "creator": 3, "pro": 5}
"""Jobs of one account that run at the same time."""
CREDITS_PER_SECOND: Final = 0.39
"""What a second of execution costs."""


@dataclass(slots=True)
class Account:
    """One account. `credits` None means that they never run out."""

    tier: Tier = "standard"
    credits: float | None = None
    subscription_active: bool = True

    def __post_init__(self) -> None:
        if self.tier not in TIERS:
            raise ValueError(f"tier: expected one of {', '.join(TIERS)}, got {self.tier!r}")

    @property
    def concurrent_jobs(self) -> int:
        """How many of its jobs run at the same time."""
        return CONCURRENT_JOBS[self.tier]

    def charge(self, seconds: float) -> None:
        """Take off what so many seconds of execution cost; never below zero."""
        if self.credits is not None:
            self.credits = max(0.0, self.credits - seconds * CREDITS_PER_SECOND)
