"""Resuming a map from its journal when clocks were wrong, or are by now: nothing is sent twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from comfy_cloud._async._submission import search
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import client, image_graph, posts
from .maps import CrashAt, resume, run_until_crash

ONE_TRANSPORT = True  # clocks are read above the transport

Start = Callable[..., Emulator]
HOUR = 3600.0
PAGE = 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "map.jsonl"


class Machine(FakeTime):
    """A machine whose clock is ahead of the server's. Time passes on both."""

    def __init__(self, server: FakeTime, hours: float) -> None:
        super().__init__(server.now())
        self._server = server
        self._ahead = timedelta(hours=hours)

    def now(self) -> datetime:
        return self._server.now() + self._ahead

    def monotonic(self) -> float:
        return self._server.monotonic()

    def sleep(self, seconds: float) -> None:
        self._server.sleep(seconds)


async def crash(emulator: Emulator, server: FakeTime, machine: FakeTime, path: Path, **hooks: Any) -> None:
    """Run a map until it crashes. The Date headers, the real time, become that of the server."""

    async def set_date(response: httpx.Response) -> None:
        response.headers["date"] = format_datetime(server.now(), usegmt=True)

    async with httpx.AsyncClient(trust_env=False, event_hooks={"response": [set_date]}) as http:
        await run_until_crash(emulator, machine, path, http_client=http, **hooks)


async def others_submit(emulator: Emulator, time: FakeTime) -> None:
    """More jobs than a page of a list holds."""
    async with client(emulator, time) as cloud:
        for color in range(100, 100 + 2 * PAGE):
            await cloud.submit(image_graph(color))


@pytest.mark.parametrize("passed", [0.0, 3.0, 100.0])
@pytest.mark.parametrize(
    ("before", "then"),
    [(0.0, 0.0), (0.5, 0.0), (0.0, -0.5), (2.5, -0.5), (-2.5, -5.0), (2.5, 2.5), (0.0, 5.0)],
)
async def test_an_open_submission_is_found_whatever_the_clocks_say(
    empty_emulator: Emulator,
    time: FakeTime,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: float,
    then: float,
    passed: float,
) -> None:
    """Submitted on a machine that is `before` hours ahead, resumed on one that is `then` ahead."""
    monkeypatch.setattr(search, "_PAGE", PAGE)
    await crash(empty_emulator, time, Machine(time, before), path, on_response=CrashAt("executePrompt"))
    time.advance(passed * HOUR / 3)
    await others_submit(empty_emulator, time)
    time.advance(passed * HOUR * 2 / 3)
    found = await resume(empty_emulator, Machine(time, then), path, 1)
    assert found[0].from_journal
    assert posts(empty_emulator) == 1 + 2 * PAGE
    assert (
        len({submission.extra_data["comfy_cloud_nonce"] for submission in empty_emulator.submissions})
        == 1 + 2 * PAGE
    )


@pytest.mark.parametrize("then", [-2.5, 0.0, 2.5])
async def test_an_unsent_submission_is_sent_once_whatever_the_clocks_say(
    emulator: Emulator, time: FakeTime, path: Path, then: float
) -> None:
    sent = len(emulator.submissions)
    await crash(emulator, time, Machine(time, 0.5), path, on_request=CrashAt("executePrompt"))
    time.advance(3 * HOUR)
    found = await resume(emulator, Machine(time, then), path, 1)
    assert not found[0].from_journal
    assert len(emulator.submissions) == sent + 1


async def test_a_journal_without_times_of_the_server_is_resumed(
    empty_emulator: Emulator, time: FakeTime, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an earlier release wrote it."""
    await crash(empty_emulator, time, Machine(time, 2.5), path, on_response=CrashAt("executePrompt"))
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert records[-1].pop("server_at") is not None
    path.write_text("".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records))
    monkeypatch.setattr(search, "_PAGE", PAGE)
    time.advance(HOUR)
    await others_submit(empty_emulator, time)
    time.advance(2 * HOUR)
    found = await resume(empty_emulator, Machine(time, -0.5), path, 1)
    assert found[0].from_journal
    assert posts(empty_emulator) == 1 + 2 * PAGE
