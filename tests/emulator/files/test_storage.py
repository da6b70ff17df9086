"""The second origin: signed URLs, byte ranges, and keys that must not be sent to it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud_emulator import Emulator, Fault
from comfy_cloud_emulator.storage.signed_urls import disposition
from tests.clock import FakeTime

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def clean() -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(verify=False, trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def name(emulator: Emulator) -> str:
    return emulator.store.files.put(CONTENT, "bin", 'bö"y.bin')


@pytest.fixture
def url(name: str, client: httpx.Client) -> str:
    return client.get("/api/view", params={"filename": name}).headers["location"]


def test_a_view_leads_to_another_origin(emulator: Emulator, url: str, clean: httpx.Client, name: str) -> None:
    assert emulator.files_url != emulator.url
    assert url.startswith(f"{emulator.files_url}/")
    response = clean.get(url)
    assert response.status_code == 200
    assert response.content == CONTENT
    assert response.headers["content-length"] == str(len(CONTENT))
    assert response.headers["etag"] == f'"{name[:64]}"'
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"] == (
        "inline; filename=\"b__y.bin\"; filename*=UTF-8''b%C3%B6%22y.bin"
    )
    assert emulator.leaks == []
    assert [request.status for request in emulator.file_requests] == [200]
    emulator.clear_requests()
    assert emulator.file_requests == []


@pytest.mark.parametrize(
    ("header", "value"), [("X-API-Key", "k"), ("Authorization", "Bearer k"), ("Cookie", "session=k")]
)
def test_a_credential_is_refused_and_recorded(
    emulator: Emulator, url: str, clean: httpx.Client, header: str, value: str
) -> None:
    response = clean.get(url, headers={header: value})
    assert response.status_code == 400
    assert b"<Error>" in response.content
    (leak,) = emulator.leaks
    assert (leak.method, leak.path, leak.header) == ("GET", urlsplit(url).path, header.lower())


def test_a_key_in_the_url_is_a_leak_that_does_not_show_it(
    emulator: Emulator, url: str, clean: httpx.Client
) -> None:
    assert clean.get(f"{url}&token={emulator.key}").status_code == 400
    assert clean.get(f"{emulator.files_url}/{emulator.key}").status_code == 400
    assert [leak.header for leak in emulator.leaks] == ["query", "query"]
    assert emulator.key not in repr(emulator.leaks)


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
        lambda url: url.replace("inline", "attachment"),
        lambda url: url.replace("X-Goog-Expires=1", "X-Goog-Expires=2"),
        lambda url: url.partition("?")[0],
        lambda url: url.replace("/emulated-outputs/", "/other/"),
        lambda url: f"{url}&more=1",
    ],
)
def test_a_changed_url_is_refused(url: str, clean: httpx.Client, change: Callable[[str], str]) -> None:
    response = clean.get(change(url))
    assert response.status_code == 403
    assert b"SignatureDoesNotMatch" in response.content
    assert response.headers["content-type"] == "application/xml"


def test_a_url_expires(
    start_emulator: Callable[..., Emulator], time: FakeTime, connect: Any, clean: httpx.Client
) -> None:
    emulator = start_emulator()
    stored = emulator.store.files.put(b"x", "bin")
    client = connect(emulator)
    url = client.get("/api/view", params={"filename": stored}).headers["location"]
    time.advance(899)
    assert clean.get(url).status_code == 200
    time.advance(1)
    response = clean.get(url)
    assert response.status_code == 403
    assert b"ExpiredToken" in response.content
    again = client.get("/api/view", params={"filename": stored}).headers["location"]
    assert clean.get(again).status_code == 200


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=1000-", 1000, 1023),
        ("bytes=1000-99999", 1000, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=-99999", 0, 1023),
    ],
)
def test_ranges(url: str, clean: httpx.Client, asked: str, first: int, last: int) -> None:
    response = clean.get(url, headers={"Range": asked})
    assert response.status_code == 206
    assert response.content == CONTENT[first : last + 1]
    assert response.headers["content-range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert response.headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0", "bytes=20-10"])
def test_ranges_beyond_the_end(url: str, clean: httpx.Client, asked: str) -> None:
    response = clean.get(url, headers={"Range": asked})
    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "items=0-1", "bytes=a-b", "bytes=-"])
def test_unsupported_ranges_give_the_whole_file(url: str, clean: httpx.Client, asked: str) -> None:
    response = clean.get(url, headers={"Range": asked})
    assert (response.status_code, response.content) == (200, CONTENT)


def test_a_range_holds_for_the_same_version_only(url: str, clean: httpx.Client) -> None:
    etag = clean.head(url).headers["etag"]
    same = clean.get(url, headers={"Range": "bytes=1-2", "If-Range": etag})
    other = clean.get(url, headers={"Range": "bytes=1-2", "If-Range": '"another"'})
    assert (same.status_code, same.content) == (206, CONTENT[1:3])
    assert (other.status_code, other.content) == (200, CONTENT)


def test_known_content_is_not_sent_again(url: str, clean: httpx.Client) -> None:
    etag = clean.head(url).headers["etag"]
    for known in (etag, f'"x", {etag}', "*"):
        response = clean.get(url, headers={"If-None-Match": known})
        assert (response.status_code, response.content) == (304, b"")
    assert clean.get(url, headers={"If-None-Match": '"x"'}).status_code == 200


def test_head_has_only_the_length(url: str, clean: httpx.Client) -> None:
    response = clean.head(url)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == str(len(CONTENT))


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_url_only_allows_reading(url: str, clean: httpx.Client, method: str) -> None:
    assert clean.request(method, url).status_code == 405


def test_a_deleted_object(emulator: Emulator, client: httpx.Client, clean: httpx.Client) -> None:
    origin = emulator._origin  # only it can sign names that were never stored
    assert origin is not None
    response = clean.get(origin.signer.url("0" * 64 + ".png", "x.png"))
    assert response.status_code == 404
    assert b"NoSuchKey" in response.content


def test_only_this_machine_is_served(url: str, clean: httpx.Client) -> None:
    assert clean.get(url, headers={"Host": "example.com"}).status_code == 403


def test_large_files_are_sent_completely(
    emulator: Emulator, client: httpx.Client, clean: httpx.Client
) -> None:
    content = random.Random(1).randbytes(800_000)
    stored = emulator.store.files.put(content, "bin")
    url = client.get("/api/view", params={"filename": stored}).headers["location"]
    assert clean.get(url).content == content
    response = clean.get(url, headers={"Range": "bytes=262143-524288"})
    assert response.content == content[262_143:524_289]


def test_the_storage_has_its_own_faults(emulator: Emulator, url: str, clean: httpx.Client) -> None:
    emulator.file_faults.add(Fault.cut(at_bytes=100), Fault.status_burst(503))
    with pytest.raises(httpx.RemoteProtocolError):
        clean.get(url)
    assert clean.get(url).status_code == 503
    assert clean.get(url, headers={"Range": "bytes=100-"}).content == CONTENT[100:]
    assert [request.fault for request in emulator.file_requests] == ["cut", "status", None]
    assert emulator.faults.pending() == []


def test_leaks_and_requests_outlive_the_emulator(clean: httpx.Client, now: float) -> None:
    with Emulator(clock=lambda: now) as emulator:
        clean.get(emulator.files_url, headers={"X-API-Key": emulator.key})
        origin = emulator.files_url
    assert len(emulator.leaks) == len(emulator.file_requests) == 1
    with pytest.raises(RuntimeError, match="not running"):
        _ = emulator.files_url
    with pytest.raises(httpx.ConnectError):
        clean.get(origin)


def test_before_the_start_there_is_no_origin() -> None:
    emulator = Emulator()
    with pytest.raises(RuntimeError, match="not running"):
        _ = emulator.files_url
    with pytest.raises(RuntimeError, match="never started"):
        _ = emulator.leaks


def test_a_taken_port_leaves_no_server_behind(emulator: Emulator) -> None:
    port = int(emulator.url.rpartition(":")[2])
    with pytest.raises(OSError, match=str(port)):
        Emulator(port=port).start()


@given(st.text(min_size=1))
def test_any_display_name_is_possible(name: str) -> None:
    value = disposition(name.encode("utf-8", "replace").decode(), attachment=True)
    assert value.isascii()
    assert value.isprintable()
    assert value.startswith('attachment; filename="')


def test_a_slow_storage_waits_for_each_piece(clean: httpx.Client) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    content = bytes(600_000)
    with Emulator(file_speed=100_000, sleep=sleep) as emulator:
        name = emulator.store.files.put(content, "bin")
        headers = {"X-API-Key": emulator.key}
        view = httpx.get(f"{emulator.url}/api/view", params={"filename": name}, headers=headers)
        assert clean.get(view.headers["location"]).content == content
    assert len(waits) > 1
    assert sum(waits) == pytest.approx(6.0)
    with pytest.raises(ValueError, match="file_speed must be above zero"):
        Emulator(file_speed=0)
