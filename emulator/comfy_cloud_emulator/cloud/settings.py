"""The settings of an emulated cloud: those it starts with, and those that a reset may change.

Values only; `Emulator` builds a cloud from them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypedDict

from comfy_cloud_emulator.engine.clock import TimeKind
from comfy_cloud_emulator.nodes.catalogue import Catalogue, catalogue
from comfy_cloud_emulator.nodes.newer_classes import newer_catalogue
from comfy_cloud_emulator.nodes.object_info_source import ObjectInfo, read_catalogue
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.seeds.seed_data import SeedData
from comfy_cloud_emulator.state.account import Account, Tier

POLL_STEP: Final = 0.5
"""Seconds that a poll advances the time with `auto_advance=True`."""

LARGEST_STEP: Final = 86_400.0


class SettingChanges(TypedDict, total=False):
    """What `Emulator.reset` may change. The names are those of `Emulator`'s arguments."""

    seed_data: SeedData
    seed: int
    time: TimeKind
    speed: float
    auto_advance: bool | float
    tier: Tier
    credits: float | None
    accounts: Mapping[str, Account]
    quirks: Quirks | str | Collection[str]
    object_info: ObjectInfo | Catalogue | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSettings:
    """All settings of one cloud. The names are those of `Emulator`'s arguments.

    `object_info` is read once: `with_catalogue` replaces the source by what was read.
    """

    seed_data: SeedData
    seed: int
    time: TimeKind
    speed: float
    auto_advance: bool | float
    tier: Tier
    credits: float | None
    accounts: Mapping[str, Account] = field(repr=False)  # by their keys
    quirks: Quirks | str | Collection[str]
    object_info: ObjectInfo | Catalogue | None

    def __post_init__(self) -> None:
        if not 0 <= self.auto_advance <= LARGEST_STEP:
            raise ValueError(
                f"auto_advance: expected a number of seconds from 0 to {LARGEST_STEP:g}, or True for"
                f" {POLL_STEP}, got {self.auto_advance}"
            )

    def with_catalogue(self) -> CloudSettings:
        """The settings with the node classes read. Raises ValueError when they cannot be."""
        if self.object_info is None:
            return self
        return replace(self, object_info=read_catalogue(self.object_info))

    def classes(self, quirks: Quirks) -> Catalogue:
        """The node classes: those of `object_info`, or the emulator's own as the quirks say."""
        if self.object_info is not None:
            return read_catalogue(self.object_info)
        return newer_catalogue() if quirks.newer_comfyui else catalogue()

    @property
    def poll_step(self) -> float:
        """Seconds that a poll advances the time; 0 for none."""
        return POLL_STEP if self.auto_advance is True else float(self.auto_advance)
