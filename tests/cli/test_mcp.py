"""`comfy-cloud mcp`: its tools, called by the client of the package `mcp`."""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult, ImageContent, TextContent
from PIL import Image

from comfy_cloud import ConfigurationError, SubmissionUncertain
from comfy_cloud.cli._console.client import connect_async
from comfy_cloud.cli._console.exits import CommandError
from comfy_cloud.cli._console.options import GlobalOptions
from comfy_cloud.cli._mcp.budget import Budget
from comfy_cloud.cli._mcp.folders import Folders
from comfy_cloud.cli._mcp.images import LARGEST_BYTES, small_jpeg
from comfy_cloud.cli._mcp.server import make_server
from comfy_cloud.cli._mcp.texts import bounded, shown
from comfy_cloud.cli._mcp.tools import Tools
from comfy_cloud_emulator import Emulator, Fault
from tests.cli.conftest import Run

ONE_TRANSPORT = True
GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 640, "height": 320, "batch_size": 1, "color": 9}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "blue"}},
}
LOADING = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "copy"}},
}


@asynccontextmanager
async def agent(
    folder: Path,
    *,
    jobs: int = 0,
    max_credits: float | None = None,
    database: str | None = None,
    options: GlobalOptions | None = None,
) -> AsyncIterator[Client]:
    folders, options = Folders([folder]), options or GlobalOptions()
    async with connect_async(options) as cloud:
        tools = Tools(cloud, Budget(jobs, max_credits), folders, options, database)
        async with Client(make_server(tools, folders, options)) as client:
            yield client


async def call(client: Client, name: str, **arguments: Any) -> CallToolResult:
    return await client.call_tool(name, arguments)


def text(result: CallToolResult) -> str:
    return "\n".join(each.text for each in result.content if isinstance(each, TextContent))


