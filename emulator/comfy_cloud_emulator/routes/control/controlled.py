"""What the control routes use of the emulator; `Emulator` and its accounts have it all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from comfy_cloud_emulator.cloud.settings import SettingChanges
from comfy_cloud_emulator.engine.clock import EngineTime
from comfy_cloud_emulator.engine.control import JobControl
from comfy_cloud_emulator.engine.submissions import Submission
from comfy_cloud_emulator.faults import FaultScript
from comfy_cloud_emulator.http.request_log import Request
from comfy_cloud_emulator.server.server_thread import RunningRequest
from comfy_cloud_emulator.state.account import Account, Tier
from comfy_cloud_emulator.state.store import Store
from comfy_cloud_emulator.storage.application import Leak


class ControlledAccount(Protocol):
    """One account."""

    key: str
    account: Account
    store: Store

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def jobs(self) -> JobControl:
        """Its jobs in progress."""
        ...

    @property
    def submissions(self) -> list[Submission]:
        """What was submitted, oldest first."""
        ...


class Controlled(Protocol):
    """The emulator."""

    faults: FaultScript
    file_faults: FaultScript
    time: EngineTime

    @property
    def accounts(self) -> Mapping[str, ControlledAccount]:
        """The accounts by name."""
        ...

    @property
    def requests(self) -> list[Request]:
        """The requests to the API, oldest first."""
        ...

    @property
    def file_requests(self) -> list[Request]:
        """The requests to the storage, oldest first."""
        ...

    @property
    def leaks(self) -> list[Leak]:
        """The keys that were sent to the storage, oldest first."""
        ...

    @property
    def files_url(self) -> str:
        """The origin of the storage."""
        ...

    @property
    def public_url(self) -> str | None:
        """How callers reach the API, if that was given."""
        ...

    @property
    def uptime(self) -> float:
        """Seconds since the start."""
        ...

    def clear_requests(self) -> None:
        """Forget the requests to both."""
        ...

    def add_account(
        self,
        key: str | None = None,
        *,
        name: str = "",
        tier: Tier = "standard",
        credits: float | None = None,
        subscription_active: bool = True,
    ) -> ControlledAccount:
        """Add an account."""
        ...

    def reset_by(self, request: RunningRequest, changes: SettingChanges) -> None:
        """Return to the initial state, and let one request go on."""
        ...
