"""Deadlines of calls and limits of requests: which one counts, and what ends by it."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import anyio
import httpcore
import httpx
import pytest

from comfy_cloud import ComfyCloud, RequestTimeout, ServerError
from comfy_cloud._http import deadlines
from comfy_cloud._http.deadlines import AsyncTimeLimit, Deadline, TimeLimit, current_deadline
from comfy_cloud._http.limited_streams import use_time_limits
from tests.clock import FakeTime


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime(datetime(2026, 11, 23, tzinfo=UTC))


def test_the_earlier_of_two_deadlines_counts(clock: FakeTime) -> None:
    with Deadline(clock.monotonic, 5.0), Deadline(clock.monotonic, 9.0) as inner:
        assert inner.seconds_left == 5.0
        assert current_deadline() is inner
    with Deadline(clock.monotonic, 5.0) as outer, Deadline(clock.monotonic, 2.0) as inner:
        assert (outer.seconds_left, inner.seconds_left) == (5.0, 2.0)
    with Deadline(clock.monotonic, None) as unlimited:
        assert unlimited.seconds_left == math.inf
    assert current_deadline() is None


def test_a_last_request_has_a_second_even_when_the_time_is_over(clock: FakeTime) -> None:
    clock.advance(10)
    assert Deadline.for_request(clock.monotonic, 7.0).seconds_left == 1.0
    assert Deadline.for_request(clock.monotonic, 30.0).seconds_left == 20.0
    assert Deadline.for_request(clock.monotonic, None).seconds_left == math.inf


def test_a_request_has_the_nearer_of_its_own_limit_and_the_deadline(clock: FakeTime) -> None:
    usual = {"timeout": {"read": 30.0}}
    assert TimeLimit(300.0).timeouts(usual, 30.0) is usual
    with Deadline(clock.monotonic, 400.0):
        assert TimeLimit(300.0).seconds == 300.0
    with Deadline(clock.monotonic, 20.0):
        limit = TimeLimit(300.0)
        assert limit.seconds == 20.0
        assert set(limit.timeouts(usual, 30.0)["timeout"].values()) == {20.0}


def test_the_limit_of_an_upload_begins_when_its_body_is_sent(clock: FakeTime) -> None:
    limit = TimeLimit(300.0, is_upload=True)
    assert limit.seconds == math.inf
    limit.start()
    assert limit.seconds == 300.0
    with Deadline(clock.monotonic, 20.0):
        limit = TimeLimit(300.0, is_upload=True)
    limit.start()
    assert limit.seconds == 20.0


async def _upload(limit: AsyncTimeLimit) -> None:
    async with limit:
        assert limit.seconds == math.inf
        limit.start()
        await anyio.sleep_forever()


async def test_the_limit_of_an_async_upload_begins_when_its_body_is_sent() -> None:
    limit = AsyncTimeLimit(0.01, is_upload=True)
    with pytest.raises(TimeoutError):
        await _upload(limit)
    assert limit.is_over


def test_no_request_is_sent_when_there_is_no_time_left(clock: FakeTime) -> None:
    sent: list[httpx.Request] = []

    def send(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    with (
        httpx.Client(transport=httpx.MockTransport(send)) as http,
        ComfyCloud(api_key="k", http_client=http, runtime=clock.runtime()) as cloud,
        Deadline(clock.monotonic, clock.monotonic()) as deadline,
    ):
        with pytest.raises(RequestTimeout, match="no time left") as caught:
            cloud.jobs.list()
    assert (sent, caught.value.was_sent, deadline.is_over) == ([], False, True)


def test_a_retry_that_would_come_too_late_is_not_waited_for(clock: FakeTime) -> None:
    with (
        httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(503))) as http,
        ComfyCloud(api_key="k", http_client=http, runtime=clock.runtime()) as cloud,
        Deadline(clock.monotonic, 1.2) as deadline,
        pytest.raises(ServerError),
    ):
        cloud.jobs.list()
    assert clock.sleeps == [0.5]  # and not the second delay, of one second
    assert not deadline.is_over  # the error of the server is what there is to report


class _Stream(httpcore.NetworkStream):
    def __init__(self) -> None:
        self.timeouts: list[float | None] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.timeouts.append(timeout)
        return b"x"

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.timeouts.append(timeout)

    def start_tls(self, *arguments: object) -> httpcore.NetworkStream:  # type: ignore[override]
        return self

    def get_extra_info(self, info: str) -> object:
        return None


class _Backend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self.stream = _Stream()

    def connect_tcp(self, *arguments: object, **options: object) -> httpcore.NetworkStream:  # type: ignore[override]
        return self.stream


def test_each_read_and_write_gets_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(deadlines.time, "monotonic", lambda: now)
    backend = _Backend()
    with httpx.Client(trust_env=False) as client:
        pool = client._transport._pool  # type: ignore[attr-defined]
        pool._network_backend = backend
        use_time_limits(client)
        stream = pool._network_backend.connect_tcp("host", 80).start_tls(None)
    with TimeLimit(10.0):
        stream.read(1, 30.0)
        now = 104.0
        stream.read(1, 30.0)
        stream.read(1, 2.0)
        stream.write(bytes(300 * 1024), 30.0)
        now = 110.0
        with pytest.raises(httpcore.ReadTimeout):
            stream.read(1, 30.0)
        with pytest.raises(httpcore.WriteTimeout):
            stream.write(b"x", 30.0)
    stream.read(1, 30.0)
    assert backend.stream.timeouts == [10.0, 6.0, 2.0, 6.0, 6.0, 30.0]
