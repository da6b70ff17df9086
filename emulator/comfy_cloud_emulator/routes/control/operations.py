"""Every control route."""

from __future__ import annotations

from collections.abc import Collection

from comfy_cloud_emulator.http.routing import Operation

from . import accounts, clock, faults, health, jobs, requests
from .controlled import Controlled


def control_operations(emulator: Controlled, own: str, keys: Collection[str]) -> list[Operation]:
    """The control routes. `own` is the account where none is named, `keys` are those of all."""
    return [
        *health.routes(emulator),
        *jobs.routes(emulator, own, keys),
        *accounts.routes(emulator),
        *clock.routes(emulator),
        *faults.routes(emulator),
        *requests.routes(emulator, keys),
    ]
