"""Starting and stopping: ports, threads, persistence, signals, hooks."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from comfy_cloud_emulator import Emulator, Request

Connect = Callable[[Emulator], httpx.Client]


def test_serves_immediately_and_leaves_nothing(connect: Connect) -> None:
    before = threading.enumerate()
    with Emulator(seed_data=None) as emulator:
        port = int(emulator.url.rpartition(":")[2])
        assert connect(emulator).get("/api/user").status_code == 200
        assert emulator.url.startswith("http://127.0.0.1:")
    assert threading.enumerate() == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_stops_while_clients_hold_connections_open(connect: Connect) -> None:
    emulator = Emulator(seed_data=None).start()
    client = connect(emulator)
    client.get("/api/user")
    emulator.stop()
    with pytest.raises(httpx.TransportError):
        client.get("/api/user")
    emulator.stop()


def test_starts_again_after_a_stop(connect: Connect) -> None:
    emulator = Emulator(seed_data=None)
    for _ in range(2):
        with emulator:
            assert connect(emulator).get("/api/user").status_code == 200


def test_refuses_a_second_start(emulator: Emulator) -> None:
    with pytest.raises(RuntimeError, match="already running"):
        emulator.start()


def test_reports_a_port_in_use(emulator: Emulator) -> None:
    port = int(emulator.url.rpartition(":")[2])
    with pytest.raises(OSError, match=f"port {port} .* choose another"):
        Emulator(port=port).start()


@pytest.mark.parametrize("name", ["url", "store", "requests"])
def test_cannot_be_inspected_before_its_start(name: str) -> None:
    with pytest.raises(RuntimeError, match="start"):
        getattr(Emulator(), name)


def test_never_shows_its_key(emulator: Emulator, client: httpx.Client) -> None:
    client.get("/api/user")
    assert emulator.key not in repr(emulator)
    assert emulator.key not in repr(emulator.requests)


@pytest.mark.parametrize("key", ["", "line\nbreak", "schlüssel"])
def test_refuses_a_key_that_no_header_can_carry(key: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        Emulator(key=key)


@pytest.mark.parametrize("seed_data", ["everything", -1, True, ("bench", -1), ("demo", 3), 2.5])
def test_refuses_unknown_seed_data(seed_data: object) -> None:
    with pytest.raises(ValueError, match="seed_data"):
        Emulator(seed_data=seed_data).start()  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_state_survives_in_a_folder(tmp_path: Path) -> None:
    with Emulator(seed_data=3, data=tmp_path / "cloud") as emulator:
        first = emulator.store.jobs()
        added = emulator.store.add_job("pending")
    with Emulator(seed_data=3, data=tmp_path / "cloud") as emulator:
        assert len(emulator.store) == 4
        assert emulator.store.get(added.id) == added
        assert emulator.store.jobs("completed") == first
        assert emulator.store.add_job().number == added.number + 1


def test_serves_until_a_signal_ends_it() -> None:
    emulator = Emulator(seed_data=None)
    seen: list[tuple[str, int | None]] = []
    former = signal.getsignal(signal.SIGTERM)

    def ask_then_end(ready: Emulator) -> None:
        httpx.get(f"{ready.url}/api/features", verify=False, trust_env=False)
        os.kill(os.getpid(), signal.SIGTERM)

    def note(request: Request) -> None:
        seen.append((request.path, request.status))

    emulator.serve_forever(on_ready=ask_then_end, on_request=note)
    assert seen == [("/api/features", 200)]
    assert signal.getsignal(signal.SIGTERM) is former
    with pytest.raises(RuntimeError):
        _ = emulator.url


def test_serves_until_another_thread_stops_it() -> None:
    emulator = Emulator(seed_data=None)
    stopper = threading.Thread(target=emulator.stop)
    emulator.serve_forever(on_ready=lambda _: stopper.start())
    stopper.join()


def test_calls_a_hook_for_each_exchange(connect: Connect) -> None:
    exchanges: list[tuple[str, int, str, bytes]] = []

    def on_exchange(request: Request, status: int, headers: dict[str, str], body: bytes) -> None:
        exchanges.append((request.path, status, headers["content-type"], body))

    with Emulator(seed_data=None, on_exchange=on_exchange) as emulator:
        response = connect(emulator).get("/api/user")
        connect(emulator).get("/_emulator/faults")
    assert exchanges == [("/api/user", 200, "application/json", response.content)]


def test_an_exception_of_a_hook_is_raised_by_stop(connect: Connect) -> None:
    def refuse(request: Request, status: int, headers: dict[str, str], body: bytes) -> None:
        raise AssertionError(f"{request.path} is not in the contract")

    emulator = Emulator(seed_data=None, on_exchange=refuse).start()
    assert connect(emulator).get("/api/user").status_code == 200
    with pytest.raises(AssertionError, match="/api/user"):
        emulator.stop()


def test_an_error_of_the_block_takes_precedence_over_one_of_the_hook(connect: Connect) -> None:
    def refuse(request: Request, status: int, headers: dict[str, str], body: bytes) -> None:
        raise AssertionError

    def fail_inside() -> None:
        with Emulator(seed_data=None, on_exchange=refuse) as emulator:
            connect(emulator).get("/api/user")
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fail_inside()
