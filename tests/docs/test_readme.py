"""The README: its programs and commands run, and its links lead somewhere."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT
from scripts.recorded_sessions import GRAPH

from .programs import blocks, ended

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def running_emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """An emulator whose clock runs a hundred times as fast as real time."""
    return start_emulator(seed_data="demo", clock=None, sleep=asyncio.sleep, speed=100)


@pytest.mark.parametrize("code", blocks(README, "python"))
def test_python(code: str, running_emulator: Emulator, tmp_path: Path) -> None:
    for _ in ("once", "and again"):
        done = ended("-c", code, emulator=running_emulator, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert done.stdout.count("\n") >= 1


def shell_lines() -> list[str]:
    lines = [line.partition("#")[0].strip() for line in "".join(blocks(README, "sh")).splitlines()]
    return [line.partition(" | ")[0] for line in lines if line.startswith("comfy-cloud ")]


@pytest.mark.parametrize("line", shell_lines())
def test_shell(line: str, running_emulator: Emulator, tmp_path: Path) -> None:
    emulator = running_emulator
    words = shlex.split(line)[1:]
    if words[0] in {"emulate", "auth"}:  # one never ends, the other prompts: only check that they exist
        words.append("--help")
    if words[:2] == ["spec", "diff"]:
        newer = yaml.safe_load((ROOT / "openapi-cloud.yaml").read_bytes())
        newer["paths"]["/api/news"] = {"get": newer["paths"]["/api/user"]["get"] | {"operationId": "getNews"}}
        (tmp_path / words[2]).write_text(yaml.safe_dump(newer), encoding="utf-8")
    if words[0] in {"run", "sweep"}:
        (tmp_path / words[1]).write_text(json.dumps(GRAPH), encoding="utf-8")
        (tmp_path / "prompts.txt").write_text("a harbour\n", encoding="utf-8")
    if words[0] == "sweep":
        words.append("--yes")
    done = ended("-m", "comfy_cloud.cli", *words, emulator=emulator, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_make_targets_exist() -> None:
    targets = re.findall(r"^make ([a-z-]+)", "".join(blocks(README, "sh")), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"demo", "test", "update-spec"} <= set(targets)
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_each_page_is_listed_once() -> None:
    pages = re.findall(r"^\| \[docs/(\S+)\]\(", README, re.MULTILINE)
    assert len(pages) > 15
    assert len(pages) == len(set(pages))


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((docs/[^)]+#[^)]+)\)", README))))
def test_links_into_pages_lead_to_a_heading(link: str) -> None:
    page, _, anchor = link.partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_methods_exist() -> None:
    with ComfyCloud(api_key="comfyui-nothing-is-sent") as cloud:
        names = re.findall(r"`cloud\.(\w+)", README)
        assert len(names) > 20
        assert not [name for name in names if not hasattr(cloud, name)]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^):#]+)\)", README))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
