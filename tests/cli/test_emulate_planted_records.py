"""Records of emulators that somebody else left in the state folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._settings import private_files
from comfy_cloud.cli._console.exits import CommandError
from comfy_cloud.cli._emulate.instances import Instance, end, instances, process_start, registered
from comfy_cloud.cli._emulate.shells import export_text

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and owners are those of POSIX")

INSTANCE = Instance(
    port=8189,
    url="http://127.0.0.1:8189",
    key="some-key",
    pid=os.getpid(),
    process_start=process_start(os.getpid()),
    started="2026-11-23T12:00:00+00:00",
    server="Comfy Cloud",
    log="emulator.log",
    accounts={},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "state"
    path.mkdir(mode=0o700)
    return path


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_in_place_of_a_record_changes_no_other_file(
    folder: Path, link: Callable[[Path, Path], None]
) -> None:
    other = folder.parent / "precious"
    other.write_text("content")
    link(other, folder / "emulator-8189.json")
    assert instances(folder) == []
    with pytest.raises(OSError), registered(folder, INSTANCE):
        pass
    assert other.read_text() == "content"


def test_a_pipe_and_a_folder_are_no_records(folder: Path) -> None:
    os.mkfifo(folder / "emulator-1.json")
    (folder / "emulator-2.json").mkdir()
    assert instances(folder) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"pid": -1},
        {"pid": 0},
        {"pid": True},
        {"pid": "1"},
        {"url": "https://other.example"},
        {"url": "http://127.0.0.1:8189@other.example"},
        {"port": "8189"},
        {"port": 1.5},
        {"server": "\x1b]0;title\x07"},
        {"log": "a\nb"},
        {"key": ["a"]},
        {"accounts": "a"},
        {"process_start": 1},
    ],
)
def test_a_record_of_something_else_is_left_out(folder: Path, changes: dict[str, Any]) -> None:
    with registered(folder, INSTANCE):
        assert instances(folder) == [INSTANCE]
        path = folder / "emulator-8189.json"
        path.write_text(json.dumps({**asdict(INSTANCE), **changes}))
        assert instances(folder) == []
        path.write_text("[" * 100_000)
        assert instances(folder) == []


def test_a_record_of_another_user_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with registered(folder, INSTANCE):
        user = os.geteuid() + 1
        monkeypatch.setattr(private_files.os, "geteuid", lambda: user)
        monkeypatch.setattr(private_files, "_TRUSTED_OWNERS", ())
        with pytest.raises(ConfigurationError, match="belongs to another user"):
            instances(folder)


def test_a_folder_that_all_can_write_to_is_refused(folder: Path) -> None:
    folder.chmod(0o777)
    with pytest.raises(OSError, match="All users can write"), registered(folder, INSTANCE):
        pass


def test_a_record_without_the_time_of_its_process_ends_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "kill", lambda pid, signal: pytest.fail("it was sent a signal"))
    with pytest.raises(CommandError, match="another container"):
        end(folder, replace(INSTANCE, process_start=None))


def test_powershell_takes_typographic_quotes_for_plain_ones() -> None:
    shown = export_text({"A": "a\u2019; b \u2018\u201a\u201b'"}, "powershell")
    assert shown == "$env:A = 'a\u2019\u2019; b \u2018\u2018\u201a\u201a\u201b\u201b''';\n"
