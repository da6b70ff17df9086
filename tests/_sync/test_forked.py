# Made from tests/_async/test_forked.py by `make unasync`. Do not edit.
"""Maps and runs in a forked child, which has a copy of what its parent is doing.

The fork itself is in `tests/attacks/forked_clients.py`; here only the process id changes.
"""

from __future__ import annotations

import os
from contextlib import closing

import pytest

from comfy_cloud import ComfyCloud, ConfigurationError, Event
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client
from .maps import color_inputs


class Left(BaseException):
    """Ends a program, as SystemExit does."""


def become_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", lambda: -1)


def cancellations(emulator: Emulator) -> list[str]:
    paths = [f"{request.method} {request.path}" for request in emulator.requests]
    return [path for path in paths if "cancel" in path or "interrupt" in path or path == "POST /api/queue"]


def test_a_child_that_leaves_a_map_cancels_nothing(
    empty_emulator: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with client(empty_emulator, time) as cloud:
        with closing(cloud.map(IMAGE_GRAPH, color_inputs(6), concurrency=3)) as variants:
            for _ in variants:
                become_a_child(monkeypatch)
                break
    assert cancellations(empty_emulator) == []


def test_a_child_that_continues_a_map_submits_nothing(
    empty_emulator: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = -1

    def run_all(cloud: ComfyCloud) -> None:
        nonlocal sent
        for _ in cloud.map(IMAGE_GRAPH, color_inputs(6), concurrency=1):
            become_a_child(monkeypatch)
            sent = len(empty_emulator.submissions)

    with client(empty_emulator, time) as cloud:
        with pytest.raises(ConfigurationError, match="parent process"):
            run_all(cloud)
    assert len(empty_emulator.submissions) == sent
    assert cancellations(empty_emulator) == []


def test_a_child_that_leaves_a_run_cancels_nothing(
    empty_emulator: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(event: Event) -> None:
        become_a_child(monkeypatch)
        raise Left

    with client(empty_emulator, time) as cloud:
        with pytest.raises(Left):
            cloud.run(IMAGE_GRAPH, on_event=leave)
    assert cancellations(empty_emulator) == []
