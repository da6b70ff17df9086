"""Small workflows of one behaviour each, and what the editor made of them.

`edge_cases.json` was recorded: `api` is what the frontend 1.49.6 gave in a browser, `newer` what
1.58.1 gives where that is another graph. Titles are left out: the classes are the emulator's.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, convert_workflow
from tests.unit.workflows.conversion.classes import known_classes

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "edge_cases.json").read_text("utf-8"))
# Where the default is better than the editor, see test_better_than_the_editor.
BETTER = {"set_get_nodes_not_installed"}


def without_titles(graph: dict[str, Any]) -> dict[str, Any]:
    nodes = {id: {name: part for name, part in node.items() if name != "_meta"} for id, node in graph.items()}
    # As JSON: True is not 1 there, but 1.0 is.
    found: dict[str, Any] = json.loads(
        json.dumps(nodes), parse_int=lambda text: int(float(text)), parse_float=float
    )
    return found


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "default"])
@pytest.mark.parametrize("name", CASES)
def test_the_graph_is_that_of_the_editor(name: str, strict: bool) -> None:
    case = CASES[name]
    wanted = [case["api"], *([case["newer"]] if "newer" in case else [])]
    given = copy.deepcopy(case["ui"])
    if all("__error__" in graph for graph in wanted):
        with pytest.raises(ConfigurationError, match="node "):
            convert_workflow(case["ui"], known_classes(), strict=strict)
        return
    try:
        graph = without_titles(convert_workflow(case["ui"], known_classes(), strict=strict).graph)
    except ConfigurationError:
        assert strict
        assert "__error__" in case["api"]
        return
    assert case["ui"] == given
    if not strict and name in BETTER:
        return
    assert graph in [without_titles(one) for one in wanted if "__error__" not in one]


def test_strict_is_the_recorded_frontend() -> None:
    """Where the newer one gives another graph, `strict` gives the older, the default the newer.

    But for lists and objects in the place of a text, which the newer one makes a text of.
    """
    names = [name for name, case in CASES.items() if "newer" in case and name != "array_widget_values"]
    assert len(names) == 4
    for name in names:
        for strict, key in ((True, "api"), (False, "newer")):
            case = CASES[name]
            if "__error__" in case[key]:
                with pytest.raises(ConfigurationError):
                    convert_workflow(case["ui"], known_classes(), strict=strict)
            else:
                graph = convert_workflow(case["ui"], known_classes(), strict=strict).graph
                assert without_titles(graph) == without_titles(case[key]), (name, strict)
