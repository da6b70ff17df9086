"""The editor's nodes as it saves them, version 0.4, subgraphs as in version 1. Pure."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..conversion.editor_values import MISSING
from ..conversion.model import Boundary, Graph, Input, Link, Node, Output, Widget
from ..conversion.restoration import without_forced
from .node_sizes import TITLE_HEIGHT

if TYPE_CHECKING:
    from ..conversion.editor_state import Editor
    from .placement import Point, Size

_LINK_FIELDS = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
# The boxes of a subgraph for its inputs and outputs.
_BOX_WIDTH, _BOX_ROW, _BOX_MARGIN, _BOX_GAP = 128.0, 20.0, 40.0, 80.0


class Drawing(NamedTuple):
    """Where the nodes of a graph are drawn, by their ids, and how large."""

    corners: Mapping[str, Point]
    sizes: Mapping[str, Size]


def saved_document(editor: Editor, drawings: Mapping[str, Drawing]) -> dict[str, Any]:
    """The workflow in the editor's format, with nodes at the places in the drawing of each graph.

    Version 0.4, since every version of the frontend reads it.
    """
    graph = editor.root
    graphs = editor.graphs()
    saved: dict[str, Any] = {
        "revision": 0,
        "last_node_id": _last_id(graphs),
        "last_link_id": editor.last_link_id,
        "nodes": _saved_nodes(graph, drawings[graph.id]),
        "links": [_saved_link(link) for link in graph.links.values()],
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
    }
    if editor.subgraphs:
        definitions = [
            _saved_subgraph(editor, inner, drawings[inner.id]) for inner in editor.subgraphs.values()
        ]
        saved["definitions"] = {"subgraphs": definitions}
    return saved


def _last_id(graphs: Iterable[Graph]) -> int:
    return max((int(node.id) for graph in graphs for node in graph.nodes), default=0)


def _saved_nodes(graph: Graph, drawing: Drawing) -> list[dict[str, Any]]:
    corners = drawing.corners
    by_place = sorted(graph.nodes, key=lambda node: corners[node.id])
    order = {node.id: at for at, node in enumerate(by_place)}
    return [
        _saved_node(node, corners[node.id], drawing.sizes[node.id], order[node.id]) for node in graph.nodes
    ]


def _saved_link(link: Link) -> list[Any]:
    return [link.id, int(link.origin_id), link.origin_slot, int(link.target_id), link.target_slot, link.type]


def _saved_subgraph(editor: Editor, graph: Graph, drawing: Drawing) -> dict[str, Any]:
    lefts = [corner[0] for corner in drawing.corners.values()]
    rights = [corner[0] + drawing.sizes[id][0] for id, corner in drawing.corners.items()]
    left, right = min(lefts) - _BOX_GAP - _BOX_WIDTH, max(rights) + _BOX_GAP
    return {
        "id": graph.id,
        "version": 1,
        "state": {
            "lastGroupId": 0,
            "lastNodeId": _last_id([graph]),
            "lastLinkId": editor.last_link_id,
            "lastRerouteId": 0,
        },
        "revision": 0,
        "config": {},
        "name": graph.name,
        "inputNode": {"id": -10, "bounding": _bounding(left, graph.inputs)},
        "outputNode": {"id": -20, "bounding": _bounding(right, graph.outputs)},
        "inputs": [_saved_boundary(one, left + _BOX_WIDTH, at) for at, one in enumerate(graph.inputs)],
        "outputs": [_saved_boundary(one, right, at) for at, one in enumerate(graph.outputs)],
        "widgets": [],
        "nodes": _saved_nodes(graph, drawing),
        "groups": [],
        "links": [dict(zip(_LINK_FIELDS, _saved_link(link), strict=True)) for link in graph.links.values()],
        "extra": {},
    }


def _bounding(left: float, boundaries: list[Boundary]) -> list[int]:
    return [round(left), 0, round(_BOX_WIDTH), round(_BOX_MARGIN + _BOX_ROW * len(boundaries))]


def _saved_boundary(boundary: Boundary, x: float, at: int) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, boundary.id)),
        "name": boundary.name,
        "type": boundary.type,
        "linkIds": list(boundary.link_ids),
        "pos": [round(x), round(_BOX_ROW * (at + 1))],
    }


def _saved_node(node: Node, corner: Point, size: Size, order: int) -> dict[str, Any]:
    saved: dict[str, Any] = {
        "id": int(node.id),
        "type": node.type,
        "pos": [round(corner[0]), round(corner[1] + TITLE_HEIGHT)],
        "size": list(size),
        "flags": {},
        "order": order,
        "mode": 0,
        "inputs": [_saved_input(input) for input in saved_inputs(node)],
        "outputs": [_saved_output(output) for output in node.outputs],
    }
    if node.saved is not None and node.saved.title:
        saved["title"] = node.saved.title
    saved["properties"] = dict(node.properties)
    saved["widgets_values"] = _saved_values(node)
    return saved


def saved_inputs(node: Node) -> list[Input]:
    """The inputs to save: those with a link, and those without a widget; all of a host.

    The editor makes the others anyway. Frontend 1.58.1 loses links when it finds all of them saved
    in a node whose dynamic combo has a group that grows.
    """
    if node.definition is not None:
        return node.inputs
    return [input for input in node.inputs if input.link or not input.widget or node.is_unknown]


def _saved_input(input: Input) -> dict[str, Any]:
    saved = {"name": input.name, "type": input.type, "link": input.link}
    return saved if input.widget is None else {**saved, "widget": {"name": input.widget}}


def _saved_output(output: Output) -> dict[str, Any]:
    return {"name": output.name, "type": output.type, "links": list(output.links) or None}


def _saved_values(node: Node) -> list[Any]:
    if node.is_unknown:
        listed = node.saved.values if node.saved is not None else None
        return copy.deepcopy(listed) if isinstance(listed, list) else []
    if node.definition is not None:
        return _plain_values(node.shown_widgets)
    values = _plain_values(widget for widget in node.widgets if widget.is_saved)
    if len(without_forced(node, values)) < len(values):
        # As many as an older version of the class saved: the editor would leave some out.
        values.append(None)
    return values


def _plain_values(widgets: Iterable[Widget]) -> list[Any]:
    values = [widget.value for widget in widgets]
    while values and values[-1] is MISSING:
        values.pop()
    return [None if value is MISSING else copy.deepcopy(value) for value in values]
