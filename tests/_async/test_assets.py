"""`cloud.assets` over real sockets: deduplicated uploads, changing lists, tags, imports."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    BadRequest,
    ConfigurationError,
    Conflict,
    NotFound,
    NotSupported,
    TaskFailed,
    UnexpectedResponse,
    WaitTimeout,
)
from comfy_cloud.hashing import asset_hash, graph_name, hash_bytes
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client

ASSETS = "/api/assets"
MODEL = "https://huggingface.co/someone/models/resolve/main/nice.safetensors"


def calls(emulator: Emulator) -> list[str]:
    return [f"{request.method} {request.path.partition('/hash/')[0]}" for request in emulator.requests]


async def test_upload_hashes_then_sends(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    content = os.urandom(300_000)
    path = tmp_path / "notes.bin"
    path.write_bytes(content)
    seen: list[tuple[int, int | None]] = []
    async with client(empty_emulator, time) as cloud:
        created = await cloud.assets.upload(
            path,
            tags=["input", "mine"],
            user_metadata={"a": 1},
            progress=lambda done, total: seen.append((done, total)),
        )
        found = await cloud.assets.get(created.id or "")
        saved = await cloud.assets.download(found, tmp_path / "back.bin")
        async with cloud.assets.open(created.id or "") as stream:
            assert await stream.read() == content
    assert calls(empty_emulator)[:2] == ["HEAD /api/assets", "POST /api/assets"]
    assert created.created_new is True
    assert asset_hash(created) == hash_bytes(content)
    assert (graph_name(created) or "").startswith(hash_bytes(content))
    assert found.name == "notes.bin"
    assert set(found.tags or []) == {"input", "mine"}
    assert found.user_metadata == {"a": 1}
    assert found.created_at is not None
    assert seen[-1] == (len(content), len(content))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert saved.read_bytes() == content
    assert empty_emulator.leaks == []


async def test_existing_content_is_not_sent(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    seen: list[tuple[int, int | None]] = []
    first = await cloud.assets.upload(b"the same", name="a.txt")
    empty_emulator.clear_requests()
    again = await cloud.assets.upload(
        b"the same", name="b.txt", progress=lambda done, total: seen.append((done, total))
    )
    assert await cloud.assets.exists(hash_bytes(b"the same"))
    assert not await cloud.assets.exists(hash_bytes(b"another"))
    assert calls(empty_emulator)[:2] == ["HEAD /api/assets", "POST /api/assets/from-hash"]
    assert asset_hash(again) == asset_hash(first)
    assert seen == [(8, 8)]


async def test_deduplication_can_be_off(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    await cloud.assets.upload(b"x", name="a.txt", deduplicate=False)
    assert calls(empty_emulator) == ["POST /api/assets"]


async def test_an_upload_with_a_lost_response_makes_one_asset(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    empty_emulator.faults.add(Fault("accepted_then", method="POST", path=ASSETS, then="status", status=502))
    content = os.urandom(100_000)
    created = await cloud.assets.upload(io.BytesIO(content), name="a.bin")
    everything = [asset async for asset in cloud.assets]
    assert [asset.id for asset in everything] == [created.id]
    assert calls(empty_emulator).count("POST /api/assets") == 2
    bodies = [request.body for request in empty_emulator.requests if request.method == "POST"]
    assert all(content in body for body in bodies)


async def test_a_taken_id_of_the_same_content_is_ours(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        first = await cloud.assets.upload(b"abc", name="a.txt")
        taken = {"code": "ASSET_ID_UNAVAILABLE", "message": "This id is taken"}
        refusal = Fault("status", status=400, body=taken, method="POST", path=ASSETS)
        empty_emulator.faults.add(refusal)
        again = await cloud.assets.upload(b"abc", name="a.txt", asset_id=first.id, deduplicate=False)
        assert again.id == first.id
        empty_emulator.faults.add(refusal)
        with pytest.raises(BadRequest, match="This id is taken"):
            await cloud.assets.upload(b"other", name="a.txt", asset_id=first.id, deduplicate=False)


async def test_a_server_that_stored_something_else(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    wrong = {"id": "1", "name": "a", "hash": "blake3:" + "0" * 64, "created_new": True}
    empty_emulator.faults.add(Fault("status", status=201, body=wrong, method="POST", path=ASSETS))
    with pytest.raises(UnexpectedResponse, match="other content"):
        await cloud.assets.upload(b"abc")


async def test_a_server_without_hashing_gets_the_file(empty_emulator: Emulator, time: FakeTime) -> None:
    off = {"error": {"code": "FEATURE_DISABLED", "message": "Hashing is off"}}
    empty_emulator.faults.add(
        Fault("status", status=400, body=off, method="HEAD"),
        Fault("status", status=400, body=off, method="POST", path=ASSETS),
    )
    async with client(empty_emulator, time) as cloud:
        created = await cloud.assets.upload(b"abc", name="a.txt")
    assert created.created_new is True
    bodies = [request.body for request in empty_emulator.requests if request.method == "POST"]
    assert [b'name="hash"' in body for body in bodies] == [True, False]


@pytest.mark.parametrize(
    ("source", "advice"),
    [(io.StringIO("text"), "binary"), (7, "a path, bytes"), (b"", None)],
)
async def test_sources(empty_emulator: Emulator, time: FakeTime, source: object, advice: str | None) -> None:
    async with client(empty_emulator, time) as cloud:
        if advice is None:
            assert (await cloud.assets.upload(source, name="empty.txt")).size == 0  # type: ignore[arg-type]
            return
        with pytest.raises(ConfigurationError, match=advice):
            await cloud.assets.upload(source)  # type: ignore[arg-type]
    assert empty_emulator.requests == []


async def upload_assets(cloud: AsyncComfyCloud, count: int) -> list[str]:
    ids = []
    for number in range(count):
        tags = ["input", "even" if number % 2 == 0 else "odd"]
        created = await cloud.assets.upload(f"{number}".encode(), name=f"{number:03}.txt", tags=tags)
        ids.append(created.id or "")
    return ids


async def test_lists_filters_and_orders(cloud: AsyncComfyCloud) -> None:
    ids = await upload_assets(cloud, 12)
    everything = [asset.id async for asset in cloud.assets.iter(page_size=5)]
    by_name = [asset.name async for asset in cloud.assets.iter(sort="name", order="asc", page_size=5)]
    some = [asset.id async for asset in cloud.assets.iter(limit=3, page_size=2)]
    even = await cloud.assets.list(tags=["even"])
    neither = await cloud.assets.list(exclude_tags=["even", "odd"])
    named = await cloud.assets.list(name_contains="011")
    same = await cloud.assets.list(hash=hash_bytes(b"3"))
    public = await cloud.assets.list(include_public=True, tags=["models"])
    assert sorted(everything) == sorted(ids)
    assert by_name == [f"{number:03}.txt" for number in range(12)]
    assert some == everything[:3]
    assert {asset.id for asset in even} == set(ids[::2])
    assert neither == []
    assert [asset.name for asset in named] == ["011.txt"]
    assert [asset.id for asset in same] == [ids[3]]
    assert public


async def test_offsets_are_used_where_there_are_no_cursors(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        ids = await upload_assets(cloud, 9)
        empty_emulator.clear_requests()
        found = [asset.id async for asset in cloud.assets.iter(sort="last_access_time", page_size=4)]
    assert sorted(filter(None, found)) == sorted(ids)
    assert not any(dict(request.query).get("after") for request in empty_emulator.requests)
    assert any(dict(request.query).get("offset") for request in empty_emulator.requests)


async def test_arguments_that_are_not_valid(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    for options in (
        {"limit": 0},
        {"limit": 501},
        {"offset": -1},
        {"tags": "input"},
        {"tags": ["a,b"]},
        {"tags": ["a"], "exclude_tags": ["a"]},
        {"metadata": {"a": object()}},
        {"hash": "abc"},
        {"colour": "red"},
    ):
        with pytest.raises(ConfigurationError):
            await cloud.assets.list(**options)  # type: ignore[arg-type]
    for options in ({"limit": 0}, {"limit": 1001}, {"offset": -1}):
        with pytest.raises(ConfigurationError):
            await cloud.assets.tags(**options)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="page_size"):
        assert [tag async for tag in cloud.assets.iter_tags(page_size=1001)]
    with pytest.raises(ConfigurationError):
        await cloud.assets.update("id")
    with pytest.raises(ConfigurationError):
        await cloud.assets.from_hash("nonsense")
    with pytest.raises(ConfigurationError):
        await cloud.assets.add_tags("id")
    with pytest.raises(ConfigurationError):
        await cloud.assets.import_url("ftp://huggingface.co/a")
    with pytest.raises(ValueError, match="path parameter"):
        await cloud.assets.get("")
    assert empty_emulator.requests == []


async def test_updating_tagging_deleting(cloud: AsyncComfyCloud) -> None:
    created = await cloud.assets.upload(b"abc", name="a.txt")
    asset_id = created.id or ""
    await cloud.assets.update(asset_id, name="b.txt", user_metadata={"k": "v"})
    added = await cloud.assets.add_tags(asset_id, "red", "input")
    removed = await cloud.assets.remove_tags(asset_id, "red", "blue")
    await cloud.assets.add_tags(asset_id, "green")
    tags = {tag.name: tag.count for tag in await cloud.assets.tags()}
    histogram = await cloud.assets.tag_histogram(tags=["green"])
    found = await cloud.assets.get(asset_id)
    await cloud.assets.delete(asset_id)
    with pytest.raises(NotFound):
        await cloud.assets.get(asset_id)
    assert added.added == ["red"]
    assert added.already_present == ["input"]
    assert removed.removed == ["red"]
    assert removed.not_present == ["blue"]
    assert tags["green"] == 1
    assert histogram["green"] == 1
    assert found.name == "b.txt"
    assert found.user_metadata == {"k": "v"}


async def test_an_asset_in_use_stays(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    in_use = {"code": "ASSET_IN_USE", "message": "It is the preview of another"}
    empty_emulator.faults.add(Fault("status", status=409, body=in_use, method="DELETE"))
    created = await cloud.assets.upload(b"abc")
    with pytest.raises(Conflict):
        await cloud.assets.delete(created.id or "")


async def test_an_import_is_followed_to_its_end(empty_emulator: Emulator, time: FakeTime) -> None:
    seen: list[tuple[int, int | None]] = []
    async with client(empty_emulator, time) as cloud:
        asset = await cloud.assets.download_model(
            MODEL, "loras", progress=lambda done, total: seen.append((done, total))
        )
        again = await cloud.assets.import_url(MODEL, tags=["models", "loras"])
        about = await cloud.assets.remote_metadata(MODEL)
    assert asset.name
    assert {"models", "loras"} <= set(asset.tags or [])
    assert again.id == asset.id
    assert about.filename == "nice.safetensors"
    assert time.sleeps
    assert all(delay <= 10 for delay in time.sleeps)
    assert any(call.startswith("GET /api/tasks/") for call in calls(empty_emulator))


async def test_an_import_that_fails(cloud: AsyncComfyCloud) -> None:
    with pytest.raises(TaskFailed) as caught:
        await cloud.assets.import_url(MODEL.replace("nice", "gated"), tags=["models", "loras"])
    with pytest.raises(BadRequest):
        await cloud.assets.import_url("https://example.com/a.safetensors")
    assert caught.value.status == "failed"
    assert caught.value.task_id in str(caught.value)


async def test_an_import_that_takes_too_long(cloud: AsyncComfyCloud, time: FakeTime) -> None:
    with pytest.raises(WaitTimeout, match="within 1 s"):
        await cloud.assets.import_url(MODEL, tags=["models", "loras"], timeout=1)
    assert sum(time.sleeps) == pytest.approx(1)


async def test_a_server_without_assets(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    empty_emulator.faults.add(
        Fault("status", status=405, body="405: Method Not Allowed", content_type="text/plain")
    )
    with pytest.raises(NotSupported):
        await cloud.assets.list()


def assets_page(number: int, **page: object) -> Fault:
    asset = {"id": f"0000000{number}-0000-4000-8000-000000000000", "name": f"{number}.png", "tags": []}
    return Fault("status", status=200, body={"assets": [asset], "total": 9, **page}, path=ASSETS)


@pytest.mark.beyond_contract
async def test_has_more_false_ends_the_list(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    empty_emulator.faults.add(assets_page(1, has_more=False))
    found = [asset.name async for asset in cloud.assets.iter()]
    assert found == ["1.png"]
    assert len(empty_emulator.requests) == 1


@pytest.mark.beyond_contract
async def test_more_assets_without_a_cursor_to_them_is_an_error(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    empty_emulator.faults.add(assets_page(1, has_more=True, next_cursor="next"))
    empty_emulator.faults.add(assets_page(2, has_more=True))
    assert [asset.name async for asset in cloud.assets.iter(limit=2)] == ["1.png", "2.png"]
    empty_emulator.faults.add(assets_page(1, has_more=True, next_cursor="next"))
    empty_emulator.faults.add(assets_page(2, has_more=True))
    with pytest.raises(UnexpectedResponse, match=r"GET /api/assets: .*no cursor"):
        assert not [asset async for asset in cloud.assets.iter()]


@pytest.mark.beyond_contract
async def test_empty_pages_with_ever_new_cursors_end(empty_emulator: Emulator, time: FakeTime) -> None:
    for number in range(200):
        page = {"assets": [], "total": 9, "has_more": True, "next_cursor": f"c{number}"}
        empty_emulator.faults.add(Fault("status", status=200, body=page, path=ASSETS))
    async with client(empty_emulator, time) as cloud:
        with pytest.raises(UnexpectedResponse, match=r"GET /api/assets: .*empty pages"):
            assert not [asset async for asset in cloud.assets.iter()]
    assert len(empty_emulator.requests) < 150


@pytest.fixture
def of_jobs(start_emulator: Callable[..., Emulator]) -> Callable[..., tuple[Emulator, list[str]]]:
    """Start an emulator with assets 0 to 9 of three jobs in turn; gives the ids of the jobs."""

    def start(**options: object) -> tuple[Emulator, list[str]]:
        emulator = start_emulator(**options)
        jobs = [emulator.store.add_job().id for _ in range(3)]
        for n in range(10):
            file = emulator.store.files.record(emulator.store.files.put(bytes([n]) * 9, ".bin", f"{n}.bin"))
            assert file is not None
            emulator.store.assets.add(file, name=str(n), job_id=jobs[n % 3])
        return emulator, jobs

    return start


@pytest.mark.parametrize("quirks", [["job_ids_filter"], "live", "published"])
async def test_the_filter_by_jobs_holds_whether_the_server_has_it_or_not(
    of_jobs: Callable[..., tuple[Emulator, list[str]]], time: FakeTime, quirks: object
) -> None:
    emulator, (first, second, _) = of_jobs(quirks=quirks)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with client(emulator, time) as cloud:
            found = [
                [asset.name for asset in await cloud.assets.list(job_ids=[first], order="asc")],
                [asset.name for asset in await cloud.assets.list(job_ids=[first], limit=2, order="asc")],
                [
                    asset.name
                    for asset in await cloud.assets.list(job_ids=[first], limit=2, offset=1, order="asc")
                ],
                [asset.name async for asset in cloud.assets.iter(job_ids=[first, second], page_size=2)],
                [asset.name async for asset in cloud.assets.iter(job_ids=[first], limit=2, order="asc")],
                [asset.name for asset in await cloud.assets.list(job_ids=["unknown"])],
            ]
    expected = [["0", "3", "6", "9"], ["0", "3"], ["3", "6"]]
    assert found[:3] == expected
    assert found[3:] == [["9", "7", "6", "4", "3", "1", "0"], ["0", "3"], []]
    texts = [str(warning.message) for warning in caught]
    assert len(texts) == (0 if quirks == ["job_ids_filter"] else 1)
    assert all("job_ids" in text for text in texts)


async def test_strict_does_not_filter_by_jobs_here(
    of_jobs: Callable[..., tuple[Emulator, list[str]]], time: FakeTime
) -> None:
    emulator, jobs = of_jobs()
    async with client(emulator, time, strict=True) as cloud:
        assert len(await cloud.assets.list(job_ids=jobs)) == 10
        with pytest.raises(NotSupported, match="the filter job_ids"):
            await cloud.assets.list(job_ids=jobs[:1])
        with pytest.raises(NotSupported, match="the filter job_ids"):
            [asset async for asset in cloud.assets.iter(job_ids=jobs[:1])]
