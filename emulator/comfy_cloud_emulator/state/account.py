"""The account behind a key: its name, tier, credits and subscription.

Values only, read by the engine and the routes; tests may change them at any time. No request is
refused here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

Tier = Literal["free", "standard", "creator", "pro"]
TIERS: Final[tuple[Tier, ...]] = get_args(Tier)
CONCURRENT_JOBS: Final[dict[Tier, int]] = {"free": 1, "standard": 1, "creator": 3, "pro": 5}
"""How many jobs of one account run at a time."""
CREDITS_PER_SECOND: Final = 0.39
"""Cost of a second of execution."""
DEFAULT_NAME: Final = "default"
"""Name of the account that always exists."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""A name is also a folder's name, on case-insensitive file systems too."""


@dataclass(slots=True)
class Account:
    """One account. `credits` None means no limit.

    `name` is for people, and for the folder that keeps the account's state; it does not reveal the
    key. If it is empty the emulator chooses one. Raises ValueError for values that are not valid.
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
                "name: expected 1 to 40 lower-case letters, digits, - and _, beginning with a letter"
                f" or digit, got {self.name!r}"
            )

    @property
    def concurrent_jobs(self) -> int:
        """How many of its jobs run at a time."""
        return CONCURRENT_JOBS[self.tier]

    def change(self, **changes: Any) -> None:
        """Change `tier`, `credits` or `subscription_active`, or raise ValueError for wrong ones."""
        checked = replace(self, **changes)
        self.tier, self.credits = checked.tier, checked.credits
        self.subscription_active = checked.subscription_active

    def charge(self, credits: float) -> None:
        """Subtract credits, down to zero."""
        if self.credits is not None:
            self.credits = max(0.0, self.credits - credits)


def cost(seconds: float) -> float:
    """Credits that a number of seconds of execution costs."""
    return seconds * CREDITS_PER_SECOND
