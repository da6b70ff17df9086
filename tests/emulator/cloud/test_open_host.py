"""An emulator that other machines can reach: its key, its hosts, and the URLs of its files."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from comfy_cloud_emulator import DEFAULT_KEY, Emulator
from comfy_cloud_emulator.http.addresses import Addresses

from ..workflows import plain

KEY = "a-key-of-my-own"
CONTROL = ("/", "/_emulator/", "/_emulator/page/own/page.js", "/_emulator/jobs", "/_emulator/requests")


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(KEY, seed_data=2, host="0.0.0.0") as emulator:
        yield emulator


@pytest.fixture
def stranger(emulator: Emulator) -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(base_url=emulator.url, trust_env=False, verify=False) as client:
        yield client


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
@pytest.mark.parametrize("key", [DEFAULT_KEY, "short", "7-chars"])
def test_it_needs_a_key_of_your_own(host: str, key: str) -> None:
    with pytest.raises(ValueError, match="give key= a key of your own, of at least 8 characters"):
        Emulator(key, host=host)


def test_eight_characters_are_enough() -> None:
    Addresses(host="0.0.0.0").refuse_shared_key("8-chars!", DEFAULT_KEY)


def test_no_account_has_the_shared_key(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="a key of your own"):
        Emulator(KEY, host="0.0.0.0", accounts={DEFAULT_KEY: emulator.account})
    with pytest.raises(ValueError, match="a key of your own"):
        emulator.add_account(DEFAULT_KEY)


def test_loopback_needs_none() -> None:
    with Emulator(host="127.0.0.2") as emulator:
        assert urlsplit(emulator.url).hostname == urlsplit(emulator.files_url).hostname == "127.0.0.2"
        assert httpx.get(f"{emulator.url}/_emulator/jobs", trust_env=False).status_code == 200
        assert not emulator.is_open


@pytest.mark.parametrize("path", CONTROL)
def test_page_and_control_need_the_key(emulator: Emulator, stranger: httpx.Client, path: str) -> None:
    refused = stranger.get(path)
    assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHORIZED")
    assert refused.headers["www-authenticate"].startswith("Basic ")
    for headers in (
        {"X-API-Key": KEY},
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": httpx.BasicAuth("anybody", KEY)._auth_header},
    ):
        assert stranger.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": DEFAULT_KEY},
        {"Authorization": "Basic ???"},
        {"Authorization": "Basic /w=="},
        {"Authorization": f"Digest {KEY}"},
        {"X-API-Key": "\xff"},
    ],
)
def test_a_wrong_key_controls_nothing(
    emulator: Emulator, stranger: httpx.Client, headers: dict[str, str]
) -> None:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    assert stranger.post("/_emulator/reset", headers=sent).status_code == 401
    assert stranger.post("/_emulator/accounts", headers=sent).status_code == 401
    assert len(emulator.accounts) == 1


def test_the_key_of_another_account_controls_nothing(emulator: Emulator, stranger: httpx.Client) -> None:
    emulator.add_account("a-second-key")
    headers = {"X-API-Key": "a-second-key"}
    assert stranger.get("/api/user", headers=headers).status_code == 200
    assert stranger.post("/_emulator/reset", headers=headers).status_code == 401


def test_without_the_key_health_says_only_that_it_is_ready(
    emulator: Emulator, stranger: httpx.Client
) -> None:
    assert stranger.get("/_emulator/health").json() == {"status": "ready"}
    known = stranger.get("/_emulator/health", headers={"X-API-Key": KEY}).json()
    assert known["counts"]["jobs"] == {"completed": 2}


def test_control_of_an_open_server_without_keys_needs_the_key() -> None:
    with Emulator(KEY, quirks="comfyui", host="0.0.0.0") as emulator:
        with httpx.Client(base_url=emulator.url, trust_env=False, verify=False) as client:
            assert client.get("/queue").status_code == 200
            assert client.get("/_emulator/jobs").status_code == 401
            assert client.get("/_emulator/jobs", headers={"X-API-Key": KEY}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("192.0.2.7:8189", 200),
        ("[2001:db8::1]:8189", 200),
        ("emulator:8189", 200),
        ("Emulator.Internal", 200),
        ("emulator.test", 200),
        ("localhost", 200),
        ("emulator.example.com", 403),
        ("rebound.example", 403),
        ("", 403),
        ("emulator:8189@x.example", 403),
        ("emu lator", 403),
    ],
)
def test_hosts_that_are_served(emulator: Emulator, stranger: httpx.Client, host: str, status: int) -> None:
    response = stranger.get("/api/user", headers={"Host": host, "X-API-Key": KEY})
    assert response.status_code == status
    if status == 403 and host:
        assert "--public-url" in response.json()["message"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://emulator:8189", 200),
        ("http://emulator:3000", 200),
        ("http://localhost:3000", 200),
        ("http://other:8189", 403),
        ("https://example.com", 403),
        ("null", 403),
    ],
)
def test_pages_that_may_ask(emulator: Emulator, stranger: httpx.Client, origin: str, status: int) -> None:
    headers = {"Host": "emulator:8189", "Origin": origin, "X-API-Key": KEY}
    assert stranger.post("/_emulator/faults", json="reset", headers=headers).status_code in (status, 201)
    assert len(emulator.faults) == (status == 200)


def test_a_cross_site_request_with_the_browsers_password_is_refused(
    emulator: Emulator, stranger: httpx.Client
) -> None:
    stranger.auth = ("anybody", KEY)
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert stranger.post("/_emulator/reset", headers=headers).status_code == 403


def signed(emulator: Emulator, host: str) -> str:
    """Where the file of a job is, for a caller that asks this host."""
    headers = {"X-API-Key": KEY, "Host": host}
    with httpx.Client(base_url=emulator.url, headers=headers, trust_env=False, verify=False) as client:
        id = client.post("/api/prompt", json={"prompt": plain()}).json()["prompt_id"]
        client.post(f"/_emulator/jobs/{id}/finish")
        outputs = client.get(f"/api/jobs/{id}").json()["outputs"]
        name = outputs["2"]["images"][0]["filename"]
        return client.get("/api/view", params={"filename": name}).headers["location"]


@pytest.mark.parametrize("host", ["emulator", "192.0.2.7", "[2001:db8::1]", "localhost"])
def test_files_are_where_the_caller_asked(emulator: Emulator, host: str) -> None:
    port = urlsplit(emulator.files_url).port
    location = signed(emulator, f"{host}:8189")
    assert location.startswith(f"http://{host}:{port}/")
    # The same URL is served under that name, and under no other.
    local = location.replace(host, "127.0.0.1", 1)
    assert httpx.get(local, headers={"Host": f"{host}:{port}"}, trust_env=False).status_code == 200
    assert httpx.get(local, headers={"Host": "x.example"}, trust_env=False).status_code == 403


def test_without_a_caller_files_are_on_this_machine(emulator: Emulator) -> None:
    signed(emulator, "emulator")
    assert urlsplit(emulator.files_url).hostname == "127.0.0.1"


@pytest.mark.parametrize(
    ("public", "files", "expected"),
    [
        ("http://emulator.example.com:80/", None, "http://emulator.example.com:{port}/"),
        ("https://e.example.com", "https://files.example.com", "https://files.example.com/"),
        (None, "http://localhost:18190", "http://localhost:18190/"),
    ],
)
def test_public_urls(public: str | None, files: str | None, expected: str) -> None:
    with Emulator(KEY, host="0.0.0.0", public_url=public, public_files_url=files) as emulator:
        host = urlsplit(public).netloc if public else "emulator"
        assert signed(emulator, host).startswith(
            expected.format(port=emulator._origin._server.port)  # type: ignore[union-attr]
        )
        headers = {"X-API-Key": KEY, "Host": host}
        health = httpx.get(f"{emulator.url}/_emulator/health", headers=headers, trust_env=False).json()
        assert health["url"] == (public or "http://emulator").rstrip("/")
        assert health["files_url"] == emulator.files_url


def test_a_public_url_before_a_loopback_port_needs_the_key_too() -> None:
    with pytest.raises(ValueError, match="a public URL lets other machines in: give key= a key of your own"):
        Emulator(public_url="https://emulator.example.com")
    with Emulator(KEY, public_url="https://emulator.example.com") as emulator:
        headers = {"Host": "emulator.example.com"}
        assert (
            httpx.get(f"{emulator.url}/_emulator/jobs", headers=headers, trust_env=False).status_code == 401
        )
    with Emulator(public_url="http://localhost:18189", public_files_url="http://127.0.0.1:18190") as emulator:
        assert not emulator.is_open


def test_ports_can_be_chosen() -> None:
    with Emulator() as other:
        free = urlsplit(other.files_url).port
    assert free is not None
    with Emulator(files_port=free) as emulator:
        assert urlsplit(emulator.files_url).port == free
    with pytest.raises(ValueError, match="a port of their own"):
        Emulator(port=free, files_port=free)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"host": "localhost"}, "host: expected an IP address"),
        ({"host": "fe80::1%eth0"}, "host: expected an IP address"),
        ({"public_url": "emulator:8189"}, "public_url: expected a URL such as"),
        ({"public_url": "http://emulator/api"}, "public_url: expected a URL such as"),
        ({"public_url": "http://me:secret@emulator"}, "public_url: expected a URL such as"),
        ({"public_url": "http://:secret@emulator"}, "public_url: expected a URL such as"),
        ({"public_url": "http://emulator/?a=b"}, "public_url: expected a URL such as"),
        ({"public_url": "http://emulator#a"}, "public_url: expected a URL such as"),
        ({"public_url": "http://emulator:99999"}, "public_url: expected a URL such as"),
        ({"public_files_url": "ftp://emulator"}, "public_files_url: expected a URL such as"),
        ({"public_files_url": "http://emu lator"}, "public_files_url: expected a URL such as"),
    ],
)
def test_addresses_that_are_not_valid(given: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Addresses(**given)


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    with pytest.raises(OSError, match=r"192\.0\.2\.1 is not an address of this machine"):
        Emulator(KEY, host="192.0.2.1").start()
