"""The account that a key belongs to: its name, its tier, its credits, whether its subscription is active.

Values only, to be read by the engine and the routes and changed by tests at any time. No request is refused here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args

Tier = Literal["free", "standard", "creator", "pro"]
TIERS: Final[tuple[Tier, ...]] = get_args(Tier)
CONCURRENT_JOBS: Final[dict[Tier, int]] = {"free": 1, "standard": 1, "creator": 3, "pro": 5}
"""Jobs of one account that run at the same time."""
CREDITS_PER_SECOND: Final = 0.39
"""What a second of execution costs."""
DEFAULT_NAME: Final = "default"
"""Name of the account that is always there."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""A name becomes a folder, also where upper and lower case are one."""


@dataclass(slots=True)
class Account:
    """One account. `credits` None means that they never run out.

    `name` is for people, and for the folder that keeps the account's state; it says nothing of the key. Empty means one that
    the emulator makes up. Raises ValueError for values that make no sense.
    """

    tier: Tier = "standard"
    credits: float | None = None
    subscription_active: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        if self.tier not in TIERS:
            raise ValueError(f"tier: expected one of {', '.join(TIERS)}, got {self.tier!r}")
        if self.credits is not None and not 0 <= self.credits < float("inf"):
            raise ValueError(f"credits: expected a number of at least zero, or None, got {self.credits}")
        if self.name and not _NAME.fullmatch(self.name):
            raise ValueError(
                f"name: expected 1 to 40 small letters, digits, - and _, none of - and _ in front, got {self.name!r}"
            )

    @property
    def concurrent_jobs(self) -> int:
        """How many of its jobs run at the same time."""
        return CONCURRENT_JOBS[self.tier]

    def charge(self, credits: float) -> None:
        """Take credits off; never below zero."""
        if self.credits is not None:
            self.credits = max(0.0, self.credits - credits)


def cost(seconds: float) -> float:
    """Credits that so many seconds of execution cost."""
    return seconds * CREDITS_PER_SECOND
