"""The API key appears in no log, repr or exception, and is sent to no other server.

This module starts plain HTTP servers for redirects.
"""

from __future__ import annotations

import logging
import pickle
import pkgutil
import traceback
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import Parameter, signature
from typing import Any

import httpx
import pytest

import comfy_cloud_api.api
from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloud,
    ComfyCloudError,
    ComfyCloudWarning,
    ConfigurationError,
    RequestInfo,
    ResponseInfo,
    UnexpectedResponse,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime
from tests.raw_server import RawServer, http_response, raw_server

KEY = "comfyui-recognisable0123456789"
PARTNER = "comfyui-partner0123456789"
LIST = "/api/history_v2"
ECHO = {
    "error": {"type": "bad", "message": f"Invalid key {KEY}", "details": {"api_key": KEY, "header": [KEY]}},
    "key": KEY,
}
FAULTS = {
    "status": [Fault("status", status=502, path=LIST, times=None)],
    "reset": [Fault.reset(path=LIST, times=None)],
    "cut": [Fault.cut(path=LIST, at_bytes=10, times=None)],
    "html": [Fault.html(status=200, path=LIST, body=f"<p>{KEY}</p>")],
    "garbage": [Fault.garbage(path=LIST)],
    "echo": [Fault("status", status=status, path=LIST, body=ECHO) for status in (500, 400)],
    "echo as text": [Fault("status", status=403, path=LIST, body=f"no: {KEY}", content_type="text/plain")],
    "echo of a refusal": [Fault("status", status=401, path=LIST, body={"message": f"Invalid key '{KEY}'"})],
    "echo in JSON": [
        Fault(
            "status", status=429, path=LIST, body={"error": {"type": "FREE_TIER_EXHAUSTED", "message": KEY}}
        )
    ],
}


