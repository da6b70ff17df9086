"""What the pytest plugin costs: starting a session's emulator, and the reset before each test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx

from comfy_cloud_emulator import Emulator

from .measurement import Row, process_ratio, ratio, seconds

START = "from comfy_cloud_emulator import Emulator; Emulator(speed=100).start().stop()"
# Imports what is loaded before a test uses the fixture, then measures until the emulator serves.
TIMED_START = """
import pytest, asyncio, time
begun = time.perf_counter()
from comfy_cloud_emulator import Emulator
with Emulator(speed=100):
    print(time.perf_counter() - begun)
"""
SERVERS = "import starlette.applications, starlette.requests, uvicorn, uvicorn.protocols.http.h11_impl"


def rows() -> Iterator[Row]:
    """The rows of this file."""
    yield Row(
        "a session's emulator starts",
        "import starlette, uvicorn",
        process_ratio(["-c", START], ["-c", SERVERS], rounds=9),
        2.2,
        f"{_ready() * 1000:.0f} ms at best until it responds; 300 were asked",
    )
    with Emulator(speed=100) as emulator, httpx.Client(base_url=emulator.url) as client:

        def get() -> None:
            client.get("/api/features").raise_for_status()

        # A reset breaks connections off, and opening a new one is part of every test.
        def empty() -> None:
            emulator.reset()
            get()

        def filled() -> None:
            emulator.reset(seed_data="demo")
            get()

        yield Row("a reset and one GET", "ten GETs", _against_ten(empty, get), 1.0, _note(emulator.reset))
        yield Row(
            "a reset to the demo and one GET",
            "ten GETs",
            _against_ten(filled, get),
            2.0,
            _note(lambda: emulator.reset(seed_data="demo")),
        )


def _ready() -> float:
    """Seconds until an emulator serves; the fastest of several processes."""
    found = [
        subprocess.run([sys.executable, "-c", TIMED_START], check=True, capture_output=True, text=True).stdout
        for _ in range(9)
    ]
    return min(map(float, found))


def _against_ten(work: Callable[[], object], get: Callable[[], object]) -> float:
    def gets() -> None:
        for _ in range(10):
            get()

    return ratio(work, gets, number=3)


def _note(reset: Callable[[], object]) -> str:
    best = min(seconds(reset) for _ in range(25))
    return f"{best * 1000:.1f} ms at best for the reset; 10 were asked"
