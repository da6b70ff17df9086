"""A request without a body is what httpx would make, only sooner."""

from __future__ import annotations

import pickle
from typing import Any

import httpx
import pytest

from comfy_cloud._http.http_requests import Request, http_request

HEADERS = [(b"Accept", b"*/*"), (b"X-API-Key", b"key")]
TIMES = {"timeout": {"read": 5.0}}
URLS = [
    "http://127.0.0.1:8188/api/a?b=%20c", "https://cloud.comfy.org/", "https://a:443/", "http://a:443/",
    "http://[::1]:1/a", "http://\u00fc.example/",
]  # fmt: skip


def facts(request: httpx.Request) -> tuple[Any, ...]:
    stream: Any = request.stream
    text = (request.method, request.url, repr(request), b"".join(stream))
    return (*text, request.headers.raw, request.headers.encoding, request.extensions, request.content)


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS", "POST", "PUT", "PATCH"])
def test_it_is_what_httpx_makes(method: str, url: str) -> None:
    made = http_request(method, httpx.URL(url), HEADERS, TIMES, {})
    usual = httpx.Request(method, url, headers=HEADERS, extensions=TIMES)
    assert facts(made) == facts(usual)
    copied = pickle.loads(pickle.dumps(made))
    assert (copied.url, copied.headers.raw, copied.content) == (usual.url, usual.headers.raw, usual.content)
    assert isinstance(made, Request) == (method in ("GET", "HEAD", "DELETE", "OPTIONS"))


@pytest.mark.parametrize("body", [{"content": b"a"}, {"content": b""}, {"json": {"a": 1}}])
def test_a_body_is_left_to_httpx(body: dict[str, Any]) -> None:
    made = http_request("DELETE", httpx.URL(URLS[0]), HEADERS, TIMES, body)
    assert facts(made) == facts(httpx.Request("DELETE", URLS[0], headers=HEADERS, extensions=TIMES, **body))


def test_a_host_that_is_given_counts() -> None:
    headers = [(b"HOST", b"other"), *HEADERS]
    assert http_request("GET", httpx.URL(URLS[0]), headers, TIMES, {}).headers.raw == headers


def test_headers_that_were_changed_count() -> None:
    request = http_request("GET", httpx.URL(URLS[0]), HEADERS, TIMES, {})
    assert isinstance(request, Request)
    assert request.unread_headers == [(b"Host", b"127.0.0.1:8188"), *HEADERS]
    request.headers["accept"] = "text/plain"
    assert request.unread_headers is None
    assert request.headers["accept"] == "text/plain"
    request.headers = httpx.Headers({"a": "1"})
    assert request.headers.raw == [(b"a", b"1")]


def test_requests_share_no_extensions() -> None:
    first, second = (http_request("GET", httpx.URL(URLS[0]), HEADERS, TIMES, {}) for _ in range(2))
    assert first.extensions is not second.extensions
    assert first.extensions is not TIMES
