"""docs/editor-workflows.md: its programs and its commands run."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud, layout_workflow
from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT
from tests._async.clients import sampler_graph

from .programs import Done, blocks, ended, run

PAGE = (ROOT / "docs/editor-workflows.md").read_text(encoding="utf-8")
RUNNING, SAVED, NAMES, CONVERTING, OLD_JOB, IN_THE_SHELL = blocks(PAGE, "sh")


@pytest.fixture
def running_emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """An emulator whose clock runs a hundred times as fast as real time."""
    return start_emulator(clock=None, sleep=asyncio.sleep, speed=100, tier="pro")


@pytest.fixture
def folder(running_emulator: Emulator, tmp_path: Path) -> Path:
    """A folder with the files that the page names."""
    with ComfyCloud(api_key=running_emulator.key, base_url=running_emulator.url) as cloud:
        classes = cloud.nodes.all()
        workflow = json.dumps(layout_workflow(sampler_graph(5), classes).ui)
        cloud.userdata.write("workflows/lighthouse.json", workflow)
    for name in ("lighthouse.json", "ui.json"):
        (tmp_path / name).write_text(workflow, encoding="utf-8")
    for name, value in (("graph.json", sampler_graph(5)), ("classes.json", classes)):
        (tmp_path / name).write_text(json.dumps(value, default=dict), encoding="utf-8")
    return tmp_path


def commands(lines: str, emulator: Emulator, folder: Path) -> list[Done]:
    words = [shlex.split(line, comments=True) for line in lines.splitlines()]
    return [ended("-m", "comfy_cloud.cli", *each[1:], emulator=emulator, folder=folder) for each in words]


@pytest.mark.parametrize("program", blocks(PAGE, "python"), ids=["convert", "layout"])
def test_the_programs_run(program: str, running_emulator: Emulator, tmp_path: Path) -> None:
    assert run("-c", program, emulator=running_emulator, folder=tmp_path).count("\n") == 2


def test_a_saved_workflow_runs_from_the_shell(running_emulator: Emulator, folder: Path) -> None:
    checked, ran = commands(RUNNING, running_emulator, folder)
    assert (checked.returncode, ran.returncode) == (0, 0), checked.stderr + ran.stderr
    (submitted,) = running_emulator.submissions
    assert [node["inputs"]["seed"] for node in submitted.graph.values() if "seed" in node["inputs"]] == [7]
    assert list((folder / "out").iterdir())
    listed, fetched = commands(
        SAVED.replace("-o lighthouse.json", "-o fetched.json"), running_emulator, folder
    )
    assert [each["path"] for each in json.loads(listed.stdout)] == ["lighthouse.json"]
    assert fetched.returncode == 0, fetched.stderr
    assert (folder / "fetched.json").read_bytes() == (folder / "lighthouse.json").read_bytes()


def test_names_and_seeds(running_emulator: Emulator, folder: Path) -> None:
    (folder / "classes.json").unlink()
    wrote, shown = commands(NAMES, running_emulator, folder)
    assert (wrote.returncode, shown.returncode) == (0, 0), wrote.stderr + shown.stderr
    assert json.loads(shown.stdout).keys() == sampler_graph(5).keys()
    (row,) = [line for line in PAGE.splitlines() if line.startswith("| run ten seeds |")]
    sweep, mapped = re.findall("`([^`]+)`", row)
    assert sweep.startswith("sweep lighthouse.json --set ")
    # Two seeds show the same as ten.
    (swept,) = commands(f"comfy-cloud {sweep.replace('1:10:1', '1:2:1')} --yes", running_emulator, folder)
    assert swept.returncode == 0, swept.stderr
    program = (
        "from comfy_cloud import ComfyCloud\nwith ComfyCloud() as cloud:\n"
        f"    for result in {mapped.replace('range(10)', 'range(3, 5)')}: result.unwrap()"
    )
    run("-c", program, emulator=running_emulator, folder=folder)
    graphs = [submission.graph for submission in running_emulator.submissions]
    seeds = [
        node["inputs"]["seed"] for graph in graphs for node in graph.values() if "seed" in node["inputs"]
    ]
    assert sorted(seeds) == [1, 2, 3, 4]


def test_a_workflow_is_converted_and_laid_out_from_the_shell(
    running_emulator: Emulator, folder: Path
) -> None:
    with ComfyCloud(api_key=running_emulator.key, base_url=running_emulator.url) as cloud:
        job = cloud.run(folder / "ui.json", {"KSampler.seed": 8})
    lines = CONVERTING + OLD_JOB.replace("5f2a1c0e", job.id[:8])
    done = commands(lines, running_emulator, folder)
    assert [each.returncode for each in done] == [0, 0, 0, 0], [each.stderr for each in done]
    graph = json.loads((folder / "api.json").read_text(encoding="utf-8"))
    for node in graph.values():
        assert node.pop("_meta")["title"]
    assert graph == sampler_graph(5)
    saved, ran = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in ("saved.json", "ran.json")
    )
    assert saved == json.loads((folder / "ui.json").read_text(encoding="utf-8"))
    (sampler,) = [node for node in ran["nodes"] if node["type"] == "KSampler"]
    assert sampler["widgets_values"][0] == 8


def test_the_other_commands_are_known(running_emulator: Emulator, folder: Path) -> None:
    words = [shlex.split(line, comments=True)[1:3] for line in IN_THE_SHELL.splitlines()]
    assert [name for _, name in words] == ["show", "show", "set", "validate", "extract", "diff"]
    for noun, name in words:
        assert ended("-m", "comfy_cloud.cli", noun, name, "--help", folder=folder).returncode == 0
