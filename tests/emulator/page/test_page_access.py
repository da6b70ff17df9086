"""What a hostile web page could try against the emulator, sent as browsers would send it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as connect_socket

from comfy_cloud_emulator import Emulator

STREAM = "/_emulator/page/stream"
ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}
LINK = {**ELSEWHERE, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
READ = [
    "/",
    "/_emulator/",
    STREAM,
    "/_emulator/page/jobs/x",
    "/_emulator/page/jobs?search=x",
    "/_emulator/page/requests/r1",
    "/_emulator/requests",
    "/_emulator/faults",
    "/_emulator/health",
    "/_emulator/jobs",
    "/_emulator/page/own/page.js",
]
FAULT = b'{"kind": "status", "times": null}'


@pytest.fixture
def browser(emulator: Emulator) -> Iterator[httpx.Client]:
    """A client without a key, like a web page."""
    with httpx.Client(base_url=emulator.url, trust_env=False, verify=False, timeout=10) as client:
        yield client


def test_the_page_needs_no_key(browser: httpx.Client) -> None:
    for path in ("/", "/_emulator/"):
        response = browser.get(path)
        assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Host": "rebound.example:8189"}, id="DNS rebinding"),
        pytest.param({"Origin": "https://example.com", **ELSEWHERE}, id="fetch"),
        pytest.param({"Origin": "null", **ELSEWHERE}, id="sandboxed frame or file"),
        pytest.param({"Origin": "http://127.0.0.1.example.com"}, id="name that begins like ours"),
        pytest.param({**ELSEWHERE, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, id="picture"),
        pytest.param({**ELSEWHERE, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, id="script"),
        pytest.param({**ELSEWHERE, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, id="frame"),
        pytest.param({**ELSEWHERE, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "embed"}, id="embed"),
        pytest.param(ELSEWHERE, id="nothing but the site"),
    ],
)
def test_a_foreign_page_reads_nothing(browser: httpx.Client, path: str, headers: dict[str, str]) -> None:
    response = browser.get(path, headers=headers)
    assert response.status_code == 403
    assert response.json()["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "https://example.com", **ELSEWHERE, "Sec-Fetch-Mode": "no-cors"}, id="fetch"),
        pytest.param({"Origin": "https://example.com", **LINK}, id="form"),
        pytest.param({"Origin": "null", **LINK}, id="form of a sandboxed frame"),
        pytest.param(LINK, id="form without an origin"),
        pytest.param({"Host": "rebound.example"}, id="DNS rebinding"),
    ],
)
def test_a_foreign_page_changes_nothing(
    emulator: Emulator, browser: httpx.Client, headers: dict[str, str]
) -> None:
    """Browsers send bodies of these types without a preflight request."""
    before = emulator.time.now()
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        typed = {**headers, "Content-Type": kind}
        assert browser.post("/_emulator/faults", content=FAULT, headers=typed).status_code == 403
        assert browser.post("/_emulator/time", content=b'{"advance": 60}', headers=typed).status_code == 403
        assert browser.post("/_emulator/failures", content=b"{}", headers=typed).status_code == 403
        assert browser.post("/_emulator/reset", content=b"{}", headers=typed).status_code == 403
        assert browser.post("/_emulator/accounts", content=b"{}", headers=typed).status_code == 403
        assert browser.post("/", content=b"", headers=typed).status_code == 403
    assert browser.delete("/_emulator/faults", headers=headers).status_code == 403
    assert (len(emulator.faults), emulator.time.now(), len(emulator.accounts)) == (0, before, 1)


def test_no_other_origin_gets_cors_headers(browser: httpx.Client) -> None:
    """Without these headers a browser hides responses from other origins, even local ones."""
    for path in (*READ[:2], *READ[3:]):
        headers = browser.get(path, headers={"Origin": "http://localhost:3000"}).headers
        assert not [name for name in headers if name.startswith("access-control-")]
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    assert browser.options("/_emulator/faults", headers=asked).status_code == 405


def test_a_link_leads_to_the_page_and_nowhere_else(emulator: Emulator, browser: httpx.Client) -> None:
    assert browser.get("/", headers=LINK).status_code == 200
    assert browser.get("/_emulator/", headers=LINK).status_code == 200
    for path in (STREAM, "/_emulator/requests", "/_emulator/page/files/x", "/api/user", "/api/features"):
        assert browser.get(path, headers=LINK).status_code == 403
    assert emulator.requests == []


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
def test_requests_of_the_page_and_of_people_are_served(browser: httpx.Client, site: str) -> None:
    for path in ("/", "/_emulator/requests"):
        assert browser.get(path, headers={"Sec-Fetch-Site": site}).status_code == 200


def test_a_local_program_may_use_another_host_name(emulator: Emulator, browser: httpx.Client) -> None:
    """localhost and 127.0.0.1 are two sites to a browser; the Origin shows that both are this
    machine.
    """
    headers = {"Origin": "http://localhost:3000", **ELSEWHERE, "X-API-Key": emulator.key}
    assert browser.get("/api/user", headers=headers).status_code == 200


def test_every_origin_counts(emulator: Emulator, browser: httpx.Client) -> None:
    twice = [("Origin", "http://localhost"), ("Origin", "https://example.com")]
    assert browser.get("/", headers=twice).status_code == 403


@pytest.mark.parametrize("path", ["/ws", STREAM])
@pytest.mark.parametrize("origin", ["https://example.com", "null"])
def test_a_websocket_of_a_foreign_page_is_refused(emulator: Emulator, path: str, origin: str) -> None:
    address = f"{emulator.url.replace('http', 'ws')}{path}?token={emulator.key}"
    with (
        pytest.raises(InvalidStatus) as refused,
        connect_socket(address, proxy=None, additional_headers={"Origin": origin}),
    ):
        pass
    assert refused.value.response.status_code == 403
    assert emulator.socket_requests == []


def test_signed_urls_may_be_embedded(emulator: Emulator, client: httpx.Client) -> None:
    """They need no other permission, and apps show the images behind them."""
    name = emulator.store.files.put(b"content", "txt")
    signed = client.get("/api/view", params={"filename": name}).headers["location"]
    image_request = {**ELSEWHERE, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    assert httpx.get(signed, headers=image_request).status_code == 200
    assert httpx.get(signed, headers={**image_request, "Origin": "https://example.com"}).status_code == 403
