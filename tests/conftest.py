"""Fixtures of the whole suite: a local Comfy Cloud on a random port, time that never passes by itself, clean settings.

Every answer of the emulator and every request to it is held to the contract (see `tests/contract/checker.py`), unless a test
scripted a fault, or the emulator is a self-hosted ComfyUI, which that contract does not describe. Asynchronous tests are recognised by being coroutines.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import settings

from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime
from tests.contract.exchanges import watched

# A busy machine is slow now and then, and no test is about time.
settings.register_profile("suite", deadline=None, print_blob=True)
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "beyond_contract: exchanges of this test may break the contract")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each asynchronous test over both transports: httpx's own, and aiohttp of the extra `fast`."""
    if inspect.iscoroutinefunction(metafunc.function):
        metafunc.parametrize("transport", ["httpx", "aiohttp"], indirect=True)


@pytest.fixture(autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The transport of an asynchronous test; None in all others. Autouse, since few tests name it."""
    name: str | None = getattr(request, "param", None)
    if name is not None:
        monkeypatch.setattr("comfy_cloud._http.clients.has_aiohttp", lambda: name == "aiohttp")
    return name


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No test reads the environment or the profile of the person who runs it."""
    import os

    for name in [
        name for name in os.environ if name.startswith("COMFY_CLOUD_") or name.lower().endswith("_proxy")
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMFY_CLOUD_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
    monkeypatch.setenv("COMFY_CLOUD_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def time() -> FakeTime:
    """A clock that only sleeping moves."""
    return FakeTime(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _every_exchange_is_checked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold every emulator of a test to the contract, and the client's requests to it, whoever starts it."""
    if request.node.get_closest_marker("beyond_contract"):
        yield
        return
    with watched() as problems:
        yield
    assert not problems, "requests of the client that break the contract:\n" + "\n".join(problems)


@pytest.fixture
def start_emulator(time: FakeTime) -> Iterator[Callable[..., Emulator]]:
    """Start emulators whose answers are checked against the contract; they are stopped after the test."""
    started: list[Emulator] = []

    def start(**options: Any) -> Emulator:
        options.setdefault("clock", lambda: time.now().timestamp())
        options.setdefault("sleep", time.async_sleep)
        started.append(Emulator(**options).start())
        return started[-1]

    yield start
    for emulator in started:
        emulator.stop()


@pytest.fixture
def emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """A local Comfy Cloud with the demo's three hundred jobs."""
    return start_emulator(seed_data="demo")


@pytest.fixture
def empty_emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """A local Comfy Cloud without any job."""
    return start_emulator()
