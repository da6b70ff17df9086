"""Short responses over aiohttp are what httpx makes of them, without its layers in between."""

from __future__ import annotations

import asyncio
import functools
import gzip
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from comfy_cloud import AsyncComfyCloud, Retry, ServerError, UnexpectedResponse
from comfy_cloud._http import clients as http_clients
from comfy_cloud._http.aiohttp_client import ShortResponseClient
from comfy_cloud._http.http_requests import http_request
from tests.raw_server import http_response, raw_server

ONE_TRANSPORT = True

PLAIN = {
    "plain": http_response(200, b'{"a": 1}', content_type="application/json", x_twice="1"),
    "created": http_response(201, b"x", content_type="text/plain; charset=latin-1"),
    "as long as it may be": http_response(200, b"x" * 65_536),
    "a reason not in UTF-8": b"HTTP/1.1 200 Gr\xfc\xdfe\r\nContent-Length: 3\r\n\r\nabc",
}
OTHER = {
    "longer": http_response(200, b"x" * 65_537),
    "empty": http_response(200),
    "nothing": b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    "until the end": http_response(200, b"abc", None),
    "in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "encoded": http_response(200, gzip.compress(b"abc"), content_encoding="gzip"),
    "with a cookie": http_response(200, b"abc", set_cookie="a=1"),
    "not in ASCII": http_response(200, b"abc", x_name="Gr\xfc\xdfe"),
    "a redirect": http_response(302, b"there", location="/elsewhere"),
    "an error": http_response(404, b"no"),
    "an error with a reason not in UTF-8": b"HTTP/1.1 500 Gr\xfc\xdfe\r\nContent-Length: 2\r\n\r\nno",
}
BROKEN = {
    "cut": http_response(200, b"abc", 10),
    "no HTTP": b"SSH-2.0-x\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a redirect to nowhere": http_response(302, b"", location="http://a:b/"),
}


@asynccontextmanager
async def client_of(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ShortResponseClient]:
    monkeypatch.setattr(http_clients, "has_aiohttp", lambda: True)
    async with http_clients.new_async_http_client(url, 5) as client:
        assert isinstance(client, ShortResponseClient)
        yield client


def request_to(url: str, method: str = "GET") -> httpx.Request:
    timeouts = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), 5.0)}
    return http_request(method, httpx.URL(f"{url}/a"), [(b"X-API-Key", b"key")], timeouts, {})


def facts(response: httpx.Response) -> dict[str, Any]:
    """Everything that somebody who gets a response can ask it."""
    following = response.next_request
    return {
        "type": type(response),
        "status": (response.status_code, response.reason_phrase, response.http_version),
        "headers": (response.headers.raw, response.headers.encoding, repr(response.headers)),
        "body": (response.content, response.text, response.encoding, response.num_bytes_downloaded),
        "state": (response.is_closed, response.is_stream_consumed, response.history, response.extensions),
        "request": (response.request.method, response.url, response.request.headers.raw),
        "sent": (response.request.content, repr(response.request), response.request.extensions),
        "next": (following and following.url, len(response.cookies)),
        "time": response.elapsed.total_seconds() > 0,
    }


