"""The nouns whose verbs pass a call of the library on: each verb sends it and shows its result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator
from tests._async.test_files import png_image as png

from .conftest import Run

# queue


def test_queue(run: Run, cloud: Emulator) -> None:
    with ComfyCloud() as client:
        queue = client.queue.get()
    rows = json.loads(run("queue", "list").out)
    assert [row["id"] for row in rows] == [each.job_id for each in (*queue.running, *queue.pending)]
    assert [row["position"] for row in rows if row["status"] == "pending"] == [1, 2, 3]
    assert run("queue", "remaining").out == f"{len(rows)}\n"
    waiting = queue.pending[0].job_id
    shown = run("queue", "cancel", waiting[:8])
    assert (shown.code, shown.err) == (0, f"removed {waiting} from the queue\n")
    assert run("queue", "cancel", waiting).code == 1
    assert run("queue", "clear").code == 2
    assert run("queue", "clear", "--yes").code == 0
    running = queue.running[0].job_id
    assert run("queue", "interrupt").code == 2
    assert run("queue", "interrupt", running[:8]).err == f"asked the server to stop {running}\n"
    assert json.loads(run("queue", "list").out) == []


# assets


def test_assets(run: Run, empty_cloud: Emulator, tmp_path: Path) -> None:
    image = tmp_path / "photo.png"
    image.write_bytes(png())
    stored = json.loads(run("assets", "upload", str(image), "--tag", "input", "--metadata", '{"a": 1}').out)
    asset_id = stored["id"]
    (row,) = json.loads(run("assets", "list", "--tag", "input").out)
    assert (row["id"], row["name"], row["metadata"]) == (asset_id, "photo.png", {"a": 1})
    assert json.loads(run("assets", "list", "--tag", "other").out) == []
    assert run("assets", "tag", asset_id[:8], "cats").err == "tags: input, cats\n"
    assert json.loads(run("assets", "count").out) == {"input": 1, "cats": 1}
    names = [each["name"] for each in json.loads(run("assets", "tags").out)]
    assert sorted(names) == ["cats", "input"]
    assert run("assets", "untag", asset_id, "cats").err == "tags: input\n"
    assert json.loads(run("assets", "set", asset_id, "--name", "b.png").out)["name"] == "b.png"
    assert json.loads(run("assets", "show", asset_id[:8]).out)["name"] == "b.png"
    hash = str(stored.get("hash") or stored["asset_hash"])
    assert (run("assets", "exists", hash).out, run("assets", "exists", "blake3:" + "0" * 64).code) == (
        "yes\n",
        5,
    )
    assert json.loads(run("assets", "from-hash", hash, "--name", "c.png").out)["name"]
    saved = run("assets", "download", asset_id, "-d", str(tmp_path / "out"))
    assert Path(saved.out.strip()).read_bytes() == image.read_bytes()
    assert run("assets", "delete", asset_id).code == 2
    left = [each["id"] for each in json.loads(run("assets", "list").out)]
    assert asset_id in left
    assert run("assets", "delete", *left, "--yes").code == 0
    assert json.loads(run("assets", "list").out) == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["upload", "a.png", "b.png", "--name", "c.png"], "--name is for one file"),
        (["upload", "no-such-file.png"], "no-such-file.png"),
        (["upload", "a.png", "--metadata", "[1]"], "--metadata takes a JSON object"),
        (["set", "5f2a1c0e"], "nothing to change: give --name"),
        (["import", "https://example.org/x", "--folder", "loras", "--tag", "a"], "cannot be combined"),
    ],
)
def test_assets_with_bad_input(arguments: list[str], problem: str, run: Run, empty_cloud: Emulator) -> None:
    shown = run("assets", *arguments)
    assert shown.code == 2, shown.err
    assert problem in shown.err


# files


def test_files(run: Run, empty_cloud: Emulator, tmp_path: Path) -> None:
    image = tmp_path / "photo.png"
    image.write_bytes(png())
    stored = json.loads(run("files", "upload", str(image)).out)
    shown = run("files", "download", stored["name"], "--type", "input", "-d", str(tmp_path / "out"))
    assert shown.code == 0, shown.err
    assert Path(shown.out.strip()).read_bytes() == image.read_bytes()
    url = run("files", "url", stored["name"], "--type", "input")
    assert url.out.startswith("http")
    assert "anybody can read the file" in url.err
    assert run("files", "download", "no-such.png").code == 5
    assert run("files", "layers", "no-such.png").code == 5
    masked = run("files", "mask", str(image), stored["name"])
    assert (masked.code, json.loads(masked.out)["type"]) == (0, "input")


# models and nodes


def test_models(run: Run, cloud: Emulator, tmp_path: Path) -> None:
    folders = [each["name"] for each in json.loads(run("models", "folders").out)]
    everything = json.loads(run("models", "list").out)
    assert {each["folder"] for each in everything} <= set(folders)
    some = json.loads(run("models", "list", "checkpoints").out)
    assert some == [each for each in everything if each["folder"] == "checkpoints"]
    assert run("models", "list", "no-such-folder").code == 5
    preview = tmp_path / "preview.webp"
    shown = run("models", "preview", "checkpoints", some[0]["name"], "--output-file", str(preview))
    assert (shown.code, shown.out) == (0, ""), shown.err
    assert preview.stat().st_size > 0
    assert run("models", "preview", "checkpoints", "no-such-model").code == 5


def test_nodes(run: Run, cloud: Emulator) -> None:
    names = [each["name"] for each in json.loads(run("nodes", "list").out)]
    assert names == sorted(names)
    found = [each["name"] for each in json.loads(run("nodes", "list", "KSAMPLER").out)]
    assert "KSampler" in found
    assert len(found) < len(names)
    assert json.loads(run("nodes", "show", "KSampler").out)["name"] == "KSampler"
    text = run("nodes", "show", "KSampler", "-o", "table").out
    assert "min 1, max 10000" in text
    shown = run("nodes", "show", "KSamplr")
    assert shown.code == 5
    assert "did you mean KSampler" in shown.err


# userdata, tasks, user, system


def test_userdata(run: Run, empty_cloud: Emulator, tmp_path: Path) -> None:
    source = tmp_path / "a.json"
    source.write_text("{}")
    assert run("userdata", "write", "workflows/a.json", str(source)).code == 0
    assert run("userdata", "write", "workflows/b.json", "-", stdin=b"[1]").code == 0
    assert [each["path"] for each in json.loads(run("userdata", "list").out)] == ["a.json", "b.json"]
    assert run("userdata", "write", "workflows/a.json", str(source), "--no-overwrite").code == 7
    target = tmp_path / "copy.json"
    assert run("userdata", "read", "workflows/b.json", "-o", str(target)).code == 0
    assert target.read_bytes() == b"[1]"
    assert run("userdata", "read", "workflows/b.json", "--output-file", str(target)).code == 2
    assert run("userdata", "delete", "workflows/a.json", "--yes").err == "deleted workflows/a.json\n"
    gone = run("userdata", "read", "workflows/a.json")
    assert (gone.code, "its folder" in gone.err) == (5, False)
    assert "its folder before it: workflows/b.json" in run("userdata", "read", "b.json").err
    assert run("userdata", "read", "../a").code == 2


def test_tasks(run: Run, empty_cloud: Emulator) -> None:
    assert json.loads(run("tasks", "list").out) == []
    assert run("tasks", "list", "--status", "done").code == 2
    assert run("tasks", "show", "00000000-0000-4000-8000-000000000000").code == 5


def test_user_and_system(run: Run, cloud: Emulator) -> None:
    assert json.loads(run("user", "show").out)["status"] == "active"
    assert json.loads(run("user", "balance").out)["effective_balance_micros"] == 20_000_000
    assert "20.00 USD" in run("user", "balance", "-o", "table").out
    assert json.loads(run("system", "features").out)["max_upload_size"] > 0
    assert run("system", "stats", "--jq", ".devices | length").out == "1\n"
    assert "device 0" in run("system", "stats", "-o", "table").out
