"""Queue and history of a self-hosted ComfyUI: five-part lists, empty responses, interrupting."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator, Fault

from ..workflows import plain, submit, text_to_image

Connect = Callable[[Emulator], httpx.Client]
NEW = pytest.mark.parametrize("comfyui", ["comfyui_new"], indirect=True)
SECRET = "comfyui-" + "s" * 16
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def queue(client: httpx.Client) -> tuple[list[Any], list[Any]]:
    data = client.get("/api/queue").json()
    return data["queue_running"], data["queue_pending"]


def test_an_item_has_its_extra_data_before_its_outputs(comfyui: Emulator, keyless: httpx.Client) -> None:
    id = submit(keyless, extra_data={"note": "mine", "api_key_comfy_org": SECRET}, client_id="c-1")
    ((number, prompt_id, graph, extra_data, outputs),) = queue(keyless)[1]
    assert (number, prompt_id, graph, outputs) == (0, id, plain(), ["2"])
    # This version leaves keys in the queue.
    assert extra_data == {"note": "mine", "api_key_comfy_org": SECRET, "client_id": "c-1"}
    comfyui.time.advance(0.6)
    assert [item[1] for item in queue(keyless)[0]] == [id]
    comfyui.time.advance(60)
    assert queue(keyless) == ([], [])
    entry = keyless.get("/api/history").json()[id]
    assert entry["prompt"] == [0, id, plain(), {"note": "mine", "client_id": "c-1"}, ["2"]]
    assert set(entry) == {"prompt", "outputs", "status", "meta"}


@NEW
def test_a_newer_version_shows_the_time_and_no_keys(comfyui: Emulator, keyless: httpx.Client) -> None:
    submit(keyless, extra_data={"api_key_comfy_org": SECRET})
    ((_, _, _, extra_data, _),) = queue(keyless)[1]
    assert list(extra_data) == ["create_time"]
    assert extra_data["create_time"] == int(comfyui.time.now() * 1000)


def test_pending_jobs_lie_in_a_heap(keyless: httpx.Client) -> None:
    numbers = [9, 5, 7, 1, 8, 3]
    ids = [submit(keyless, plain(color), number=number) for color, number in enumerate(numbers)]
    heap: list[tuple[float, str]] = []
    for number, id in zip(numbers, ids, strict=True):
        heapq.heappush(heap, (number, id))
    data = [(item[0], item[1]) for item in queue(keyless)[1]]
    assert data == heap
    assert data != sorted(data)


def test_a_deleted_job_leaves_no_trace(comfyui: Emulator, keyless: httpx.Client) -> None:
    first, second = (submit(keyless, plain(color)) for color in range(2))
    comfyui.time.advance(0.6)
    for body in ({"delete": [second]}, {"delete": [second, first, UNKNOWN_ID]}, {}):
        response = keyless.post("/api/queue", json=body)
        assert (response.status_code, response.content) == (200, b"")
    running, pending = queue(keyless)
    assert ([item[1] for item in running], pending) == ([first], [])
    comfyui.time.advance(60)
    assert list(keyless.get("/api/history").json()) == [first]
    assert keyless.get(f"/api/history/{second}").json() == {}


def test_clearing_the_queue(comfyui: Emulator, keyless: httpx.Client) -> None:
    first, _, _ = (submit(keyless, plain(color)) for color in range(3))
    comfyui.time.advance(0.6)
    assert keyless.post("/api/queue", json={"clear": True}).content == b""
    comfyui.time.advance(60)
    assert list(keyless.get("/api/history").json()) == [first]


@pytest.mark.parametrize(
    ("body", "hits"),
    [(b"", True), (b"{", True), (b'{"prompt_id": null}', True), (b'{"prompt_id": "x"}', False)],
)
def test_interrupting(comfyui: Emulator, keyless: httpx.Client, body: bytes, hits: bool) -> None:
    first, second = (submit(keyless, text_to_image(seed)) for seed in range(2))
    comfyui.time.advance(2.5)
    response = keyless.post("/api/interrupt", content=body)
    assert (response.status_code, response.content) == (200, b"")
    comfyui.time.advance(60)
    data = keyless.get("/api/history").json()
    ends = [data[id]["status"]["messages"][-1][0] for id in (first, second)]
    assert ends == ["execution_interrupted" if hits else "execution_success", "execution_success"]
    if hits:
        assert data[first]["status"]["status_str"] == "error"
        assert not data[first]["status"]["completed"]


def test_interrupting_by_id_and_when_idle(comfyui: Emulator, keyless: httpx.Client) -> None:
    assert keyless.post("/api/interrupt").status_code == 200
    running, waiting = (submit(keyless, text_to_image(seed)) for seed in range(2))
    comfyui.time.advance(2.5)
    keyless.post("/api/interrupt", json={"prompt_id": waiting})
    assert [item[1] for item in queue(keyless)[0]] == [running]
    keyless.post("/api/interrupt", json={"prompt_id": running})
    assert keyless.get(f"/api/history/{running}").json()


def test_the_history_is_sorted_by_end(comfyui: Emulator, keyless: httpx.Client) -> None:
    ids = [submit(keyless, plain(color), front=color == 2) for color in range(3)]
    assert keyless.get(f"/api/history/{ids[0]}").json() == {}
    comfyui.time.advance(60)
    ended = [ids[0], ids[2], ids[1]]
    assert list(keyless.get("/api/history").json()) == ended
    assert list(keyless.get("/api/history?max_items=1").json()) == ended[-1:]
    assert list(keyless.get("/api/history?max_items=1&offset=1").json()) == ended[1:2]
    response = keyless.post("/api/history", json={"delete": [ids[0], UNKNOWN_ID]})
    assert (response.status_code, response.content) == (200, b"")
    assert list(keyless.get("/api/history").json()) == ended[1:]
    assert keyless.post("/api/history", json={"clear": True}).content == b""
    assert keyless.get("/api/history").json() == {}


def test_any_number_of_jobs_may_wait(keyless: httpx.Client) -> None:
    assert len({submit(keyless, plain(color)) for color in range(105)}) == 105


def test_lists_can_lag(comfyui: Emulator, keyless: httpx.Client) -> None:
    comfyui.faults.add(Fault("lag", seconds=0, lag_requests=2, path="/api/prompt"))
    submit(keyless)
    assert [len(queue(keyless)[1]) for _ in range(3)] == [0, 0, 1]


def test_the_queue_quirk_alone(connect: Connect) -> None:
    with Emulator(quirks=["comfyui_queue"], time="virtual") as emulator:
        client = connect(emulator)
        id = submit(client)
        assert queue(client)[1][0][3:] == [{}, ["2"]]
        assert client.post("/api/queue", json={"delete": [id]}).content == b""
        assert client.get(f"/api/jobs/{id}").status_code == 404
