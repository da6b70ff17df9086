"""A local Comfy Cloud: the service's HTTP API on a loopback port, for tests, benchmarks and trials.

`Emulator` runs it, `Fault` makes it misbehave. It contacts no other machine. What needs a model is
only imitated. `Recorder` records a session with a real server, and `Replay` plays it back.

Each name is imported on first use, because pytest loads this package's plugin in every run, even in
those that never start a server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cloud.tenants import Tenant, Tenants
    from .emulator import DEFAULT_KEY, Emulator
    from .engine.clock import EngineTime
    from .engine.control import JobControl
    from .engine.submissions import Submission
    from .faults import Fault, FaultKind, FaultScript
    from .http.request_log import Exchange, Request
    from .quirks import Quirks
    from .recording.file_reading import RecordingRefused
    from .recording.recorder import Recorder
    from .recording.replay import Replay
    from .state.account import Account
    from .state.jobs.job import Job
    from .state.jobs.statuses import JobStatus
    from .state.store import Store
    from .storage.application import Leak

_MODULES = {
    "DEFAULT_KEY": ".emulator",
    "Account": ".state.account",
    "Emulator": ".emulator",
    "EngineTime": ".engine.clock",
    "Exchange": ".http.request_log",
    "Fault": ".faults",
    "FaultKind": ".faults",
    "FaultScript": ".faults",
    "Job": ".state.jobs.job",
    "JobControl": ".engine.control",
    "JobStatus": ".state.jobs.statuses",
    "Leak": ".storage.application",
    "Quirks": ".quirks",
    "Recorder": ".recording.recorder",
    "RecordingRefused": ".recording.file_reading",
    "Replay": ".recording.replay",
    "Request": ".http.request_log",
    "Store": ".state.store",
    "Submission": ".engine.submissions",
    "Tenant": ".cloud.tenants",
    "Tenants": ".cloud.tenants",
}

__all__ = [
    "DEFAULT_KEY",
    "Account",
    "Emulator",
    "EngineTime",
    "Exchange",
    "Fault",
    "FaultKind",
    "FaultScript",
    "Job",
    "JobControl",
    "JobStatus",
    "Leak",
    "Quirks",
    "Recorder",
    "RecordingRefused",
    "Replay",
    "Request",
    "Store",
    "Submission",
    "Tenant",
    "Tenants",
]


if not TYPE_CHECKING:  # so that a type checker reports names that do not exist

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(_MODULES[name], __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
