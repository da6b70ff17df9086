"""An emulator with a clock that stands still, and a plain HTTP client for it.

What goes over the wire is held to the contract, but for tests marked `beyond_contract`: they send what no client should,
or make the emulator answer what the contract does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from comfy_cloud_emulator import Emulator
from tests.contract.exchanges import check_exchange

NOW = 1_780_000_000.0
"""Seconds since 1970 at which the tests' clock stands."""


@pytest.fixture
def now() -> float:
    return NOW


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An empty cloud."""
    lenient = request.node.get_closest_marker("beyond_contract") is not None
    on_exchange = None if lenient else check_exchange
    with Emulator(seed_data=None, clock=lambda: NOW, on_exchange=on_exchange) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def demo() -> Iterator[Emulator]:
    """The demo cloud; for tests that only read."""
    with Emulator(seed_data="demo", clock=lambda: NOW, on_exchange=check_exchange) as emulator:
        yield emulator


@pytest.fixture
def connect() -> Iterator[Callable[[Emulator], httpx.Client]]:
    """Make a client, with the key, of an emulator. It is closed after the test."""
    clients: list[httpx.Client] = []

    def make(emulator: Emulator) -> httpx.Client:
        client = httpx.Client(
            base_url=emulator.url,
            headers={"X-API-Key": emulator.key},
            verify=False,  # loading certificates costs more than a whole test
            trust_env=False,
            timeout=10,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(emulator: Emulator, connect: Callable[[Emulator], httpx.Client]) -> httpx.Client:
    """A client of the empty cloud."""
    return connect(emulator)


@pytest.fixture
def demo_client(demo: Emulator, connect: Callable[[Emulator], httpx.Client]) -> httpx.Client:
    """A client of the demo cloud."""
    return connect(demo)
