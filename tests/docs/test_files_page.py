"""docs/files.md: its programs run in order in one folder; tables and links are complete."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from comfy_cloud._files.download_options import IfExists
from comfy_cloud._files.names import FIELDS
from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT

from .programs import blocks, run

PAGE = (ROOT / "docs/files.md").read_text(encoding="utf-8")
PROGRAMS = blocks(PAGE, "python")


@pytest.fixture(autouse=True)
def _empty_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file system memory:// of fsspec has nothing of another test."""
    monkeypatch.setattr(MemoryFileSystem, "store", {})
    monkeypatch.setattr(MemoryFileSystem, "pseudo_dirs", [""])


@pytest.fixture
def running_emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """An emulator whose clock runs a hundred times as fast as real time."""
    return start_emulator(seed_data="demo", clock=None, sleep=asyncio.sleep, speed=100)


def printed(code: str, emulator: Emulator, folder: Path) -> list[str]:
    return run("-c", code, emulator=emulator, folder=folder).splitlines()


def test_the_programs_run(running_emulator: Emulator, tmp_path: Path) -> None:
    saving, streaming, uploading, chaining, remote, storage_hosts = PROGRAMS
    saved = [line.split() for line in printed(saving, running_emulator, tmp_path)]
    assert len(saved) == 2
    assert all((tmp_path / path).stat().st_size == int(size) for path, size in saved)
    assert saved[1][0].endswith("_001.png")
    media_type, size, read = printed(streaming, running_emulator, tmp_path)[0].split()
    assert media_type.startswith("image/")
    assert size == read
    assert printed(uploading, running_emulator, tmp_path)[-2:] == ["True", "for the next job"]
    assert (tmp_path / "back.txt").read_text() == "for the next job"
    assert printed(chaining, running_emulator, tmp_path)[-1].endswith(".png")
    assert running_emulator.submissions[-1].graph["1"]["inputs"]["image"] != ""
    urls = printed(remote, running_emulator, tmp_path)
    assert urls[0] == "memory:///bucket/prefix/0.png"
    assert urls[-2].startswith("memory:///one/")
    assert len(urls[-1]) == 36
    assert printed(storage_hosts, running_emulator, tmp_path) == []


def test_the_programs_run_a_second_time(running_emulator: Emulator, tmp_path: Path) -> None:
    for program in PROGRAMS:
        printed(program, running_emulator, tmp_path)
        MemoryFileSystem.store.clear()  # it does not outlive a process
        printed(program, running_emulator, tmp_path)


def test_the_table_of_existing_files_is_complete() -> None:
    table = PAGE.partition("### Files that exist")[2].partition("\n\nWith")[0]
    assert re.findall(r'^\| `"(\w+)"`', table, re.MULTILINE) == list(get_args(IfExists))


def test_the_fields_are_complete() -> None:
    table = PAGE.partition("### Names")[2].partition("\n\nAn unknown value")[0]
    assert re.findall(r"^\| `\{(\w+)\}`", table, re.MULTILINE) == list(FIELDS)


def test_links_lead_to_headings() -> None:
    headings = {
        re.sub(r"[^a-z -]", "", line.lower()).replace(" ", "-")
        for line in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    }
    links = set(re.findall(r"\]\(#([^)]+)\)", PAGE))
    assert links
    assert links <= headings
