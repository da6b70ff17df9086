"""What the tests of recordings share: recording a server, and playing what was recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest
from starlette.types import ASGIApp

from comfy_cloud_emulator import Emulator, Recorder, Replay
from comfy_cloud_emulator.server.server_thread import ServerThread

KEY = "comfyui-the-real-key-0123456789"


@pytest.fixture
def real() -> Iterator[Emulator]:
    """The "real" server: an emulator whose jobs run fast."""
    with Emulator(key=KEY, seed_data=None, speed=200.0, sleep=asyncio.sleep) as emulator:
        yield emulator


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "session.comfycloud"


@pytest.fixture
def both(real: Emulator, path: Path) -> Callable[[Callable[[str, str], object]], tuple[object, object]]:
    """Run a program against a recorder, and again against the replay, with the server stopped."""

    def run(program: Callable[[str, str], object]) -> tuple[object, object]:
        with Recorder(path, base_url=real.url, api_key=KEY) as recorder:
            assert recorder.key is not None
            first = program(recorder.url, recorder.key)
        real.stop()
        with Replay(path) as replay:
            second = program(replay.url, "comfyui-another-key-987654321")
        replay.check()
        return first, second

    return run


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an application on loopback."""
    server = ServerThread(app, 0)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()


def everything_in(path: Path) -> bytes:
    """All bytes of a recording, unpacked, and of the file itself."""
    with ZipFile(path) as archive:
        names = archive.namelist()
        return b"\n".join([path.read_bytes(), *(archive.read(name) for name in names)])
