"""How large the response of an API call may be, as sent and as decoded."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import zstandard

from comfy_cloud import AsyncComfyCloud, BadRequest, ServerError, UnexpectedResponse
from comfy_cloud._async._http import response_body
from tests.clock import FakeTime
from tests.raw_server import RawServer, http_response, raw_server

LIMIT = 300_000
LIST = "/api/jobs"
ENCODERS = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstandard.compress}


@pytest.fixture
def api() -> Iterator[RawServer]:
    with raw_server() as server:
        yield server


def client(api: RawServer, time: FakeTime, **options: Any) -> AsyncComfyCloud:
    options = {"max_response_bytes": LIMIT, **options}
    return AsyncComfyCloud(base_url=api.url, runtime=time.async_runtime(), **options)


def body_of(size: int) -> bytes:
    """A list of jobs in JSON of exactly this many bytes."""
    return json.dumps({"jobs": [], "more": ""}).encode().replace(b'""', b'"%s"' % (b"a" * (size - 24)))


def response(body: bytes, encoding: str = "", status: int = 200, length: int | None = -1) -> bytes:
    headers = {"content_type": "application/json"}
    for name in filter(None, encoding.split(", ")):
        body = ENCODERS[name](body)
        headers["content_encoding"] = encoding
    return http_response(status, body, length, **headers)


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate", "zstd", "gzip, zstd"])
@pytest.mark.parametrize("length", [-1, None])
async def test_a_response_of_the_limit_is_read_and_one_byte_more_is_refused(
    api: RawServer, time: FakeTime, encoding: str, length: int | None
) -> None:
    assert len(body_of(LIMIT)) == LIMIT
    async with client(api, time) as cloud:
        api.script(LIST, response(body_of(LIMIT), encoding, length=length))
        assert await cloud.jobs.list() == []
        found = await cloud.request("GET", LIST)
        assert (found.content, found.headers.get("content-encoding", "")) == (body_of(LIMIT), encoding)
        api.script(LIST, response(body_of(LIMIT + 1), encoding, length=length))
        with pytest.raises(UnexpectedResponse) as caught:
            await cloud.jobs.list()
    assert "larger than 300000 bytes" in str(caught.value)
    assert "pass a larger max_response_bytes= to the client, or None for no limit" in str(caught.value)
    assert (caught.value.status, caught.value.content_type) == (200, "application/json")
    assert len(api.requests) == 3  # it is not asked again


async def test_without_a_limit(api: RawServer, time: FakeTime) -> None:
    api.script(LIST, response(body_of(3_000_000), "gzip"))
    async with client(api, time, max_response_bytes=None) as cloud:
        assert await cloud.jobs.list() == []


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
async def test_of_an_error_response_only_the_beginning_is_read(
    api: RawServer, time: FakeTime, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    assert response_body.LONGEST_ERROR_BODY == 4 * 1024 * 1024
    monkeypatch.setattr(response_body, "LONGEST_ERROR_BODY", 256 * 1024)
    api.script(LIST, response(b"x" * 600_000, encoding, status=400, length=None))
    async with client(api, time, max_response_bytes=None) as cloud:
        with pytest.raises(BadRequest) as caught:
            await cloud.jobs.list()
    # The last 4 KiB are left out, since half a key would not be recognised.
    assert caught.value.body == b"x" * (256 * 1024 - 4 * 1024)


async def test_an_encoding_that_was_not_requested(api: RawServer, time: FakeTime) -> None:
    async with client(api, time, retry=1) as cloud:
        api.script(LIST, http_response(200, b"abc", content_encoding="br"))
        with pytest.raises(UnexpectedResponse, match="its body is encoded as br, which was not requested"):
            await cloud.jobs.list()
        api.script(LIST, http_response(503, b"abc", content_encoding="br"))
        with pytest.raises(ServerError):
            await cloud.jobs.list()
        api.script(LIST, http_response(200, b"{}", content_encoding="utf-8", content_type="application/json"))
        assert await cloud.jobs.list() == []


async def test_a_client_of_the_user_asks_for_the_same_encodings(api: RawServer, time: FakeTime) -> None:
    api.script(LIST, response(b"{}"))
    for sent, expected in (("gzip, br", "gzip, deflate, zstd"), ("identity", "identity")):
        async with httpx.AsyncClient(headers={"Accept-Encoding": sent}, trust_env=False) as http:
            async with client(api, time, http_client=http) as cloud:
                await cloud.jobs.list()
        assert api.requests[-1].headers["accept-encoding"] == expected


async def test_a_response_that_a_hook_has_read_is_held_to_the_limit(api: RawServer, time: FakeTime) -> None:
    async def read(found: httpx.Response) -> None:
        await found.aread()

    async with httpx.AsyncClient(event_hooks={"response": [read]}, trust_env=False) as http:
        async with client(api, time, http_client=http) as cloud:
            api.script(LIST, response(body_of(LIMIT)))
            assert await cloud.jobs.list() == []
            api.script(LIST, response(body_of(LIMIT + 1)))
            with pytest.raises(UnexpectedResponse, match="max_response_bytes"):
                await cloud.jobs.list()
