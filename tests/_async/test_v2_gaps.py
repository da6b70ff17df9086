"""Every method without version 1: it works, or its error names the operation. Nothing else."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloudError, NotFound, NotSupported
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime
from tests.project.test_public_names import ASYNC_RESOURCES, public_members

from .clients import IMAGE_GRAPH, client
from .shared_servers import SharedServer, SharedServers, unchanged

pytestmark = [pytest.mark.beyond_contract, pytest.mark.filterwarnings("ignore:This server has no version 1")]

Start = Callable[..., Emulator]
Api = Literal["auto", "v2"]
NAMES = [
    f"{resource}.{name}"
    for resource, kind in ASYNC_RESOURCES.items()
    for name, value in public_members(kind)
    if inspect.isfunction(value)
]
UNKNOWN = "00000000-0000-4000-8000-000000000000"
# What works on API v2, or finds nothing there without a request to version 1.
WORKS = {
    "assets.exists", "assets.upload",
    "history.get", "history.iter", "history.list", "jobs.cancel", "jobs.get", "jobs.iter", "jobs.list",
    "jobs.status", "jobs.wait",
}  # fmt: skip
# What works on API v2, and finds no such asset there.
FINDS_NOTHING = {"assets.delete", "assets.download", "assets.from_hash", "assets.get", "assets.open"}
# What changes the server. These have one each; the others share one and only read.
CHANGES = {"assets.upload", "jobs.cancel"}
ARGUMENTS: dict[str, Any] = {
    "asset_id": UNKNOWN,
    "asset_ids": UNKNOWN,
    "task_id": UNKNOWN,
    "raw": {},
    "hash": "0" * 64,
    "url": "https://huggingface.co/a/b/resolve/main/c.safetensors",
    "source": b"content",
    "content": b"content",
    "tags": "input",
    "outputs": [],
    "file": "a.png",
    "original": "a.png",
    "path": "a.json",
    "asset": UNKNOWN,
}
# Arguments without which a method refuses its call.
NEEDED = {"history.get": {"job_id"}, "assets.update": {"name"}}


def arguments_of(
    name: str, method: Callable[..., Any], folder: Path, job_id: str
) -> tuple[list[Any], dict[str, Any]]:
    """A valid value for each parameter that is needed."""
    arguments = {**ARGUMENTS, "target": folder / "saved", "job": job_id, "jobs": job_id}
    arguments |= {"job_id": job_id, "job_ids": job_id}
    if name == "files.download_all":
        arguments["folder"] = folder
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for each, parameter in inspect.signature(method).parameters.items():
        value = arguments.get(each, "checkpoints")
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional.append(value)
        elif parameter.kind is not parameter.VAR_KEYWORD and (
            parameter.default is parameter.empty or each in NEEDED.get(name, ())
        ):
            named[each] = value
    return (positional, named) if positional == [] else ([*named.values(), *positional], {})


async def outcome(method: Callable[..., Any], positional: list[Any], named: dict[str, Any]) -> Any:
    """What a method returns, or the items that it gives."""
    found = method(*positional, **named)
    if hasattr(found, "__aiter__"):
        return [item async for item in found]
    if inspect.isawaitable(found):
        return await found
    return found


def test_every_resource_is_tried() -> None:
    assert {"assets", "files", "history", "jobs", "queue", "userdata"} <= {
        name.partition(".")[0] for name in NAMES
    }
    assert set(NAMES) >= WORKS | CHANGES


async def new_server(servers: SharedServers) -> SharedServer:
    """A server without version 1, with a job that has ended."""
    emulator, time = servers.start(quirks=["v1_gone"], auto_advance=True)
    async with client(emulator, time, api="v2") as cloud:
        return SharedServer(emulator, time, (await cloud.run(IMAGE_GRAPH)).id)


@pytest.mark.parametrize("api", ["auto", "v2"])
@pytest.mark.parametrize("name", NAMES)
async def test_a_method_works_or_names_what_is_missing(
    shared_servers: SharedServers, tmp_path: Path, name: str, api: Api
) -> None:
    if name in CHANGES:
        await works_or_names_what_is_missing(name, api, await new_server(shared_servers), tmp_path)
        shared_servers.started.pop().stop()
        return
    if "v1_gone" not in shared_servers.ready:
        shared_servers.ready["v1_gone"] = await new_server(shared_servers)
    server = shared_servers.ready["v1_gone"]
    with unchanged(server.emulator):
        await works_or_names_what_is_missing(name, api, server, tmp_path)


async def works_or_names_what_is_missing(name: str, api: Api, server: SharedServer, folder: Path) -> None:
    emulator = server.emulator
    async with client(emulator, server.time, api=api) as cloud:
        # A client that has learned which versions there are.
        assert [entry.id for entry in await cloud.history.list()] == [server.finished]
        resource, _, member = name.partition(".")
        method = getattr(getattr(cloud, resource), member)
        before = len(emulator.requests)
        try:
            found = await outcome(method, *arguments_of(name, method, folder, server.finished))
        except NotSupported as error:
            assert name not in WORKS
            assert "version 1 of the API" in str(error)  # noqa: PT017 - it is one of several
            assert error.path.startswith("/api/")  # noqa: PT017 - likewise
        except NotFound:
            assert name in FINDS_NOTHING
        except ComfyCloudError as error:
            pytest.fail(f"{name}: {type(error).__name__}: {error}")
        else:
            sent = emulator.requests[before:]
            assert name in WORKS or not sent, f"{name} gave {found!r}"


async def test_version_1_alone_says_that_it_is_gone(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(quirks=["v1_gone"])
    async with client(emulator, time, api="v1") as cloud:
        with pytest.raises(NotSupported, match="version 1 of the API"):
            await cloud.queue.get()


def test_the_client_itself_is_tried_elsewhere() -> None:
    """`run`, `submit`, `map` and files are in the other tests of API v2."""
    assert {"run", "submit", "map"} <= {name for name, _ in public_members(AsyncComfyCloud)}
