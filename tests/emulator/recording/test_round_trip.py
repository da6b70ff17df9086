"""A program gets from a replay what it got from the server: the emulator, recorded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect as open_socket

from comfy_cloud import AsyncComfyCloud, ComfyCloud, JobFailed, ServerError
from comfy_cloud_emulator import Emulator, Fault, Recorder, Replay
from comfy_cloud_emulator.recording import spool
from tests.images import png

from .conftest import KEY

Both = Callable[[Callable[[str, str], object]], tuple[object, object]]


def graph(color: int = 255) -> dict[str, object]:
    size = {"width": 8, "height": 8, "batch_size": 1}
    return {
        "1": {"class_type": "EmptyImage", "inputs": {**size, "color": color}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "plain"}},
    }


def test_a_run_with_its_events_history_and_files(both: Both, real: Emulator) -> None:
    def program(url: str, key: str) -> object:
        events: list[str] = []
        with ComfyCloud(base_url=url, api_key=key) as cloud:
            before = len(list(cloud.history))
            job = cloud.run(graph(), on_event=lambda event: events.append(type(event).__name__))
            after = [entry.id for entry in cloud.history]
            # What a poll says and what a message says may come in either order.
            seen = [name for name in events if name in ("NodesCached", "NodeFinished", "JobSucceeded")]
            return before, job.id, seen, after, [output.read() for output in job.outputs]

    first, second = both(program)
    assert first == second
    assert isinstance(first, tuple)
    assert first[2] == ["NodesCached", "NodeFinished", "JobSucceeded"]
    assert first[0] == 0
    assert len(first[3]) == 1
    assert real.leaks == []


def test_async_runs_in_parallel_with_an_upload(both: Both) -> None:
    async def work(url: str, key: str) -> object:
        async with AsyncComfyCloud(base_url=url, api_key=key) as cloud:
            name = (await cloud.files.upload_image(png(), name="a.png")).name
            jobs = await asyncio.gather(*(cloud.run(graph(color)) for color in (1, 2, 3)))
            return name, [(job.id, [await output.read() for output in job.outputs]) for job in jobs]

    first, second = both(lambda url, key: asyncio.run(work(url, key)))
    assert first == second


def test_errors_are_played_as_well(both: Both, real: Emulator) -> None:
    real.jobs.fail_next("OOMError")
    real.faults.add(Fault.status_burst(500, times=2, path="/api/history_v2"))

    def program(url: str, key: str) -> object:
        with ComfyCloud(base_url=url, api_key=key, retry=1) as cloud:
            found = []
            for _ in range(2):
                with pytest.raises(ServerError) as failed:
                    list(cloud.history)
                found.append(str(failed.value))
            assert list(cloud.history) == []
            with pytest.raises(JobFailed) as lost:
                cloud.run(graph())
            return found, str(lost.value)

    first, second = both(program)
    assert first == second


@pytest.mark.parametrize("fault", [Fault.reset(), Fault.cut(at_bytes=5)])
def test_a_connection_that_broke_breaks_again(fault: Fault, both: Both, real: Emulator) -> None:
    real.faults.add(fault)

    def program(url: str, key: str) -> object:
        with httpx.Client(base_url=url, headers={"X-API-Key": key}, trust_env=False) as client:
            with pytest.raises(httpx.TransportError):
                client.get("/api/history_v2")
            return client.get("/api/history_v2").json()

    first, second = both(program)
    assert first == second == {"history": []}


def test_a_file_is_read_in_parts_but_fetched_once(both: Both, real: Emulator) -> None:
    def program(url: str, key: str) -> object:
        with ComfyCloud(base_url=url, api_key=key) as cloud:
            output = cloud.run(graph()).outputs[0]
        query = {"filename": output.filename, "type": "output"}
        headers = {"X-API-Key": key}
        with httpx.Client(base_url=url, trust_env=False) as client:
            location = client.get("/api/view", params=query, headers=headers).headers["location"]
            assert location.startswith(url)
            parts = [
                client.get(location, headers={"Range": f"bytes={first}-{first + 9}"})
                for first in (0, 10, 100_000)
            ]
            whole = client.get(location).content
            assert parts[0].content + parts[1].content == whole[:20]
            return [part.status_code for part in parts], parts[0].headers["content-range"], whole

    first, second = both(program)
    assert first == second
    assert isinstance(first, tuple)
    assert first[0] == [206, 206, 416]
    assert len([each for each in real.file_requests if each.method == "GET"]) == 2


def test_a_stream_of_events_waits_for_its_causes(both: Both) -> None:
    def program(url: str, key: str) -> object:
        with httpx.Client(base_url=url, headers={"X-API-Key": key}, trust_env=False) as client:
            made = client.post("/api/v2/jobs", json={"workflow": graph()}).json()
            with client.stream("GET", f"/api/v2/jobs/{made['id']}/events") as response:
                names = [line for line in response.iter_lines() if line.startswith("event:")]
            outputs = client.get(f"/api/v2/jobs/{made['id']}").json()["outputs"]
            urls = [output["url"] for output in outputs]
            assert all(each.startswith(url) for each in urls)
            return made["id"], names[-1], [client.get(each).content for each in urls]

    first, second = both(program)
    assert first == second


def test_messages_come_after_the_request_that_caused_them(real: Emulator, path: Path) -> None:
    def listen(url: str, key: str) -> tuple[list[str], httpx.Response, list[str]]:
        address = f"{url.replace('http', 'ws')}/ws?clientId=any&token={key}"
        with open_socket(address) as socket:
            early = [json.loads(socket.recv())["type"]]
            with pytest.raises(TimeoutError):
                socket.recv(timeout=0.05)
            sent = httpx.post(
                f"{url}/api/prompt", json={"prompt": graph()}, headers={"X-API-Key": key}, trust_env=False
            )
            late: list[str] = []
            while "execution_success" not in late:
                late.append(json.loads(socket.recv(timeout=10))["type"])
            return early, sent, late

    with Recorder(path, base_url=real.url, api_key=KEY) as recorder:
        early, sent, late = listen(recorder.url, recorder.key or "")
    with Replay(path) as replay:
        played_early, played, played_late = listen(replay.url, "any")
        assert replay.waits_for is None
    assert (played_early, played.json(), played_late) == (early, sent.json(), late)


def test_a_self_hosted_server_needs_no_key(path: Path) -> None:
    def program(url: str) -> object:
        with ComfyCloud(base_url=url) as cloud:
            output = cloud.run(graph()).outputs[0]
            view = f"{url}/api/view?filename={output.filename}&type=output"
            part = httpx.get(view, headers={"Range": "bytes=1-3"}, trust_env=False)
            return part.status_code, part.content, output.read()

    with Emulator(seed_data=None, quirks="comfyui_new", speed=200.0) as server:
        with Recorder(path, base_url=server.url) as recorder:
            assert recorder.key is None
            first = program(recorder.url)
        assert not [each for each in server.requests if "range" in each.headers]
    with Replay(path) as replay:
        assert program(replay.url) == first
    replay.check()
    assert isinstance(first, tuple)
    assert first[:2] == (206, b"PNG")


def test_a_request_that_was_not_recorded_names_the_nearest(real: Emulator, path: Path) -> None:
    def send(url: str, key: str, body: object) -> httpx.Response:
        headers = {"X-API-Key": key}
        return httpx.post(f"{url}/api/prompt", json=body, headers=headers, trust_env=False)

    with Recorder(path, base_url=real.url, api_key=KEY) as recorder:
        send(recorder.url, recorder.key or "", {"prompt": graph(5), "client_id": "one"})
    with Replay(path) as replay:
        other = send(replay.url, "any", {"prompt": graph(7), "client_id": "two"})
        assert other.status_code == 400
        assert "/prompt/1/inputs/color is 7, and was 5" in other.text
        assert replay.unplayed == ["POST /api/prompt"]
        same = send(replay.url, "any", {"client_id": "two", "prompt": graph(5)})
        assert same.status_code == 200
        assert replay.unplayed == []
        with pytest.raises(AssertionError, match="is not in the recording"):
            replay.check()
    with Replay(path, ignore=["color"]) as replay:
        assert send(replay.url, "any", {"prompt": graph(7)}).json() == same.json()


def test_an_existing_file_stays(path: Path) -> None:
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        Recorder(path, base_url="http://127.0.0.1:1")
    with pytest.raises(NotADirectoryError):
        Recorder(path / "missing" / "file", base_url="http://127.0.0.1:1")
    assert path.read_bytes() == b"mine"


def test_a_recording_that_ends_by_an_error_is_written(real: Emulator, path: Path) -> None:
    def fail() -> None:
        with Recorder(path, base_url=real.url, api_key=KEY) as recorder:
            httpx.get(f"{recorder.url}/api/features", trust_env=False)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with Replay(path) as replay:
        assert httpx.get(f"{replay.url}/api/features", trust_env=False).status_code == 200
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_full_disk_leaves_no_file_that_looks_complete(
    real: Emulator, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("only Linux has a file that is always full")
    full = partial(open, "/dev/full", "r+b", buffering=0)
    monkeypatch.setattr(spool.tempfile, "TemporaryFile", lambda prefix: full())
    recorder = Recorder(path, base_url=real.url, api_key=KEY).start()
    key = {"X-API-Key": recorder.key or ""}
    assert httpx.get(f"{recorder.url}/api/queue", headers=key, trust_env=False).status_code == 500
    with pytest.raises(OSError, match="not complete"):
        recorder.stop()
    assert list(path.parent.iterdir()) == []


def test_a_server_that_cannot_be_reached_is_a_502(path: Path) -> None:
    with Recorder(path, base_url="http://127.0.0.1:9", api_key=KEY) as recorder:
        found = httpx.get(f"{recorder.url}/api/features", trust_env=False)
    assert found.status_code == 502
    assert "cannot be reached" in found.text
