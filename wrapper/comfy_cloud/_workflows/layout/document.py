"""The editor's nodes as it saves them, version 0.4. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..conversion.editor_values import MISSING
from ..conversion.model import Input, Node, Output
from ..conversion.restoration import without_forced
from .node_sizes import TITLE_HEIGHT

if TYPE_CHECKING:
    from ..conversion.editor_state import Editor
    from .placement import Point, Size


def saved_document(editor: Editor, corners: Mapping[str, Point], sizes: Mapping[str, Size]) -> dict[str, Any]:
    """The workflow in the editor's format, with nodes at these places.

    Version 0.4, since every version of the frontend reads it.
    """
    graph = editor.root
    by_place = sorted(graph.nodes, key=lambda node: corners[node.id])
    order = {node.id: at for at, node in enumerate(by_place)}
    return {
        "revision": 0,
        "last_node_id": max((int(node.id) for node in graph.nodes), default=0),
        "last_link_id": editor.last_link_id,
        "nodes": [
            _saved_node(node, corners[node.id], sizes[node.id], order[node.id]) for node in graph.nodes
        ],
        "links": [
            [link.id, int(link.origin_id), link.origin_slot, int(link.target_id), link.target_slot, link.type]
            for link in graph.links.values()
        ],
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
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
    """The inputs to save: those with a link, and those without a widget.

    The editor makes the others anyway. Frontend 1.58.1 loses links when it finds all of them saved
    in a node whose dynamic combo has a group that grows.
    """
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
    values = [widget.value for widget in node.widgets if widget.is_saved]
    while values and values[-1] is MISSING:
        values.pop()
    values = [None if value is MISSING else copy.deepcopy(value) for value in values]
    if len(without_forced(node, values)) < len(values):
        # As many as an older version of the class saved: the editor would leave some out.
        values.append(None)
    return values
