# Made from tests/_async/test_run_timeout.py by `make unasync`. Do not edit.
"""`run` with a timeout that passes while the workflow is being sent."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from comfy_cloud import ComfyCloud, SubmissionUncertain, WaitTimeout
from tests.clock import FakeTime

GRAPH = {"1": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}}
JOB = "11111111-2222-4333-8444-555555555555"


class LateServer:
    """Accepts a workflow, responds after the timeout, and has the job in its queue if it can."""

    def __init__(self, time: FakeTime, *, has_lists: bool) -> None:
        self._time = time
        self._has_lists = has_lists
        self._queue: list[Any] = []
        self.posts = 0

    def respond(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.posts += 1
            body = orjson.loads(request.content)
            self._queue = [[1, JOB, body["prompt"], body["extra_data"], []]]
            self._time.advance(5.0)
            raise httpx.ReadTimeout("too late")
        if not self._has_lists:
            return httpx.Response(503)
        if request.url.path == "/api/queue":
            return httpx.Response(200, json={"queue_running": self._queue, "queue_pending": []})
        return httpx.Response(200, json={"jobs": [], "history": []})


def run(server: LateServer, time: FakeTime) -> None:
    with httpx.Client(transport=httpx.MockTransport(server.respond)) as http:
        cloud = ComfyCloud(
            api_key="k", base_url="http://localhost:1", http_client=http, runtime=time.runtime()
        )
        cloud.run(GRAPH, timeout=3.0)


def test_a_job_that_was_accepted_late_is_named(time: FakeTime) -> None:
    server = LateServer(time, has_lists=True)
    with pytest.raises(WaitTimeout) as caught:
        run(server, time)
    assert (caught.value.job_id, caught.value.timeout, server.posts) == (JOB, 3.0, 1)
    assert time.monotonic() < 7.0  # no search of a minute


def test_a_job_that_may_have_been_accepted_is_uncertain(time: FakeTime) -> None:
    server = LateServer(time, has_lists=False)
    with pytest.raises(SubmissionUncertain, match="the time was over") as caught:
        run(server, time)
    assert caught.value.nonce
    assert server.posts == 1
    assert time.monotonic() < 7.0
