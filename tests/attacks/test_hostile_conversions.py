"""Workflows of the editor that multiply are converted or refused with the node, and quickly."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from comfy_cloud import ConfigurationError, convert_workflow
from comfy_cloud._workflows.conversion import editor_state, explanation
from tests.attacks.growing_inputs import lines_of
from tests.attacks.hostile_conversions import CLASSES, SHAPES, ConversionReport, node, replaced, within

MOST_LINES = 1_000_000
"""What the slowest shape runs with the smaller bound."""


@pytest.mark.parametrize("shape", SHAPES)
def test_work_that_multiplies_is_bounded(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor_state, "_MOST_WORK", 20_000)
    monkeypatch.setattr(explanation, "_MOST_COMPARED", 200)
    ui, classes = SHAPES[shape](600)
    report = ConversionReport()
    assert lines_of(lambda: report.attempt(shape, ui, classes)) < MOST_LINES
    assert report.failures == []


def test_any_values_in_any_place() -> None:
    report = ConversionReport()
    for number, (name, ui, classes) in enumerate(islice(replaced(random.Random(7)), 120)):
        report.attempt(name, ui, classes, strict=number % 3 == 0)
    assert report.failures == []


@pytest.mark.parametrize("step", [float("inf"), float("nan"), 0, -1, 1e-320])
def test_a_step_may_be_any_number(step: float) -> None:
    classes = {"A": {"input": {"required": {"a": ["FLOAT", {"step": step}]}}, "output": []}}
    assert convert_workflow({"nodes": [node(1, "A", [1.5])]}, classes).graph["1"]["inputs"] == {"a": 1.5}


def test_the_refusal_names_the_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor_state, "_MOST_WORK", 5_000)
    ui = within([node(7, "s", title="many")], *(node(at, "Text", [[1] * 900]) for at in range(9)))
    with pytest.raises(ConfigurationError, match=r"too much work .* at node \d"):
        convert_workflow(ui, CLASSES)