def shown(error: BaseException) -> str:
    """Everything that can be printed of an exception and of its causes."""
    parts = ["".join(traceback.format_exception(error)), repr(error), str(error)]
    if isinstance(error, ComfyCloudError):
        parts += [repr(vars(error)), pickle.dumps(error).decode("latin-1"), *map(shown, error.attempts)]
    return "\n".join(parts)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    for name in ("comfy_cloud", "httpx", "httpcore", "aiohttp", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def logged(log: pytest.LogCaptureFixture) -> str:
    return "\n".join(f"{record.getMessage()} {record.args!r}" for record in log.records)


def assert_hidden(text: str) -> None:
    assert KEY not in text
    assert PARTNER not in text
    assert KEY.removeprefix("comfyui-") not in text


def test_the_client_and_its_settings_do_not_show_it() -> None:
    with ComfyCloud(api_key=KEY, partner_api_key=PARTNER, base_url="http://localhost:1") as cloud:
        for value in (cloud, cloud.settings, cloud.history, cloud.settings.sources):
            assert_hidden(repr(value) + str(value))
        assert_hidden(repr(vars(cloud)))
        assert cloud.settings.api_key is not None
        assert cloud.settings.api_key.reveal() == KEY


async def test_the_async_client_does_not_show_it() -> None:
    async with AsyncComfyCloud(api_key=KEY, partner_api_key=PARTNER, base_url="http://localhost:1") as cloud:
        assert_hidden(repr(cloud) + repr(cloud.settings) + repr(vars(cloud)))


@pytest.mark.parametrize("kind", FAULTS)
def test_nothing_shows_it_when_calls_fail(
    start_emulator: Callable[..., Emulator], time: FakeTime, log: pytest.LogCaptureFixture, kind: str
) -> None:
    emulator = start_emulator(key=KEY, seed_data=3)
    emulator.faults.add(*FAULTS[kind])
    infos: list[RequestInfo | ResponseInfo] = []
    options: dict[str, Any] = {
        "on_request": infos.append,
        "on_response": infos.append,
        "runtime": time.runtime(),
    }
    with ComfyCloud(api_key=KEY, partner_api_key=PARTNER, base_url=emulator.url, retry=2, **options) as cloud:
        with pytest.raises(ComfyCloudError) as caught:
            cloud.history.list()
        cloud.request("GET", "/api/user")
    assert emulator.requests[0].headers["x-api-key"] == KEY  # it was sent to the API
    assert_hidden(shown(caught.value))
    assert_hidden(logged(log))
    assert_hidden(repr(infos))
    assert_hidden(
        "".join(shown(info.error) for info in infos if isinstance(info, ResponseInfo) and info.error)
    )
    assert {record.name.split(".")[0] for record in log.records} >= {"comfy_cloud", "httpx", "httpcore"}
    assert len(infos) >= 4


@pytest.mark.parametrize("kind", FAULTS)
async def test_nothing_shows_it_when_async_calls_fail(
    start_emulator: Callable[..., Emulator], time: FakeTime, log: pytest.LogCaptureFixture, kind: str
) -> None:
    emulator = start_emulator(key=KEY, seed_data=3)
    emulator.faults.add(*FAULTS[kind])
    options: dict[str, Any] = {"partner_api_key": PARTNER, "retry": 2, "runtime": time.async_runtime()}
    async with AsyncComfyCloud(api_key=KEY, base_url=emulator.url, **options) as cloud:
        with pytest.raises(ComfyCloudError) as caught:
            await cloud.history.list()
        await cloud.request("GET", "/api/user")
    assert emulator.requests[0].headers["x-api-key"] == KEY
    assert_hidden(shown(caught.value))
    assert_hidden(logged(log))


@pytest.mark.parametrize("status", [200, 204, 400, 401, 500])
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "text/html"])
def test_a_server_that_quotes_a_key_of_another_form(status: int, content_type: str, time: FakeTime) -> None:
    """A self-hosted server may have keys of any form."""
    key = "recognisable-but-plain"

    def respond(request: httpx.Request) -> httpx.Response:
        text = f"The key {request.headers['x-api-key']} is wrong"
        body = f'{{"code": "{key}", "message": "{text}"' if content_type == "application/json" else text
        return httpx.Response(status, text=body, headers={"Content-Type": content_type})

    with httpx.Client(transport=httpx.MockTransport(respond)) as http:
        with ComfyCloud(api_key=key, http_client=http, retry=2, runtime=time.runtime()) as cloud:
            with pytest.raises(ComfyCloudError) as caught:
                cloud.history.list()
    assert key not in shown(caught.value)


def test_nothing_shows_it_when_the_server_is_unreachable(
    start_emulator: Callable[..., Emulator], time: FakeTime, log: pytest.LogCaptureFixture
) -> None:
    emulator = start_emulator()
    url = emulator.url
    emulator.stop()
    with ComfyCloud(api_key=KEY, base_url=url, retry=2, runtime=time.runtime()) as cloud:
        with pytest.raises(ComfyCloudError) as caught:
            cloud.request("GET", f"/api/user?token={KEY}")
    assert_hidden(shown(caught.value))
    # httpx logs URLs only with a response, so even a key in a query does not appear.
    assert_hidden("\n".join(record.getMessage() for record in log.records if record.name == "comfy_cloud"))