@pytest.mark.parametrize("name", [*PLAIN, *OTHER])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_response_is_what_httpx_makes_of_it(
    name: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server() as server:
        head, end, body = {**PLAIN, **OTHER}[name].partition(b"\r\n\r\n")
        server.script("/a", head + end + (body if method == "GET" else b""))
        async with client_of(server.url, monkeypatch) as client:
            short = await client.send_short(
                request_to(server.url, method), follow_redirects=False, stream=True
            )
            is_read = short.is_stream_consumed
            await short.aread()
            usual = await client.send(request_to(server.url, method), follow_redirects=False, stream=True)
            await usual.aread()
            assert facts(short) == facts(usual)
            assert is_read == (name in PLAIN)
            first, second = server.requests
            assert first.headers == second.headers


@pytest.mark.parametrize("target", ["/a%2fb/%2e%2e/c", "/a?x=%2F%41&y=+%2b", "/%", "/%zz?%", "/a%00b"])
async def test_an_address_is_sent_as_it_is_written(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server() as server:
        server.other = PLAIN["plain"]
        async with client_of(server.url, monkeypatch) as client:
            for request in (http_request("GET", httpx.URL(server.url + target), [], {}, {}), None):
                await client.send(request or httpx.Request("POST", server.url + target, content=b"a"))
        assert [request.target for request in server.requests] == [target, target]


async def test_a_request_without_a_body_has_no_media_type(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server() as server:
        server.other = PLAIN["plain"]
        async with client_of(server.url, monkeypatch) as client:
            await client.send(request_to(server.url, "POST"))
        (sent,) = server.requests
    assert sent.headers["content-length"] == "0"
    assert "content-type" not in sent.headers


@pytest.mark.parametrize(
    "stray",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad",
        b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_what_a_server_sends_unasked_is_no_response_to_the_next_request(
    stray: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % len(writers))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with client_of(f"http://127.0.0.1:{port}", monkeypatch) as client:

            async def body() -> bytes:
                request = request_to(f"http://127.0.0.1:{port}")
                return await (await client.send_short(request, stream=True)).aread()

            assert [await body(), await body()] == [b"1", b"1"]
            session: Any = client._direct.client
            (((protocol, _),),) = session.connector._conns.values()
            writers[0].write(stray)
            while not protocol.should_close:
                await asyncio.sleep(0)
            assert [await body(), await body()] == [b"2", b"2"]


async def test_the_time_of_a_response_counts_from_its_request(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(perf_counter=lambda: time.perf_counter() - 100)
    monkeypatch.setattr("comfy_cloud._http.aiohttp_client.time", clock)
    with raw_server() as server:
        server.script("/a", OTHER["longer"])
        async with client_of(server.url, monkeypatch) as client:
            response = await client.send_short(request_to(server.url), follow_redirects=False, stream=True)
            await read(response)
    assert response.elapsed.total_seconds() > 100


async def read(response: httpx.Response) -> None:
    try:
        await response.aread()
    finally:
        await response.aclose()


@pytest.mark.parametrize("name", BROKEN)
async def test_an_error_is_that_of_httpx(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    errors: list[Any] = []
    with raw_server() as server:
        server.script("/a", BROKEN[name])
        async with client_of(server.url, monkeypatch) as client:
            for send in (client.send_short, client.send):
                with pytest.raises(Exception) as caught:
                    await read(await send(request_to(server.url), follow_redirects=False, stream=True))
                errors.append(caught.value)
    short, usual = errors
    assert (type(short), str(short)) == (type(usual), str(usual))
    if isinstance(usual, httpx.RequestError):
        assert short.request.url == usual.request.url


async def test_the_log_lines_of_httpx_are_there(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with raw_server() as server, caplog.at_level(logging.INFO, "httpx"):
        server.script("/a", PLAIN["plain"])
        async with client_of(server.url, monkeypatch) as client:
            await (
                await client.send_short(request_to(server.url), follow_redirects=False, stream=True)
            ).aread()
    assert [record.getMessage() for record in caplog.records if record.name == "httpx"] == [
        f'HTTP Request: GET {server.url}/a "HTTP/1.1 200 Something"'
    ]


async def test_what_replaces_the_method_of_httpx_sees_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = httpx.AsyncClient.send
    seen: list[str] = []

    @functools.wraps(usual)
    async def traced(client: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        seen.append(request.url.path)
        request.headers["traceparent"] = "00-1-1-01"
        return await usual(client, request, **options)

    monkeypatch.setattr(httpx.AsyncClient, "send", traced)
    with raw_server() as server:
        server.script("/a", PLAIN["plain"])
        async with client_of(server.url, monkeypatch) as client:
            await (
                await client.send_short(request_to(server.url), follow_redirects=False, stream=True)
            ).aread()
    assert seen == ["/a"]
    assert server.requests[0].headers["traceparent"] == "00-1-1-01"


async def test_a_limit_below_a_short_body_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_clients, "has_aiohttp", lambda: True)
    with raw_server() as server:
        server.script("/a", PLAIN["plain"])
        server.script("/b", http_response(500, b"x" * 100))
        async with AsyncComfyCloud(
            base_url=server.url, api_key="key", max_response_bytes=5, retry=Retry.none()
        ) as cloud:
            with pytest.raises(UnexpectedResponse, match="larger than 5 bytes"):
                await cloud.request("GET", "/a")
            with pytest.raises(ServerError) as caught:
                await cloud.request("GET", "/b")
    assert len(caught.value.body) <= 5


async def test_a_body_that_is_read_while_it_is_sent_goes_the_usual_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"abc"

    with raw_server() as server:
        server.script("/a", PLAIN["plain"])
        async with client_of(server.url, monkeypatch) as client:
            length = {"Content-Length": "3"}
            request = httpx.Request("POST", f"{server.url}/a", content=pieces(), headers=length)
            response = await client.send_short(request, follow_redirects=False, stream=True)
            assert not response.is_stream_consumed
            await response.aread()
    assert [request.method for request in server.requests] == ["POST"]
