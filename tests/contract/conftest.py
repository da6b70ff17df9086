"""The emulators that contract runs are made over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from comfy_cloud_emulator import Emulator


@pytest.fixture
def demo() -> Iterator[Emulator]:
    with Emulator(seed_data="demo") as emulator:
        yield emulator


@pytest.fixture(scope="module")
def shared() -> Iterator[Emulator]:
    """The demo emulator of the module, for tests that only read and set no faults on it."""
    with Emulator(seed_data="demo") as emulator:
        yield emulator


@pytest.fixture
def empty() -> Iterator[Emulator]:
    with Emulator(time="virtual", auto_advance=True) as emulator:
        yield emulator
