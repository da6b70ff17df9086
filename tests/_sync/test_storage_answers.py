# Made from tests/_async/test_storage_answers.py by `make unasync`. Do not edit.
"""Answers of a storage that no good storage gives, byte by byte; and who sees the key and cookies."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ComfyCloud, ConnectionFailed, NotFound, Retry, UnexpectedResponse
from comfy_cloud.hashing import hash_bytes
from tests.clock import FakeTime
from tests.raw_server import RawServer, answer, part, raw_server

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
        api.script(VIEW, answer(302, location=f"{server.url}{FILE}?signature=first"))
        yield server


def client(api: RawServer, time: FakeTime, **options: Any) -> ComfyCloud:
    return ComfyCloud(api_key=KEY, base_url=api.url, runtime=time.runtime(), **options)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def broken(content: bytes = CONTENT, end: int = HALF, **headers: str) -> bytes:
    """The beginning of a whole file."""
    return answer(200, content[:end], len(content), **headers)


def fetched(api: RawServer, time: FakeTime, folder: Path, **options: Any) -> bytes:
    """What is on disk after a download, and that nothing else is."""
    with client(api, time) as cloud:
        path: Any = cloud.files.download(NAME, folder / "a.mp4", **options)
    assert left_in(folder) == ["a.mp4"]
    content: bytes = path.read_bytes()
    return content


def ranges(storage: RawServer) -> list[str | None]:
    return [asked.headers.get("range") for asked in storage.requests]


# Continuing


def test_a_break_is_continued(api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path) -> None:
    storage.script(FILE, broken(etag='"a"'), part(CONTENT, HALF, etag='"a"'))
    assert fetched(api, time, tmp_path) == CONTENT
    assert ranges(storage) == [None, f"bytes={HALF}-"]
    assert storage.requests[1].headers["if-range"] == '"a"'


@pytest.mark.parametrize(
    ("what", "second"),
    [
        ("a part that begins elsewhere", part(CONTENT, HALF - 1)),
        ("a part without a place", answer(206, CONTENT[HALF:])),
        ("a place beyond the end", answer(416, b"", content_range=f"bytes */{len(CONTENT)}")),
        ("a part of a longer file", part(CONTENT, HALF, total=str(len(CONTENT) + 1))),
        ("a part of another version", part(CONTENT, HALF, etag='"b"')),
        ("a part that is encoded", part(CONTENT, HALF, content_encoding="gzip")),
    ],
)
def test_what_cannot_be_continued_begins_anew(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path, what: str, second: bytes
) -> None:
    storage.script(FILE, broken(etag='"a"'), second, answer(200, CONTENT, etag='"b"'))
    assert fetched(api, time, tmp_path) == CONTENT, what
    assert ranges(storage) == [None, f"bytes={HALF}-", None]
    with client(api, time) as cloud:
        storage.script(FILE, broken(etag='"a"'), second, answer(200, CONTENT, etag='"b"'))
        with cloud.files.open(NAME) as content:
            with pytest.raises(UnexpectedResponse, match=r"changed|continued"):
                content.read()


def test_a_server_without_parts_sends_all_of_it_again(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    storage.script(FILE, broken(), answer(200, CONTENT))
    assert fetched(api, time, tmp_path) == CONTENT
    assert ranges(storage) == [None, f"bytes={HALF}-"]


@pytest.mark.parametrize("content", [OTHER, b""])
def test_another_file_takes_the_place_of_the_one_that_was_begun(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path, content: bytes
) -> None:
    storage.script(FILE, broken(etag='"a"'), answer(200, content, etag='"b"'))
    assert fetched(api, time, tmp_path, verify=False) == content


def test_an_address_that_expires_on_the_way(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    api.script(VIEW, *(answer(302, location=f"{storage.url}/{name}?signature={name}") for name in "ab"))
    storage.script("/a", broken(etag='"a"'), answer(403, b"<Code>ExpiredToken</Code>"))
    storage.script("/b", part(CONTENT, HALF, etag='"a"'))
    assert fetched(api, time, tmp_path) == CONTENT
    assert [asked.target for asked in storage.requests] == ["/a?signature=a"] * 2 + ["/b?signature=b"]
    assert ranges(storage) == [None] + [f"bytes={HALF}-"] * 2
    assert len(api.requests) == 2


# Lengths


def test_more_than_it_said(api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path) -> None:
    longer = answer(
        206, CONTENT[HALF:] + b"more", content_range=f"bytes {HALF}-{len(CONTENT) - 1}/{len(CONTENT)}"
    )
    storage.script(FILE, broken(), longer)
    with client(api, time) as cloud:
        with pytest.raises(UnexpectedResponse, match="more bytes"):
            cloud.files.download(NAME, tmp_path / "a.mp4", verify=False)
    assert left_in(tmp_path) == []


def test_less_than_it_said_is_continued(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    short = answer(206, CONTENT[HALF:-9], content_range=f"bytes {HALF}-{len(CONTENT) - 1}/{len(CONTENT)}")
    storage.script(FILE, broken(), short, part(CONTENT, len(CONTENT) - 9))
    assert fetched(api, time, tmp_path) == CONTENT
    assert ranges(storage)[2] == f"bytes={len(CONTENT) - 9}-"


def test_less_than_it_said_again_and_again(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    storage.script(FILE, broken())
    with client(api, time, retry=Retry(attempts=2)) as cloud:
        with pytest.raises(ConnectionFailed):
            cloud.files.download(NAME, tmp_path / "a.mp4")
    assert left_in(tmp_path) == []


def test_no_length_at_all_leaves_it_to_the_hash(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    storage.script(FILE, answer(200, CONTENT[:-1], None), answer(200, CONTENT, None))
    assert fetched(api, time, tmp_path) == CONTENT
    assert ranges(storage) == [None, None]


def test_an_empty_file(api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path) -> None:
    storage.script(FILE, answer(200, b""))
    assert fetched(api, time, tmp_path, verify=False) == b""
    with client(api, time) as cloud, cloud.files.open(NAME) as content:
        assert [piece for piece in content] == []
        assert content.size == 0


@pytest.mark.parametrize("is_broken", [False, True])
def test_an_encoded_body_is_decoded(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path, is_broken: bool
) -> None:
    encoded = gzip.compress(CONTENT)
    whole = answer(200, encoded, content_encoding="gzip", etag='"a"')
    first = [answer(200, encoded[: len(encoded) // 2], len(encoded), content_encoding="gzip")]
    storage.script(FILE, *(first if is_broken else []), whole)
    assert fetched(api, time, tmp_path) == CONTENT
    assert storage.requests[0].headers["accept-encoding"] == "identity"


# Redirects


def test_nobody_but_the_api_sees_the_key_and_nobody_a_cookie(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    with raw_server() as third:
        cookie = "session=1; Path=/"
        api.script(VIEW, answer(302, location=f"{storage.url}{FILE}", set_cookie=cookie))
        storage.script(FILE, answer(307, location=f"{third.url}{FILE}", set_cookie=cookie))
        third.script(FILE, answer(200, CONTENT, set_cookie=cookie))
        with client(api, time) as cloud:
            for number in range(2):
                cloud.files.download(NAME, tmp_path / f"{number}")
        everybody = [*storage.requests, *third.requests]
    assert len(everybody) == 4
    for asked in everybody:
        assert KEY not in f"{asked}"
        assert not {"x-api-key", "authorization", "cookie"} & asked.headers.keys()
        assert not {"transfer-encoding", "content-length"} & asked.headers.keys()
    assert all(asked.headers["x-api-key"] == KEY for asked in api.requests)
    assert not any("cookie" in asked.headers for asked in api.requests)


def test_redirects_in_a_circle_end(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    storage.script(FILE, answer(302, location="/again"))
    storage.script("/again", answer(302, location=FILE))
    with client(api, time) as cloud:
        with pytest.raises(UnexpectedResponse, match="redirects again and again"):
            cloud.files.download(NAME, tmp_path)
    assert len(storage.requests) == 6
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("location", ["ftp://host/a", "file:///etc/passwd", "javascript:1", "http://[", ""])
def test_addresses_that_are_none(api: RawServer, time: FakeTime, tmp_path: Path, location: str) -> None:
    api.script(VIEW, answer(302, location=location) if location else answer(302))
    with client(api, time) as cloud:
        with pytest.raises(UnexpectedResponse, match="redirects"):
            cloud.files.download(NAME, tmp_path)
    assert left_in(tmp_path) == []


def test_an_address_on_the_api_itself_is_read_without_the_key(
    api: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    api.script(VIEW, answer(302, location="../elsewhere/file"))
    api.script("/elsewhere/file", answer(200, CONTENT))
    assert fetched(api, time, tmp_path) == CONTENT
    assert "x-api-key" not in api.requests[1].headers


def test_a_storage_that_has_nothing(
    api: RawServer, storage: RawServer, time: FakeTime, tmp_path: Path
) -> None:
    storage.script(FILE, answer(404, b"<Code>NoSuchKey</Code>"))
    with client(api, time) as cloud:
        with pytest.raises(NotFound):
            cloud.files.download(NAME, tmp_path)
    assert left_in(tmp_path) == []