def record(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, text(result)
    found = json.loads(text(result))
    assert found == result.structured_content
    assert isinstance(found, dict)
    return found


def problem(result: CallToolResult) -> str:
    assert result.is_error, text(result)
    return text(result)


def submitted(cloud: Emulator) -> int:
    return sum(each.method == "POST" and each.path == "/api/prompt" for each in cloud.requests)


async def test_the_tools_are_described(quick_cloud: Emulator, tmp_path: Path) -> None:
    async with agent(tmp_path) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert client.server_info is not None
    names = "run wait explain list_history search_history images download validate convert"
    assert list(tools) == names.split()
    for tool in tools.values():
        assert tool.description
        assert len(tool.description) > 60
        assert all("description" in each for each in tool.input_schema["properties"].values()), tool.name
    assert not tools["run"].annotations.read_only_hint  # type: ignore[union-attr]
    assert "credits" in (tools["run"].description or "")


async def test_nothing_runs_without_a_budget(quick_cloud: Emulator, tmp_path: Path) -> None:
    async with agent(tmp_path) as client:
        assert "--max-jobs N" in problem(await call(client, "run", workflow=GRAPH))
    assert not quick_cloud.requests


async def test_a_job_runs_and_the_budget_counts(quick_cloud: Emulator, tmp_path: Path) -> None:
    async with agent(tmp_path, jobs=1) as client:
        assert record(await call(client, "validate", workflow=GRAPH))["valid"] is True
        unknown = problem(await call(client, "run", workflow=GRAPH, inputs={"9.text": "a"}))
        assert "9" in unknown
        wrong = problem(await call(client, "run", workflow=GRAPH, inputs={"1.width": -5}))
        assert "nothing was submitted" in wrong
        found = record(await call(client, "run", workflow=GRAPH, inputs={"1.width": 128}))
        assert found["status"] == "completed"
        assert found["budget"]["jobs_used"] == found["budget"]["jobs_allowed"] == 1
        assert "used up" in problem(await call(client, "run", workflow=GRAPH))
        secret = {**GRAPH, "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "token": "abc"}}}
        returned = record(await call(client, "convert", workflow=secret))
        assert "abc" not in json.dumps(returned)
        named = {**GRAPH, "2": {"class_type": quick_cloud.key, "inputs": {}}}
        assert quick_cloud.key not in text(await call(client, "validate", workflow=named))
        assert quick_cloud.key not in text(await call(client, "convert", workflow=named))
        assert "save_as" in returned["notes"][0]
        again = record(await call(client, "wait", job_id=found["id"]))
        assert again["outputs"] == found["outputs"]
        assert [job["id"] for job in record(await call(client, "list_history"))["jobs"]] == [found["id"]]
        of_job = record(await call(client, "convert", workflow=found["id"]))
        assert of_job["graph"]["1"]["inputs"]["width"] == 128
    assert submitted(quick_cloud) == 1


async def test_a_refused_job_is_not_counted(quick_cloud: Emulator, tmp_path: Path) -> None:
    graph = {"1": {"class_type": "Missing", "inputs": {}}}
    async with agent(tmp_path, jobs=1) as client:
        quick_cloud.faults.add(Fault.status_burst(402, times=1, path="/api/prompt"))
        assert "402" in problem(await call(client, "run", workflow=GRAPH, check=False))
        assert problem(await call(client, "run", workflow=graph))
        assert record(await call(client, "run", workflow=GRAPH))["status"] == "completed"


def test_a_job_that_may_have_been_submitted_is_counted() -> None:
    budget = Budget(1)
    with pytest.raises(ConfigurationError), budget.one_job():
        raise ConfigurationError("not sent")
    assert budget.jobs == 0
    with pytest.raises(SubmissionUncertain), budget.one_job():
        raise SubmissionUncertain("perhaps sent")
    assert budget.jobs == 1


def test_credits_that_are_used_up_end_it() -> None:
    budget = Budget(5, 10.0)
    with budget.one_job():
        budget.note_credits("a", 4)
        budget.note_credits("a", 6)
    budget.check()
    budget.note_credits("b", 4)
    with pytest.raises(CommandError, match="--max-credits"):
        budget.check()
    assert budget.record()["credits_used"] == 10


async def test_a_job_that_goes_on_is_waited_for_later(empty_cloud: Emulator, tmp_path: Path) -> None:
    async with agent(tmp_path, jobs=1) as client:
        found = record(await call(client, "run", workflow=GRAPH, wait_seconds=0))
        assert found["status"] in ("pending", "in_progress")
        looked = record(await call(client, "wait", job_id=found["id"], wait_seconds=0))
        assert looked["id"] == found["id"]


async def test_images_are_small(quick_cloud: Emulator, tmp_path: Path) -> None:
    async with agent(tmp_path, jobs=1) as client:
        two = {**GRAPH, "3": GRAPH["2"]}
        job = record(await call(client, "run", workflow=two))
        shown_images = await call(client, "images", job_id=job["id"], max_images=1, max_side=100)
        saved = record(await call(client, "download", job_id=job["id"], folder="out"))
        again = record(await call(client, "download", job_id=job["id"], folder="out"))
        outside = problem(await call(client, "download", job_id=job["id"], folder="../out"))
    assert not shown_images.is_error
    images = [each for each in shown_images.content if isinstance(each, ImageContent)]
    assert len(images) == 1
    assert images[0].mime_type == "image/jpeg"
    with Image.open(io.BytesIO(base64.b64decode(images[0].data))) as picture:
        assert picture.size == (100, 50)
    assert "from 640 x 320" in text(shown_images)
    assert "1 more image; `download`" in text(shown_images)
    assert len({*saved["paths"], *again["paths"]}) == 4
    assert all(Path(path).is_relative_to(tmp_path / "out") for path in saved["paths"])
    assert "--folder" in outside


def test_an_image_that_is_huge_or_broken_is_not_decoded() -> None:
    noise = Image.effect_noise((1500, 1500), 200).convert("RGBA")
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    small, size, original = small_jpeg(buffer.getvalue(), 1536)
    assert len(small) <= LARGEST_BYTES
    assert original == (1500, 1500)
    assert max(size) <= 1500
    with pytest.raises(CommandError, match="cannot be read"):
        small_jpeg(b"no image", 100)
    buffer = io.BytesIO()
    Image.new("1", (8000, 6000)).save(buffer, "PNG")
    with pytest.raises(CommandError, match="too many"):
        small_jpeg(buffer.getvalue(), 100)


async def test_a_failure_is_explained_as_by_the_command(cloud: Emulator, tmp_path: Path, run: Run) -> None:
    async with agent(tmp_path) as client:
        failed = record(await call(client, "list_history", status="failed", limit=1))["jobs"][0]
        explained = await call(client, "explain", job_id=failed["id"])
    assert "The job failed." in text(explained)
    assert "Try:" in text(explained)
    shown_by_command = json.loads(run("jobs", "explain", failed["id"]).out)
    assert all(line in text(explained) for line in shown_by_command["advice"])


async def test_the_mirror_is_searched(cloud: Emulator, tmp_path: Path, run: Run) -> None:
    database = str(tmp_path / "mirror.sqlite")
    async with agent(tmp_path, database=database) as client:
        assert "history sync" in problem(await call(client, "search_history", query="lighthouse"))
        assert run("history", "sync", "--database", database).code == 0
        before = len(cloud.requests)
        found = record(await call(client, "search_history", query="", status="completed", limit=3))
    assert len(found["jobs"]) == 3
    assert found["is_cut"] is True
    assert len(cloud.requests) == before


async def test_a_workflow_of_the_editor_is_converted(quick_cloud: Emulator, tmp_path: Path) -> None:
    (tmp_path / "ui.json").write_text(json.dumps(EDITOR))
    async with agent(tmp_path) as client:
        found = record(await call(client, "convert", workflow="ui.json"))
        assert found["graph"]["2"]["class_type"] == "SaveImage"
        saved = record(await call(client, "convert", workflow=json.dumps(EDITOR), save_as="api.json"))
        assert json.loads(Path(saved["path"]).read_text()) == found["graph"]
        assert "already exists" in problem(await call(client, "convert", workflow=EDITOR, save_as="api.json"))
    assert json.loads((tmp_path / "api.json").read_text()) == found["graph"]


EDITOR = {
    "nodes": [
        {
            "id": 1,
            "type": "EmptyImage",
            "inputs": [],
            "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}],
            "widgets_values": [64, 64, 1, 0],
        },
        {
            "id": 2,
            "type": "SaveImage",
            "inputs": [{"name": "images", "type": "IMAGE", "link": 1}],
            "outputs": [],
            "widgets_values": ["from the editor"],
        },
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"]],
    "version": 0.4,
}


async def test_no_file_outside_of_the_folders_is_touched(quick_cloud: Emulator, tmp_path: Path) -> None:
    inside, secret = tmp_path / "inside", tmp_path / "secret.png"
    inside.mkdir()
    Image.new("RGB", (8, 8)).save(secret)
    (tmp_path / "graph.json").write_text(json.dumps(GRAPH))
    (inside / "link.json").symlink_to(tmp_path / "graph.json")
    (inside / "up").symlink_to(tmp_path)
    async with agent(inside, jobs=5) as client:
        for path in (
            "../graph.json",
            str(tmp_path / "graph.json"),
            "link.json",
            "up/graph.json",
            "~/x",
            "a\0b",
        ):
            assert problem(await call(client, "validate", workflow=path)), path
        for path in ("../new.json", "up/new.json", str(tmp_path / "new.json")):
            assert "--folder" in problem(await call(client, "convert", workflow=GRAPH, save_as=path))
        assert "--folder" in problem(
            await call(client, "run", workflow=LOADING, files={"1.image": str(secret)}, check=False)
        )
        # Neither the graph nor an input makes an upload of a text that is the path of a file.
        named = {**LOADING, "1": {"class_type": "LoadImage", "inputs": {"image": str(secret)}}}
        await call(client, "run", workflow=named, check=False, wait_seconds=0)
        for value in (str(secret), f"file://{secret}", quick_cloud.url):
            inputs = {"1.image": value}
            await call(client, "run", workflow=LOADING, inputs=inputs, check=False, wait_seconds=0)
    uploads = [each for each in quick_cloud.requests if each.method == "POST" and "prompt" not in each.path]
    assert not uploads
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph.json", "inside", "secret.png"]


async def test_a_file_of_the_folder_is_uploaded(quick_cloud: Emulator, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    async with agent(tmp_path, jobs=1) as client:
        found = record(await call(client, "run", workflow=LOADING, files={"1.image": "red.png"}))
    assert found["status"] == "completed"


async def test_errors_name_what_mends_them(quick_cloud: Emulator, tmp_path: Path) -> None:
    async with agent(tmp_path) as client:
        assert "list_history" in problem(await call(client, "delete"))
        assert "wait_seconds" in problem(await call(client, "wait", job_id="x", wait_seconds=10_000))
        assert "choose from job_id" in problem(await call(client, "explain", id="x"))
        missing = "00000000-0000-4000-8000-000000000000"
        for tool in ("wait", "explain", "images", "download"):
            more = {"folder": "out"} if tool == "download" else {}
            assert "404" in problem(await call(client, tool, job_id=missing, **more))
        for job_id in ("../../x", "a\nb", "..", "?x=1"):
            assert problem(await call(client, "wait", job_id=job_id))
        twice = {"1.width": 5, "EmptyImage.width": 6}
        assert "given twice" in problem(await call(client, "validate", workflow=GRAPH, inputs=twice))
        assert "relative to" in problem(await call(client, "convert", workflow="missing.json"))
        quick_cloud.faults.add(Fault.status_burst(401, times=None, path="/api/history*"))
        refused = problem(await call(client, "list_history"))
    assert quick_cloud.key not in refused
    assert "COMFY_CLOUD_API_KEY" in refused


async def test_an_unexpected_error_shows_nothing_of_itself(
    quick_cloud: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def explain(self: Tools, job_id: str) -> str:
        raise RuntimeError("inside")

    monkeypatch.setattr(Tools, "explain", explain)
    async with agent(tmp_path) as client:
        message = problem(await call(client, "explain", job_id="x"))
        assert "unexpected RuntimeError" in message
        assert "inside" not in message
        assert capsys.readouterr() == ("", "")
    options = GlobalOptions()
    options.verbose = True
    async with agent(tmp_path, options=options) as client:
        problem(await call(client, "explain", job_id="x"))
        assert "RuntimeError: inside" in capsys.readouterr().err


def test_texts_are_bounded_and_harmless() -> None:
    assert shown("a\x1b[31mb\u202e") == "a\\x1b[31mb\\u202e"
    assert len(shown("x" * 10_000, 100)) < 140
    assert shown("x" * 101, 100).endswith("(1 more characters)")
    assert "comfyui-" not in shown("the key comfyui-0123456789abcdef")
    found = bounded({"api_key": "s", "list": list(range(200)), "deep": [[[[[[[[[["x"]]]]]]]]]]})
    assert found["list"][-1] == "\N{HORIZONTAL ELLIPSIS} 100 more"
    assert found["api_key"] != "s"


def test_without_the_package_it_names_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "comfy_cloud.cli._mcp.server")
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    assert "pip install 'comfy-cloud[cli,mcp]'" in run("mcp").err


def test_the_command_refuses_what_cannot_be(run: Run, tmp_path: Path) -> None:
    assert "--max-jobs" in run("mcp", "--max-credits", "5").err
    missing = run("mcp", "--folder", str(tmp_path / "missing"))
    assert missing.code == 2
    assert "--folder" in missing.err
