"""Many requests and listeners at once, long lists, and slow work."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect as open_socket

from comfy_cloud_emulator import Emulator, Store
from comfy_cloud_emulator.engine.events import JsonEvent
from comfy_cloud_emulator.node_execution.lazy_executor import LazyNodeExecutor
from comfy_cloud_emulator.routes.websocket import broadcast
from comfy_cloud_emulator.state.assets.asset_store import AssetStore
from comfy_cloud_emulator.state.database import Database

from ..survival.crash_ledger import incomplete, png
from ..workflows import job, plain, submit, text_to_image

PATIENCE = 60
IN_FLIGHT = 50
LISTENERS = 20
Json = dict[str, Any]


@pytest.fixture
def emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    return start_emulator(time="virtual", tier="pro")


@pytest.fixture
def client(emulator: Emulator) -> Iterator[httpx.Client]:
    with client_of(emulator) as client:
        yield client


def client_of(emulator: Emulator) -> httpx.Client:
    headers = {"X-API-Key": emulator.key}
    return httpx.Client(
        base_url=emulator.url, headers=headers, verify=False, trust_env=False, timeout=PATIENCE
    )


def address(emulator: Emulator) -> str:
    return f"{emulator.url.replace('http', 'ws')}/ws?token={emulator.key}"


# Requests


def test_many_requests_in_flight(emulator: Emulator, client: httpx.Client) -> None:
    """Every kind of write and read at once; each gets a response, and nothing is lost."""
    tagged = client.post("/api/assets", files={"file": ("a.bin", b"shared")}).json()["id"]

    def ask(number: int) -> list[int]:
        with client_of(emulator) as own:
            responses = [
                own.post("/api/prompt", json={"prompt": plain(number)}),
                own.post("/api/upload/image", files={"image": ("p.png", png(number), "image/png")}),
                own.post("/api/assets", files={"file": (f"{number}.bin", b"%d" % number)}),
                own.post(f"/api/assets/{tagged}/tags", json={"tags": [f"t{number}"]}),
                own.post(f"/api/userdata/{number}", content=b"x", headers={"content-type": "text/plain"}),
                own.get("/api/jobs"),
                own.get("/api/history_v2"),
                own.get("/api/assets", params={"include_tags": f"t{number}"}),
            ]
            return [response.status_code for response in responses]

    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        results = list(pool.map(ask, range(IN_FLIGHT)))
    assert {tuple(each) for each in results} == {(200, 200, 201, 200, 200, 200, 200, 200)}
    assert incomplete(client) == []
    assert len(emulator.store.jobs("completed")) == IN_FLIGHT
    assert len(client.get("/api/userdata", params={"dir": "/"}).json()) == IN_FLIGHT
    kept = client.get(f"/api/assets/{tagged}").json()["tags"]
    assert {f"t{number}" for number in range(IN_FLIGHT)} <= set(kept)
    # One asset for each job's file, each upload and each asset, and the shared one.
    assert len(emulator.store.assets) == 3 * IN_FLIGHT + 1


def test_the_same_image_from_many_clients_is_listed_once(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checking whether it is listed and listing it are one transaction."""
    look, is_inside = AssetStore.select, list[bool]()

    def watched(self: AssetStore, condition: str, parameters: Any = ()) -> Any:
        if condition == "filename = ?":
            is_inside.append(emulator.store.library._connection.in_transaction)
        return look(self, condition, parameters)

    monkeypatch.setattr(AssetStore, "select", watched)

    def upload(_: int) -> str:
        with client_of(emulator) as own:
            files = {"image": ("p.png", png(7), "image/png")}
            results = own.post("/api/upload/image", files=files, data={"type": "input"}).json()
            return str(results["asset"]["id"])

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(upload, range(16)))) == 1
    assert is_inside == [True] * 16
    assert len(emulator.store.assets) == 1


