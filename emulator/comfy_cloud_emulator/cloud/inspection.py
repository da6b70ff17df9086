"""What is in a running emulator, to read: its accounts, jobs, files and requests.

`Emulator` starts, resets and stops it.
"""

from __future__ import annotations

from typing import Final

from comfy_cloud_emulator.engine.control import JobControl
from comfy_cloud_emulator.engine.events import EventHub
from comfy_cloud_emulator.engine.submissions import Submission
from comfy_cloud_emulator.http.request_log import Request
from comfy_cloud_emulator.state.files.file_store import FileStore
from comfy_cloud_emulator.state.store import Store
from comfy_cloud_emulator.storage.application import Leak
from comfy_cloud_emulator.storage.origin import FileOrigin

from .tenants import Tenant, Tenants

NOT_RUNNING: Final = "the emulator is not running; start it first"
_NEVER_STARTED: Final = "the emulator was never started"


class Inspection:
    """The readable part of an `Emulator`."""

    _tenants: Tenants | None = None
    _origin: FileOrigin | None = None
    _is_running: bool = False

    @property
    def accounts(self) -> Tenants:
        """The accounts by name: "default", and those from `accounts` and `add_account`."""
        return self._started_tenants

    def account_of(self, key: str) -> Tenant:
        """The account with this key. Raises LookupError when there is none."""
        tenant = self._started_tenants.of_key(key)
        if tenant is None:
            raise LookupError("no account has this key")
        return tenant

    # The default account

    @property
    def store(self) -> Store:
        """The state, which tests may read and change directly."""
        if not self._is_running:
            raise RuntimeError(NOT_RUNNING)
        return self._started_tenants.default.store

    @property
    def files(self) -> FileStore:
        """The stored files by their stored names: uploads and outputs of jobs."""
        return self.store.files

    @property
    def jobs(self) -> JobControl:
        """The running jobs: scripted failures, cancelling, counts of executions."""
        return self._started_tenants.default.jobs

    @property
    def events(self) -> EventHub:
        """The events of running jobs; `listen` to them without a websocket."""
        return self._started_tenants.default.events

    @property
    def submissions(self) -> list[Submission]:
        """The accepted workflows, oldest first, with everything that was sent along.

        They stay readable after `stop`.
        """
        return self._started_tenants.default.submissions

    # All accounts

    @property
    def leaks(self) -> list[Leak]:
        """Requests that sent a key to the storage, oldest first; a client must never do that.

        They stay readable after `stop`.
        """
        return self._file_origin.leaks

    @property
    def file_requests(self) -> list[Request]:
        """The requests to the storage so far, oldest first. They stay readable after `stop`."""
        return self._file_origin.requests()

    @property
    def requests(self) -> list[Request]:
        """The API requests so far, oldest first. They stay readable after `stop`."""
        return self._started_tenants.request_log.requests()

    @property
    def socket_requests(self) -> list[Request]:
        """The websocket upgrades so far, oldest first, refused ones included.

        A status of 101 means that the upgrade succeeded.
        """
        return self._started_tenants.request_log.upgrades.requests()

    def clear_requests(self) -> None:
        """Forget the requests so far, both to the API and to the storage."""
        self._started_tenants.request_log.clear()
        self._file_origin.clear_requests()

    @property
    def _file_origin(self) -> FileOrigin:
        if self._origin is None:
            raise RuntimeError(_NEVER_STARTED)
        return self._origin

    @property
    def _started_tenants(self) -> Tenants:
        if self._tenants is None:
            raise RuntimeError(_NEVER_STARTED)
        return self._tenants
