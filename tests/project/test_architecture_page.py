"""ARCHITECTURE.md names only files and folders that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.project.imports import ROOT

PAGE = (ROOT / "ARCHITECTURE.md").read_text()
# A path on the page is one from the root, from the wrapper, or from the room just named.
BASES = (ROOT, ROOT / "wrapper/comfy_cloud")
NAMED = sorted(
    {
        name
        for name in re.findall(r"`([\w./-]+(?:\.py|\.md|\.yaml|\.toml|/))`", PAGE)
        if "NOUN" not in name and "/" in name
    }
)


def exists(name: str, bases: tuple[Path, ...] = BASES) -> bool:
    return any((base / name).exists() for base in bases)


def test_the_page_names_many_files() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_exists(name: str) -> None:
    assert exists(name)


def test_the_emulators_folders_are_all_named() -> None:
    emulator = ROOT / "emulator/comfy_cloud_emulator"
    folders = {path.parent.name for path in emulator.glob("*/__init__.py")}
    tree = PAGE.partition("emulator/comfy_cloud_emulator/")[2].partition("```")[0]
    assert folders == set(re.findall(r"(\w+)/", tree))


def test_a_missing_file_is_noticed() -> None:
    assert not exists("_http/fallback.py")
