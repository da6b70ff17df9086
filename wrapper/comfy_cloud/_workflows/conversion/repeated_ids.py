"""Two nodes of one graph with the same id: which links belong to the second one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .document import SavedNode
from .model import Graph

if TYPE_CHECKING:
    from .editor_state import Editor


def follow_new_id(editor: Editor, graph: Graph, first: SavedNode, second: SavedNode, new_id: str) -> None:
    """Let the links that only the second node names lead to its new id.

    The editor leaves them all with one of the nodes.
    """
    editor.spend(1 + len(first.inputs) + sum(len(slot.links) for slot in first.outputs) // 4)
    outgoing = _outgoing(second) - _outgoing(first)
    incoming = _incoming(second) - _incoming(first)
    for id in outgoing:
        link = graph.links.get(id)
        if link is not None and link.origin_id == second.id:
            link.origin_id = new_id
    for id in incoming:
        link = graph.links.get(id)
        if link is not None and link.target_id == second.id:
            link.target_id = new_id


def _outgoing(node: SavedNode) -> set[Any]:
    return {id for slot in node.outputs for id in slot.links}


def _incoming(node: SavedNode) -> set[Any]:
    return {slot.link for slot in node.inputs if slot.link is not None}
