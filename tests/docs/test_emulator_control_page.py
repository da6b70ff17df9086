"""docs/emulator-control.md is correct: its table of routes, its commands, and what it links to."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from comfy_cloud.cli.emulate import command
from comfy_cloud_emulator.faults.text_form import fault_from_text
from comfy_cloud_emulator.routes.control.openapi import document
from scripts.project.checkout import ROOT

from .programs import blocks

PAGE = (ROOT / "docs/emulator-control.md").read_text(encoding="utf-8")
STREAM = ("GET", "/_emulator/page/stream")


def test_every_control_route_is_listed() -> None:
    table = PAGE.partition("| route |")[2].partition("\n\n")[0]
    listed = set()
    for row in table.splitlines():
        waiting: list[str] = []
        for methods, path in re.findall(r"`(?:([A-Z]+) ?)?(/_emulator/[\w/{}.]+)?`", row.split("|")[1]):
            waiting += [methods] if methods else []
            if path:
                listed |= {(method, path) for method in waiting}
                waiting = []
    served = {
        (method.upper(), path) for path, operations in document()["paths"].items() for method in operations
    }
    # The storage has the same routes for one fault, and the document is named above the table.
    unlisted = {("DELETE", "/_emulator/file_faults/{id}"), ("GET", "/_emulator/openapi.json")}
    assert listed == (served | {STREAM}) - unlisted
    assert "`GET /_emulator/openapi.json`" in PAGE


def test_the_options_exist() -> None:
    options = {name for each in command.params if isinstance(each, click.Option) for name in each.opts}
    text = "".join(blocks(PAGE, "sh")).replace("\\\n", " ")
    lines = [line for line in text.splitlines() if "comfy-cloud emulate" in line or "podman run" in line]
    assert len(lines) == 3
    for line in lines:
        words = line.rpartition("comfy-cloud")[2]
        assert set(re.findall(r"(?<= )--[\w-]+", words)) <= options
    assert set(re.findall(r"^\| `(--[\w-]+) ", PAGE, re.MULTILINE)) <= options


def test_the_faults_are_faults() -> None:
    found = [word for word in shlex.split(blocks(PAGE, "sh")[1]) if word.startswith('"429')]
    (told,) = re.findall(r"or texts as in `--fault`:\n(.*?)\n-", PAGE, re.DOTALL)
    texts = [each.strip('"') for each in [*found, *re.findall(r'`("[^`]+")`', told)]]
    assert len(texts) == 4
    for text in texts:
        fault_from_text(text)


def test_the_inputs_of_the_action_are_listed() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    table = PAGE.partition("| input |")[2]
    assert re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE) == list(action["inputs"])
    (steps,) = blocks(PAGE, "yaml")
    used = next(step for step in yaml.safe_load(steps)["steps"] if step.get("id") == "emulator")
    assert set(used["with"]) <= set(action["inputs"])
    assert set(re.findall(r"outputs\.(\w+)", steps)) <= set(action["outputs"])


def test_links_to_sections_work() -> None:
    anchors = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= anchors


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^):#]+)[)#]", PAGE))))
def test_links_to_files_work(link: str) -> None:
    assert Path(ROOT, "docs", link).exists()
