"""Whatever a call raises is a ComfyCloudError: a closed client, files, journals, arguments."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloudError, ConfigurationError
from comfy_cloud_api.api.user import get_user
from comfy_cloud_emulator import Emulator
from tests._async.clients import IMAGE_GRAPH, client
from tests.clock import FakeTime

NOUNS = (
    "assets", "files", "history", "jobs", "models", "nodes", "queue", "system", "tasks", "user", "userdata",
    "workflows",
)  # fmt: skip
# What to pass for the parameters without a default, by their names, and to single methods.
ARGUMENTS: dict[str, Any] = {
    "outputs": [], "path": "workflows/a.json", "url": "https://example.com/a", "workflow": IMAGE_GRAPH,
    "source": b"x", "inputs": [{"1.color": 1}], "content": "a" * 64, "hash": "a" * 64,
}  # fmt: skip
SPECIAL: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "request": (["GET", "/api/user"], {}),
    "call": ([get_user], {}),
    "history.get": (["j"], {}),
    "assets.update": (["a"], {"name": "n"}),
}
# These need no server.
OFFLINE = {"files.output", "files.download_all", "workflows.load"}


def calls(cloud: AsyncComfyCloud) -> dict[str, Callable[[], Any]]:
    """Every public method of a client that sends requests, with arguments that do for a call."""
    found: dict[str, Callable[[], Any]] = {}
    owners: dict[str, Any] = {noun: getattr(cloud, noun) for noun in NOUNS}
    for noun, owner in [*owners.items(), ("", cloud)]:
        for name, method in inspect.getmembers(owner, callable):
            if name.startswith("_") or name == "close" or isinstance(method, type):
                continue
            label = f"{noun}.{name}".lstrip(".")
            if label in OFFLINE or not inspect.ismethod(method):
                continue
            wanted = [
                parameter
                for parameter in inspect.signature(method).parameters.values()
                if parameter.default is parameter.empty
                and parameter.kind is not parameter.VAR_KEYWORD
                and parameter.name != "options"
            ]
            positional = [
                ARGUMENTS.get(each.name, "x") for each in wanted if each.kind is not each.KEYWORD_ONLY
            ]
            named = {
                each.name: ARGUMENTS.get(each.name, "x") for each in wanted if each.kind is each.KEYWORD_ONLY
            }
            positional, named = SPECIAL.get(label, (positional, named))
            found[label] = partial(method, *positional, **named)
    return found


async def exhausted(result: Any) -> None:
    if hasattr(result, "__aiter__"):
        async for _ in result:
            pass
    else:
        await result


async def test_a_closed_client_raises_configuration_errors(emulator: Emulator, time: FakeTime) -> None:
    cloud = client(emulator, time)
    every = calls(cloud)
    assert len(every) > 50
    await cloud.close()
    emulator.clear_requests()
    for label, call in every.items():
        with pytest.raises(ComfyCloudError) as caught:
            await exhausted(call())
        assert isinstance(caught.value, ConfigurationError), label
        assert "closed" in str(caught.value), label
    assert emulator.requests == []


async def test_a_map_whose_client_is_closed_ends_with_that_error(emulator: Emulator, time: FakeTime) -> None:
    cloud = client(emulator, time)
    results = []

    async def close_after_each() -> None:
        async for result in cloud.map(IMAGE_GRAPH, [{"1.color": n} for n in range(9)], concurrency=1):
            results.append(result)
            await cloud.close()

    with pytest.raises(ConfigurationError, match="client is closed"):
        await close_after_each()
    assert len(results) < 4


# Files


async def raised(call: Any, builtin: type[Exception]) -> ComfyCloudError:
    """The error of a call, which is both of this package and a builtin one."""
    with pytest.raises(ComfyCloudError) as caught:
        await exhausted(call)
    assert isinstance(caught.value, builtin)
    assert caught.value.attempts == ()
    assert str(caught.value)
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (type(copied), str(copied)) == (type(caught.value), str(caught.value))
    return caught.value


async def test_a_file_to_send_that_is_missing_or_a_folder(
    emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.png"
    async with client(emulator, time) as cloud:
        for upload in (
            cloud.files.upload_image,
            partial(cloud.files.upload_mask, original="a.png"),
            cloud.assets.upload,
        ):
            error = await raised(upload(missing), FileNotFoundError)
            assert (error.was_sent, getattr(error, "filename", "")) == (False, str(missing))
            assert "missing.png" in str(error)
            await raised(upload(tmp_path), IsADirectoryError)
        graph = {"9": {"class_type": "LoadImage", "inputs": {"image": missing}}, **IMAGE_GRAPH}
        await raised(cloud.submit(graph), Exception)
        await raised(cloud.run(str(tmp_path / "missing.json")), Exception)
    assert not [request for request in emulator.requests if request.method == "POST"]


async def test_a_destination_that_is_in_the_way(emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    taken, folder = tmp_path / "taken.png", tmp_path / "folder"
    taken.write_bytes(b"mine")
    folder.mkdir()
    async with client(emulator, time) as cloud:
        job = await cloud.run(IMAGE_GRAPH)
        output = job.outputs[0]
        for call in (
            output.save(taken),
            cloud.files.download(output, taken),
            cloud.files.download(output, taken.as_uri()),
        ):
            error = await raised(call, FileExistsError)
            assert "if_exists=" in str(error)
        (folder / "a.png").write_bytes(b"mine")
        for call in (
            cloud.files.download_all([output], folder, name="a.png"),
            job.download(folder, name="a.png"),
        ):
            await raised(call, FileExistsError)
        (folder / "b.png").mkdir()
        await raised(job.download(folder, name="b.png", overwrite=True), IsADirectoryError)
        # The parent is a file.
        await raised(output.save(taken / "a.png"), NotADirectoryError)
    assert taken.read_bytes() == b"mine"
    assert sorted(path.name for path in folder.iterdir()) == ["a.png", "b.png"]


async def test_a_folder_that_leads_out_or_cannot_be_written(
    emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out", target_is_directory=True)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "there")

    def fill(*_: object) -> None:
        raise OSError(28, "No space left on device")

    local = "comfy_cloud._files.local_destination.LocalPartialFile"
    async with client(emulator, time) as cloud:
        job = await cloud.run(IMAGE_GRAPH)
        await raised(job.download(tmp_path / "in", name="link/a.png"), PermissionError)
        for method in ("create", "write_at", "publish"):
            with monkeypatch.context() as patch:
                patch.setattr(f"{local}.{method}", refuse if method != "write_at" else fill)
                error = await raised(job.outputs[0].save(tmp_path / f"{method}.png"), OSError)
            assert ("Permission denied" in str(error)) is (method != "write_at")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


async def test_a_file_system_error_keeps_its_kind(emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    """An exception of a library that is an OSError of its own kind is not replaced."""

    class Throttled(OSError):
        pass

    def progress(*_: object) -> None:
        raise Throttled("mine")

    async with client(emulator, time) as cloud:
        job = await cloud.run(IMAGE_GRAPH)
        with pytest.raises(Throttled) as caught:
            await job.outputs[0].save(tmp_path / "a.png", progress=progress)
    assert type(caught.value) is Throttled


async def test_a_damaged_journal(emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    async with client(emulator, time) as cloud:
        for content in (b"not a journal\n", b"\0\0\0"):
            journal = tmp_path / "journal.jsonl"
            journal.write_bytes(content)
            await raised(cloud.map(IMAGE_GRAPH, [{"1.color": 1}], journal=journal), ConfigurationError)
        await raised(cloud.map(IMAGE_GRAPH, [{"1.color": 1}], journal=tmp_path), ConfigurationError)
        missing = tmp_path / "no" / "journal"
        await raised(cloud.map(IMAGE_GRAPH, [{"1.color": 1}], journal=missing), ConfigurationError)
