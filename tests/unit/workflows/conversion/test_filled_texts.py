"""Dates, values of other nodes and choices in texts, which the editor fills in when it sends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from comfy_cloud import convert_workflow
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.conversion.workflows import node, workflow

NOW = datetime(2026, 3, 4, 5, 6, 7)


def prefix(text: str, *nodes: Any, **more: Any) -> str:
    ui = workflow([node(1, "SaveImage", [text]), *nodes])
    found: str = convert_workflow(ui, known_classes(), **more).graph["1"]["inputs"]["filename_prefix"]
    return found


def prompt(text: str, **more: Any) -> str:
    ui = workflow([node(1, "CLIPTextEncode", [text])])
    found: str = convert_workflow(ui, known_classes(), **more).graph["1"]["inputs"]["text"]
    return found


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd", "2026-03-04"),
        ("yy M d", "26 3 4"),
        ("hh:mm:ss", "05:06:07"),
        ("h m s", "5 6 7"),
        ("yyy y", "yyy y"),
    ],
)
def test_dates(pattern: str, text: str) -> None:
    assert prefix(f"a/%date:{pattern}%_b", now=NOW) == f"a/{text}_b"


def test_without_a_clock_dates_stay() -> None:
    assert prefix("%date:yyyy%") == "%date:yyyy%"


def test_values_of_other_nodes() -> None:
    other = node(2, "KSampler", [5, "fixed", 20, 8.5, "euler", "a/b:c", 1], title="My sampler")
    assert prefix("%KSampler.seed%_%My sampler.scheduler%", other) == "5_a_b_c"
    assert prefix("%Nobody.seed% %KSampler.nothing% %width% 50%", other) == (
        "%Nobody.seed% %KSampler.nothing% %width% 50%"
    )


def test_choices() -> None:
    text = "a {red|green|{dark|light} blue} cat"
    assert prompt(text, random=lambda: 0.4) == "a green cat"
    assert prompt(text, random=lambda: 0.99) == "a light blue cat"
    assert prompt(text, random=lambda: 0.0) == "a red cat"
    assert prompt(text) == text


def test_comments_go_and_escapes_are_resolved() -> None:
    assert prompt("a // b\nc /* d\n */ e \\{x\\|y\\} {only}") == "a \nc  e {x|y} only"


def test_other_inputs_are_left_alone() -> None:
    ui = workflow([node(1, "PrimitiveString", ["{a|b} // %date:d%"])])
    found = convert_workflow(ui, known_classes(), now=NOW, random=lambda: 0.0)
    assert found.graph["1"]["inputs"]["value"] == "{a|b} // %date:d%"
