"""docs/contract.md: its tests pass, its Python runs, its shell lines and tables are true."""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
import shlex
from pathlib import Path
from typing import get_args

import pytest

from comfy_cloud import Deviation
from comfy_cloud._http.response_shapes import STEP, WHOLE, Kind
from comfy_cloud.cli._console import exits
from comfy_cloud.contract._documents.sources import MOST_BYTES
from comfy_cloud.contract._run.connection import ATTEMPTS, LONGEST_WAIT
from scripts.project.checkout import ROOT

from .programs import blocks, run

PAGE = (ROOT / "docs/contract.md").read_text(encoding="utf-8")


PROGRAMS = [code for code in blocks(PAGE, "python") if "def test_" not in code]


def test_the_tests_pass(tmp_path: Path) -> None:
    (tests,) = [code for code in blocks(PAGE, "python") if "def test_" in code]
    path = tmp_path / "test_page.py"
    path.write_text(tests, encoding="utf-8")
    options = ["-q", "-c", os.devnull, "--rootdir", str(tmp_path), "-p", "comfy_cloud", "-W", "error"]
    shown = run("-m", "pytest", *options, str(path), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert f"{tests.count('def test_')} passed" in shown


def test_the_programs_run() -> None:
    comparing, tolerating = (run("-c", program) for program in PROGRAMS)
    assert comparing == "True GET /api/user operation getUser is gone ['cloud.mirror', 'cloud.user.get']\n"
    lines = tolerating.splitlines()
    assert lines[0] == "completed"
    assert lines[1] == "GET /api/jobs jobs[].status unknown word 'success' 1"
    assert lines[2] == "GET /api/user status status 502 1"
    assert lines[3] == "<2 deviations in 3 responses, 0 unknown fields>"


def shell_lines() -> list[str]:
    lines = [line.partition("  #")[0].strip() for line in "".join(blocks(PAGE, "sh")).splitlines()]
    return [line for line in lines if line.startswith("comfy-cloud ")]


@pytest.mark.parametrize("line", shell_lines())
def test_the_flags_exist(line: str) -> None:
    words = shlex.split(line)
    shown = run("-m", "comfy_cloud.cli", *words[1:3], "--help")
    assert all(word in shown for word in words if word.startswith("--"))


def test_the_table_of_options_is_complete() -> None:
    shown = run("-m", "comfy_cloud.cli", "contract", "run", "--help").partition("Global options")[0]
    table = PAGE.partition("| option |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"--[a-z-]+", "\n".join(row.split("|")[1] for row in table.splitlines()[2:])))
    known = re.findall(r"^  (?:-o, )?(--[a-z-]+)", shown.partition("Options:")[2], re.MULTILINE)
    assert listed == {*known, "--no-read-only"} - {"--help"}


def test_the_tables_of_kinds_and_codes_are_true() -> None:
    table = PAGE.partition("| kind |")[2].partition("\n\n")[0]
    kinds = [kind for row in table.splitlines()[2:] for kind in re.findall(r"`([a-z ]+)`", row.split("|")[1])]
    assert sorted(kinds) == sorted(get_args(Kind))
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert codes <= set(exits.EXIT_CODES)
    assert codes == {0, exits.API, exits.USAGE, exits.AUTH, exits.NETWORK}


def test_the_figures_are_those_of_the_code() -> None:
    text = " ".join(PAGE.split())
    assert (WHOLE, STEP) == (20, 20)
    assert "at most 20 elements" in text
    assert "every 20th" in text
    assert (ATTEMPTS, LONGEST_WAIT, MOST_BYTES) == (3, 15.0, 20 * 1024 * 1024)
    assert "up to three times" in text
    assert "more than 15 seconds" in text
    assert "at most 20 MB" in text


def test_the_parameters_and_fields_are_those_of_the_code() -> None:
    from comfy_cloud.contract import Report, Unchecked, run_contract

    described = PAGE.partition("## `run_contract` and its report")[2].partition("\n## ")[0]
    parameters = re.search(r"`run_contract\(([^)]*)\)`", described)
    assert parameters
    names = [name.strip() for name in parameters[1].split(",")]
    assert names == ["base_url", "*", *list(inspect.signature(run_contract).parameters)[1:]]
    for kind in (Report, Unchecked, Deviation):
        assert all(f"`{field.name}`" in described for field in dataclasses.fields(kind)), kind


def test_links_within_the_page_lead_to_headings() -> None:
    headings = [
        re.sub(r"[^a-z -]", "", line.lower()) for line in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    ]
    anchors = {heading.strip().replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert links
    assert set(links) <= anchors
