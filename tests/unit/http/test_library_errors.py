"""Exceptions of libraries become ours; those of the caller's own code pass unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ConfigurationError, ConnectionFailed, Retry
from comfy_cloud._http.library_errors import is_from_a_library
from comfy_cloud._http.network_failures import network_failure
from comfy_cloud_api.types import Operation
from tests.clock import FakeTime
from tests.raw_server import http_response, raw_server

POST = Operation("request", "POST", "/api/thing", "required")
KEY = "sk-Zq9x77vAbC12345678"


def raised_by(call: Any, *arguments: Any) -> Exception:
    try:
        call(*arguments)
    except Exception as error:  # noqa: BLE001
        # As if the client had caught it: without the frame of this test.
        if error.__traceback__ is not None:
            error.__traceback__ = error.__traceback__.tb_next
        return error
    raise AssertionError("nothing was raised")


def test_where_an_exception_was_raised_decides() -> None:
    assert is_from_a_library(raised_by(json.loads, "{"))
    assert is_from_a_library(httpx.ReadError("x"))
    assert not is_from_a_library(raised_by(lambda: int("x")))
    assert not is_from_a_library(raised_by(lambda: json.loads("{")))


@pytest.mark.parametrize(
    "error",
    [ValueError(KEY), UnicodeDecodeError("ascii", b"\xff", 0, 1, KEY), RecursionError(KEY), KeyError(KEY)],
)
def test_an_odd_exception_of_a_library_leaves_the_outcome_open(error: Exception) -> None:
    ours, failure = network_failure(POST, error, 3)
    assert isinstance(ours, ConnectionFailed)
    assert failure.sent
    assert KEY not in f"{ours!r} {ours.args} {vars(ours)}"


def test_a_second_event_loop_is_named() -> None:
    ours, failure = network_failure(POST, RuntimeError("Event loop is closed"), 3)
    assert "one client for each loop" in str(ours)
    assert failure.sent


def test_a_body_of_the_caller_raises_its_own_exception(time: FakeTime) -> None:
    def body() -> Iterator[bytes]:
        yield b"a"
        raise KeyError("of the caller")

    with raw_server() as server:
        server.script("/api/thing", http_response(200))
        with (
            ComfyCloud(base_url=server.url, runtime=time.runtime()) as cloud,
            pytest.raises(KeyError, match="of the caller"),
        ):
            cloud.request("PUT", "/api/thing", content=body())


def test_a_transport_of_the_caller_raises_its_own_exception(time: FakeTime) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError

    own = httpx.Client(transport=httpx.MockTransport(handler))
    with own, pytest.raises(ZeroDivisionError):
        ComfyCloud(base_url="http://127.0.0.1:9", http_client=own, runtime=time.runtime()).request(
            "GET", "/a"
        )


def test_a_closed_client_says_so(time: FakeTime) -> None:
    cloud = ComfyCloud(base_url="http://127.0.0.1:9", runtime=time.runtime())
    cloud.close()
    with pytest.raises(ConfigurationError, match="client is closed") as caught:
        cloud.jobs.list()
    assert not caught.value.was_sent
    assert time.sleeps == []


async def test_a_closed_async_client_says_so(time: FakeTime) -> None:
    cloud = AsyncComfyCloud(base_url="http://127.0.0.1:9", runtime=time.async_runtime())
    await cloud.close()
    with pytest.raises(ConfigurationError, match="client is closed"):
        await cloud.jobs.list()


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/" + "a" * 70_000, {}),
        ("/api/thing", {"content": b"x", "content_type": "text/\ud800"}),
        ("/api/thing", {"content": 5}),
        ("/api/\ud800", {}),
    ],
)
def test_odd_arguments_of_a_request_are_refused_unsent(
    path: str, options: dict[str, Any], time: FakeTime
) -> None:
    with (
        ComfyCloud(base_url="http://127.0.0.1:9", runtime=time.runtime(), retry=Retry(attempts=2)) as cloud,
        pytest.raises(ConfigurationError) as caught,
    ):
        cloud.request("POST", path, **options)
    assert not caught.value.was_sent
    assert len(str(caught.value)) < 1_100
    assert time.sleeps == []


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("GET /x", "/api/thing", None),
        ("", "/api/thing", None),
        (None, "/api/thing", None),
        ("GET\r\nX-A: b", "/api/thing", None),
        ("GET", None, None),
        ("GET", 5, None),
        ("GET", "/api/thing", 5),
        ("GET", "/api/thing", {"a": "\ud800"}),
    ],
)
def test_odd_methods_paths_and_parameters_are_refused(
    method: Any, path: Any, params: Any, time: FakeTime
) -> None:
    with (
        ComfyCloud(base_url="http://127.0.0.1:9", runtime=time.runtime()) as cloud,
        pytest.raises(ConfigurationError, match=r"request\(\) takes"),
    ):
        cloud.request(method, path, params=params)
    assert time.sleeps == []


@pytest.mark.parametrize("odd", ["", ".", "..", "\ud800"])
def test_an_id_that_is_not_valid_is_refused_unsent(odd: str, time: FakeTime) -> None:
    with ComfyCloud(base_url="http://127.0.0.1:9", runtime=time.runtime()) as cloud:
        with pytest.raises(ConfigurationError):
            cloud.jobs.get(odd)
        with pytest.raises(ConfigurationError):
            cloud.assets.delete(odd)
    assert time.sleeps == []


@pytest.mark.parametrize("address", ["socks5://user:hunter2@127.0.0.1:9", "nonsense://user:hunter2@a"])
def test_a_proxy_that_cannot_be_used_is_a_configuration_error(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", address)
    with pytest.raises(ConfigurationError, match="ALL_PROXY") as caught:
        ComfyCloud(base_url="https://cloud.example", api_key=KEY)
    assert caught.value.__cause__ is None
    assert "hunter2" not in f"{caught.value!r} {caught.value.__context__!r}"


@pytest.mark.parametrize(
    ("argument", "environment", "source"),
    [
        ("socks5://a:1", {}, "the argument proxy="),
        (None, {"COMFY_CLOUD_PROXY": "socks5://a:1"}, "the environment variable COMFY_CLOUD_PROXY"),
        (None, {"ALL_PROXY": "socks5://a:1"}, "ALL_PROXY"),
    ],
)
def test_a_socks_proxy_needs_two_packages_and_its_source_is_named(
    argument: str | None, environment: dict[str, str], source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        ComfyCloud(base_url="https://cloud.example", api_key=KEY, proxy=argument)
    assert source in str(caught.value)
    assert "pip install 'httpx[socks]' python-socks" in str(caught.value)
    assert ("unset" in str(caught.value), "HTTPS_PROXY" in str(caught.value)) == (
        False,
        source == "ALL_PROXY",
    )
