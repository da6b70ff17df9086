"""A server that many tests share, since they only read from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime


@dataclass
class SharedServer:
    """An emulator with its clock, and the id of a job that has ended there."""

    emulator: Emulator
    time: FakeTime
    finished: str


@dataclass
class SharedServers:
    """The servers that the tests of a module share; the first test that needs one makes it."""

    started: list[Emulator] = field(default_factory=list)
    ready: dict[str, SharedServer] = field(default_factory=dict)

    def start(self, **options: Any) -> tuple[Emulator, FakeTime]:
        """Start an emulator with a fake clock."""
        time = FakeTime(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
        emulator = Emulator(clock=lambda: time.now().timestamp(), sleep=time.async_sleep, **options).start()
        self.started.append(emulator)
        return emulator, time


@contextmanager
def unchanged(emulator: Emulator) -> Iterator[None]:
    """Fail if a request of the block may have changed what the next test finds."""
    emulator._started_tenants.request_log.clear()
    yield
    changes = [
        f"{request.method} {request.path} -> {request.status}"
        for request in emulator.requests
        if request.method not in ("GET", "HEAD") and (request.status is None or request.status < 400)
    ]
    assert not changes, "this test needs a server of its own"