def test_a_slow_request_for_tags_overwrites_nothing(emulator: Emulator, client: httpx.Client) -> None:
    """Half of a request body arrives, another request changes the asset, then the rest arrives."""
    id = client.post("/api/assets", files={"file": ("a.bin", b"shared")}).json()["id"]

    def body() -> Iterator[bytes]:
        yield b'{"tags": '
        assert client.post(f"/api/assets/{id}/tags", json={"tags": ["quick"]}).status_code == 200
        yield b'["slow"]}'

    with client_of(emulator) as other:
        response = other.post(
            f"/api/assets/{id}/tags", content=body(), headers={"content-type": "application/json"}
        )
    assert response.status_code == 200
    assert response.json()["total_tags"] == ["quick", "slow"]
    assert client.get(f"/api/assets/{id}").json()["tags"] == ["quick", "slow"]


# Slow work


class _Gate:
    """Blocks nodes of a class until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, class_type: str) -> None:
        self.entered, self.open = threading.Event(), threading.Event()
        execute = LazyNodeExecutor.execute

        def held(executor: LazyNodeExecutor, task: Any) -> Any:
            if task.class_type == class_type:
                self.entered.set()
                assert self.open.wait(PATIENCE)
            return execute(executor, task)

        monkeypatch.setattr(LazyNodeExecutor, "execute", held)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Gate]:
    gate = _Gate(monkeypatch, "EmptyImage")
    yield gate
    gate.open.set()


def test_requests_do_not_wait_for_a_running_node(
    start_emulator: Callable[..., Emulator], gate: _Gate
) -> None:
    emulator = start_emulator(clock=None, speed=1000, seed_data=2)
    with client_of(emulator) as client:
        working = submit(client)
        assert gate.entered.wait(PATIENCE)
        waiting = submit(client, plain(2))
        assert client.get("/api/features").status_code == 200
        assert job(client, working)["status"] == "in_progress"
        assert len(client.get("/api/jobs").json()["jobs"]) == 4
        assert len(client.get("/api/queue").json()["queue_pending"]) == 1
        assert client.post(f"/api/jobs/{waiting}/cancel").json()["cancelled"] is True
        with open_socket(address(emulator), proxy=None) as listening:
            assert json.loads(listening.recv(timeout=PATIENCE))["type"] == "status"
            gate.open.set()
            types = [json.loads(listening.recv(timeout=PATIENCE))["type"]]
            while types[-1] != "execution_success":
                types.append(json.loads(listening.recv(timeout=PATIENCE))["type"])
        emulator.time.advance(60)
        assert job(client, working)["status"] == "completed"
        assert job(client, waiting)["status"] == "cancelled"


def test_a_job_is_cancelled_while_its_node_runs(start_emulator: Callable[..., Emulator], gate: _Gate) -> None:
    """It stays cancelled when the work ends, is charged once, and the next job gets its slot."""
    emulator = start_emulator(clock=None, speed=1000, credits=10_000)
    with client_of(emulator) as client:
        working, following = submit(client), submit(client, plain(2))
        assert gate.entered.wait(PATIENCE)
        assert client.post(f"/api/jobs/{working}/cancel").json()["cancelled"] is True
        assert job(client, working)["status"] == "cancelled"
        gate.open.set()
        emulator.time.advance(60)
        assert job(client, working)["status"] == "cancelled"
        assert job(client, following)["status"] == "completed"
        assert [len(emulator.store.assets.of_job(id)) for id in (working, following)] == [0, 1]
        assert emulator.account.credits == pytest.approx(10_000 - emulator.store.spent)


def test_in_virtual_time_a_reader_waits_for_what_is_due(
    emulator: Emulator, client: httpx.Client, gate: _Gate
) -> None:
    """A request during `advance` sees all of it done, not half; the event loop is not blocked."""
    id = submit(client)
    results: list[Json] = []

    def ask() -> None:
        with client_of(emulator) as other:
            results.append(job(other, id))

    moving = threading.Thread(target=emulator.time.advance, args=(60,))
    asking = threading.Thread(target=ask)
    moving.start()
    assert gate.entered.wait(PATIENCE)
    asking.start()
    # A blocked reader does not block the emulator's own routes.
    assert client.get("/_emulator/faults").status_code == 200
    assert results == []
    gate.open.set()
    for thread in (moving, asking):
        thread.join(PATIENCE)
    assert [each["status"] for each in results] == ["completed"]


def test_a_listener_may_change_jobs(emulator: Emulator, client: httpx.Client) -> None:
    """During a step: cancelling another job, submitting one, advancing the time."""
    second: list[str] = []

    def on_event(event: Any) -> None:
        if isinstance(event, JsonEvent) and event.type == "execution_start" and not second:
            second.append("")
            second[0] = emulator.jobs._engine.submit(plain(3)).prompt_id
            assert emulator.jobs.cancel(waiting)
            emulator.time.advance(1)

    waiting = ""
    emulator.reset(time="virtual", tier="free")
    emulator.events.listen(on_event)
    first, waiting = submit(client), submit(client, plain(2))
    emulator.time.advance(60)
    assert [job(client, id)["status"] for id in (first, waiting, second[0])] == [
        "completed",
        "cancelled",
        "completed",
    ]


# Listeners


def test_every_listener_hears_everything_in_order(emulator: Emulator, client: httpx.Client) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(LISTENERS) as pool:
        # With its usual bound a socket that has unread messages takes ten seconds to close.
        sockets = [
            stack.enter_context(open_socket(address(emulator), proxy=None, max_queue=None))
            for _ in range(LISTENERS)
        ]
        for listening in sockets:
            listening.recv(timeout=PATIENCE)
        ids = [submit(client, text_to_image(seed, steps=5)) for seed in range(3)]

        def receive(listening: Any) -> list[str | bytes]:
            received: list[str | bytes] = []
            ends = 0
            while ends < len(ids):
                received.append(listening.recv(timeout=PATIENCE))
                ends += (
                    isinstance(received[-1], str) and json.loads(received[-1])["type"] == "execution_success"
                )
            return received

        receiving = [pool.submit(receive, listening) for listening in sockets]
        emulator.time.advance(60)
        results = [each.result(PATIENCE) for each in receiving]
    assert all(each == results[0] for each in results)
    steps = [
        json.loads(each)["data"] for each in results[0] if isinstance(each, str) and '"progress"' in each
    ]
    for id in ids:
        assert [each["value"] for each in steps if each["prompt_id"] == id] == [1, 2, 3, 4, 5]
    assert sum(isinstance(each, bytes) for each in results[0]) >= 15


def test_a_listener_that_does_not_read_is_dropped(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others get everything, and events that everybody has read are dropped."""
    monkeypatch.setattr(broadcast, "MOST_BEHIND", 20)
    idle = _idle_socket(emulator)
    with idle, open_socket(address(emulator), proxy=None, max_size=None) as listening:
        listening.recv(timeout=PATIENCE)
        for number in range(60):
            # Larger than the socket buffers.
            emulator.events.publish(JsonEvent("test", {"number": number, "text": "x" * 1_000_000}))
            assert json.loads(listening.recv(timeout=PATIENCE))["data"]["number"] == number
        assert _is_reset(idle)
        kept = emulator.accounts.default.application._sockets._broadcast  # type: ignore[attr-defined]
        assert len(kept._subscribers) == 1
        assert len(kept._events) <= 20
    assert [request.status for request in emulator.socket_requests] == [101, 101]


