"""The websocket: who may connect, the events of a run, and scripted faults."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from comfy_cloud_emulator import Emulator, Fault

from ..socket_messages import PATIENCE, until
from ..workflows import Json, job, plain, submit, text_to_image

Connect = Callable[[Emulator], httpx.Client]
Listen = Callable[..., ClientConnection]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(time="virtual") as emulator:
        yield emulator


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Open a socket of an emulator and read its first message. It is closed after the test."""
    with ExitStack() as stack:

        def start(emulator: Emulator, query: str = "clientId=c-1", **headers: str) -> ClientConnection:
            url = f"{emulator.url.replace('http', 'ws', 1)}/ws?{query}"
            socket = open_socket(
                url, additional_headers={"X-API-Key": emulator.key} | headers, proxy=None, max_size=None
            )
            return stack.enter_context(socket)

        yield start


def received(socket: ClientConnection) -> Json:
    message = socket.recv(timeout=PATIENCE)
    assert isinstance(message, str)
    read: Json = json.loads(message)
    return read


def in_json(messages: list[Json | bytes]) -> list[Json]:
    return [message for message in messages if isinstance(message, dict)]


def test_the_first_message_has_the_queue_length_and_names_the_socket(
    emulator: Emulator, listen: Listen
) -> None:
    emulator.store.add_job("pending")
    first = received(listen(emulator))
    assert first["type"] == "status"
    assert first["data"]["status"] == {"exec_info": {"queue_remaining": 1}}
    assert first["data"]["sid"] != received(listen(emulator))["data"]["sid"]


def test_the_events_of_a_run(emulator: Emulator, client: httpx.Client, listen: Listen) -> None:
    socket = listen(emulator)
    received(socket)
    id = submit(client, text_to_image(steps=3))
    emulator.time.advance(60)
    messages = until(socket, "executing", node=None)
    seen = in_json(messages)
    main = [message["type"] for message in seen if message["type"] not in ("progress_state", "progress")]
    assert main == [
        "status",
        "notification",
        "notification",
        "execution_start",
        "execution_cached",
        *["executing"] * 7,
        "executed",
        "execution_success",
        "status",
        "executing",
    ]
    order = [m["data"]["node"] for m in seen if m["type"] == "executing"]
    assert order == ["4", "5", "6", "7", "3", "8", "9", None]
    progress = [m["data"] for m in seen if m["type"] == "progress"]
    assert progress == [{"prompt_id": id, "node": "3", "value": step, "max": 3} for step in (1, 2, 3)]
    assert all(m["data"]["prompt_id"] == id for m in seen if m["type"] not in ("status", "notification"))
    executed = next(m["data"] for m in seen if m["type"] == "executed")
    assert executed["output"] == job(client, id)["outputs"]["9"]
    assert executed["display_node"] == "9"
    start = next(m["data"] for m in seen if m["type"] == "execution_start")
    assert start["timestamp"] == job(client, id)["execution_start_time"]
    states = [m["data"]["nodes"] for m in seen if m["type"] == "progress_state"]
    assert {node["state"] for node in states[-1].values()} == {"finished"}
    assert set(states[-1]) == set(text_to_image())
    assert states[0]["4"]["prompt_id"] == id


def test_every_socket_gets_everything(emulator: Emulator, client: httpx.Client, listen: Listen) -> None:
    sockets = [listen(emulator, f"clientId=c-{index}") for index in range(3)]
    id = submit(client, client_id="c-0")
    emulator.time.advance(60)
    for socket in sockets:
        assert until(socket, "execution_success", prompt_id=id)


def test_a_cached_run_repeats_earlier_outputs(
    emulator: Emulator, client: httpx.Client, listen: Listen
) -> None:
    first = submit(client)
    emulator.time.advance(60)
    socket = listen(emulator)
    id = submit(client)
    emulator.time.advance(60)
    seen = in_json(until(socket, "execution_success"))
    assert [m["data"]["nodes"] for m in seen if m["type"] == "execution_cached"] == [["1", "2"]]
    assert [m["data"]["output"] for m in seen if m["type"] == "executed"] == [
        job(client, first)["outputs"]["2"]
    ]
    assert not [m for m in seen if m["type"] == "executing"]
    assert job(client, id)["outputs"] == job(client, first)["outputs"]


