"""`Emulator.reset`: the initial state at the same address, without a trace of the former."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from comfy_cloud_emulator import Emulator, Fault

from ..workflows import plain, submit, text_to_image


@pytest.fixture
def emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """An emulator whose time stands still, with a "pro" account."""
    return start_emulator(time="virtual", tier="pro", seed_data=2)


@pytest.fixture
def client(emulator: Emulator) -> httpx.Client:
    return httpx.Client(base_url=emulator.url, headers={"X-API-Key": emulator.key})


def test_everything_is_as_at_the_start(emulator: Emulator, client: httpx.Client) -> None:
    url, files_url, faults = emulator.url, emulator.files_url, emulator.faults
    with client:
        id = submit(client, plain())
        emulator.time.advance(60)
        assert len(emulator.store) == 3
        name = client.get(f"/api/jobs/{id}").json()["outputs"]["2"]["images"][0]["filename"]
        signed = client.get("/api/view", params={"filename": name}).headers["location"]
        httpx.get(signed, headers={"X-API-Key": emulator.key})
        assert emulator.leaks
        client.put("/api/userdata/note", content=b"kept")
        emulator.account.tier = "free"
        emulator.account.subscription_active = False
        emulator.jobs.fail_next("OOMError")
        emulator.faults.add(Fault.status_burst(503, times=None))
        emulator.file_faults.add(Fault.reset())
        later = emulator.time.now()

        emulator.reset()

        assert (emulator.url, emulator.files_url, emulator.faults) == (url, files_url, faults)
        assert (len(emulator.store), emulator.account.tier, emulator.account.subscription_active) == (
            2,
            "pro",
            True,
        )
        assert emulator.time.now() < later
        assert (emulator.leaks, emulator.requests, emulator.file_requests, emulator.submissions) == (
            [],
            [],
            [],
            [],
        )
        assert (len(emulator.faults), len(emulator.file_faults)) == (0, 0)
        assert emulator.files.record(name) is None
        assert client.get(f"/api/jobs/{id}").status_code == 404
        assert client.get("/api/userdata/note").status_code == 404
        assert httpx.get(signed).status_code == 404
        again = submit(client, plain())
        emulator.time.advance(60)
        assert client.get(f"/api/jobs/{again}").json()["status"] == "completed"
        assert [request.status for request in emulator.requests] == [404, 404, 200, 200]


def test_changes_last_until_the_next_reset(emulator: Emulator) -> None:
    emulator.reset(tier="creator", quirks=["interrupt_all"], seed_data=5, credits=3.0, speed=2.0, time="real")
    found = (
        emulator.account,
        emulator.quirks.interrupt_all,
        len(emulator.store),
        emulator.time.real_seconds(10),
    )
    assert (found[0].tier, found[0].credits, *found[1:]) == ("creator", 3.0, True, 5, 5.0)
    emulator.reset()
    found = (
        emulator.account,
        emulator.quirks.interrupt_all,
        len(emulator.store),
        emulator.time.real_seconds(10),
    )
    assert (found[0].tier, found[0].credits, *found[1:]) == ("pro", None, False, 2, 10.0)


def test_polls_advance_the_time_only_if_the_reset_says_so(emulator: Emulator, client: httpx.Client) -> None:
    emulator.reset(auto_advance=7)
    before = emulator.time.now()
    with client:
        client.get("/api/queue")
        assert emulator.time.now() == before + 7
        emulator.reset()
        before = emulator.time.now()
        client.get("/api/queue")
    assert emulator.time.now() == before


def test_requests_in_progress_break_off(
    start_emulator: Callable[..., Emulator], caplog: pytest.LogCaptureFixture
) -> None:
    """A request that is being handled, and an open websocket; neither leaves a line in the log."""
    entered = threading.Event()

    async def wait(seconds: float) -> None:
        entered.set()
        await asyncio.Event().wait()

    emulator = start_emulator(time="virtual", sleep=wait)
    emulator.faults.add(Fault.delay(1, path="/api/user"))
    failures: list[Exception] = []

    def ask() -> None:
        try:
            httpx.get(f"{emulator.url}/api/user", headers={"X-API-Key": emulator.key}, timeout=60)
        except httpx.HTTPError as error:
            failures.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    address = f"{emulator.url.replace('http', 'ws')}/ws?token={emulator.key}"
    with caplog.at_level(logging.DEBUG, logger="uvicorn"), connect(address, proxy=None) as socket:
        socket.recv(timeout=60)
        assert entered.wait(60)
        hub = emulator.events
        emulator.reset()
        asking.join(60)
        assert not asking.is_alive()
        assert isinstance(failures[0], httpx.RemoteProtocolError | httpx.ReadError)
        with pytest.raises(ConnectionClosed):
            [socket.recv(timeout=60) for _ in range(100)]
    assert len(hub) == 0
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert emulator.socket_requests == []


def test_former_jobs_no_longer_run(emulator: Emulator, client: httpx.Client) -> None:
    with client:
        id = submit(client, text_to_image())
    time, jobs, found = emulator.time, emulator.jobs, []
    emulator.events.listen(found.append)
    emulator.reset()
    time.advance(600)
    emulator.time.advance(600)
    assert (jobs.executed(id), found, emulator.store.get(id)) == (0, [], None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tier": "gold"}, "tier: expected one of"),
        ({"speed": 0}, "speed: expected"),
        ({"quirks": ["lively"]}, "unknown quirk"),
        ({"seed_data": "many"}, "seed_data: expected"),
    ],
)
def test_an_invalid_change_changes_nothing(
    changes: dict[str, object], message: str, emulator: Emulator, client: httpx.Client
) -> None:
    emulator.faults.add(Fault.status_burst(503, path="/api/queue"))
    store, time = emulator.store, emulator.time
    with pytest.raises(ValueError, match=message):
        emulator.reset(**changes)  # type: ignore[arg-type]
    assert (emulator.store, emulator.time, emulator.account.tier) == (store, time, "pro")
    with client:
        assert [client.get("/api/queue").status_code for _ in range(2)] == [503, 200]


def test_an_unknown_argument_is_refused(emulator: Emulator) -> None:
    with pytest.raises(TypeError, match="port"):
        emulator.reset(port=1)  # type: ignore[call-arg]


def test_a_stopped_emulator_starts(emulator: Emulator) -> None:
    emulator.faults.add(Fault.reset())
    emulator.stop()
    emulator.reset(seed_data=4)
    assert (len(emulator.store), len(emulator.faults)) == (4, 0)
    assert httpx.get(f"{emulator.url}/api/user", headers={"X-API-Key": emulator.key}).status_code == 200


def test_state_in_a_folder_is_not_deleted(start_emulator: Callable[..., Emulator], tmp_path: Path) -> None:
    emulator = start_emulator(data=tmp_path, seed_data=3)
    with pytest.raises(RuntimeError, match="leave out data="):
        emulator.reset()
    assert len(emulator.store) == 3


def test_exceptions_of_the_hook_are_raised_once(start_emulator: Callable[..., Emulator]) -> None:
    def complain(*_: object) -> None:
        raise LookupError("not in the contract")

    emulator = start_emulator(on_exchange=complain)
    httpx.get(f"{emulator.url}/api/user", headers={"X-API-Key": emulator.key})
    with pytest.raises(LookupError):
        emulator.reset(seed_data=1)
    assert len(emulator.store) == 1
    emulator.reset()
