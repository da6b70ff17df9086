"""Rarer workflows, and what the editor made of them: damaged ones, odd ids, repeated ids.

`recorded_cases.json` was recorded in a browser: `api` is what the frontend 1.49.6 gave for `ui`,
`newer` what 1.58.1 gives where that is another graph. Titles are left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, convert_workflow
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.conversion.test_edge_cases import without_titles

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "recorded_cases.json").read_text("utf-8"))
# Where the default is better than both versions, as other tests show.
BETTER = {
    "a number and a text as the same id",
    "a text and a number as the same id",
    "the same text as the id of two nodes",
    "a primitive number in which names are replaced",
    "links as objects in version 0.4",
}


def converted(ui: dict[str, Any], *, strict: bool) -> dict[str, Any]:
    try:
        return without_titles(convert_workflow(ui, known_classes(), strict=strict).graph)
    except ConfigurationError:
        return {"__error__": "refused"}


@pytest.mark.parametrize("name", CASES)
def test_strict_gives_the_graph_of_the_editor(name: str) -> None:
    case = CASES[name]
    wanted = case["api"]
    assert converted(case["ui"], strict=True) == (wanted if "__error__" in wanted else without_titles(wanted))


@pytest.mark.parametrize("name", [name for name in CASES if name not in BETTER])
def test_the_default_gives_the_graph_of_a_version_of_the_editor(name: str) -> None:
    case = CASES[name]
    wanted = [case[key] for key in ("api", "newer") if key in case and "__error__" not in case[key]]
    refused = [] if wanted else [{"__error__": "refused"}]
    assert converted(case["ui"], strict=False) in [without_titles(graph) for graph in wanted] + refused


@pytest.mark.parametrize(
    ("name", "origins"),
    [
        ("a number and a text as the same id", ["7", "21"]),
        ("a text and a number as the same id", ["7", "21"]),
        ("the same text as the id of two nodes", ["a", "21"]),
    ],
)
def test_links_stay_with_the_node_that_names_them(name: str, origins: list[str]) -> None:
    """The editor lets both lead to one of the two nodes, or loses the other one."""
    found = convert_workflow(CASES[name]["ui"], known_classes())
    assert [found.graph[id]["inputs"]["samples"][0] for id in ("8", "9")] == origins
    assert [found.graph[id]["inputs"]["width"] for id in origins] == [64, 128]
    (warning,) = found.warnings
    assert warning == f"Two nodes have the id {origins[0]}: the second one is now 21"
    (strict,) = convert_workflow(CASES[name]["ui"], known_classes(), strict=True).warnings
    assert strict == f"Two nodes have the id {origins[0]}: the editor sends only the last one"


def test_a_primitive_that_the_editor_fails_on_is_named() -> None:
    ui = CASES["a primitive number in which names are replaced"]["ui"]
    assert convert_workflow(ui, known_classes()).graph["2"]["inputs"]["width"] == 16
    with pytest.raises(ConfigurationError, match=r"node 1 \(PrimitiveNode, 'Primitive'\) must be text"):
        convert_workflow(ui, known_classes(), strict=True)