@pytest.mark.parametrize("declared", [False, True])
def test_previews(emulator: Emulator, client: httpx.Client, listen: Listen, declared: bool) -> None:
    socket = listen(emulator)
    received(socket)
    if declared:
        socket.send(json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}}))
        reply = received(socket)
        assert reply["type"] == "feature_flags"
        assert reply["data"]["supports_preview_metadata"] is True
    id = submit(client, text_to_image(steps=2))
    emulator.time.advance(60)
    previews = [m for m in until(socket, "execution_success") if isinstance(m, bytes)]
    assert len(previews) == 2
    kind, second = struct.unpack(">II", previews[0][:8])
    if declared:
        metadata = json.loads(previews[0][8 : 8 + second])
        assert kind == 4
        assert metadata["prompt_id"] == id
        assert metadata["node_id"] == "3"
        assert metadata["image_type"] == "image/jpeg"
        image = previews[0][8 + second :]
    else:
        assert (kind, second) == (1, 1)
        image = previews[0][8:]
    assert image.startswith(b"\xff\xd8\xff")
    assert previews[0] != previews[1]


def test_text_of_a_node(emulator: Emulator, client: httpx.Client, listen: Listen) -> None:
    socket = listen(emulator)
    submit(
        client,
        {
            "1": {"class_type": "PrimitiveString", "inputs": {"value": "grüße"}},
            "22": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
        },
    )
    emulator.time.advance(60)
    (text,) = [m for m in until(socket, "execution_success") if isinstance(m, bytes)]
    assert text == struct.pack(">II", 3, 2) + b"22" + "grüße".encode()


def test_a_failed_and_a_cancelled_run(emulator: Emulator, client: httpx.Client, listen: Listen) -> None:
    socket = listen(emulator)
    emulator.jobs.fail_next("OOMError")
    failed, cancelled = submit(client, text_to_image()), submit(client, text_to_image(8))
    emulator.time.advance(30)
    error = in_json(until(socket, "execution_error"))[-1]["data"]
    assert (error["prompt_id"], error["node_id"], error["exception_type"]) == (failed, "3", "OOMError")
    assert {"traceback", "current_inputs", "current_outputs", "executed", "timestamp"} <= set(error)
    assert until(socket, "executing", node=None)
    again = submit(client, text_to_image(9))
    emulator.time.advance(1)
    assert job(client, cancelled)["status"] == "completed"
    emulator.jobs.cancel(again)
    interrupted = in_json(until(socket, "execution_interrupted"))[-1]["data"]
    assert interrupted["prompt_id"] == again
    assert interrupted["node_type"] == text_to_image()[interrupted["node_id"]]["class_type"]


def test_no_null_node_with_the_quirk_off(connect: Connect, listen: Listen) -> None:
    with Emulator(time="virtual", quirks="published") as emulator:
        socket = listen(emulator)
        id = submit(connect(emulator))
        emulator.time.advance(60)
        seen = in_json(until(socket, "execution_success", prompt_id=id))
        last = received(socket)
        assert last["type"] == "status"
        emulator.jobs.cancel(submit(connect(emulator)))
        seen += in_json(until(socket, "execution_interrupted"))
        assert not [m for m in seen if m["type"] == "executing" and m["data"]["node"] is None]


# Who may connect


@pytest.mark.parametrize("path", ["/ws", "/api/ws"])
def test_the_key_as_token(emulator: Emulator, path: str) -> None:
    url = f"{emulator.url.replace('http', 'ws', 1)}{path}?clientId=c&token={emulator.key}"
    with open_socket(url, proxy=None) as socket:
        assert received(socket)["type"] == "status"
    assert emulator.socket_requests[0].status == 101


