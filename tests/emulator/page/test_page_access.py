"""What a hostile web page could try against the emulator, as browsers would send it; and what it gets."""

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
READ = ["/", "/_emulator/", STREAM, "/_emulator/requests", "/_emulator/faults", "/_emulator/page/own/page.js"]
FAULT = b'{"kind": "status", "times": null}'


@pytest.fixture
def browser(emulator: Emulator) -> Iterator[httpx.Client]:
    """A client without a key, as a web page is."""
    with httpx.Client(base_url=emulator.url, trust_env=False, verify=False, timeout=10) as client:
        yield client


def test_the_page_needs_no_key(browser: httpx.Client) -> None:
    for path in ("/", "/_emulator/"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


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
def test_a_page_elsewhere_reads_nothing(browser: httpx.Client, path: str, headers: dict[str, str]) -> None:
    answer = browser.get(path, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["code"] == "FORBIDDEN"


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
def test_a_page_elsewhere_changes_nothing(
    emulator: Emulator, browser: httpx.Client, headers: dict[str, str]
) -> None:
    """Bodies of these types are sent without asking the server first."""
    before = emulator.time.now()
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        typed = {**headers, "Content-Type": kind}
        assert browser.post("/_emulator/faults", content=FAULT, headers=typed).status_code == 403
        assert browser.post("/_emulator/time", content=b'{"advance": 60}', headers=typed).status_code == 403
        assert browser.post("/_emulator/failures", content=b"{}", headers=typed).status_code == 403
        assert browser.post("/", content=b"", headers=typed).status_code == 403
    assert browser.delete("/_emulator/faults", headers=headers).status_code == 403
    assert (len(emulator.faults), emulator.time.now()) == (0, before)


def test_no_other_origin_is_told_that_it_may(browser: httpx.Client) -> None:
    """Without these headers a browser shows no answer to a page of another origin, this machine's own ones included."""
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
def test_what_the_page_itself_and_people_ask_is_served(browser: httpx.Client, site: str) -> None:
    for path in ("/", "/_emulator/requests"):
        assert browser.get(path, headers={"Sec-Fetch-Site": site}).status_code == 200


def test_a_program_of_this_machine_may_ask_by_another_name(emulator: Emulator, browser: httpx.Client) -> None:
    """localhost and 127.0.0.1 are two sites to a browser; the Origin says that both are this machine."""
    headers = {"Origin": "http://localhost:3000", **ELSEWHERE, "X-API-Key": emulator.key}
    assert browser.get("/api/user", headers=headers).status_code == 200


def test_every_origin_counts(emulator: Emulator, browser: httpx.Client) -> None:
    twice = [("Origin", "http://localhost"), ("Origin", "https://example.com")]
    assert browser.get("/", headers=twice).status_code == 403


@pytest.mark.parametrize("path", ["/ws", STREAM])
@pytest.mark.parametrize("origin", ["https://example.com", "null"])
def test_a_websocket_from_elsewhere_is_refused(emulator: Emulator, path: str, origin: str) -> None:
    address = f"{emulator.url.replace('http', 'ws')}{path}?token={emulator.key}"
    with (
        pytest.raises(InvalidStatus) as refused,
        connect_socket(address, proxy=None, additional_headers={"Origin": origin}),
    ):
        pass
    assert refused.value.response.status_code == 403
    assert emulator.socket_requests == []


def test_signed_addresses_may_be_embedded(emulator: Emulator, client: httpx.Client) -> None:
    """They are permissions of their own, and apps show the pictures behind them."""
    name = emulator.store.files.put(b"content", "txt")
    signed = client.get("/api/view", params={"filename": name}).headers["location"]
    picture = {**ELSEWHERE, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    assert httpx.get(signed, headers=picture).status_code == 200
    assert httpx.get(signed, headers={**picture, "Origin": "https://example.com"}).status_code == 403
