"""Odd responses of a storage, byte by byte; and which server receives the key and cookies."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, ConnectionFailed, NotFound, Retry, UnexpectedResponse
from comfy_cloud.hashing import hash_bytes
from tests.clock import FakeTime
from tests.raw_server import RawServer, http_response, partial_response, raw_server

KEY = "comfyui-only-for-the-api"
CONTENT = os.urandom(400_000)
OTHER = os.urandom(300_000)
HALF = len(CONTENT) // 2
NAME = f"{hash_bytes(CONTENT)}.mp4"
VIEW, FILE = "/api/view", "/file"


@pytest.fixture
def api() -> Iterator[RawServer]:
    with raw_server() as server:
        yield server


@pytest.fixture
def storage(api: RawServer) -> Iterator[RawServer]:
    with raw_server() as server:
        api.script(VIEW, http_response(302, location=f"{server.url}{FILE}?signature=first"))
        yield server


def client(api: RawServer, time: FakeTime, **options: Any) -> AsyncComfyCloud:
    return AsyncComfyCloud(api_key=KEY, base_url=api.url, runtime=time.async_runtime(), **options)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def broken(content: bytes = CONTENT, end: int = HALF, **headers: str) -> bytes:
    """The beginning of a whole file."""
    return http_response(200, content[:end], len(content), **headers)


async def fetched(api: RawServer, time: FakeTime, folder: Path, **options: Any) -> bytes:
    """The content on disk after a download. Checks that nothing else was written."""
    async with client(api, time) as cloud:
        path: Any = await cloud.files.download(NAME, folder / "a.mp4", **options)
    assert left_in(folder) == ["a.mp4"]
    content: bytes = path.read_bytes()
    return content


def ranges(storage: RawServer) -> list[str | None]:
    return [request.headers.get("range") for request in storage.requests]


# Resuming


async def test_a_broken_download_is_resumed(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    storage.script(FILE, broken(etag='"a"'), partial_response(CONTENT, HALF, etag='"a"'))
    assert await fetched(api, time, tmp_path) == CONTENT
    assert ranges(storage) == [None, f"bytes={HALF}-"]
    assert storage.requests[1].headers["if-range"] == '"a"'


@pytest.mark.parametrize(
    ("case", "second"),
    [
        ("a part that begins elsewhere", partial_response(CONTENT, HALF - 1)),
        ("a part without a position", http_response(206, CONTENT[HALF:])),
        ("a position beyond the end", http_response(416, b"", content_range=f"bytes */{len(CONTENT)}")),
        ("a part of a longer file", partial_response(CONTENT, HALF, total=str(len(CONTENT) + 1))),
        ("a part of another version", partial_response(CONTENT, HALF, etag='"b"')),
        ("a part that is encoded", partial_response(CONTENT, HALF, content_encoding="gzip")),
    ],
)
async def test_a_download_that_cannot_be_resumed_starts_over(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path, case: str, second: bytes
) -> None:
    storage.script(FILE, broken(etag='"a"'), second, http_response(200, CONTENT, etag='"b"'))
    assert await fetched(api, time, tmp_path) == CONTENT, case
    assert ranges(storage) == [None, f"bytes={HALF}-", None]
    async with client(api, time) as cloud:
        storage.script(FILE, broken(etag='"a"'), second, http_response(200, CONTENT, etag='"b"'))
        async with cloud.files.open(NAME) as content:
            with pytest.raises(UnexpectedResponse, match=r"changed|continued"):
                await content.read()


async def test_a_server_without_ranges_sends_the_whole_file_again(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    storage.script(FILE, broken(), http_response(200, CONTENT))
    assert await fetched(api, time, tmp_path) == CONTENT
    assert ranges(storage) == [None, f"bytes={HALF}-"]


@pytest.mark.parametrize("content", [OTHER, b""])
async def test_another_file_replaces_the_partly_read_one(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path, content: bytes
) -> None:
    storage.script(FILE, broken(etag='"a"'), http_response(200, content, etag='"b"'))
    assert await fetched(api, time, tmp_path, verify=False) == content


@pytest.mark.parametrize("headers", [{}, {"etag": 'W/"a"'}])
async def test_without_a_strong_validator_or_a_hash_nothing_is_resumed(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path, headers: dict[str, str]
) -> None:
    storage.script(FILE, broken(**headers), broken(OTHER, **headers), http_response(200, OTHER, **headers))
    assert await fetched(api, time, tmp_path, verify=False) == OTHER
    assert ranges(storage) == [None] * 3


async def test_content_that_was_resumed_wrongly_is_fetched_as_a_whole(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    wrong = partial_response(bytes(len(CONTENT)), HALF)
    storage.script(FILE, broken(), wrong, broken(), http_response(200, CONTENT))
    assert await fetched(api, time, tmp_path) == CONTENT
    assert ranges(storage) == [None, f"bytes={HALF}-", None, None]


@pytest.mark.parametrize("length", [-1, None])
async def test_a_stream_without_a_strong_validator_is_read_from_the_start_and_compared(
    api: RawServer, storage: RawServer, time: FakeTime, length: int | None
) -> None:
    parts = broken(), broken(end=HALF // 2), broken(end=HALF + 1)
    async with client(api, time) as cloud:
        storage.script(FILE, *parts, http_response(200, CONTENT, length))
        async with cloud.files.open(NAME) as content:
            assert await content.read() == CONTENT
        assert ranges(storage) == [None] * 4
        changed = bytes([CONTENT[0] ^ 1]) + CONTENT[1:]
        for other in (changed, CONTENT[: HALF // 2], changed + b"more"):
            storage.script(FILE, *parts, http_response(200, other, length))
            async with cloud.files.open(NAME) as content:
                with pytest.raises(UnexpectedResponse, match="changed while it was read"):
                    await content.read()


async def test_a_url_that_expires_during_the_download(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    api.script(
        VIEW, *(http_response(302, location=f"{storage.url}/{name}?signature={name}") for name in "ab")
    )
    storage.script("/a", broken(etag='"a"'), http_response(403, b"<Code>ExpiredToken</Code>"))
    storage.script("/b", partial_response(CONTENT, HALF, etag='"a"'))
    assert await fetched(api, time, tmp_path) == CONTENT
    assert [request.target for request in storage.requests] == ["/a?signature=a"] * 2 + ["/b?signature=b"]
    assert ranges(storage) == [None] + [f"bytes={HALF}-"] * 2
    assert len(api.requests) == 2


# Lengths


async def test_more_bytes_than_announced(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    longer = http_response(
        206,
        CONTENT[HALF:] + b"more",
        content_range=f"bytes {HALF}-{len(CONTENT) - 1}/{len(CONTENT)}",
        etag='"a"',
    )
    storage.script(FILE, broken(etag='"a"'), longer)
    async with client(api, time) as cloud:
        with pytest.raises(UnexpectedResponse, match="more bytes"):
            await cloud.files.download(NAME, tmp_path / "a.mp4", verify=False)
    assert left_in(tmp_path) == []


async def test_fewer_bytes_than_announced_are_resumed(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    short = http_response(
        206, CONTENT[HALF:-9], content_range=f"bytes {HALF}-{len(CONTENT) - 1}/{len(CONTENT)}"
    )
    storage.script(FILE, broken(), short, partial_response(CONTENT, len(CONTENT) - 9))
    assert await fetched(api, time, tmp_path) == CONTENT
    assert ranges(storage)[2] == f"bytes={len(CONTENT) - 9}-"


async def test_repeatedly_fewer_bytes_than_announced(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    storage.script(FILE, broken())
    async with client(api, time, retry=Retry(attempts=2)) as cloud:
        with pytest.raises(ConnectionFailed):
            await cloud.files.download(NAME, tmp_path / "a.mp4")
    assert left_in(tmp_path) == []


async def test_without_a_length_the_hash_decides(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    storage.script(FILE, http_response(200, CONTENT[:-1], None), http_response(200, CONTENT, None))
    assert await fetched(api, time, tmp_path) == CONTENT
    assert ranges(storage) == [None, None]


async def test_an_empty_file(api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path) -> None:
    storage.script(FILE, http_response(200, b""))
    assert await fetched(api, time, tmp_path, verify=False) == b""
    async with client(api, time) as cloud, cloud.files.open(NAME) as content:
        assert [piece async for piece in content] == []
        assert content.size == 0


@pytest.mark.parametrize("is_broken", [False, True])
async def test_an_encoded_body_is_decoded(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path, is_broken: bool
) -> None:
    encoded = gzip.compress(CONTENT)
    whole = http_response(200, encoded, content_encoding="gzip", etag='"a"')
    first = [http_response(200, encoded[: len(encoded) // 2], len(encoded), content_encoding="gzip")]
    storage.script(FILE, *(first if is_broken else []), whole)
    assert await fetched(api, time, tmp_path) == CONTENT
    assert storage.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("case", "response", "message"),
    [
        ("more than the limit, without a length", http_response(200, CONTENT, None), "max_response_bytes"),
        (
            "a small body that decodes to more than the limit",
            http_response(200, gzip.compress(bytes(3 * 2**20)), content_encoding="gzip"),
            "max_response_bytes",
        ),
        ("br", http_response(200, b"abc", content_encoding="br"), "encoded as br, which was not requested"),
    ],
)
async def test_a_download_that_could_fill_the_disk_saves_nothing(
    api: RawServer,
    storage: RawServer,
    time: FakeTime,
    tmp_path: Path,
    case: str,
    response: bytes,
    message: str,
) -> None:
    storage.script(FILE, response)
    async with client(api, time, max_response_bytes=2**18) as cloud:
        with pytest.raises(UnexpectedResponse, match=message):
            await cloud.files.download(NAME, tmp_path / "a.mp4", verify=False)
    assert left_in(tmp_path) == [], case
    assert len(storage.requests) == 1
    storage.script(FILE, http_response(200, CONTENT))  # with a length there is no such limit
    async with client(api, time, max_response_bytes=2**18) as cloud:
        await cloud.files.download(NAME, tmp_path / "a.mp4")
    assert left_in(tmp_path) == ["a.mp4"]


async def test_an_asset_with_more_bytes_than_listed_is_not_saved(
    api: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    listed = {"id": "1", "name": "a.mp4", "size": len(CONTENT) - 1, "tags": []}
    api.script(
        "/api/assets/1", http_response(200, json.dumps(listed).encode(), content_type="application/json")
    )
    sent = {"content_type": "video/mp4"}
    for response in (http_response(200, CONTENT, **sent), http_response(200, CONTENT, None, **sent)):
        api.script("/api/assets/1/content", response)
        async with client(api, time) as cloud:
            with pytest.raises(UnexpectedResponse, match=f"more than the {len(CONTENT) - 1} bytes"):
                await cloud.assets.download("1", tmp_path / "a.mp4")
            assert left_in(tmp_path) == []
            await cloud.assets.download("1", tmp_path / "a.mp4", verify=False)
        (tmp_path / "a.mp4").unlink()


async def test_the_body_of_a_redirect_is_not_read(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    damaged = http_response(302, b"not gzip", location=f"{storage.url}/moved", content_encoding="gzip")
    storage.script(FILE, damaged)
    storage.script("/moved", http_response(200, CONTENT))
    assert await fetched(api, time, tmp_path) == CONTENT


# Redirects


async def test_only_the_api_receives_the_key_and_no_server_a_cookie(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    with raw_server() as third:
        cookie = "session=1; Path=/"
        api.script(VIEW, http_response(302, location=f"{storage.url}{FILE}", set_cookie=cookie))
        storage.script(FILE, http_response(307, location=f"{third.url}{FILE}", set_cookie=cookie))
        third.script(FILE, http_response(200, CONTENT, set_cookie=cookie))
        async with client(api, time) as cloud:
            for number in range(2):
                await cloud.files.download(NAME, tmp_path / f"{number}")
        requests = [*storage.requests, *third.requests]
    assert len(requests) == 4
    for request in requests:
        assert KEY not in f"{request}"
        assert not {"x-api-key", "authorization", "cookie"} & request.headers.keys()
        assert not {"transfer-encoding", "content-length"} & request.headers.keys()
    assert all(request.headers["x-api-key"] == KEY for request in api.requests)
    assert not any("cookie" in request.headers for request in api.requests)


async def test_circular_redirects_are_stopped(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    storage.script(FILE, http_response(302, location="/again"))
    storage.script("/again", http_response(302, location=FILE))
    async with client(api, time) as cloud:
        with pytest.raises(UnexpectedResponse, match="redirects again and again"):
            await cloud.files.download(NAME, tmp_path)
    assert len(storage.requests) == 6
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("location", ["ftp://host/a", "file:///etc/passwd", "javascript:1", "http://[", ""])
async def test_redirects_to_invalid_urls(
    api: RawServer, time: FakeTime, tmp_path: Path, location: str
) -> None:
    api.script(VIEW, http_response(302, location=location) if location else http_response(302))
    async with client(api, time) as cloud:
        with pytest.raises(UnexpectedResponse, match="redirects"):
            await cloud.files.download(NAME, tmp_path)
    assert left_in(tmp_path) == []


async def test_a_redirect_to_the_api_itself_is_read_without_the_key(
    api: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    api.script(VIEW, http_response(302, location="../elsewhere/file"))
    api.script("/elsewhere/file", http_response(200, CONTENT))
    assert await fetched(api, time, tmp_path) == CONTENT
    assert "x-api-key" not in api.requests[1].headers


async def test_a_storage_without_the_file(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    storage.script(FILE, http_response(404, b"<Code>NoSuchKey</Code>"))
    async with client(api, time) as cloud:
        with pytest.raises(NotFound):
            await cloud.files.download(NAME, tmp_path)
    assert left_in(tmp_path) == []
