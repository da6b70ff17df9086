"""Every public method of the client on a self-hosted ComfyUI.

It works, or uses a fallback and warns once, or is not supported.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, AsyncJob, ComfyCloudWarning, NotFound, NotSupported
from comfy_cloud._async._files.remote_output import AsyncRemoteOutput
from comfy_cloud_api.api.node import get_features

from .clients import IMAGE_GRAPH, image_graph
from .shared_servers import SharedServer, SharedServers, unchanged

NOBODY = "00000000-0000-4000-8000-000000000000"
HASH = "blake3:" + "0" * 64
MODEL = "https://huggingface.co/owner/models/resolve/main/loras/shiny.safetensors"
PIXEL = b"\x89PNG\r\n\x1a\n, or so it says"


@dataclass
class World:
    """A server with a finished job and two files, and a client that has sent nothing yet."""

    cloud: AsyncComfyCloud
    finished: str
    folder: Path

    @property
    def output(self) -> AsyncRemoteOutput:
        raw = {"filename": "plain_00001_.png", "subfolder": "", "type": "output"}
        return self.cloud.files.output(raw, "2", "images")

    async def job(self) -> AsyncJob:
        return await self.cloud.submit(image_graph(3))


async def every(found: Any) -> list[Any]:
    return [each async for each in found]


async def first(found: Any) -> Any:
    async with aclosing(found):
        async for each in found:
            return each
    raise AssertionError("there was nothing")


async def content(opened: Any) -> bytes:
    async with opened as reading:
        found: bytes = await reading.read()
        return found


async def of_job(world: World, name: str, *arguments: Any) -> object:
    job = await world.job()
    found = getattr(job, name)(*arguments)
    return await every(found) if name == "events" else await found


def handle(world: World) -> AsyncJob:
    """The finished job, not read yet."""
    operations = world.cloud._parts.job_operations
    return AsyncJob(operations, operations.state(world.finished))


async def ended(world: World, name: str, *arguments: Any) -> object:
    return await getattr(handle(world), name)(*arguments)


async def preview(world: World) -> object:
    # A model without a preview does not mean that the operation is missing.
    with pytest.raises(NotFound):
        await world.cloud.models.preview("loras", "add_detail.safetensors")
    return None


async def mapped(world: World) -> object:
    (result,) = await every(world.cloud.map(IMAGE_GRAPH, [{"1.color": 3}]))
    return result.unwrap()


async def node(world: World) -> object:
    await world.cloud.nodes.all(max_age=0)
    found = await world.cloud.nodes.get("KSampler")
    assert found.display_name == "KSampler"
    return found


async def custom_request(world: World) -> object:
    return (await world.cloud.request("GET", "/api/queue")).json()


async def upload(world: World) -> object:
    stored = await world.cloud.files.upload_image(PIXEL, name="ü b.png")
    assert stored.name == "ü b.png"
    return stored


async def written(world: World) -> object:
    file = await world.cloud.userdata.write("workflows/b.json", "{}")
    assert (file.path, file.size) == ("workflows/b.json", 2)
    assert file.modified is not None
    assert file.modified.year == 2026
    return file


async def listed(world: World) -> object:
    (file,) = await world.cloud.userdata.list()
    assert (file.path, file.size) == ("a.json", 2)
    assert file.created is not None
    assert await world.cloud.userdata.list("nowhere") == []
    return file


async def mask(world: World) -> object:
    return await world.cloud.files.upload_mask(PIXEL, "gone.png", name="m.png")


async def empty(world: World) -> object:
    assert await world.cloud.models.list("embeddings") == []
    with pytest.raises(NotFound):
        await world.cloud.models.list("nowhere")
    return await world.cloud.models.list("loras")


async def closed(world: World) -> object:
    return await world.cloud.close()


async def opened_mirror(world: World) -> None:
    (await world.cloud.mirror(world.folder / "m.sqlite")).close()


async def subgraph(world: World) -> object:
    found = await world.cloud.workflows.subgraphs()
    return await world.cloud.workflows.subgraph(next(iter(found)))


WORKS, FALLBACK = "works", "fallback"
Call = Callable[[World], Any]


def same(call: Call, outcome: str) -> tuple[Call, str, str]:
    """A row whose outcome is the same on both versions."""
    return call, outcome, outcome


# Method -> a call, and the outcome on version 0.3.64 and on 0.38: WORKS, FALLBACK, or the operation
# that is reported as not supported.
TABLE: dict[str, tuple[Call, str, str]] = {
    "cloud.submit": (lambda world: world.cloud.submit(IMAGE_GRAPH), WORKS, WORKS),
    "cloud.run": (lambda world: world.cloud.run(image_graph(9)), FALLBACK, WORKS),
    "cloud.map": (lambda world: mapped(world), FALLBACK, WORKS),
    "cloud.validate": (lambda world: world.cloud.validate(IMAGE_GRAPH), WORKS, WORKS),
    "cloud.events": (lambda world: first(world.cloud.events()), WORKS, WORKS),
    "cloud.request": (custom_request, WORKS, WORKS),
    "cloud.call": (lambda world: world.cloud.call(get_features), WORKS, WORKS),
    "cloud.mirror": (opened_mirror, WORKS, WORKS),
    "cloud.close": (closed, WORKS, WORKS),
    "history.list": (lambda world: world.cloud.history.list(), FALLBACK, FALLBACK),
    "history.iter": (lambda world: every(world.cloud.history.iter(details=True)), FALLBACK, FALLBACK),
    "history.get": (lambda world: world.cloud.history.get(world.finished), FALLBACK, FALLBACK),
    "history.delete": (lambda world: world.cloud.history.delete(world.finished, NOBODY), WORKS, WORKS),
    "history.clear": (lambda world: world.cloud.history.clear(), WORKS, WORKS),
    "jobs.list": (lambda world: world.cloud.jobs.list(), FALLBACK, WORKS),
    "jobs.iter": (lambda world: every(world.cloud.jobs.iter()), FALLBACK, WORKS),
    "jobs.get": (lambda world: world.cloud.jobs.get(world.finished), FALLBACK, WORKS),
    "jobs.status": (lambda world: world.cloud.jobs.status(world.finished), FALLBACK, WORKS),
    "jobs.wait": (lambda world: world.cloud.jobs.wait(world.finished), FALLBACK, WORKS),
    "jobs.cancel": (lambda world: of_job(world, "cancel"), FALLBACK, WORKS),
    "jobs.assets": same(lambda world: every(world.cloud.jobs.assets(world.finished)), "listJobAssets"),
    "job.assets": same(lambda world: every(handle(world).assets()), "listJobAssets"),
    "jobs.delete": (lambda world: ended(world, "delete"), FALLBACK, FALLBACK),
    "job.refresh": (lambda world: of_job(world, "refresh"), FALLBACK, WORKS),
    "job.events": (lambda world: of_job(world, "events"), FALLBACK, WORKS),
    "job.wait": (lambda world: of_job(world, "wait"), FALLBACK, WORKS),
    "job.cancel": (lambda world: of_job(world, "cancel"), FALLBACK, WORKS),
    "job.delete": (lambda world: ended(world, "delete"), FALLBACK, FALLBACK),
    "job.download": (lambda world: ended(world, "download", world.folder), FALLBACK, WORKS),
    "output.read": (lambda world: world.output.read(), WORKS, WORKS),
    "output.save": (lambda world: world.output.save(world.folder), WORKS, WORKS),
    "output.signed_url": same(lambda world: world.output.signed_url(), "signed URLs of files"),
    "queue.get": (lambda world: world.cloud.queue.get(), WORKS, WORKS),
    "queue.cancel": (lambda world: world.cloud.queue.cancel(NOBODY), WORKS, WORKS),
    "queue.clear": (lambda world: world.cloud.queue.clear(), WORKS, WORKS),
    "queue.interrupt": (lambda world: world.cloud.queue.interrupt(), WORKS, WORKS),
    "queue.remaining": (lambda world: world.cloud.queue.remaining(), WORKS, WORKS),
    "tasks.list": same(lambda world: world.cloud.tasks.list(), "listTasks"),
    "tasks.iter": same(lambda world: every(world.cloud.tasks.iter()), "listTasks"),
    "tasks.get": same(lambda world: world.cloud.tasks.get(NOBODY), "getTask"),
    "tasks.wait": same(lambda world: world.cloud.tasks.wait(NOBODY), "getTask"),
    "tasks.cancel": same(lambda world: world.cloud.tasks.cancel(NOBODY), "cancelTask"),
    "assets.list": same(lambda world: world.cloud.assets.list(), "listAssets"),
    "assets.iter": same(lambda world: every(world.cloud.assets.iter()), "listAssets"),
    "assets.get": same(lambda world: world.cloud.assets.get(NOBODY), "getAssetById"),
    "assets.upload": same(lambda world: world.cloud.assets.upload(PIXEL, name="a.png"), "uploadAsset"),
    "assets.import_url": same(lambda world: world.cloud.assets.import_url(MODEL), "createAssetDownload"),
    "assets.download_model": same(
        lambda world: world.cloud.assets.download_model(MODEL, "loras"), "createAssetDownload"
    ),
    "assets.from_hash": same(lambda world: world.cloud.assets.from_hash(HASH), "createAssetFromHash"),
    "assets.exists": (lambda world: world.cloud.assets.exists(HASH), "checkAssetByHash", "listTags"),
    "assets.update": same(lambda world: world.cloud.assets.update(NOBODY, name="b"), "updateAsset"),
    "assets.delete": same(lambda world: world.cloud.assets.delete(NOBODY), "deleteAsset"),
    "assets.add_tags": same(lambda world: world.cloud.assets.add_tags(NOBODY, "a"), "addAssetTags"),
    "assets.remove_tags": same(lambda world: world.cloud.assets.remove_tags(NOBODY, "a"), "removeAssetTags"),
    "assets.tags": same(lambda world: world.cloud.assets.tags(), "listTags"),
    "assets.iter_tags": same(lambda world: every(world.cloud.assets.iter_tags()), "listTags"),
    "assets.tag_histogram": same(lambda world: world.cloud.assets.tag_histogram(), "getAssetTagHistogram"),
    "assets.remote_metadata": same(
        lambda world: world.cloud.assets.remote_metadata(MODEL), "getRemoteAssetMetadata"
    ),
    "assets.open": same(lambda world: content(world.cloud.assets.open(NOBODY)), "getAssetContent"),
    "assets.download": same(lambda world: world.cloud.assets.download(NOBODY, world.folder), "getAssetById"),
    "files.output": (lambda world: world.output.read(), WORKS, WORKS),
    "files.upload_image": (upload, WORKS, WORKS),
    "files.upload_mask": (mask, WORKS, WORKS),
    "files.open": (lambda world: content(world.cloud.files.open("kept.png", type="input")), WORKS, WORKS),
    "files.download": same(
        lambda world: world.cloud.files.download("kept.png", world.folder, type="input"), WORKS
    ),
    "files.download_all": same(
        lambda world: world.cloud.files.download_all([world.output], world.folder), WORKS
    ),
    "files.signed_url": same(
        lambda world: world.cloud.files.signed_url("kept.png", type="input"), "signed URLs of files"
    ),
    "files.mask_layers": same(lambda world: world.cloud.files.mask_layers("kept.png"), "getMaskLayers"),
    "models.folders": (lambda world: world.cloud.models.folders(), WORKS, WORKS),
    "models.list": (empty, WORKS, WORKS),
    "models.preview": (preview, WORKS, WORKS),
    "nodes.all": (lambda world: world.cloud.nodes.all(max_age=0), WORKS, WORKS),
    "nodes.get": (node, WORKS, WORKS),
    "nodes.stubs": (lambda world: world.cloud.nodes.stubs("KSampler"), WORKS, WORKS),
    "workflows.templates": (lambda world: world.cloud.workflows.templates(), WORKS, WORKS),
    "workflows.subgraphs": (lambda world: world.cloud.workflows.subgraphs(), "getGlobalSubgraphs", WORKS),
    "workflows.subgraph": (subgraph, "getGlobalSubgraphs", WORKS),
    "userdata.list": (listed, WORKS, WORKS),
    "userdata.read": (lambda world: world.cloud.userdata.read("workflows/a.json"), WORKS, WORKS),
    "userdata.write": (written, WORKS, WORKS),
    "userdata.delete": (lambda world: world.cloud.userdata.delete("workflows/a.json"), WORKS, WORKS),
    "user.get": same(lambda world: world.cloud.user.get(), "getUser"),
    "user.balance": same(lambda world: world.cloud.user.balance(), "getBillingBalance"),
    "system.stats": (lambda world: world.cloud.system.stats(), WORKS, WORKS),
    "system.features": (lambda world: world.cloud.system.features(), WORKS, WORKS),
}


# What changes the server. Each of these has one of its own; the others share one and only read.
CHANGES = {
    "cloud.submit", "cloud.run", "cloud.map", "history.delete", "history.clear", "jobs.cancel", "jobs.delete",
    "job.refresh", "job.events", "job.wait", "job.cancel", "job.delete",
    "queue.cancel", "queue.clear", "queue.interrupt", "files.upload_image", "files.upload_mask",
    "userdata.write", "userdata.delete",
}  # fmt: skip


async def new_server(servers: SharedServers, quirks: str) -> SharedServer:
    """A server with a finished job and two files, which another client made."""
    emulator, time = servers.start(quirks=quirks)
    async with AsyncComfyCloud(base_url=emulator.url, runtime=time.async_runtime()) as other:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ComfyCloudWarning)
            finished = await other.run(IMAGE_GRAPH)
        await other.files.upload_image(PIXEL, name="kept.png")
        await other.userdata.write("workflows/a.json", b"{}")
    return SharedServer(emulator, time, finished.id)


def public_methods() -> set[str]:
    """Every public method of the client, its resources, jobs and outputs, as `resource.method`."""
    parts: dict[str, type] = {"cloud": AsyncComfyCloud, "job": AsyncJob, "output": AsyncRemoteOutput}
    for name, value in vars(AsyncComfyCloud).items():
        if isinstance(value, cached_property) and not name.startswith("_"):
            module = import_module(f"comfy_cloud._async.{name}")
            parts[name] = getattr(module, value.func.__annotations__["return"])
    return {
        f"{part}.{name}"
        for part, kind in parts.items()
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


def test_the_table_has_every_method() -> None:
    assert set(TABLE) == public_methods()


def test_only_methods_of_the_table_change_the_server() -> None:
    assert set(TABLE) >= CHANGES


@pytest.mark.parametrize("quirks", ["comfyui", "comfyui_new"])
@pytest.mark.parametrize("name", TABLE)
async def test_it_works_or_falls_back_or_is_not_supported(
    name: str, quirks: str, shared_servers: SharedServers, tmp_path: Path
) -> None:
    if name in CHANGES:
        await behaves(name, quirks, await new_server(shared_servers, quirks), tmp_path)
        shared_servers.started.pop().stop()
        return
    if quirks not in shared_servers.ready:
        shared_servers.ready[quirks] = await new_server(shared_servers, quirks)
    server = shared_servers.ready[quirks]
    with unchanged(server.emulator):
        await behaves(name, quirks, server, tmp_path)


async def behaves(name: str, quirks: str, server: SharedServer, folder: Path) -> None:
    """Check one row of the table. Clients have no key."""
    call, old, new = TABLE[name]
    expected = old if quirks == "comfyui" else new
    time = server.time
    options: dict[str, Any] = {"base_url": server.emulator.url, "runtime": time.async_runtime()}
    slept = len(time.sleeps)
    async with AsyncComfyCloud(**options, strict=True) as strict:
        world = World(strict, server.finished, folder)
        if expected == WORKS:
            await call(world)
            return
        with pytest.raises(NotSupported) as caught:
            await call(world)
    if expected != FALLBACK:
        assert caught.value.operation == expected
        assert caught.value.path.startswith("/api/")
        assert len(time.sleeps) == slept  # nothing was retried
        return
    async with AsyncComfyCloud(**options) as world.cloud:
        with pytest.warns(ComfyCloudWarning) as caught_warnings:
            await call(world)
    assert len(caught_warnings) == 1
