"""How an emulated cloud begins: its jobs, its time, its account, its quirks, and what a reset may change of them.

Values only; `emulator` makes a cloud of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, TypedDict

from comfy_cloud_emulator.engine.clock import TimeKind
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.seeds.seed_data import SeedData
from comfy_cloud_emulator.state.account import Account, Tier

POLL_STEP: Final = 0.5
"""Seconds by which a poll moves the time with `auto_advance=True`."""


class Changes(TypedDict, total=False):
    """What `Emulator.reset` may change. The words are those of `Emulator` itself."""

    seed_data: SeedData
    seed: int
    time: TimeKind
    speed: float
    auto_advance: bool | float
    tier: Tier
    credits: float | None
    accounts: Mapping[str, Account]
    quirks: Quirks | str | Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """One beginning. The words are those of `Emulator`."""

    seed_data: SeedData
    seed: int
    time: TimeKind
    speed: float
    auto_advance: bool | float
    tier: Tier
    credits: float | None
    accounts: Mapping[str, Account] = field(repr=False)  # by their keys
    quirks: Quirks | str | Collection[str]

    @property
    def poll_step(self) -> float:
        """Seconds by which a poll moves the time."""
        return POLL_STEP if self.auto_advance is True else float(self.auto_advance)
