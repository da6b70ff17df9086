"""The two small clients: key, timeouts, redirects, threads, streamed uploads."""

from __future__ import annotations

import copy
import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from comfy_cloud.contract._checks.bodies import read_form
from comfy_cloud_api import AsyncClient, Client, Redirect, UnexpectedStatus
from comfy_cloud_api.api.file import upload_image, view_file
from comfy_cloud_api.api.job import list_jobs
from comfy_cloud_api.api.system import get_system_stats
from comfy_cloud_api.api.user import post_userdata_file
from comfy_cloud_api.types import File
from comfy_cloud_emulator import Emulator
from tests.contract.test_traps_import import operation_modules

KEY = "comfyui-secret-key"
BASE = "https://api.test"


class Wire:
    """A server for both clients that keeps what it was sent, read as a stream."""

    def __init__(self, status: int = 200, content: bytes = b'{"jobs":[]}', **headers: str) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = (status, content, headers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._take(request)

    async def awaited(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return self._take(request)

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status, content, headers = self._answer
        return httpx.Response(status, content=content, headers=headers)

    def client(self, **options: Any) -> Client:
        http = httpx.Client(transport=httpx.MockTransport(self), follow_redirects=True)
        return Client(BASE, KEY, http=http, **options)

    def async_client(self, **options: Any) -> AsyncClient:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.awaited), follow_redirects=True)
        return AsyncClient(BASE, KEY, http=http, **options)


# The key


def test_the_key_is_sent_and_never_shown() -> None:
    wire = Wire()
    client = wire.client()
    list_jobs.sync(client)
    assert wire.requests[0].headers["x-api-key"] == KEY
    shown = [repr(client), str(client), repr(wire.async_client()), repr(list_jobs.build())]
    assert not any(KEY in text for text in shown)


@pytest.mark.parametrize("module", operation_modules(), ids=lambda module: module.OPERATION.id)
def test_the_key_goes_only_to_operations_that_take_one(module: Any) -> None:
    wire = Wire()
    request = list_jobs.build()
    request.operation = module.OPERATION
    wire.client().send(request)
    assert ("x-api-key" in wire.requests[0].headers) == (module.OPERATION.key != "none")


def test_some_operation_takes_no_key() -> None:
    assert get_system_stats.OPERATION.key == "none"


def test_without_a_key_none_is_sent() -> None:
    wire = Wire()
    with httpx.Client(transport=httpx.MockTransport(wire)) as http:
        list_jobs.sync(Client(BASE, http=http))
    assert "x-api-key" not in wire.requests[0].headers


@pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY}\r\nX-Other: 1", "clé", "", f" {KEY}", "a\x00b"])
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_key_that_is_none_is_refused_without_being_quoted(kind: Any, key: str) -> None:
    with pytest.raises(ValueError, match="api_key: ") as caught:
        kind(BASE, key)
    assert KEY not in str(caught.value)


# Redirects


def test_no_redirect_is_followed() -> None:
    wire = Wire(302, b"<html>", Location="https://elsewhere.test/file")
    client = wire.client()
    assert view_file.sync(client, filename="a.png") == Redirect(302, "https://elsewhere.test/file")
    with pytest.raises(UnexpectedStatus):
        list_jobs.sync(client)
    assert [request.url.host for request in wire.requests] == ["api.test", "api.test"]


async def test_no_redirect_is_followed_async() -> None:
    wire = Wire(302, b"<html>", Location="https://elsewhere.test/file")
    client = wire.async_client()
    assert await view_file.asyncio(client, filename="a.png") == Redirect(302, "https://elsewhere.test/file")
    assert len(wire.requests) == 1


# Where and how long


def test_the_timeout_is_finite_and_can_be_set() -> None:
    wire = Wire()
    list_jobs.sync(wire.client())
    list_jobs.sync(wire.client(timeout=2.5))
    default, chosen = (request.extensions["timeout"] for request in wire.requests)
    assert default == dict.fromkeys(("connect", "read", "write", "pool"), 30.0)
    assert chosen == dict.fromkeys(("connect", "read", "write", "pool"), 2.5)


@pytest.mark.parametrize("base", [BASE, f"{BASE}/", f"{BASE}/prefix", f"{BASE}/prefix/"])
def test_the_base_url_may_have_a_path_and_a_slash(base: str) -> None:
    wire = Wire()
    with httpx.Client(transport=httpx.MockTransport(wire)) as http:
        list_jobs.sync(Client(base, http=http), limit=1)
    assert str(wire.requests[0].url) == base.rstrip("/") + "/api/jobs?limit=1"


def test_an_encoded_segment_reaches_the_wire_encoded() -> None:
    wire = Wire(content=b'"x"')
    post_userdata_file.sync(wire.client(), "workflows/ü b.json", body=b"{}")
    assert wire.requests[0].url.raw_path == b"/api/userdata/workflows%2F%C3%BC%20b.json"


