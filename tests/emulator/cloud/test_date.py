"""The header Date, by which clients compare their clock."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import httpx
import pytest

from comfy_cloud_emulator import Emulator


def test_the_date_goes_on(start_emulator: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(time=lambda: 0.0)
    monkeypatch.setattr("uvicorn.server.time", clock)
    monkeypatch.setattr("comfy_cloud_emulator.server.server_thread.DATE_SECONDS", 0.001)
    emulator = start_emulator()

    def date() -> str:
        return client.get(f"{emulator.url}/api/system_stats").headers["Date"]

    with httpx.Client(trust_env=False) as client:
        assert date() == "Thu, 01 Jan 1970 00:00:00 GMT"
        clock.time = lambda: 60.0
        # The header is renewed between two requests, or a few later on a busy machine.
        assert any(date() == "Thu, 01 Jan 1970 00:01:00 GMT" for _ in range(1000))
