"""One request: its key, retries, hooks and errors. Over real sockets, in fake time."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import httpx
import pytest

from comfy_cloud import (
    ApiError,
    AsyncComfyCloud,
    BadRequest,
    ConfigurationError,
    ConnectionFailed,
    PaymentRequired,
    RateLimited,
    RequestInfo,
    RequestTimeout,
    ResponseInfo,
    Retry,
    ServerError,
    Unauthorized,
    UnexpectedResponse,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client

USER = "/api/user"


async def test_sends_the_key_and_returns_the_response(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    response = await cloud.request("GET", USER)
    assert response.json()["status"] == "active"
    assert emulator.requests[0].headers["x-api-key"] == emulator.key
    assert "zstd" in emulator.requests[0].headers["accept-encoding"]
    assert "gzip" in emulator.requests[0].headers["accept-encoding"]


async def test_a_wrong_key_is_not_retried(emulator: Emulator, time: FakeTime) -> None:
    async with client(emulator, time, api_key="comfyui-wrong") as cloud:
        with pytest.raises(Unauthorized) as caught:
            await cloud.request("GET", USER)
    assert caught.value.status == 401
    assert caught.value.path == USER
    assert caught.value.key_was_sent is True
    assert "The API key was refused. Check api_key=, COMFY_CLOUD_API_KEY or" in str(caught.value)
    assert "comfyui-wrong" not in str(caught.value)
    assert len(emulator.requests) == 1


async def test_a_missing_key_is_named_with_its_fix(emulator: Emulator, time: FakeTime) -> None:
    async with AsyncComfyCloud(base_url=emulator.url, runtime=time.async_runtime()) as cloud:
        with pytest.raises(Unauthorized) as caught:
            await cloud.history.list()
    assert caught.value.key_was_sent is False
    assert "No API key was sent. Pass api_key=, set COMFY_CLOUD_API_KEY, or run `comfy-cloud auth login`" in (
        str(caught.value)
    )


async def test_without_a_key_nothing_is_sent_to_comfy_cloud(time: FakeTime) -> None:
    def unreachable(request: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing may be sent")

    http = httpx.AsyncClient(transport=httpx.MockTransport(unreachable))
    async with http, AsyncComfyCloud(http_client=http, runtime=time.async_runtime()) as cloud:
        with pytest.raises(ConfigurationError, match="COMFY_CLOUD_API_KEY"):
            await cloud.history.list()


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 520])
async def test_server_failures_are_retried(emulator: Emulator, time: FakeTime, status: int) -> None:
    emulator.faults.add(Fault("status", status=status, path=USER, times=2))
    async with client(emulator, time) as cloud:
        response = await cloud.request("GET", USER)
    assert response.status_code == 200
    assert [request.status for request in emulator.requests] == [status, status, 200]
    assert time.sleeps == [0.5, 1.0]


async def test_delays_are_drawn_at_random(cloud: AsyncComfyCloud, emulator: Emulator, time: FakeTime) -> None:
    emulator.faults.add(Fault("status", path=USER, times=3))
    time.chance = 0.25
    await cloud.request("GET", USER)
    assert time.sleeps == [0.125, 0.25, 0.5]


async def test_attempts_are_bounded_and_recorded_on_the_error(emulator: Emulator, time: FakeTime) -> None:
    emulator.faults.add(Fault("status", path=USER, times=None))
    async with client(emulator, time, retry=3) as cloud:
        with pytest.raises(ServerError) as caught:
            await cloud.request("GET", USER)
    assert len(emulator.requests) == 3
    assert [type(earlier) for earlier in caught.value.attempts] == [ServerError, ServerError]
    assert "3 attempts" in str(caught.value)


async def test_the_time_for_retries_is_bounded(emulator: Emulator, time: FakeTime) -> None:
    emulator.faults.add(Fault("status", path=USER, times=None))
    async with client(emulator, time, retry=Retry(attempts=50, budget=10)) as cloud:
        with pytest.raises(ServerError):
            await cloud.request("GET", USER)
    assert time.sleeps == [0.5, 1.0, 2.0, 4.0]  # the next would end beyond 10 s


@pytest.mark.parametrize("value", [7, "Mon, 23 Nov 2026 12:00:07 GMT"])
async def test_retry_after_is_honoured_in_both_forms(
    cloud: AsyncComfyCloud, emulator: Emulator, time: FakeTime, value: int | str
) -> None:
    emulator.faults.add(Fault("status", status=503, path=USER, retry_after=value))
    time.chance = 0.0
    await cloud.request("GET", USER)
    assert time.sleeps == [7.0]


async def test_a_retry_after_that_is_too_long_ends_the_call(emulator: Emulator, time: FakeTime) -> None:
    emulator.faults.add(Fault("status", status=503, path=USER, retry_after=3600))
    async with client(emulator, time) as cloud:
        with pytest.raises(ServerError) as caught:
            await cloud.request("GET", USER)
    assert caught.value.retry_after == 3600
    assert time.sleeps == []


@pytest.mark.parametrize(
    ("kind", "raised"),
    [("CLOUD_SUBSCRIPTION_REQUIRED", PaymentRequired), ("FREE_TIER_EXHAUSTED", PaymentRequired)],
)
async def test_a_429_about_payment_is_not_retried(
    cloud: AsyncComfyCloud, emulator: Emulator, kind: str, raised: type[ApiError]
) -> None:
    body = {"error": {"type": kind, "message": "no"}}
    emulator.faults.add(Fault("status", status=429, path=USER, body=body))
    with pytest.raises(raised):
        await cloud.request("GET", USER)
    assert len(emulator.requests) == 1


async def test_a_429_about_the_queue_is_retried_even_for_post(emulator: Emulator, time: FakeTime) -> None:
    body = {"error": {"type": "QUEUE_LIMIT", "message": "The queue is full"}}
    emulator.faults.add(Fault("status", status=429, path="/api/queue", body=body))
    async with client(emulator, time) as cloud:
        response = await cloud.request("POST", "/api/queue", json={"delete": []})
    assert response.status_code == 200
    assert len(emulator.requests) == 2


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_post_whose_outcome_is_open_is_not_repeated(
    emulator: Emulator, time: FakeTime, status: int
) -> None:
    emulator.faults.add(Fault("status", status=status, path="/api/queue"))
    async with client(emulator, time) as cloud:
        with pytest.raises(ServerError):
            await cloud.request("POST", "/api/queue", json={"delete": []})
    assert len(emulator.requests) == 1


async def test_a_reset_connection_is_retried_for_get_only(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    emulator.faults.add(Fault.reset(path=USER), Fault.reset(path="/api/queue", method="POST"))
    assert (await cloud.request("GET", USER)).status_code == 200
    with pytest.raises(ConnectionFailed):
        await cloud.request("POST", "/api/queue", json={"delete": []})
    assert len([request for request in emulator.requests if request.method == "POST"]) == 1


async def test_a_truncated_body_is_retried(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    emulator.faults.add(Fault.cut(path="/api/history_v2", at_bytes=100))
    assert len(await cloud.history.list(3)) == 3
    assert len(emulator.requests) == 2


async def test_a_closed_port_is_a_failed_connection(
    start_emulator: Callable[..., Emulator], time: FakeTime
) -> None:
    emulator = start_emulator()
    url = emulator.url
    emulator.stop()
    async with AsyncComfyCloud(api_key="k", base_url=url, retry=2, runtime=time.async_runtime()) as cloud:
        with pytest.raises(ConnectionFailed, match=r"GET /api/user: cannot connect") as caught:
            await cloud.request("GET", USER)
    assert isinstance(caught.value, ConnectionError)
    assert len(caught.value.attempts) == 1


async def test_silence_is_a_timeout(time: FakeTime) -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    http = httpx.AsyncClient(transport=httpx.MockTransport(silent))
    async with (
        http,
        AsyncComfyCloud(
            api_key="k", http_client=http, retry=2, timeout=3, runtime=time.async_runtime()
        ) as cloud,
    ):
        with pytest.raises(RequestTimeout, match="silent for 3 s") as caught:
            await cloud.request("GET", USER)
    assert isinstance(caught.value, TimeoutError)


async def test_a_finite_timeout_goes_with_every_request(time: FakeTime) -> None:
    seen: list[object] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(200, json={"status": "active"})

    http = httpx.AsyncClient(transport=httpx.MockTransport(respond))
    async with http, AsyncComfyCloud(api_key="k", http_client=http, runtime=time.async_runtime()) as cloud:
        await cloud.request("GET", USER)
    assert seen == [{"connect": 30.0, "read": 30.0, "write": 30.0, "pool": 30.0}]


async def test_a_web_page_is_not_accepted_as_a_response(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    emulator.faults.add(Fault.html(status=200, path="/api/history_v2"))
    with pytest.raises(UnexpectedResponse, match="web page"):
        await cloud.history.list()


async def test_broken_json_is_not_accepted_as_a_response(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    emulator.faults.add(Fault.garbage(path="/api/history_v2"))
    with pytest.raises(UnexpectedResponse, match="not JSON"):
        await cloud.history.list()


async def test_a_redirect_is_never_followed_so_the_key_stays(time: FakeTime) -> None:
    hosts: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(302, headers={"Location": "https://elsewhere.example/x?signature=secret"})

    # Redirects are not followed even if the user's client is set to follow them.
    http = httpx.AsyncClient(transport=httpx.MockTransport(respond), follow_redirects=True)
    async with http, AsyncComfyCloud(api_key="k", http_client=http, runtime=time.async_runtime()) as cloud:
        response = await cloud.request("GET", "/api/view", params={"filename": "x"})
        with pytest.raises(UnexpectedResponse, match=r"redirects to elsewhere\.example") as caught:
            await cloud.history.list()
    assert response.status_code == 302
    assert set(hosts) == {"cloud.comfy.org"}
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example/api/user", "//elsewhere.example/x", "api/user", ""]
)
async def test_request_is_sent_to_its_own_server_only(emulator: Emulator, time: FakeTime, path: str) -> None:
    async with client(emulator, time) as cloud:
        with pytest.raises(ConfigurationError, match="slash"):
            await cloud.request("GET", path)
    assert emulator.requests == []


async def test_request_sends_parameters_and_bodies(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    await cloud.request("GET", "/api/jobs?limit=1", params={"status": "failed"})
    with pytest.raises(BadRequest):
        await cloud.request("POST", "/api/queue", content=b"raw", content_type="text/plain")
    assert emulator.requests[0].query == [("limit", "1"), ("status", "failed")]
    assert emulator.requests[1].body == b"raw"
    assert emulator.requests[1].headers["content-type"] == "text/plain"


async def test_hooks_are_called_for_every_attempt(emulator: Emulator, time: FakeTime) -> None:
    emulator.faults.add(Fault("status", path="/api/jobs"))
    requests: list[RequestInfo] = []
    responses: list[ResponseInfo] = []
    async with client(emulator, time, on_request=requests.append, on_response=responses.append) as cloud:
        await cloud.request("GET", "/api/jobs?limit=1")
    assert [(info.path, info.attempt) for info in requests] == [("/api/jobs", 1), ("/api/jobs", 2)]
    assert [(info.status, info.retry_in) for info in responses] == [(500, 0.5), (200, None)]
    assert isinstance(responses[0].error, ServerError)
    assert responses[1].error is None


async def test_retries_are_logged(
    cloud: AsyncComfyCloud, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.faults.add(Fault("status", status=502, path=USER))
    with caplog.at_level(logging.INFO, logger="comfy_cloud"):
        await cloud.request("GET", USER)
    lines = [record.getMessage() for record in caplog.records if record.name == "comfy_cloud"]
    assert lines[0] == "GET /api/user -> 502, attempt 1; retrying in 0.50 s"
    assert lines[1].startswith("GET /api/user -> 200 in ")


async def test_the_users_own_client_stays_open(emulator: Emulator, time: FakeTime) -> None:
    headers = {"X-Through": "proxy", "User-Agent": "comfy-cloud through a client of one's own"}
    async with httpx.AsyncClient(headers=headers) as http:
        async with client(emulator, time, http_client=http) as cloud:
            await cloud.request("GET", USER)
        assert not http.is_closed
    assert emulator.requests[0].headers["x-through"] == "proxy"


async def test_an_open_file_is_sent_in_chunks(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    body = b'{"delete": [' + b" " * 200_000 + b"]}"
    await cloud.request("POST", "/api/queue", content=io.BytesIO(body), content_type="application/json")
    assert emulator.requests[0].body == body


async def test_an_open_file_is_sent_again_from_its_beginning(emulator: Emulator, time: FakeTime) -> None:
    busy = {"error": {"type": "QUEUE_LIMIT", "message": "The queue is full"}}
    emulator.faults.add(Fault("status", status=429, path="/api/queue", body=busy))
    file = io.BytesIO(b"before" + b'{"delete": []}')
    file.seek(6)
    async with client(emulator, time) as cloud:
        await cloud.request("POST", "/api/queue", content=file, content_type="application/json")
    assert [request.status for request in emulator.requests] == [429, 200]
    assert emulator.requests[1].body == b'{"delete": []}'


async def test_a_stream_that_cannot_be_rewound_is_sent_once(emulator: Emulator, time: FakeTime) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    busy = {"error": {"type": "QUEUE_LIMIT", "message": "The queue is full"}}
    emulator.faults.add(Fault("status", status=429, path="/api/queue", body=busy))
    async with client(emulator, time) as cloud:
        with pytest.raises(RateLimited):
            await cloud.request("POST", "/api/queue", content=Pipe(b'{"delete": []}'))
    assert len(emulator.requests) == 1


@pytest.mark.parametrize("path", ["/api/user\r\nX-Evil: 1", "/api/ user", "/api/\x7fuser"])
async def test_request_takes_no_control_characters(emulator: Emulator, time: FakeTime, path: str) -> None:
    async with client(emulator, time) as cloud:
        with pytest.raises(ConfigurationError, match="control characters"):
            await cloud.request("GET", path)
    assert emulator.requests == []


async def test_the_hook_receives_the_request_id(time: FakeTime) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"status": "active"}, headers={"X-Request-Id": "abc"})

    received: list[ResponseInfo] = []
    http = httpx.AsyncClient(transport=httpx.MockTransport(respond))
    async with (
        http,
        AsyncComfyCloud(
            api_key="k", http_client=http, runtime=time.async_runtime(), on_response=received.append
        ) as cloud,
    ):
        await cloud.request("GET", USER)
    assert received[0].request_id == "abc"
