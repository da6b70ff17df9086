"""Downloads over real sockets: breaks, restarts, expired URLs, changed files, and the key."""

from __future__ import annotations

import os
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ConfigurationError,
    ConnectionFailed,
    Forbidden,
    NotFound,
    NotSupported,
    Retry,
    UnexpectedResponse,
)
from comfy_cloud._async._files.transfer import AsyncTransfer
from comfy_cloud._jobs.outputs import Output
from comfy_cloud_api.api.file import view_file
from comfy_cloud_api.types import Request
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client

VIEW = "/api/view"
CONTENT = os.urandom(700_000)


def stored(emulator: Emulator, content: bytes = CONTENT, extension: str = "mp4") -> str:
    return emulator.store.files.put(content, extension)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_the_key_stays_with_the_api(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    name = stored(empty_emulator)
    async with client(empty_emulator, time) as cloud:
        path = await cloud.files.download(name, tmp_path)
    assert path == tmp_path / name
    assert path.read_bytes() == CONTENT
    assert left_in(tmp_path) == [name]
    assert empty_emulator.leaks == []
    assert len(empty_emulator.file_requests) == 1
    sent = empty_emulator.file_requests[0].headers
    assert "x-api-key" not in sent
    assert sent["accept-encoding"] == "identity"
    assert empty_emulator.requests[0].headers["x-api-key"] == empty_emulator.key


async def test_a_broken_download_resumes_where_it_stopped(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    empty_emulator.file_faults.add(Fault.cut(200_000), Fault.cut(100_000))
    seen: list[tuple[int, int | None]] = []
    path = await cloud.files.download(
        name, tmp_path, progress=lambda received, total: seen.append((received, total))
    )
    assert path.read_bytes() == CONTENT
    ranges = [request.headers.get("range") for request in empty_emulator.file_requests]
    assert ranges[0] is None
    assert len(ranges) == 3
    starts = [int(text.removeprefix("bytes=").removesuffix("-")) for text in ranges[1:] if text]
    assert 0 < starts[0] <= 200_000
    assert starts[0] < starts[1] <= starts[0] + 100_000
    assert all(request.headers.get("if-range") for request in empty_emulator.file_requests[1:])
    received = [offset for offset, _ in seen]
    assert received == sorted(received)
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert len(empty_emulator.requests) == 1
    assert len(time.sleeps) == 2


async def test_a_server_that_ignores_range_is_read_from_the_start(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    headers_of_whole: list[int] = []
    empty_emulator.file_faults.add(
        Fault.cut(300_000), Fault("status", status=200, body=CONTENT, content_type="video/mp4")
    )
    path = await cloud.files.download(
        name, tmp_path, progress=lambda received, _: headers_of_whole.append(received)
    )
    assert path.read_bytes() == CONTENT
    assert headers_of_whole[-1] == len(CONTENT)


async def test_a_changed_file_restarts_a_download_but_not_a_stream(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    other = os.urandom(500_000)
    replaced = Fault("status", status=200, body=other, content_type="video/mp4")
    empty_emulator.file_faults.add(Fault.cut(300_000), replaced)
    path = await cloud.files.download(name, tmp_path / "a.mp4", verify=False)
    assert path.read_bytes() == other
    empty_emulator.file_faults.add(Fault.cut(300_000), replaced)
    async with cloud.files.open(name) as content:
        with pytest.raises(UnexpectedResponse, match="changed while it was read"):
            await content.read()


async def test_an_expired_url_is_requested_again(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    empty_emulator.file_faults.add(Fault.cut(200_000), Fault.status_burst(403))
    path = await cloud.files.download(name, tmp_path)
    assert path.read_bytes() == CONTENT
    assert [request.path for request in empty_emulator.requests] == [VIEW, VIEW]
    assert len(empty_emulator.file_requests) == 3


async def test_a_url_that_is_rejected_twice_is_an_error(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    empty_emulator.file_faults.add(
        Fault.status_burst(403, times=None, body="<Error>x-goog-signature=abc</Error>")
    )
    with pytest.raises(Forbidden) as caught:
        await cloud.files.download(name, tmp_path)
    assert "signature" not in f"{caught.value!r} {caught.value} {caught.value.body!r}".lower()
    assert left_in(tmp_path) == []
    assert len(empty_emulator.file_requests) == 2


async def test_storage_failures_are_retried(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    name = stored(empty_emulator)
    empty_emulator.file_faults.add(Fault.status_burst(503, times=2), Fault.reset())
    async with client(empty_emulator, time) as cloud:
        assert (await cloud.files.download(name, tmp_path)).read_bytes() == CONTENT
    # aiohttp itself retries once when a kept connection breaks.
    assert len(time.sleeps) in (2, 3)


async def test_a_download_without_progress_ends(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    empty_emulator.file_faults.add(Fault.cut(0, times=None))
    async with client(empty_emulator, time, retry=Retry(attempts=3)) as cloud:
        with pytest.raises(ConnectionFailed) as caught:
            await cloud.files.download(name, tmp_path)
    assert len(caught.value.attempts) == 2
    assert len(empty_emulator.file_requests) == 3
    assert left_in(tmp_path) == []


async def test_progress_renews_the_budget(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    name = stored(empty_emulator)
    empty_emulator.file_faults.add(*[Fault.cut(100_000)] * 6)
    async with client(empty_emulator, time, retry=Retry(attempts=2)) as cloud:
        assert (await cloud.files.download(name, tmp_path)).read_bytes() == CONTENT


async def test_content_that_does_not_match_the_hash_in_its_name(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    wrong = Fault("status", status=200, body=b"something else", content_type="video/mp4", times=2)
    empty_emulator.file_faults.add(wrong)
    with pytest.raises(UnexpectedResponse, match="verify=False"):
        await cloud.files.download(name, tmp_path)
    assert left_in(tmp_path) == []
    empty_emulator.file_faults.add(Fault("status", status=200, body=b"damaged", content_type="video/mp4"))
    assert (await cloud.files.download(name, tmp_path)).read_bytes() == CONTENT
    empty_emulator.file_faults.add(wrong)
    taken = await cloud.files.download(name, tmp_path, verify=False, overwrite=True)
    assert taken.read_bytes() == b"something else"


async def test_nothing_is_overwritten_silently(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    target = tmp_path / "video.mp4"
    target.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match='if_exists="overwrite"'):
        await cloud.files.download(name, target)
    assert target.read_bytes() == b"mine"
    assert empty_emulator.requests == []
    assert await cloud.files.download(name, target, overwrite=True) == target
    assert target.read_bytes() == CONTENT
    assert left_in(tmp_path) == ["video.mp4"]


async def test_a_file_that_appears_during_the_download_is_kept(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    target = tmp_path / "video.mp4"
    with pytest.raises(FileExistsError):
        await cloud.files.download(name, target, progress=lambda *_: target.write_bytes(b"mine") and None)
    assert target.read_bytes() == b"mine"
    assert left_in(tmp_path) == ["video.mp4"]


async def test_a_name_from_the_server_stays_in_the_folder(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    folder = tmp_path / "out"
    folder.mkdir()
    for evil in ("../../evil", "/etc/passwd", "C:\\evil", "..", "con", "a\x00b\n"):
        path = await cloud.files.download(
            Output({"filename": name, "display_name": evil}), folder, overwrite=True
        )
        assert path.parent == folder
        assert path.read_bytes() == CONTENT
    assert left_in(tmp_path) == ["out"]


async def test_a_missing_file_leaves_nothing_on_disk(cloud: AsyncComfyCloud, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await cloud.files.download("0" * 64 + ".png", tmp_path)
    with pytest.raises(ConfigurationError):
        await cloud.files.download("", tmp_path)
    assert left_in(tmp_path) == []


async def test_a_stream_can_be_read_in_chunks(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    name = stored(empty_emulator)
    empty_emulator.file_faults.add(Fault.cut(200_000))
    async with cloud.files.open(name) as content:
        assert content.size == len(CONTENT)
        assert content.media_type == "video/mp4"
        pieces = [piece async for piece in content]
    assert b"".join(pieces) == CONTENT
    assert len(pieces) > 2
    async with cloud.files.open(name) as content:
        first = b""
        async for piece in content:
            first = piece
            break
    assert CONTENT.startswith(first)
    assert first


async def test_a_self_hosted_server_sends_the_bytes_itself(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    whole = Fault("status", status=200, body=CONTENT, content_type="image/png", path=VIEW)
    empty_emulator.faults.add(whole, whole)
    path = await cloud.files.download("ComfyUI_00001_.png", tmp_path, subfolder="today", type="output")
    assert path == tmp_path / "ComfyUI_00001_.png"
    assert path.read_bytes() == CONTENT
    with pytest.raises(NotSupported, match="signed URLs"):
        await cloud.files.signed_url("ComfyUI_00001_.png")
    query = dict(empty_emulator.requests[0].query)
    assert query == {"filename": "ComfyUI_00001_.png", "subfolder": "today", "type": "output"}
    assert empty_emulator.file_requests == []


async def test_bytes_from_the_api_itself_are_resumed_too(empty_emulator: Emulator, time: FakeTime) -> None:
    name = stored(empty_emulator)
    async with client(empty_emulator, time) as cloud:
        url = await cloud.files.signed_url(name)
    assert url.startswith(empty_emulator.files_url)
    empty_emulator.file_faults.add(Fault.cut(250_000))
    request = Request(view_file.OPERATION, url.removeprefix(empty_emulator.files_url))
    async with client(empty_emulator, time, base_url=empty_emulator.files_url, api_key=None) as direct:
        found = bytearray()
        async with aclosing(AsyncTransfer(direct._session, request).chunks()) as chunks:
            async for offset, chunk in chunks:
                assert offset == len(found)
                found += chunk
    assert bytes(found) == CONTENT
    assert empty_emulator.file_requests[1].headers["range"].startswith("bytes=")


async def test_a_web_page_instead_of_an_image(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    empty_emulator.faults.add(Fault.html(200, path=VIEW))
    with pytest.raises(UnexpectedResponse, match="base_url"):
        await cloud.files.download("a.png", tmp_path)
    assert left_in(tmp_path) == []


async def test_many_concurrent_downloads(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    contents = [os.urandom(10_000 + number) for number in range(20)]
    outputs = [
        Output({"filename": stored(empty_emulator, content, "png"), "display_name": "same.png"}, f"{n % 3}")
        for n, content in enumerate(contents)
    ]
    seen: list[int] = []
    async with client(empty_emulator, time) as cloud:
        paths = await cloud.files.download_all(
            outputs,
            tmp_path / "out",
            name="{job}/{node}_{name}{ext}",
            job="j1",
            concurrency=4,
            progress=lambda received, _: seen.append(received),
        )
        assert [path.read_bytes() for path in paths] == contents
        assert {path.parent for path in paths} == {tmp_path / "out" / "j1"}
        assert [path.name for path in paths[:4]] == ["0_same.png", "1_same.png", "2_same.png", "0_same_2.png"]
        assert max(seen) == sum(map(len, contents))
        empty_emulator.clear_requests()
        with pytest.raises(FileExistsError):
            await cloud.files.download_all(
                outputs, tmp_path / "out", name="{job}/{node}_{name}{ext}", job="j1"
            )
        assert empty_emulator.requests == []
        assert await cloud.files.download_all([], tmp_path) == []
        with pytest.raises(ConfigurationError, match="concurrency"):
            await cloud.files.download_all(outputs, tmp_path, concurrency=0)
    assert empty_emulator.leaks == []


async def test_the_first_error_ends_the_others(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    good = Output({"filename": stored(empty_emulator)}, "1")
    missing = Output({"filename": "0" * 64 + ".png"}, "2")
    with pytest.raises(NotFound):
        await cloud.files.download_all([missing, *[good] * 30], tmp_path, name="{index}{ext}", concurrency=2)
    assert not any(name.startswith(".") for name in left_in(tmp_path))
    assert len(left_in(tmp_path)) < 30


async def test_outputs_of_the_history_can_be_read_and_saved(
    emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(emulator, time) as cloud:
        outputs = [output async for entry in cloud.history.iter(limit=20) for output in entry.outputs]
        content = await outputs[0].read()
        path = await outputs[0].save(tmp_path, verify=False)
        url = await outputs[0].signed_url()
    assert content
    assert path.read_bytes() == content
    assert url.startswith(emulator.files_url)
    assert emulator.leaks == []
    assert type(outputs[0]).__name__ == AsyncComfyCloud.__name__.replace("ComfyCloud", "RemoteOutput")
    with pytest.raises(ConfigurationError, match="needs a client"):
        Output({"filename": "a.png"}).read()


async def test_the_options_of_saving_an_output(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    wrong = Fault("status", status=200, body=b"something else", content_type="video/mp4", times=2)
    seen: list[int] = []
    output = cloud.files.output({"filename": name})
    empty_emulator.file_faults.add(wrong)
    with pytest.raises(UnexpectedResponse, match="verify=False"):
        await output.save(tmp_path)
    empty_emulator.file_faults.add(Fault("status", status=200, body=b"else", content_type="video/mp4"))
    path = await output.save(tmp_path, verify=False)
    assert path.read_bytes() == b"else"
    with pytest.raises(FileExistsError):
        await output.save(tmp_path)
    await output.save(tmp_path, overwrite=True, progress=lambda received, _: seen.append(received))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == len(CONTENT)


async def test_the_api_is_asked_for_uncompressed_content_only(time: FakeTime) -> None:
    encodings: list[list[str]] = []

    def respond(request: httpx.Request) -> httpx.Response:
        encodings.append(request.headers.get_list("accept-encoding"))
        return httpx.Response(200, stream=httpx.ByteStream(b"abc"), headers={"Content-Type": "image/png"})

    http = httpx.AsyncClient(transport=httpx.MockTransport(respond))
    async with http, AsyncComfyCloud(api_key="k", http_client=http, runtime=time.async_runtime()) as cloud:
        async with cloud.files.open("a.png") as content:
            assert await content.read() == b"abc"
    assert encodings == [["identity"]]