@pytest.mark.parametrize(
    "options",
    [
        {"api_key": f"{KEY}\n{KEY}"},
        {"api_key": f"{KEY} {KEY}"},
        {"api_key": KEY, "base_url": "http://cloud.example"},
        {"api_key": KEY, "base_url": f"https://{KEY}@cloud.example"},
        {"api_key": KEY, "base_url": f"https://user:{KEY}/x@cloud.example"},
        {"api_key": KEY, "timeout": -1},
        {"api_key": KEY, "retry": 0},
        {"api_key": KEY, "profile": "nobody"},
    ],
)
def test_nothing_shows_it_when_settings_are_rejected(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ComfyCloud(**options)
    assert_hidden(shown(caught.value))


def test_a_fallback_warning_does_not_show_it(start_emulator: Callable[..., Emulator], time: FakeTime) -> None:
    emulator = start_emulator(key=KEY, seed_data=3)
    emulator.faults.add(Fault("retired", path=LIST))
    with ComfyCloud(api_key=KEY, base_url=emulator.url, runtime=time.runtime()) as cloud:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            cloud.history.list()
    assert [warning.category for warning in caught] == [ComfyCloudWarning]
    assert_hidden(str(caught[0].message))


# Where the key is sent


@pytest.fixture
def servers() -> Iterator[tuple[RawServer, RawServer]]:
    with raw_server() as near, raw_server() as far:
        yield near, far


def redirect(near: RawServer, status: int, far: RawServer) -> None:
    """Let a server redirect every request to the same path of the other."""
    near.other = lambda request: http_response(status, location=far.url + request.target)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("brought", [False, True], ids=["own client", "client that follows redirects"])
def test_it_is_not_sent_to_the_target_of_a_redirect(
    servers: tuple[RawServer, RawServer], status: int, brought: bool
) -> None:
    near, far = servers
    redirect(near, status, far)
    http = httpx.Client(follow_redirects=True, trust_env=False) if brought else None
    with ComfyCloud(api_key=KEY, base_url=near.url, http_client=http) as cloud:
        with pytest.raises(UnexpectedResponse, match="redirects to"):
            cloud.history.list()
        assert cloud.request("GET", "/api/view?filename=x").status_code == status
    if http is not None:
        http.close()
    assert [request.headers["x-api-key"] for request in near.requests] == [KEY, KEY]
    assert far.requests == []


async def test_the_async_client_does_not_send_it_there_either(servers: tuple[RawServer, RawServer]) -> None:
    near, far = servers
    redirect(near, 302, far)
    async with AsyncComfyCloud(api_key=KEY, base_url=near.url) as cloud:
        with pytest.raises(UnexpectedResponse, match="redirects to"):
            await cloud.history.list()
    assert len(near.requests) == 1
    assert far.requests == []


def operations(key: str) -> list[Any]:
    modules = pkgutil.walk_packages(comfy_cloud_api.api.__path__, "comfy_cloud_api.api.")
    found = [import_module(module.name) for module in modules if not module.ispkg]
    return [module for module in found if module.OPERATION.key == key]


def sent_headers(module: Any) -> httpx.Headers:
    """The headers that are sent with an operation, its parameters filled with any value."""
    seen: list[httpx.Headers] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, json={})

    needed = [
        parameter.name
        for parameter in signature(module.build).parameters.values()
        if parameter.default is Parameter.empty
    ]
    with (
        httpx.Client(transport=httpx.MockTransport(respond)) as http,
        ComfyCloud(api_key=KEY, http_client=http) as cloud,
    ):
        cloud._session.send(module.build(**dict.fromkeys(needed, "x")))
    return seen[0]


@pytest.mark.parametrize("module", operations("none"), ids=lambda module: module.OPERATION.id)
def test_it_is_not_sent_with_a_public_operation(module: Any) -> None:
    headers = sent_headers(module)
    assert "x-api-key" not in headers
    assert KEY not in repr(headers.raw)


@pytest.mark.parametrize("module", operations("optional"), ids=lambda module: module.OPERATION.id)
def test_it_is_sent_where_it_is_optional(module: Any) -> None:
    assert sent_headers(module)["x-api-key"] == KEY


def test_there_are_public_operations() -> None:
    assert {module.OPERATION.path for module in operations("none")} >= {
        "/api/system_stats",
        "/api/global_subgraphs",
    }


def test_the_partner_key_is_not_a_header() -> None:
    """It belongs in the `extra_data` of a submission, and nowhere else."""
    seen: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"history": []})

    with httpx.Client(transport=httpx.MockTransport(respond)) as http:
        with ComfyCloud(api_key=KEY, partner_api_key=PARTNER, http_client=http) as cloud:
            cloud.history.list()
    assert PARTNER not in repr(seen[0].headers.raw) + str(seen[0].url)
