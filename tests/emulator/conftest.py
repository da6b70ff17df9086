"""An emulator whose clock stands still, and plain HTTP clients for it.

All traffic is checked against the contract, except in tests marked `beyond_contract`: they send
what no client should, or make the emulator respond with what the contract does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from comfy_cloud_emulator import Emulator
from tests.contract.exchanges import check_exchange

NOW = 1_780_000_000.0
"""The instant of the tests' clock, in seconds since 1970."""


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
    """The demo cloud, for tests that only read."""
    with Emulator(seed_data="demo", clock=lambda: NOW, on_exchange=check_exchange) as emulator:
        yield emulator


@pytest.fixture
def connect() -> Iterator[Callable[[Emulator], httpx.Client]]:
    """Make a client of an emulator, with its key. It is closed after the test."""
    clients: list[httpx.Client] = []

    def make(emulator: Emulator) -> httpx.Client:
        client = httpx.Client(
            base_url=emulator.url,
            headers={"X-API-Key": emulator.key},
            verify=False,  # loading certificates takes longer than a whole test
            trust_env=False,
            timeout=10,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture(params=["comfyui"])
def comfyui(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An empty self-hosted ComfyUI whose time stands still.

    An indirect parameter selects other quirks.
    """
    with Emulator(quirks=request.param, time="virtual") as emulator:
        yield emulator


@pytest.fixture
def keyless(comfyui: Emulator, connect: Callable[[Emulator], httpx.Client]) -> httpx.Client:
    """A client of the self-hosted ComfyUI, without a key."""
    client = connect(comfyui)
    del client.headers["X-API-Key"]
    return client


@pytest.fixture
def client(emulator: Emulator, connect: Callable[[Emulator], httpx.Client]) -> httpx.Client:
    """A client of the empty cloud."""
    return connect(emulator)


@pytest.fixture
def demo_client(demo: Emulator, connect: Callable[[Emulator], httpx.Client]) -> httpx.Client:
    """A client of the demo cloud."""
    return connect(demo)
