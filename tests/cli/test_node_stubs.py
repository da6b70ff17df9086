"""`comfy-cloud nodes stubs`: to a file or to stdout, from a server or from a file."""

from __future__ import annotations

import json
from pathlib import Path

from comfy_cloud import node_stubs
from comfy_cloud._workflows.stubs import limits
from comfy_cloud.cli.nodes import MAX_CHOICES
from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.nodes.catalogue import catalogue

from .conftest import Run

CLASSES = catalogue().object_info()


def test_of_the_server(run: Run, empty_cloud: Emulator, tmp_path: Path) -> None:
    expected = node_stubs(CLASSES, source="127.0.0.1")
    assert run("nodes", "stubs").out == expected
    path = tmp_path / "nodes.py"
    done = run("nodes", "stubs", "-o", str(path))
    assert (done.code, done.out) == (0, "")
    assert path.read_text(encoding="utf-8") == expected
    again = run("nodes", "stubs", "-o", str(path))
    assert again.code != 0
    assert "--overwrite" in again.err
    assert run("nodes", "stubs", "-o", str(path), "--overwrite").code == 0
    some = run("nodes", "stubs", "--class", "KSampler", "--class", "VAEDecode", "--max-choices", "5").out
    names = ["KSampler", "VAEDecode"]
    assert some == node_stubs(CLASSES, classes=names, max_choices=5, source="127.0.0.1")
    wrong = run("nodes", "stubs", "--class", "KSamplr")
    assert (wrong.code, "did you mean KSampler" in wrong.err) == (2, True)


def test_of_a_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "classes.json"
    path.write_text(json.dumps(CLASSES))
    made = run("nodes", "stubs", "--object-info", str(path))
    assert made.out == node_stubs(CLASSES, source="classes.json")
    path.write_text("[]")
    refused = run("nodes", "stubs", "--object-info", str(path))
    assert (refused.code, "does not contain node classes" in refused.err) == (2, True)
    path.write_text("{}")
    refused = run("nodes", "stubs", "--object-info", str(path))
    assert (refused.code, "no node classes" in refused.err) == (2, True)


def test_the_command_has_the_limit_of_the_library() -> None:
    assert MAX_CHOICES == limits.MAX_CHOICES
