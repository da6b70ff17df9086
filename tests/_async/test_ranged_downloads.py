"""Large files in parts, side by side: breaks, changes, expired URLs, and what a kill leaves."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from comfy_cloud import AsyncComfyCloud, ConnectionFailed, NotFound, Retry
from comfy_cloud._async._files import saving
from comfy_cloud._files import range_plan
from comfy_cloud._files.local_destination import LocalPartialFile
from comfy_cloud.hashing import hash_bytes
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime
from tests.raw_server import http_response, partial_response, raw_server

CONTENT = os.urandom(3_000_000)
OTHER = os.urandom(len(CONTENT))
VIEW = "/api/view"
PART = 200_000


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any file that takes more than one read is worth it, and has small parts."""
    monkeypatch.setattr(saving, "LEAST_LEFT", 1)
    monkeypatch.setattr(saving, "is_worth_it", lambda left, received, seconds: True)
    monkeypatch.setattr(range_plan, "_SMALLEST_PART", PART)


def client(emulator: Emulator, time: FakeTime, **options: Any) -> AsyncComfyCloud:
    return AsyncComfyCloud(
        api_key=emulator.key, base_url=emulator.url, runtime=time.async_runtime(), **options
    )


def stored(emulator: Emulator) -> str:
    return emulator.store.files.put(CONTENT, "mp4")


def ranges(emulator: Emulator) -> list[str | None]:
    return [request.headers.get("range") for request in emulator.file_requests]


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def broken_off(emulator: Emulator, time: FakeTime, target: Path, **options: Any) -> str:
    """A download that stops after some parts, since the network is gone."""
    name = stored(emulator)
    emulator.file_faults.add(Fault.reset(after=4, times=None))
    async with client(emulator, time, retry=Retry(attempts=1)) as cloud:
        with pytest.raises(ConnectionFailed):
            await cloud.files.download(name, target, **options)
    emulator.file_faults.clear()
    return name


