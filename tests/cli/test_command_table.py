"""Every command where things go wrong: `make command-table` tries the same on real terminals."""

from __future__ import annotations

import json
import re
import shutil
import socket
from pathlib import Path

import pytest

from comfy_cloud_emulator import Emulator
from scripts.command_table.account import write_files
from scripts.command_table.invocations import INVOCATIONS, Invocation

from .conftest import Run
from .test_verbs import ALL

NAMES = {
    "asset": "5f2a1c0e-0000-4000-8000-000000000000",
    "failed": "5f2a1c0e-0000-4000-8000-000000000000",
    "hash": f"blake3:{'1' * 64}",
    "input": "photo.png",
    "job": "5f2a1c0e-0000-4000-8000-000000000000",
    "key": "comfyui-some-key",
    "checkpoint": "flux.safetensors",
    "masked": "photo.png",
    "mirror": "history.sqlite",
    "mirrored": "5f2a1c0e-0000-4000-8000-000000000000",
    "model": "https://civitai.com/models/1234",
    "output": "photo.png",
    "saved": "workflows/harbour.json",
    "task": "5f2a1c0e-0000-4000-8000-000000000000",
    "waiting": "5f2a1c0e-0000-4000-8000-000000000000",
}
USES_SERVER = {words: each for words, each in INVOCATIONS.items() if not each.is_local}
NEED_KEY = [words for words, each in USES_SERVER.items() if each.needs_key]
NAMES_A_THING = {words: each for words, each in INVOCATIONS.items() if each.unknown is not None}

# `exists` responds no, and these have one thing whose name is in the command just typed.
NAMELESS = ("assets exists", "assets from-hash", "config unset", "files mask")


@pytest.fixture(scope="module")
def named_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that arguments name, which are made once and copied for each test."""
    folder = tmp_path_factory.mktemp("named")
    write_files(folder)
    return folder


@pytest.fixture
def folder(named_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with the files that arguments name."""
    shutil.copytree(named_files, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def arguments(words: str, text: str) -> list[str]:
    return [*words.split(), *(word.format_map(NAMES) for word in text.split())]


def test_every_command_is_in_the_table() -> None:
    assert set(INVOCATIONS) == set(ALL)


@pytest.mark.parametrize("words", USES_SERVER)
def test_without_a_server(words: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is named, where it came from, and what to try."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", f"http://{address}")
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "comfyui-some-key")
    before = set(folder.rglob("*"))
    invocation = INVOCATIONS[words]
    shown = run(
        *arguments(words, invocation.given),
        "--retries",
        "0",
        stdin=invocation.stdin.format_map(NAMES).encode(),
    )
    text = shown.out + shown.err
    assert shown.code == invocation.down_code, text
    assert address in text
    assert "COMFY_CLOUD_BASE_URL" in text
    assert words == "doctor" or "Try `comfy-cloud doctor`" in text
    assert "comfyui-some-key" not in text
    assert [path for path in folder.rglob("*") if path not in before and path.is_file()] == []


@pytest.mark.parametrize("words", NEED_KEY)
def test_without_a_key(
    words: str, run: Run, folder: Path, cloud: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMFY_CLOUD_API_KEY")
    invocation = INVOCATIONS[words]
    shown = run(*arguments(words, invocation.given))
    assert shown.code == 4, shown.err
    assert re.search("comfy-cloud auth (login|status)", shown.out + shown.err)


@pytest.mark.parametrize("words", NAMES_A_THING)
def test_an_unknown_name(words: str, run: Run, folder: Path, cloud: Emulator) -> None:
    invocation: Invocation = INVOCATIONS[words]
    shown = run(*arguments(words, invocation.unknown or ""))
    assert shown.code == invocation.unknown_code, shown.err
    if words not in NAMELESS:
        assert re.search(r"0badc0de|missing|Samplre", shown.err), shown.err
    assert "Traceback" not in shown.err
    assert "unexpected" not in shown.err


@pytest.mark.parametrize("words", ["nodes list", "nodes show", "workflow validate", "jobs list"])
def test_comfy_cloud_is_not_asked_without_a_key(
    words: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    shown = run(*arguments(words, INVOCATIONS[words].given))
    assert (shown.code, shown.out) == (4, "")
    assert shown.err.startswith("error: no API key: run `comfy-cloud auth login`")


def test_the_assets_of_a_job(run: Run, cloud: Emulator) -> None:
    job = json.loads(run("history", "list", "--status", "completed", "--limit", "1").out)[0]["id"]
    shown = run("jobs", "assets", job)
    assert shown.code == 0, shown.err
    assert {"id", "name", "media_type"} <= set(json.loads(shown.out)[0])
