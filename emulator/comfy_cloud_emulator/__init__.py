"""A local Comfy Cloud: the service's HTTP API on a loopback port, for tests, benchmarks and trying things out.

`Emulator` runs it, `Fault` makes it misbehave. It contacts nothing and runs no workflow.
"""

from __future__ import annotations

from .emulator import DEFAULT_KEY, Emulator
from .faults import Fault, FaultKind, FaultScript
from .recording import Exchange, Request
from .state.jobs import Job
from .state.states import JobStatus
from .state.store import Store

__all__ = [
    "DEFAULT_KEY",
    "Emulator",
    "Exchange",
    "Fault",
    "FaultKind",
    "FaultScript",
    "Job",
    "JobStatus",
    "Request",
    "Store",
]
