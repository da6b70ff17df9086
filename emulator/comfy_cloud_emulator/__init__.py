"""A local Comfy Cloud: the service's HTTP API on a loopback port, for tests, benchmarks and trying things out.

`Emulator` runs it, `Fault` makes it misbehave. It contacts nothing; what needs a model it only pretends to make.
"""

from __future__ import annotations

from .emulator import DEFAULT_KEY, Emulator
from .engine.clock import EngineTime
from .engine.control import JobControl
from .engine.engine import Submission
from .faults import Fault, FaultKind, FaultScript
from .quirks import Quirks
from .recording import Exchange, Request
from .state.account import Account
from .state.jobs import Job
from .state.states import JobStatus
from .state.store import Store
from .storage import Leak

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
    "Request",
    "Store",
    "Submission",
]