async def test_a_large_file_is_received_in_parts(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    seen: list[tuple[int, int | None]] = []
    async with client(empty_emulator, time) as cloud:
        path = await cloud.files.download(
            name, tmp_path, progress=lambda received, total: seen.append((received, total))
        )
    assert path.read_bytes() == CONTENT
    assert left_in(tmp_path) == [name]
    first, *parts = ranges(empty_emulator)
    assert first is None
    assert len(parts) > range_plan.MOST_CONNECTIONS
    assert all(part and not part.endswith("-") for part in parts)
    assert all(request.headers.get("if-range") for request in empty_emulator.file_requests[1:])
    assert [received for received, _ in seen] == sorted(received for received, _ in seen)
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    # The key stays with the API, which is asked for a signed URL once.
    assert empty_emulator.leaks == []
    assert not any("x-api-key" in request.headers for request in empty_emulator.file_requests)
    assert [request.path for request in empty_emulator.requests] == [VIEW]


async def test_parts_are_continued_where_they_broke_off(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    empty_emulator.file_faults.add(
        Fault.cut(50_000, after=1, times=3), Fault.status_burst(503, after=2), Fault.reset(after=3)
    )
    async with client(empty_emulator, time) as cloud:
        path = await cloud.files.download(name, tmp_path)
    assert path.read_bytes() == CONTENT
    # A part that broke off is requested again from a later byte, to the same end.
    spans = [part.removeprefix("bytes=").split("-") for part in ranges(empty_emulator) if part]
    assert len({last for _, last in spans}) < len({(first, last) for first, last in spans})
    assert left_in(tmp_path) == [name]


async def test_expired_urls_are_requested_again(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = stored(empty_emulator)

    def expire(received: int, total: int | None) -> None:
        if len(empty_emulator.requests) == 1:
            empty_emulator.time.advance(10 * 24 * 3600)

    async with client(empty_emulator, time) as cloud:
        path = await cloud.files.download(name, tmp_path, progress=expire)
    assert path.read_bytes() == CONTENT
    assert {request.path for request in empty_emulator.requests} == {VIEW}
    # Connections share the new URL, as far as they do not ask for it at the same time.
    assert 1 < len(empty_emulator.requests) <= 1 + range_plan.MOST_CONNECTIONS
    assert 403 in {request.status for request in empty_emulator.file_requests}
    assert empty_emulator.leaks == []


@pytest.mark.parametrize(
    "part",
    [
        Fault("status", status=200, body=OTHER, content_type="video/mp4", after=3),
        Fault("status", status=206, body=OTHER[:PART], content_type="video/mp4", after=3),
        Fault.status_burst(416, after=3),
    ],
    ids=["changed", "elsewhere", "gone"],
)
async def test_what_cannot_be_had_in_parts_is_one_stream(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, part: Fault
) -> None:
    name = stored(empty_emulator)
    empty_emulator.file_faults.add(part)
    async with client(empty_emulator, time) as cloud:
        path = await cloud.files.download(name, tmp_path, verify=False)
    assert path.read_bytes() == CONTENT
    assert ranges(empty_emulator)[-1] is None
    assert left_in(tmp_path) == [name]


async def test_versions_are_never_mixed(time: FakeTime, tmp_path: Path) -> None:
    """The file changes after the first parts: every part of it is then of the new version."""
    name = f"{hash_bytes(CONTENT)}.mp4"

    def respond(request: Any) -> bytes:
        is_new = len(storage.requests) > 4
        content, etag = (OTHER, '"b"') if is_new else (CONTENT, '"a"')
        wanted = request.headers.get("range")
        if wanted is None or request.headers.get("if-range") != etag:
            return http_response(200, content, etag=etag, accept_ranges="bytes")
        start, _, last = wanted.removeprefix("bytes=").partition("-")
        return partial_response(content, int(start), int(last) + 1 if last else None, etag=etag)

    with raw_server() as api, raw_server() as storage:
        api.script(VIEW, http_response(302, location=f"{storage.url}/file"))
        storage.script("/file", respond)
        async with AsyncComfyCloud(
            api_key="comfyui-key", base_url=api.url, runtime=time.async_runtime()
        ) as cloud:
            path = await cloud.files.download(name, tmp_path / "a.mp4", verify=False)
    assert path.read_bytes() == OTHER
    assert left_in(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize(
    "headers",
    [
        {"etag": '"a"'},
        {"etag": '"a"', "accept_ranges": "none"},
        {"etag": 'W/"a"', "accept_ranges": "bytes"},
        {"accept_ranges": "bytes"},
        {"etag": '"a"', "accept_ranges": "bytes", "length": None},
    ],
)
async def test_other_files_are_one_stream(time: FakeTime, tmp_path: Path, headers: dict[str, Any]) -> None:
    with raw_server() as api, raw_server() as storage:
        api.script(VIEW, http_response(302, location=f"{storage.url}/file"))
        storage.script("/file", http_response(200, CONTENT, **headers))
        async with AsyncComfyCloud(
            api_key="comfyui-key", base_url=api.url, runtime=time.async_runtime()
        ) as cloud:
            path = await cloud.files.download("a.mp4", tmp_path / "a.mp4")
    assert path.read_bytes() == CONTENT
    assert [request.headers.get("range") for request in storage.requests] == [None]


async def test_a_storage_that_allows_few_connections_serves_them_all(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    # As many as all connections but one can get.
    empty_emulator.file_faults.add(Fault.status_burst(503, after=2, times=range_plan.MOST_CONNECTIONS - 1))
    async with client(empty_emulator, time, retry=Retry.none()) as cloud:
        path = await cloud.files.download(name, tmp_path)
        again = await cloud.files.download(name, tmp_path / "again.mp4")
    assert path.read_bytes() == again.read_bytes() == CONTENT


async def test_the_connections_of_a_client_are_bounded(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    async with client(empty_emulator, time, max_connections=2) as cloud:
        await cloud.files.download(name, tmp_path)
        assert ranges(empty_emulator) == [None]
    async with client(empty_emulator, time) as cloud:
        outputs = [cloud.files.output({"filename": name}) for _ in range(3)]
        saved = await cloud.files.download_all(outputs, tmp_path / "all")
        free = cloud.files._session.range_slots.take()
    assert [path.read_bytes() == CONTENT for path in saved] == [True] * 3
    assert free == range_plan.MOST_CONNECTIONS


async def test_a_download_that_broke_off_is_continued(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = await broken_off(empty_emulator, time, tmp_path)
    assert sorted(Path(each).suffix for each in left_in(tmp_path)) == [".part", ".ranges"]
    before = len(empty_emulator.file_requests)
    seen: list[int] = []
    async with client(empty_emulator, time) as cloud:
        path = await cloud.files.download(name, tmp_path, progress=lambda received, _: seen.append(received))
    assert path.read_bytes() == CONTENT
    assert left_in(tmp_path) == [name]
    assert seen[0] > 0
    assert seen[-1] == len(CONTENT)
    requested = ranges(empty_emulator)[before:]
    assert requested
    assert None not in requested  # nothing that was there is fetched again
    spans = [part.removeprefix("bytes=").split("-") for part in requested if part]
    assert sum(int(last) - int(first) + 1 for first, last in spans) == len(CONTENT) - seen[0]


@pytest.mark.parametrize("content", [CONTENT, OTHER], ids=["same", "changed"])
async def test_the_server_is_asked_also_if_all_parts_are_there(
    time: FakeTime, tmp_path: Path, content: bytes
) -> None:
    """A program was killed before it gave the file its name; the file may have changed since."""
    with raw_server() as api, raw_server() as storage:
        api.script(VIEW, http_response(302, location=f"{storage.url}/file"))

        def respond(request: Any) -> bytes:
            wanted = request.headers.get("range")
            if wanted is None or request.headers.get("if-range") != etag:
                return http_response(200, served, etag=etag, accept_ranges="bytes")
            start, _, last = wanted.removeprefix("bytes=").partition("-")
            return partial_response(served, int(start), int(last) + 1, etag=etag)

        served, etag = CONTENT, '"a"'
        storage.script("/file", respond)
        async with AsyncComfyCloud(
            api_key="comfyui-key", base_url=api.url, runtime=time.async_runtime()
        ) as cloud:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(LocalPartialFile, "publish", interrupt)
                with pytest.raises(KeyboardInterrupt):
                    await cloud.files.download("a.mp4", tmp_path / "a.mp4")
            assert sorted(Path(each).suffix for each in left_in(tmp_path)) == [".part", ".ranges"]
            served, etag = content, '"a"' if content is CONTENT else '"b"'
            before = len(storage.requests)
            path = await cloud.files.download("a.mp4", tmp_path / "a.mp4")
    assert path.read_bytes() == content
    assert left_in(tmp_path) == ["a.mp4"]
    sizes = [request.headers.get("range") for request in storage.requests[before:]]
    assert sizes == [f"bytes={len(CONTENT) - 1}-{len(CONTENT) - 1}"] + [None] * (content is OTHER)


async def test_parts_that_were_damaged_meanwhile_are_fetched_again(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = await broken_off(empty_emulator, time, tmp_path, verify=False)
    (part,) = tmp_path.glob("*.part")
    with part.open("r+b") as file:
        file.write(b"damaged")
    async with client(empty_emulator, time) as cloud:
        path = await cloud.files.download(name, tmp_path, verify=False)
    assert path.read_bytes() == CONTENT
    assert left_in(tmp_path) == [name]


@pytest.mark.parametrize("change", ["source", "cut", "nonsense", "elsewhere", "empty"])
async def test_records_of_something_else_count_for_nothing(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, change: str
) -> None:
    name = await broken_off(empty_emulator, time, tmp_path)
    (record,) = tmp_path.glob("*.ranges")
    head, rest = record.read_bytes().split(b"\n", 1)
    written: dict[str, Any] = orjson.loads(head)
    mine = tmp_path.parent / f"{tmp_path.name}-mine"
    mine.write_bytes(b"mine")
    match change:
        case "source":
            record.write_bytes(orjson.dumps({**written, "source": "other"}) + b"\n" + rest)
        case "cut":
            record.write_bytes(head[:-3])
        case "nonsense":
            record.write_bytes(b"\xff[]\n[1,2]\n")
        case "elsewhere":
            record.write_bytes(orjson.dumps({**written, "part": f"../{mine.name}"}) + b"\n" + rest)
        case _:
            record.write_bytes(b"")
    before = len(empty_emulator.file_requests)
    async with client(empty_emulator, time) as cloud:
        path = await cloud.files.download(name, tmp_path)
    assert path.read_bytes() == CONTENT
    assert ranges(empty_emulator)[before] is None
    assert mine.read_bytes() == b"mine"
    assert not list(tmp_path.glob("*.ranges"))


async def test_a_file_that_is_gone_leaves_nothing(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = await broken_off(empty_emulator, time, tmp_path)
    empty_emulator.file_faults.add(Fault.status_burst(404, times=None))
    async with client(empty_emulator, time) as cloud:
        with pytest.raises(NotFound):
            await cloud.files.download(name, tmp_path)
    assert left_in(tmp_path) == []


async def test_an_error_of_the_caller_leaves_nothing(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = stored(empty_emulator)

    def fail(received: int, total: int | None) -> None:
        if received > 1_000_000:
            raise ValueError("enough")

    async with client(empty_emulator, time) as cloud:
        with pytest.raises(ValueError, match="enough"):
            await cloud.files.download(name, tmp_path, progress=fail)
    assert left_in(tmp_path) == []


async def test_parts_of_a_self_hosted_server(
    start_emulator: Callable[..., Emulator], time: FakeTime, tmp_path: Path
) -> None:
    comfyui = start_emulator(quirks="comfyui_new")
    async with AsyncComfyCloud(base_url=comfyui.url, runtime=time.async_runtime()) as cloud:
        await cloud.files.upload_image(CONTENT, name="a.bin")
        path = await cloud.files.download("a.bin", tmp_path, type="input")
    assert path.read_bytes() == CONTENT
    assert sum("range" in request.headers for request in comfyui.requests) > 1


@pytest.mark.beyond_contract
async def test_parts_of_an_output_of_v2(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    store = empty_emulator.store
    file = store.files.record(stored(empty_emulator))
    assert file is not None
    asset = store.assets.add(file, name="big.mp4", tags=["output"])
    async with client(empty_emulator, time, api="v2") as cloud:
        raw = {"filename": "big.mp4", "id": asset.id, "url_expires_at": None, "hash": f"blake3:{file.digest}"}
        path = await cloud.files.download(cloud.files.output(raw), tmp_path)
    assert path.read_bytes() == CONTENT
    assert len([part for part in ranges(empty_emulator) if part]) > 1
    assert {request.path for request in empty_emulator.requests} == {f"/api/v2/assets/{asset.id}/content"}
    assert empty_emulator.leaks == []