@pytest.mark.parametrize(("query", "status"), [("", 401), ("token=wrong", 401), ("token=%C3%A9", 401)])
def test_other_tokens_are_refused(emulator: Emulator, query: str, status: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        open_socket(f"{emulator.url.replace('http', 'ws', 1)}/ws?{query}", proxy=None)
    assert refused.value.response.status_code == status
    assert json.loads(refused.value.response.body or b"")["code"] == "UNAUTHORIZED"
    assert emulator.socket_requests[0].status == status


def test_other_paths_and_origins_are_refused(emulator: Emulator) -> None:
    url = emulator.url.replace("http", "ws", 1)
    key = {"X-API-Key": emulator.key}
    with pytest.raises(InvalidStatus) as refused:
        open_socket(f"{url}/socket", additional_headers=key, proxy=None)
    assert refused.value.response.status_code == 404
    with pytest.raises(InvalidStatus) as refused:
        open_socket(f"{url}/ws", additional_headers=key | {"Origin": "https://example.com"}, proxy=None)
    assert refused.value.response.status_code == 403


def test_unexpected_client_messages_are_ignored(emulator: Emulator, listen: Listen) -> None:
    socket = listen(emulator)
    received(socket)
    for message in ("no json", "[]", '{"type": "other"}', b"\0", '{"type": "feature_flags"}'):
        socket.send(message)
    assert received(socket)["type"] == "feature_flags"


# Faults


def test_a_refused_upgrade(emulator: Emulator, listen: Listen) -> None:
    emulator.faults.add(Fault("socket_refuse", status=502))
    with pytest.raises(InvalidStatus) as refused:
        listen(emulator)
    assert refused.value.response.status_code == 502
    assert received(listen(emulator))["type"] == "status", "only one is refused"


def test_socket_faults_leave_requests_alone(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault("socket_refuse"))
    assert client.get("/api/jobs").status_code == 200
    assert len(emulator.faults) == 1


def test_request_faults_leave_sockets_alone(emulator: Emulator, listen: Listen) -> None:
    emulator.faults.add(Fault("status"))
    assert received(listen(emulator))["type"] == "status"


def test_a_dropped_socket(emulator: Emulator, client: httpx.Client, listen: Listen) -> None:
    emulator.faults.add(Fault("socket_drop", messages=3))
    socket = listen(emulator)
    id = submit(client)
    emulator.time.advance(60)
    assert [received(socket)["type"] for _ in range(3)] == ["status", "status", "notification"]
    with pytest.raises(ConnectionClosed):
        socket.recv(timeout=PATIENCE)
    assert job(client, id)["status"] == "completed"


def test_a_silent_socket(emulator: Emulator, client: httpx.Client, listen: Listen) -> None:
    emulator.faults.add(Fault("socket_silent", messages=1))
    silent, listening = listen(emulator), listen(emulator)
    submit(client)
    emulator.time.advance(60)
    assert until(listening, "executing", node=None), "the run is over"
    assert received(silent)["type"] == "status"
    with pytest.raises(TimeoutError):
        silent.recv(timeout=0)


def test_a_frame_of_garbage(emulator: Emulator, client: httpx.Client, listen: Listen) -> None:
    emulator.faults.add(Fault("socket_garbage", messages=1))
    socket = listen(emulator)
    received(socket)
    submit(client)
    with pytest.raises(json.JSONDecodeError):
        received(socket)
    assert received(socket)["type"] == "status"


def test_events_of_other_jobs(emulator: Emulator, client: httpx.Client, listen: Listen) -> None:
    emulator.faults.add(Fault("socket_foreign"))
    socket = listen(emulator)
    id = submit(client)
    emulator.time.advance(60)
    seen = in_json(until(socket, "execution_success", prompt_id=id))
    ends = [m["data"]["prompt_id"] for m in seen if m["type"] == "execution_success"]
    assert len(ends) == 2
    assert ends[0] != id


def test_events_out_of_order(emulator: Emulator, client: httpx.Client, listen: Listen) -> None:
    emulator.faults.add(Fault("socket_disorder"))
    disordered, orderly = listen(emulator), listen(emulator)
    submit(client, plain())
    emulator.time.advance(60)
    right = in_json(until(orderly, "executing", node=None))[1:]
    pairs = len(right) // 2
    # The socket's first message counts, so it is swapped with the status after the new job.
    wrong = [received(disordered) for _ in range(2 * pairs)]
    assert [m["type"] for m in wrong[:2]] == ["status", "status"]
    assert "sid" in wrong[1]["data"]
    assert [m["type"] for m in wrong[2:4]] == [right[2]["type"], right[1]["type"]]


def test_stopping_ends_open_sockets(listen: Listen) -> None:
    with Emulator() as emulator:
        socket = listen(emulator)
        received(socket)
    with pytest.raises(ConnectionClosed):
        socket.recv(timeout=PATIENCE)
