"""What docs/emulator.md promises is tried: its tests pass, its Python runs, its shell lines and tables are true."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import httpx
import pytest

from comfy_cloud.cli.emulate import parse_account, parse_fault
from comfy_cloud_emulator import Emulator, Quirks, pytest_plugin
from comfy_cloud_emulator.quirks import PRESETS
from scripts.project.checkout import ROOT

from ..contract.watched import WATCHED

PAGE = (ROOT / "docs/emulator.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def run(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.contract.watched", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def test_the_tests_pass(tmp_path: Path) -> None:
    (tests,) = [code for code in blocks("python") if "def test_" in code]
    path = tmp_path / "test_page.py"
    path.write_text(tests, encoding="utf-8")
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
        *WATCHED,
    ]
    shown = run("-m", "pytest", *options, str(path), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert f"{tests.count('def test_')} passed" in shown


PROGRAMS = [code for code in blocks("python") if "def test_" not in code]


def test_the_program_runs() -> None:
    assert run("-c", PROGRAMS[0]).count("\n") == 3


def test_the_program_with_two_accounts_runs() -> None:
    (program,) = [code for code in PROGRAMS if "accounts=" in code]
    assert run("-c", program) == "b'mine' 0 5\nTrue\n"


def test_the_flags_exist() -> None:
    shown = run("-m", "comfy_cloud.cli", "emulate", "--help")
    lines = [line.partition("  #")[0] for line in "".join(blocks("sh")).splitlines()]
    lines = [line for line in lines if line.startswith("comfy-cloud emulate")]
    assert len(lines) == 6
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


def test_curl_sets_and_drops_a_fault(empty_emulator: Emulator) -> None:
    told, dropped = [
        shlex.split(line) for line in "".join(blocks("sh")).splitlines() if line.startswith("curl")
    ]
    path = "/_emulator/faults"
    assert told[3].endswith(path)
    # What curl says of a body that it sends with -d.
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert httpx.post(empty_emulator.url + path, content=told[5], headers=kind).status_code == 201
    (fault,) = empty_emulator.faults.pending()
    assert {
        "kind": fault.kind,
        "status": fault.status,
        "times": fault.times,
        "path": fault.path,
    } == json.loads(told[5])
    assert dropped[1:3] == ["-X", "DELETE"]
    assert httpx.delete(empty_emulator.url + path).status_code == 204
    assert len(empty_emulator.faults) == 0


def test_the_control_routes_answer(empty_emulator: Emulator) -> None:
    rows = re.findall(r"^\| `([A-Z`, ]+) (/_emulator/\w+)` \|", PAGE, re.MULTILINE)
    assert len(rows) == 5
    for methods, path in rows:
        for method in re.findall(r"[A-Z]+", methods):
            assert httpx.request(method, empty_emulator.url + path, content=b"{}").status_code not in {
                404,
                405,
            }


def test_the_tables_are_complete(empty_emulator: Emulator) -> None:
    page = PAGE.partition("## Quirks")[2]
    quirks = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert quirks == [field.name for field in fields(Quirks)]
    documented = re.findall(r"^    - `(\w+)`: ", Quirks.__doc__ or "", re.MULTILINE)
    assert documented == quirks
    assert tuple(re.findall(r'^\| "(\w+)" \|', page, re.MULTILINE)) == PRESETS
    markers = re.findall(r"^\| `(comfy_cloud_\w+)\(", PAGE, re.MULTILINE)
    assert sorted(markers) == sorted([*pytest_plugin._READERS, "comfy_cloud_faults"])
    table = PAGE.partition("| of `comfy_cloud_emulator`")[2].partition("\n\n")[0]
    names = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)", row.split("|")[1])]
    assert len(names) == 15
    assert not [name for name in names if not hasattr(empty_emulator, name)]


@pytest.mark.parametrize("link", re.findall(r"\]\(([^):#]+)\)", PAGE))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()


def test_the_picture_of_the_page_is_small() -> None:
    (picture,) = re.findall(r"!\[[^\]]{20,}\]\((\S+\.png)\)", PAGE)
    assert (ROOT / "docs" / picture).stat().st_size < 250_000
