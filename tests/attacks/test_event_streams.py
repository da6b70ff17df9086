"""Event streams of a hostile server: the job is polled as ever, and every deadline holds."""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
import threading
import time
from collections.abc import Iterable

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloud,
    Event,
    JobErrored,
    JobInterrupted,
    JobStatus,
    JobSucceeded,
    Progress,
    WaitTimeout,
)
from scripts.project.checkout import ROOT
from tests.event_stream_server import EVENTS, HEAD, JOB_ID, EventStreamServer, Stream, event, response, stream
from tests.raw_server import http_response, raw_server

KEY = "comfyui-0123456789abcdef0123456789abcdef"
SECONDS = 0.6
ENDINGS = (JobSucceeded, JobErrored, JobInterrupted)
BLOCK = 64 * 1024


def flapping(server: EventStreamServer) -> Iterable[bytes]:
    yield HEAD
    while not server.is_closed:
        yield event("status", status="queued", queue_position=3)
        yield event("status", status="running", queue_position=None)


def no_head(server: EventStreamServer) -> Iterable[bytes]:
    server.closed.wait()
    return ()


def slow_head(server: EventStreamServer) -> Iterable[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    for number in range(1000):
        if server.closed.wait(0.05):
            return
        yield f"x-{number}: y\r\n".encode()


GZIP_BOMB = HEAD.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n"), gzip.compress(bytes(64 * 2**20))

STREAMS: dict[str, Stream] = {
    "an endless line": stream(b"x" * BLOCK, then="repeat"),
    "an endless line of data": stream(b"data: ", b"x" * BLOCK, then="repeat"),
    "endless lines of data": stream(b"data: x\n" * (BLOCK // 8), then="repeat"),
    "endless comments": stream(b": hello\n\n" * (BLOCK // 9), then="repeat"),
    "empty lines": stream(b"\n" * BLOCK, then="repeat"),
    "a gzip bomb": lambda server: [*GZIP_BOMB],
    "no response": no_head,
    "a response that never begins": slow_head,
    "silence": stream(then="silence"),
    "the same event forever": stream(event("progress", current_node="1", step=1, steps=2), then="repeat"),
    "the same output forever": stream(event("output", node_id="1", name="a.png"), then="repeat"),
    "another job's events": stream(event("output", job_id="x", node_id="1", name="a"), then="repeat"),
    "a state that changes forever": flapping,
    "an end that is not true": stream(event("status", status="succeeded"), then="repeat"),
    "a failure that is not true": stream(event("status", status="failed")),
    "a stream that breaks": stream(event("status", status="running")),
    "a stream that closes at once": stream(),
    "reconnect at once": stream(b"retry: 0\n\n"),
    "a page": response(http_response(200, b"<html>", content_type="text/html")),
    "nothing": response(http_response(204)),
    "too many streams": response(http_response(429, b"{}", retry_after="0")),
    "an error": response(http_response(500, b"{}")),
    "not allowed": response(http_response(403, b"{}")),
    "a redirect to itself": response(http_response(302, location=EVENTS)),
    "nonsense": response(b"HTTP/9 ?\r\n\r\n\x00\x01"),
}


@pytest.mark.parametrize("name", STREAMS)
def test_deadlines_hold_and_the_api_alone_says_what_has_ended(name: str) -> None:
    seen: list[Event] = []
    with EventStreamServer(STREAMS[name]) as server:
        with ComfyCloud(api_key=KEY, base_url=server.url, api="v2") as cloud:
            job = cloud.jobs.get(JOB_ID)
            began = time.monotonic()
            with pytest.raises(WaitTimeout):
                job.wait(SECONDS, on_event=seen.append)
            assert SECONDS - 0.1 < time.monotonic() - began < SECONDS + 2
            check(server, seen)
            server.finish()
            job.wait(20, on_event=seen.append)
            assert job.status is JobStatus.COMPLETED
    assert isinstance(seen[-1], JobSucceeded)


# Those that end a task in different ways.
IN_A_TASK = [
    "an endless line", "endless comments", "a gzip bomb", "a response that never begins", "silence",
    "the same event forever", "a state that changes forever", "an end that is not true", "nonsense",
    "a stream that closes at once",
]  # fmt: skip


@pytest.mark.parametrize("name", IN_A_TASK)
async def test_deadlines_hold_in_a_task(name: str) -> None:
    seen: list[Event] = []
    tasks = asyncio.all_tasks()
    with EventStreamServer(STREAMS[name]) as server:
        async with AsyncComfyCloud(api_key=KEY, base_url=server.url, api="v2") as cloud:
            job = await cloud.jobs.get(JOB_ID)
            began = time.monotonic()
            with pytest.raises(WaitTimeout):
                await job.wait(SECONDS, on_event=seen.append)
            assert SECONDS - 0.1 < time.monotonic() - began < SECONDS + 2
            assert asyncio.all_tasks() <= tasks
            check(server, seen)
            server.finish()
            await job.wait(20, on_event=seen.append)
            assert job.status is JobStatus.COMPLETED
    assert isinstance(seen[-1], JobSucceeded)


def check(server: EventStreamServer, seen: list[Event]) -> None:
    """The API was asked about as often as without a stream, and nothing ended or was doubled."""
    assert 2 <= server.polls < 12
    assert 1 <= server.count(EVENTS) < 6
    assert not any(isinstance(each, ENDINGS) for each in seen)
    assert {each.job_id for each in seen} == {JOB_ID}
    assert sum(each.type == "executed" for each in seen) <= 1
    assert server.sent < 2**30


def test_the_key_never_follows_a_redirect() -> None:
    with raw_server() as elsewhere:
        location = f"{elsewhere.url}{EVENTS}"
        with EventStreamServer(response(http_response(307, location=location))) as server:
            with ComfyCloud(api_key=KEY, base_url=server.url, api="v2") as cloud:
                with pytest.raises(WaitTimeout):
                    cloud.jobs.get(JOB_ID).wait(0.5, on_event=lambda event: None)
            assert server.count(EVENTS) == 1
            assert "authorization" in server.requests[-1].headers
        assert elsewhere.requests == []


def test_a_forked_child_opens_streams_of_its_own() -> None:
    arguments = [sys.executable, "-m", "tests.attacks.forked_streams"]
    ended = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr[-2000:]


def test_ctrl_c_leaves_no_reader_behind() -> None:
    def interrupt(event: Event) -> None:
        raise KeyboardInterrupt

    with EventStreamServer(STREAMS["the same event forever"]) as server:
        with ComfyCloud(api_key=KEY, base_url=server.url, api="v2") as cloud:
            job = cloud.jobs.get(JOB_ID)
            threads = len(sys._current_frames())
            known = set(threading.enumerate())
            began = time.monotonic()
            for _ in range(3):
                with pytest.raises(KeyboardInterrupt):
                    job.wait(20, on_event=interrupt)
            assert time.monotonic() - began < 5
            for thread in set(threading.enumerate()) - known:  # those of the server, and our readers
                thread.join(10)
            assert len(sys._current_frames()) <= threads
            assert cloud.jobs.get(JOB_ID).id == JOB_ID


def test_the_total_of_a_stream_is_bounded() -> None:
    """It is opened again after as many bytes as a response may have."""
    preview = event("preview", node_id="1", content_type="image/jpeg", data_base64="/9g=" * 16_000)
    with EventStreamServer(stream(preview, then="repeat"), stream(then="silence")) as server:
        with ComfyCloud(api_key=KEY, base_url=server.url, api="v2", max_response_bytes=2**20) as cloud:
            with pytest.raises(WaitTimeout):
                cloud.jobs.get(JOB_ID).wait(1.5, on_event=lambda event: None)
        assert server.count(EVENTS) == 2
        assert server.sent < 16 * 2**20


def test_a_slow_listener_slows_the_server_down() -> None:
    """What arrives while a callback works waits in the network, not in memory."""
    step = event("progress", current_node="1", step=1, steps=2, message="x" * 60_000)
    seen = 0

    def slow(event: Event) -> None:
        nonlocal seen
        if isinstance(event, Progress):
            seen += 1
            server.closed.wait(0.05)

    with EventStreamServer(stream(step, then="repeat")) as server:
        with ComfyCloud(api_key=KEY, base_url=server.url, api="v2") as cloud:
            with pytest.raises(WaitTimeout):
                cloud.jobs.get(JOB_ID).wait(SECONDS, on_event=slow)
        assert seen > 3
        assert server.sent < 32 * 2**20
