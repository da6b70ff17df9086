"""Requests that would take much memory or break the emulator are refused, and say why."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest
from starlette.types import Message, Receive, Scope, Send

from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.http import body_limits, request_log
from comfy_cloud_emulator.http.body_limits import BodyLimit
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.request_log import BoundedLog, Request
from comfy_cloud_emulator.http.responses import ApiProblem

QUIRKS = ("live", "published", "comfyui", "comfyui_new")
pytestmark = pytest.mark.beyond_contract


def nested(levels: int, inside: str = "1") -> str:
    return "[" * levels + inside + "]" * levels


def prompt(value: str) -> bytes:
    inputs = f'{{"width": 8, "height": 8, "batch_size": 1, "color": 0, "deep": {value}}}'
    graph = f'{{"1": {{"class_type": "EmptyImage", "inputs": {inputs}}},' + (
        '"2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}}}'
    )
    return f'{{"prompt": {graph}}}'.encode()


# Deep JSON


@pytest.mark.parametrize("quirks", QUIRKS)
@pytest.mark.parametrize("levels", [197, 230, 260, 900, 5_000])
def test_a_deep_prompt_runs_or_is_refused(connect: Any, now: float, quirks: str, levels: int) -> None:
    with Emulator(clock=lambda: now, quirks=quirks) as emulator:
        client = connect(emulator)
        response = client.post("/api/prompt", content=prompt(nested(levels - 3)))
        if levels > 200:
            assert response.status_code == 400
            assert "nested too deeply; at most 200 levels" in response.text
            return
        assert response.status_code == 200
        emulator.time.advance(1_000)
        id = response.json()["prompt_id"]
        assert emulator.store.get(id).status == "completed"
        for path in ("/api/history_v2", "/api/history", "/api/jobs", f"/api/jobs/{id}", "/api/queue"):
            assert client.get(path).status_code < 500
        assert httpx.get(f"{emulator.url}/_emulator/submissions").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/prompt"),
        ("POST", "/api/queue"),
        ("POST", "/api/interrupt"),
        ("POST", "/api/history"),
        ("POST", "/api/jobs/cancel"),
        ("POST", "/api/assets/from-hash"),
        ("POST", "/api/assets/download"),
        ("POST", "/api/settings"),
        ("POST", "/api/settings/a"),
        ("POST", "/_emulator/faults"),
        ("POST", "/_emulator/time"),
        ("POST", "/_emulator/failures"),
    ],
)
@pytest.mark.parametrize("quirks", ["live", "comfyui"])
def test_deep_json_is_no_unexplained_error(
    connect: Any, now: float, quirks: str, method: str, path: str
) -> None:
    with Emulator(clock=lambda: now, quirks=quirks) as emulator:
        client = connect(emulator)
        for levels in (300, 1_000, 100_000):
            for content in (nested(levels), '{"a": ' * levels + "1" + "}" * levels):
                response = client.request(method, path, content=content)
                assert response.status_code < 500, (levels, response.text)


def test_what_is_read_can_be_written_with_more_around_it() -> None:
    value = read_json(nested(200))
    for _ in range(54):
        value = [value]
    orjson.dumps(value)
    for text in (nested(201), nested(2_000), nested(201).encode()):
        with pytest.raises(JsonRefused, match="nested too deeply"):
            read_json(text)
    with pytest.raises(JsonRefused, match=r"^not JSON$"):
        read_json("[[")


def test_json_of_a_million_empty_arrays_is_refused() -> None:
    assert len(read_json("[" + "[]," * 999_998 + "1]")) == 999_999
    with pytest.raises(JsonRefused, match="more than 1000000 arrays and objects"):
        read_json(b"[" + b"[]," * 1_000_001 + b"1]")


@pytest.mark.parametrize("quirks", QUIRKS)
def test_a_workflow_of_more_than_ten_thousand_nodes_is_refused(connect: Any, now: float, quirks: str) -> None:
    nodes = {str(number): {"class_type": "VAELoader", "inputs": {}} for number in range(10_001)}
    with Emulator(clock=lambda: now, quirks=quirks) as emulator:
        response = connect(emulator).post("/api/prompt", json={"prompt": nodes})
    assert response.status_code == 400
    assert "the workflow has 10001 nodes; at most 10000 run" in response.text


# Large bodies


async def sent(app: Any, size: int, *, announced: int | None = None, form: bool = False) -> list[Message]:
    """What an application sends for a body of this size, in chunks of a million bytes."""
    headers = [(b"content-type", b"multipart/form-data; boundary=x" if form else b"application/json")]
    if announced is not None:
        headers.append((b"content-length", str(announced).encode()))
    left, out = size, list[Message]()

    async def receive() -> Message:
        nonlocal left
        chunk = min(left, 1_000_000)
        left -= chunk
        return {"type": "http.request", "body": bytes(chunk), "more_body": left > 0}

    async def send(message: Message) -> None:
        out.append(message)

    await app({"type": "http", "headers": headers}, receive, send)
    return out


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def test_an_endless_body_is_read_up_to_a_limit() -> None:
    app = BodyLimit(reading)
    assert (await sent(app, 100_000_000))[0]["status"] == 200
    with pytest.raises(ApiProblem, match="the body is larger than 104857600 bytes") as caught:
        await sent(app, 10**12)
    assert caught.value.status == 413
    assert (await sent(app, 0, announced=10**15))[0]["status"] == 413
    assert (await sent(app, 150_000_000, form=True))[0]["status"] == 200
    assert (await sent(app, 0, announced=10**10, form=True))[0]["status"] == 413


async def test_large_bodies_at_a_time_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert body_limits.HELD == 268_435_456
    monkeypatch.setattr(body_limits, "HELD", 3_000_000)

    async def nesting(scope: Scope, receive: Receive, send: Send) -> None:
        await reading(scope, receive, send)
        if depth.append(1) or len(depth) < 4:
            await sent(app, 1_000_000)

    depth: list[int] = []
    app = BodyLimit(nesting)
    with pytest.raises(ApiProblem, match="too many large requests") as caught:
        await sent(app, 1_000_000)
    assert caught.value.status == 503
    depth[:] = [1] * 9
    assert (await sent(app, 3_000_000))[0]["status"] == 200  # all of it is free again


def test_a_body_of_unknown_length_is_refused_with_words(connect: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(body_limits, "LARGEST_BODY", 1_000_000)
    for quirks in ("live", "comfyui"):
        with Emulator(quirks=quirks) as emulator:
            client = connect(emulator)
            for path in ("/api/prompt", "/api/userdata/a.txt", "/api/jobs/cancel", "/_emulator/faults"):
                body = iter([bytes(1_000_000)] * 3)
                response = client.post(path, content=body, headers={"content-type": "application/json"})
                assert response.status_code in (404, 405, 413), path


# Forms


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-16", "idna", "nonsense", "utf-7"])
@pytest.mark.parametrize("quirks", ["live", "comfyui"])
def test_a_form_in_another_charset_is_refused(connect: Any, quirks: str, charset: str) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="\\ud800.mp4"\r\n\r\na\r\n'
        b'--x\r\nContent-Disposition: form-data; name="subfolder"\r\n\r\n\\ud800\r\n--x--\r\n'
    )
    headers = {"content-type": f"multipart/form-data; boundary=x; charset={charset}"}
    with Emulator(quirks=quirks) as emulator:
        response = connect(emulator).post("/api/upload/image", content=body, headers=headers)
    assert (response.status_code, bool(response.text)) == ({"live": 400, "comfyui": 500}[quirks], True)


# Requests that are kept


def kept_request(body: bytes = b"", pairs: int = 0) -> Request:
    return Request("GET", "/", "/", [("a", "")] * pairs, {}, body)


def test_the_log_keeps_a_bounded_number_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (request_log.KEPT_BYTES, request_log.KEPT_REQUESTS) == (268_435_456, 20_000)
    monkeypatch.setattr(request_log, "KEPT_BYTES", 1_000_000)
    log = BoundedLog()
    records = [kept_request() for _ in range(10)]
    done = [log.add(record) for record in records]
    for record in records:
        record.body = bytes(300_000)
    for complete in done:
        complete()
    assert log.requests() == records[-3:]
    done[0]()  # it was dropped, and is not counted again
    assert log.requests() == records[-3:]
    log.add(many_pairs := kept_request(pairs=3_500))  # each takes far more memory than its one byte
    assert log.requests() == [many_pairs]
    assert log.latest(5) == (11, [many_pairs])
    log.clear()
    assert log.requests() == []
    log.add(records[0])
    assert log.requests() == [records[0]]


def test_websocket_upgrades_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "KEPT_REQUESTS", 3)
    with Emulator() as emulator:
        for _ in range(5):
            httpx.get(
                f"{emulator.url}/ws",
                headers={
                    "connection": "upgrade",
                    "upgrade": "websocket",
                    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
                    "sec-websocket-version": "13",
                },
                trust_env=False,
            )
        assert len(emulator.socket_requests) == 3


def test_pings_without_reading_end_the_connection(emulator: Emulator) -> None:
    import socket

    from websockets.frames import Frame, Opcode

    address = (emulator.url.partition("//")[2].partition(":")[0], int(emulator.url.rpartition(":")[2]))
    with socket.create_connection(address, timeout=20) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        wire.sendall(
            f"GET /ws?token={emulator.key} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        ping = Frame(Opcode.PING, bytes(125)).serialize(mask=True) * 1_000
        with pytest.raises(ConnectionError):
            wire.sendall(ping * 2_000)
