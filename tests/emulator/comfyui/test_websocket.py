"""The websocket of a self-hosted ComfyUI: the order of events in a run, and who gets them."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from comfy_cloud_emulator import Emulator

from ..socket_messages import PATIENCE, read, until
from ..workflows import Json, plain, submit, text_to_image

Listen = Callable[..., ClientConnection]


@pytest.fixture
def listen(comfyui: Emulator) -> Iterator[Listen]:
    """Open a socket and read its first message. It is closed after the test."""
    with ExitStack() as stack:

        def start(client_id: str = "me") -> ClientConnection:
            url = f"{comfyui.url.replace('http', 'ws', 1)}/ws?clientId={client_id}"
            return stack.enter_context(open_socket(url, proxy=None, max_size=None))

        yield start


def words(messages: list[Json | bytes]) -> list[str]:
    """A short name for each message."""
    found = []
    for message in messages:
        if isinstance(message, bytes):
            found.append(f"binary {struct.unpack_from('>I', message)[0]}")
            continue
        data, word = message["data"], message["type"]
        if word == "status":
            word += f" {data['status']['exec_info']['queue_remaining']}"
        if word == "executing":
            word += f" {data['node']}"
        found.append(word)
    return found


def test_the_order_of_one_run(comfyui: Emulator, keyless: httpx.Client, listen: Listen) -> None:
    socket = listen()
    first = read(socket)
    assert isinstance(first, dict)
    assert first["data"]["sid"] == "me"
    id = submit(keyless, client_id="me")
    comfyui.time.advance(60)
    seen = until(socket, "executing", node=None)
    assert words(seen) == [
        "status 1",
        "status 1",
        "execution_start",
        "execution_cached",
        "progress_state",
        "executing 1",
        "progress_state",
        "progress_state",
        "executing 2",
        "executed",
        "progress_state",
        "execution_success",
        "status 0",
        "executing None",
    ]
    last = seen[-1]
    assert isinstance(last, dict)
    assert last["data"] == {"prompt_id": id, "node": None}
    # The history was written by then.
    assert keyless.get(f"/api/history/{id}").json()


def test_a_run_from_the_cache(comfyui: Emulator, keyless: httpx.Client, listen: Listen) -> None:
    first = submit(keyless)
    comfyui.time.advance(60)
    socket = listen()
    second = submit(keyless, client_id="me")
    comfyui.time.advance(60)
    seen = until(socket, "executing", node=None)
    assert words(seen)[3:] == [
        "execution_start",
        "execution_cached",
        "executed",
        "execution_success",
        "status 0",
        "executing None",
    ]
    data = keyless.get("/api/history").json()
    assert data[second]["outputs"] == data[first]["outputs"]


def test_other_sockets_get_only_the_queue_length(
    comfyui: Emulator, keyless: httpx.Client, listen: Listen
) -> None:
    mine, other, nameless = listen("me"), listen("you"), listen("")
    submit(keyless, client_id="me")
    submit(keyless, plain(2))
    comfyui.time.advance(60)
    for socket in (other, nameless):
        seen = until(socket, "status", status={"exec_info": {"queue_remaining": 0}})
        assert {word.split()[0] for word in words(seen)} == {"status"}
    assert "execution_success" in words(until(mine, "executing", node=None))


def test_interrupting_a_job_without_client_id_is_reported_to_all(
    comfyui: Emulator, keyless: httpx.Client, listen: Listen
) -> None:
    socket = listen("you")
    submit(keyless, text_to_image())
    comfyui.time.advance(3)
    keyless.post("/api/interrupt")
    (message,) = until(socket, "execution_interrupted")[-1:]
    assert isinstance(message, dict)
    assert {"node_id", "node_type", "executed", "timestamp"} < set(message["data"])


def test_a_reconnecting_socket_gets_the_node_without_the_job(
    comfyui: Emulator, keyless: httpx.Client, listen: Listen
) -> None:
    submit(keyless, text_to_image(), client_id="me")
    comfyui.time.advance(4)
    mine, other = listen("me"), listen("you")
    read(mine), read(other)
    missed = read(mine)
    assert isinstance(missed, dict)
    assert (missed["type"], list(missed["data"])) == ("executing", ["node"])
    comfyui.time.advance(60)
    assert "execution_success" in words(until(mine, "executing", node=None))
    assert words([read(other)]) == ["status 0"]


def test_a_later_socket_replaces_an_earlier_one(
    comfyui: Emulator, keyless: httpx.Client, listen: Listen
) -> None:
    earlier, later = listen(), listen()
    read(earlier), read(later)
    submit(keyless, client_id="me")
    comfyui.time.advance(60)
    assert "execution_success" in words(until(later, "executing", node=None))
    # What was sent before the pong arrived before it.
    earlier.ping().wait(PATIENCE)
    with pytest.raises(TimeoutError):
        earlier.recv(timeout=0)


def test_closing_an_earlier_socket_silences_the_later_one(
    comfyui: Emulator, keyless: httpx.Client, listen: Listen
) -> None:
    earlier, later = listen(), listen()
    read(earlier), read(later)
    earlier.close()
    submit(keyless, client_id="me")
    comfyui.time.advance(60)
    later.ping().wait(PATIENCE)
    with pytest.raises(TimeoutError):
        later.recv(timeout=0)


def test_flags_count_in_the_first_message_only(
    comfyui: Emulator, keyless: httpx.Client, listen: Listen
) -> None:
    flags = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
    prompt, late = listen("prompt"), listen("late")
    prompt.send(flags)
    features = until(prompt, "feature_flags")[-1]
    assert isinstance(features, dict)
    assert features["data"] == {"supports_preview_metadata": True, "max_upload_size": 52428800.0}
    late.send("hello")
    late.send(flags)
    # Messages arrive in order, so a round trip of another kind shows that all were received.
    late.ping().wait(PATIENCE)
    for client_id, socket, kind in [("prompt", prompt, 4), ("late", late, 1)]:
        id = submit(keyless, text_to_image(steps=2, seed=kind), client_id=client_id)
        comfyui.time.advance(60)
        seen = until(socket, "executing", node=None)
        previews = [message for message in seen if isinstance(message, bytes)]
        assert words(previews) == [f"binary {kind}"] * 2  # type: ignore[arg-type]
        if kind == 4:
            length = struct.unpack_from(">I", previews[0], 4)[0]
            assert json.loads(previews[0][8 : 8 + length])["prompt_id"] == id


def test_text_of_a_node_does_not_name_its_job(
    comfyui: Emulator, keyless: httpx.Client, listen: Listen
) -> None:
    mine, other = listen("me"), listen("you")
    graph = {
        "1": {"class_type": "PrimitiveString", "inputs": {"value": "hello"}},
        "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
    }
    submit(keyless, graph, client_id="me")
    comfyui.time.advance(60)
    (text,) = [message for message in until(mine, "executing", node=None) if isinstance(message, bytes)]
    assert text == struct.pack(">II", 3, 1) + b"2" + b"hello"
    assert not any(
        isinstance(message, bytes)
        for message in until(other, "status", status={"exec_info": {"queue_remaining": 0}})
    )


def test_a_failure_ends_with_a_null_too(comfyui: Emulator, keyless: httpx.Client, listen: Listen) -> None:
    socket = listen()
    comfyui.jobs.fail_next("ValueError", message="no such luck\n")
    submit(keyless, text_to_image(), client_id="me")
    comfyui.time.advance(60)
    seen = until(socket, "executing", node=None)
    assert words(seen)[-3:] == ["execution_error", "status 0", "executing None"]
    error = seen[-3]
    assert isinstance(error, dict)
    assert error["data"]["exception_type"] == "ValueError"
    assert isinstance(error["data"]["current_outputs"], list)
