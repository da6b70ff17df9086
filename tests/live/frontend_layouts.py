"""Graphs that are laid out, opened in ComfyUI's own frontend, and made graphs again by it.

Part of `make frontend-check`. What comes back must be the graph, with the ids of the layout.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from comfy_cloud import layout_workflow

from .chromium import Page
from .conversion_score import comparable, difference

# A frontend since 1.58 makes texts of lists and objects in widgets for texts.
_LEFT_OUT = ("array_widget_values",)
_RECORDED = Path(__file__).parents[1] / "unit/workflows/conversion"
# Opens a workflow, and makes the graph of it that the frontend would send.
_CONVERT = """(async () => {{
  try {{
    await window.app.loadGraphData(JSON.parse({text}), true, true, null);
    return JSON.stringify((await window.app.graphToPrompt()).output);
  }} catch (error) {{ return JSON.stringify({{__error__: String(error)}}); }}
}})()"""


def graph_of_page(page: Page, ui: Mapping[str, Any]) -> dict[str, Any]:
    """The graph that the frontend makes of a workflow in the editor's format."""
    found: dict[str, Any] = json.loads(page.value(_CONVERT.format(text=json.dumps(json.dumps(ui)))))
    return found


def own_graphs() -> dict[str, dict[str, Any]]:
    """Graphs of this project, by name: those of the tests, and some with subgraphs."""
    graphs: dict[str, dict[str, Any]] = {}
    for file in ("edge_cases.json", "recorded_cases.json"):
        for name, case in json.loads((_RECORDED / file).read_text("utf-8")).items():
            if name not in _LEFT_OUT and all("class_type" in node for node in case["api"].values()):
                graphs[name] = case["api"]
    empty = {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 32, "batch_size": 1, "color": 255}}
    graphs["hosts of one subgraph"] = {
        "1": empty,
        **{
            f"{host}:{id}": {
                "class_type": "ImageScaleBy",
                "inputs": {"image": [image, 0], "upscale_method": "area", "scale_by": factor},
            }
            for host, image, factor in (("12", "1", 1.5), ("13", "12:4", 2.5), ("14:15", "13:4", 1.5))
            for id, image in (("3", image), ("4", f"{host}:3"))
        },
        "20": {"class_type": "PreviewImage", "inputs": {"images": ["14:15:4", 0]}},
    }
    return graphs


def layout_problems(page: Page, classes: Mapping[str, Any]) -> list[str]:
    """A line for each graph that the frontend changes. Prints how many were tried.

    Graphs of which `layout_workflow` says that something will differ are left out, and so are those
    with classes that the server does not have.
    """
    found: list[str] = []
    tried = 0
    for name, graph in own_graphs().items():
        if not graph or not all(node["class_type"] in classes for node in graph.values()):
            continue
        layout = layout_workflow(graph, classes)
        if any(not line.startswith("These nodes get other ids") for line in layout.warnings):
            continue
        tried += 1
        wanted = _renamed(graph, layout.ids)
        back = graph_of_page(page, layout.ui)
        if "__error__" in back:
            found.append(f"the layout of {name!r}: {back['__error__']}")
        elif comparable(wanted, titles=False) != comparable(back, titles=False):
            found.append(f"the layout of {name!r}: {difference(wanted, back)}")
    print(f"{tried} graphs laid out, opened in the frontend, and sent by it: {len(found)} differ")
    return found


def _renamed(graph: Mapping[str, Any], ids: Mapping[str, int | str]) -> dict[str, Any]:
    def value(given: Any) -> Any:
        is_link = isinstance(given, list) and len(given) == 2 and given[0] in graph
        return [str(ids[given[0]]), given[1]] if is_link else given

    return {
        str(ids[id]): {**node, "inputs": {name: value(given) for name, given in node["inputs"].items()}}
        for id, node in graph.items()
    }
