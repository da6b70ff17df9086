"""docs/emulator.md is correct: its tests pass, its programs run, its commands and tables match."""

from __future__ import annotations

import json
import os
import re
import shlex
from dataclasses import fields
from pathlib import Path
from typing import get_args

import httpx
import pytest

from comfy_cloud.cli._emulate.emulator_options import parse_account, parse_fault
from comfy_cloud_emulator import Emulator, FaultKind, Quirks, pytest_plugin
from comfy_cloud_emulator.quirks import PRESETS
from scripts.project.checkout import ROOT

from ..contract.watched import WATCHED
from .programs import blocks, run

PAGE = (ROOT / "docs/emulator.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_tests_pass(tmp_path: Path) -> None:
    tests = [code for code in blocks(PAGE, "python") if "def test_" in code]
    plain, with_asyncio = tests
    assert "async def" not in plain
    for name, code in {"plain": plain, "asyncio": with_asyncio}.items():
        (tmp_path / f"test_{name}.py").write_text(code, encoding="utf-8")
    options = [
        "-q",
        "-c",
        os.devnull,
        "--rootdir",
        str(tmp_path),
        "-p",
        "comfy_cloud",
        "-W",
        "error",
        "-p",
        "asyncio",
        "-o",
        "asyncio_default_fixture_loop_scope=function",
        *WATCHED,
    ]
    shown = run(
        "-m",
        "tests.contract.watched",
        "-m",
        "pytest",
        *options,
        str(tmp_path),
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )
    assert f"{''.join(tests).count('def test_')} passed" in shown


def program(words: str) -> str:
    """The one Python block, not a test, that contains these words."""
    (found,) = [code for code in blocks(PAGE, "python") if words in code and "def test_" not in code]
    return found


def test_there_are_no_other_programs() -> None:
    assert len(blocks(PAGE, "python")) == 5


def test_the_first_program_runs() -> None:
    lines = run("-c", program('seed_data="demo"')).splitlines()
    assert len(lines) == 3
    assert all(re.fullmatch(r"2\d{3}-\d\d-\d\d .* \w+", line) for line in lines)


def test_the_program_with_faults_runs() -> None:
    assert run("-c", program("faults.add")) == "5\n[503, 503, 200, 200]\n"


def test_the_program_with_two_accounts_runs() -> None:
    assert run("-c", program("accounts=")) == "b'mine' 0 5\nTrue\n"


def test_the_flags_exist() -> None:
    shown = run("-m", "tests.contract.watched", "-m", "comfy_cloud.cli", "emulate", "--help")
    lines = [line.partition("  #")[0] for line in "".join(blocks(PAGE, "sh")).splitlines()]
    lines = [line for line in lines if line.startswith("comfy-cloud emulate")]
    assert len(lines) == 12
    for words in map(shlex.split, lines):
        assert all(word in shown for word in words if word.startswith("--"))
        if "--fault" in words:
            parse_fault(words[words.index("--fault") + 1])
        for place, word in enumerate(words):
            if word == "--account":
                parse_account(words[place + 1])
        if "--quirks" in words:
            names = words[words.index("--quirks") + 1]
            Quirks.read(names if names in PRESETS else names.split(","))


def test_curl_adds_and_removes_faults(empty_emulator: Emulator) -> None:
    commands = [
        shlex.split(line) for line in "".join(blocks(PAGE, "sh")).splitlines() if line.startswith("curl")
    ]
    # The type that curl sends with -d.
    kind = {"content-type": "application/x-www-form-urlencoded"}
    for method, url, *body in (words[2:] for words in commands):
        path = url[url.index("/_emulator/") :]
        content = body[1] if body else None
        sent = httpx.request(method, empty_emulator.url + path, content=content, headers=kind)
        assert sent.status_code == (204 if method == "DELETE" else 201)
        if content is not None and content.startswith('{"kind"'):
            fault = empty_emulator.faults.pending()[-1]
            assert {
                "kind": fault.kind,
                "status": fault.status,
                "times": fault.times,
                "path": fault.path,
            } == json.loads(content)
    assert len(commands) == 4
    assert len(empty_emulator.faults) == 0  # the last command removes them


def test_the_tables_are_complete(empty_emulator: Emulator) -> None:
    quirks = re.findall(r"^\| `(\w+)` \|", PAGE.partition("### Quirks")[2], re.MULTILINE)
    assert quirks == [field.name for field in fields(Quirks)]
    faults = PAGE.partition("### Faults")[2].partition("### ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", faults, re.MULTILINE)) == set(get_args(FaultKind))
    documented = re.findall(r"^ *- `(\w+)`: ", Quirks.__doc__ or "", re.MULTILINE)
    assert documented == quirks
    assert tuple(re.findall(r'^\| "(\w+)" \|', PAGE, re.MULTILINE)) == PRESETS
    markers = re.findall(r"^\| `(comfy_cloud_\w+)\(", PAGE, re.MULTILINE)
    assert sorted(markers) == sorted(
        pytest_plugin._READERS.keys() | {"comfy_cloud_faults", "comfy_cloud_recording"}
    )
    table = PAGE.partition("| of `comfy_cloud_emulator`")[2].partition("\n\n")[0]
    names = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)", row.split("|")[1])]
    assert len(names) == 15
    assert not [name for name in names if not hasattr(empty_emulator, name)]


def test_links_to_sections_work() -> None:
    anchors = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= anchors


@pytest.mark.parametrize("link", re.findall(r"\]\(([^):#]+)\)", PAGE))
def test_links_to_files_work(link: str) -> None:
    assert (ROOT / "docs" / link).exists()


def test_the_screenshot_is_small() -> None:
    (image,) = re.findall(r"!\[[^\]]{20,}\]\((\S+\.png)\)", PAGE)
    assert (ROOT / "docs" / image).stat().st_size < 250_000