def test_the_default_server_is_that_of_the_contract() -> None:
    assert Client().base_url == AsyncClient().base_url == "https://cloud.comfy.org"


# Life


def test_threads_that_come_first_together_share_one_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire()
    made: list[bool] = []
    client = Client(BASE, KEY)
    at_once = threading.Barrier(8)
    real = httpx.Client

    def make() -> httpx.Client:
        # Made under the lock: whoever comes meanwhile waits, and finds this one.
        made.append(client._lock.locked())
        return real(transport=httpx.MockTransport(wire))

    def call(_: int) -> None:
        at_once.wait(timeout=30)
        list_jobs.sync(client)

    monkeypatch.setattr(httpx, "Client", make)
    with client, ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(8)))
    assert made == [True]
    assert len(wire.requests) == 8


def test_closing_closes_what_the_client_made_and_nothing_else(emulator: Emulator) -> None:
    own = Client(emulator.url, emulator.key)
    with own:
        assert list_jobs.sync(own, limit=1).jobs
        http = own._own
        assert http is not None
    assert http.is_closed
    assert list_jobs.sync(own, limit=1).jobs  # opens anew
    own.close()
    own.close()

    brought = httpx.Client()
    with Client(emulator.url, emulator.key, http=brought) as client:
        list_jobs.sync(client, limit=1)
    assert not brought.is_closed
    brought.close()


async def test_closing_async_closes_what_the_client_made_and_nothing_else(emulator: Emulator) -> None:
    async with AsyncClient(emulator.url, emulator.key) as own:
        assert (await list_jobs.asyncio(own, limit=1)).jobs
        http = own._own
        assert http is not None
    assert http.is_closed
    await own.aclose()

    async with httpx.AsyncClient() as brought:
        async with AsyncClient(emulator.url, emulator.key, http=brought) as client:
            await list_jobs.asyncio(client, limit=1)
        assert not brought.is_closed


def test_a_client_equals_only_itself() -> None:
    client = Client(BASE, KEY)
    assert client != Client(BASE, KEY)
    assert len({client, client}) == 1
    assert copy.copy(list_jobs.build()) == list_jobs.build()


# Uploads


def chunks() -> Iterator[bytes]:
    yield b"one"
    yield b"two"


class Pipe(io.RawIOBase):
    """A file that can only be read once, from the front."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        return self._content.read(size)


async def test_an_open_file_is_streamed_async(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    content = bytes(range(256)) * 1_000
    path.write_bytes(content)
    wire = Wire(content=b'"a.json"')
    with path.open("rb") as file:
        assert await post_userdata_file.asyncio(wire.async_client(), "a.json", body=file) == "a.json"
    (request,) = wire.requests
    assert request.content == content
    assert request.headers["content-length"] == str(len(content))
    assert "transfer-encoding" not in request.headers


async def test_the_rest_of_a_file_is_sent_from_where_it_stands() -> None:
    wire = Wire(content=b'"a"')
    file = io.BytesIO(b"skipped content")
    file.seek(8)
    await post_userdata_file.asyncio(wire.async_client(), "a", body=file)
    assert wire.requests[0].content == b"content"
    assert wire.requests[0].headers["content-length"] == "7"


@pytest.mark.parametrize("body", [b"onetwo", "onetwo", chunks, [b"one", b"two"], lambda: Pipe(b"onetwo")])
async def test_every_kind_of_content_is_sent_async(body: Any) -> None:
    wire = Wire(content=b'"a"')
    await post_userdata_file.asyncio(wire.async_client(), "a", body=body() if callable(body) else body)
    assert wire.requests[0].content == b"onetwo"
    assert wire.requests[0].headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "body", [b"onetwo", "onetwo", chunks, [b"one", b"two"], lambda: io.BytesIO(b"onetwo")]
)
def test_every_kind_of_content_is_sent(body: Any) -> None:
    wire = Wire(content=b'"a"')
    post_userdata_file.sync(wire.client(), "a", body=body() if callable(body) else body)
    assert wire.requests[0].content == b"onetwo"


async def test_a_form_with_an_open_file_is_sent_async(tmp_path: Path) -> None:
    path = tmp_path / "in.png"
    path.write_bytes(b"\x89PNG\r\n--+++--\r\n")
    wire = Wire(content=b'{"name":"in.png"}')
    with path.open("rb") as file:
        body = {"image": File(file, "in.png", "image/png"), "type": "input"}
        stored = await upload_image.asyncio(wire.async_client(), body=body)
    assert stored.name == "in.png"
    (request,) = wire.requests
    parts = read_form(request.headers["content-type"], request.content)
    assert [(part.name, part.content) for part in parts] == [
        ("image", b"\x89PNG\r\n--+++--\r\n"),
        ("type", b"input"),
    ]
