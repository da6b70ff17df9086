"""Downloads go to no address that is not public, unless a setting allows it.

`python -m tests.attacks.hostile_addresses` tries every address in every place.
"""

from __future__ import annotations

import asyncio
from unittest import mock

import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloud, UnexpectedResponse
from tests.attacks.hostile_addresses import API, LOCATIONS, PLACES, PUBLIC, attack, network
from tests.attacks.trials import TRANSPORTS
from tests.raw_server import http_response, raw_server


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", PLACES)
def test_a_part_of_the_hostile_addresses(transport: str, place: str) -> None:
    shift = 2 * TRANSPORTS.index(transport) + PLACES.index(place)
    locations = LOCATIONS[shift::6]
    report = attack(locations, [place], [transport])
    assert report.tries == len(locations) >= 20
    assert report.failures == []


def download(transport: str, location: str, **settings: object) -> tuple[bytes | None, list[str], str]:
    """The content behind a redirect, the connections elsewhere that were tried, and the error."""
    attempts: list[str] = []
    with raw_server() as server:
        port = server.url.rpartition(":")[2]
        server.script("/api/view", http_response(302, location=location.replace("PORT", port)))
        server.script("/stored", http_response(200, b"content", content_type="image/png"))
        options = {"base_url": f"http://{API}:{port}", "retry": 1, **settings}

        async def read() -> bytes:
            async with AsyncComfyCloud(**options) as cloud:  # type: ignore[arg-type]
                async with cloud.files.open("a.png") as content:
                    return await content.read()

        with network(int(port), attempts):
            try:
                if transport == "sync":
                    with ComfyCloud(**options) as cloud, cloud.files.open("a.png") as content:  # type: ignore[arg-type]
                        return content.read(), attempts, ""
                with mock.patch("comfy_cloud._http.clients.has_aiohttp", return_value=transport == "aiohttp"):
                    return asyncio.run(read()), attempts, ""
            except Exception as error:  # noqa: BLE001 - compared by the tests
                return None, attempts, f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_public_address_and_the_server_itself_are_allowed(transport: str) -> None:
    assert download(transport, "https://public.test/stored")[1] == [PUBLIC]
    # Only the public one of its three addresses is tried.
    assert download(transport, "https://mixed.test/stored")[1] == [PUBLIC]
    assert download(transport, "/stored")[0] == b"content"
    assert download(transport, f"http://{API}:PORT/stored")[0] == b"content"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_setting_allows_other_hosts(transport: str) -> None:
    location = "http://loopback.test:PORT/stored"
    content, attempts, error = download(transport, location)
    assert (content, attempts) == (None, [])
    assert "storage_hosts=['http://loopback.test']" in error
    for hosts in (["http://loopback.test"], "https://a.test, http://*.test", ["http://*"]):
        assert download(transport, location, storage_hosts=hosts)[0] == b"content"
    for hosts in (["loopback.test"], ["https://loopback.test"], ["http://back.test"], ["*"]):
        assert download(transport, location, storage_hosts=hosts)[1] == []


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_error_says_which_address_and_why(transport: str) -> None:
    error = download(transport, "https://private.test/a?signature=abc")[2]
    assert error == (
        f"{UnexpectedResponse.__name__}: GET /api/view redirects to private.test, which is a private "
        "address. If your server keeps files there, pass storage_hosts=['private.test']"
    )