def _is_reset(connection: socket.socket) -> bool:
    """Whether a connection is reset when it is read to its end."""
    try:
        while connection.recv(1 << 20):
            pass
    except ConnectionResetError:
        return True
    return False


def _idle_socket(emulator: Emulator) -> socket.socket:
    """A websocket whose client reads nothing after the handshake."""
    host, port = emulator.url.removeprefix("http://").split(":")
    idle = socket.socket()
    idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    idle.settimeout(PATIENCE)
    idle.connect((host, int(port)))
    lines = [
        f"GET /ws?token={emulator.key} HTTP/1.1",
        f"Host: {host}:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    idle.sendall("\r\n".join([*lines, "", ""]).encode())
    response = b""
    while b"queue_remaining" not in response:
        response += idle.recv(4096)
    assert response.startswith(b"HTTP/1.1 101 ")
    return idle


def test_no_log_contains_the_key_of_a_listener(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(0), open_socket(address(emulator), proxy=None) as listening:
        listening.recv(timeout=PATIENCE)
    served = [record for record in caplog.records if record.name.startswith("uvicorn")]
    assert all(emulator.key not in record.getMessage() for record in served)


# Long lists

LISTS: list[tuple[str, Json]] = [
    ("/api/jobs", {}),
    ("/api/jobs", {"offset": 50, "limit": 7}),
    ("/api/jobs", {"sort_order": "asc"}),
    ("/api/jobs", {"status": "completed,failed"}),
    ("/api/jobs", {"status": "failed", "output_type": "video"}),
    ("/api/jobs", {"workflow_id": "none"}),
    ("/api/jobs", {"sort_by": "execution_time"}),
    ("/api/jobs", {"sort_by": "execution_time", "sort_order": "asc", "status": "failed"}),
    ("/api/history_v2", {"max_items": 20, "offset": 5}),
    ("/api/history_v2", {}),
    ("/api/queue", {}),
    *[("/api/assets", {"sort": name}) for name in ("created_at", "updated_at", "size", "last_access_time")],
    ("/api/assets", {"sort": "name", "order": "asc", "offset": 9}),
    ("/api/assets", {"include_tags": "output", "exclude_tags": "t3", "include_public": "false"}),
    ("/api/assets", {"tags_any": "t1,t2"}),
    ("/api/assets", {"metadata_filter": '{"n": 1}'}),
    ("/api/assets", {"hash": f"blake3:{'0' * 64}"}),
    ("/api/assets", {"job_ids": "none"}),
    ("/api/tags", {}),
    ("/api/experiment/models/loras", {}),
    ("/api/assets/tags/refine", {"include_tags": "output"}),
    ("/api/view", {"filename": f"{'0' * 64}.png"}),
]


@pytest.mark.parametrize(("path", "query"), LISTS)
def test_lists_are_read_from_indices(
    path: str, query: Json, demo: Emulator, demo_client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No list scans a whole table, or sorts more than its own page."""
    plans: list[str] = []

    def watched(read: Callable[..., Any]) -> Callable[..., Any]:
        def explain(self: Any, statement: str, parameters: Any = ()) -> Any:
            parameters = tuple(parameters)
            steps = read(self, f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(step[3] for step in steps)
            return read(self, statement, parameters)

        return explain

    with monkeypatch.context() as patched:
        patched.setattr(Store, "read", watched(Store.read))
        patched.setattr(Database, "read", watched(Database.read))
        response = demo_client.get(path, params=query)
    assert response.status_code in (200, 404)
    assert plans
    whole = [plan for plan in plans if re.fullmatch(r"SCAN (jobs|assets|asset_pairs|files|sources)", plan)]
    assert whole == []


def test_the_whole_of_a_long_history(start_emulator: Callable[..., Emulator]) -> None:
    """It is read in portions, which must not be visible."""
    emulator = start_emulator(seed_data=2_001)
    with client_of(emulator) as client:
        paged = [
            client.get("/api/history_v2", params={"max_items": 1000, "offset": offset}).content
            for offset in (0, 1000, 2000)
        ]
        begin, end = b'{"history":[', b"]}"
        joined = begin + b",".join(page.removeprefix(begin).removesuffix(end) for page in paged) + end
        whole = client.get("/api/history_v2")
        assert whole.content == joined
        assert whole.headers["content-length"] == str(len(joined))
        rest = client.get("/api/history_v2", params={"max_items": 5000, "offset": 1999})
        assert len(rest.json()["history"]) == 2
        newest = whole.json()["history"][0]["prompt_id"]
        emulator.store.hidden.hide(newest, until=emulator.store.now() + 1000, requests=1)
        assert newest not in client.get("/api/history_v2").text


def test_an_image_is_found_by_its_name_among_many(start_emulator: Callable[..., Emulator]) -> None:
    emulator = start_emulator(seed_data=40)
    with client_of(emulator) as client:
        for entry in client.get("/api/jobs").json()["jobs"]:
            name = entry["preview_output"]["filename"]
            assert client.get("/api/view", params={"filename": name}).status_code == 302
