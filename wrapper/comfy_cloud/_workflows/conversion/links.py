"""Connecting and disconnecting slots, and the order in which nodes run. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from .document import SavedLink
from .editor_values import are_compatible, common_type, item
from .model import SUBGRAPH_INPUT, Boundary, Graph, Input, Link, Node, Output

if TYPE_CHECKING:
    from .editor_state import Editor


def origin_of(graph: Graph, link: Link) -> tuple[Node | None, Output | Boundary | None]:
    """The node and output that a link comes from, or the subgraph's input."""
    if link.is_from_boundary:
        boundary = item(graph.inputs, link.origin_slot)
        if boundary is not None:
            return None, boundary
    node = graph.by_id.get(link.origin_id)
    return node, item(node.outputs, link.origin_slot) if node is not None else None


def target_of(graph: Graph, link: Link) -> tuple[Node | None, Input | None]:
    """The node and input that a link leads to."""
    node = graph.by_id.get(link.target_id)
    return node, item(node.inputs, link.target_slot) if node is not None else None


def disconnect_input(editor: Editor, node: Node, position: int) -> None:
    """Remove the link to an input."""
    input, graph = item(node.inputs, position), node.graph
    if input is None or graph is None or input.link is None:
        return
    link_id, input.link = input.link, None
    link = graph.links.get(link_id)
    if link is None:
        return
    if link.origin_id == SUBGRAPH_INPUT and not graph.is_root:
        disconnect_boundary(editor, graph, node, input, link)
        return
    origin = graph.by_id.get(link.origin_id)
    output = item(origin.outputs, link.origin_slot) if origin is not None else None
    if origin is None or output is None or not output.links:
        return
    editor.spend(1 + len(output.links) // 16, node)
    if link_id in output.links:
        output.links.remove(link_id)
    graph.links.pop(link_id, None)
    editor.input_changed(node, position, link, False)


def disconnect_boundary(editor: Editor, graph: Graph, node: Node, input: Input, link: Link | None) -> None:
    """Remove the link from an input of the subgraph to an input of a node.

    The position of the link's origin counts, also when that is a node: that is how the editor
    detaches an input that becomes an input of the subgraph.
    """
    input.link = None
    if link is None:
        return
    graph.links.pop(link.id, None)
    boundary = item(graph.inputs, link.origin_slot)
    if boundary is None:
        return
    if link.id in boundary.link_ids:
        boundary.link_ids.remove(link.id)
    if not boundary.link_ids:
        boundary.widget = None
    editor.boundary_disconnected(graph, boundary)
    position = next((at for at, one in enumerate(node.inputs) if one is input), -1)
    if position != -1:
        editor.input_changed(node, position, link, False)


def connect(editor: Editor, origin: Node, output_at: int, target: Node, input_at: int) -> Link | None:
    """Connect an output to an input, in place of what was connected there.

    Returns None if their types do not fit.
    """
    graph = origin.graph
    output, input = item(origin.outputs, output_at), item(target.inputs, input_at)
    if graph is None or output is None or input is None or origin is target:
        return None
    if not are_compatible(output.type, input.type):
        return None
    if input.link is not None:
        disconnect_input(editor, target, input_at)
    type = common_type([input.type, output.type]) or input.type or output.type
    link = Link(SavedLink(editor.next_link_id(), origin.id, output_at, target.id, input_at, type))
    graph.links[link.id] = link
    output.links.append(link.id)
    input.link = link.id
    editor.input_changed(target, input_at, link, True)
    return link


def remove_input(editor: Editor, node: Node, position: int) -> None:
    """Remove an input and its link."""
    disconnect_input(editor, node, position)
    del node.inputs[position]
    for input in node.inputs[position:]:
        link = node.graph.link(input.link) if node.graph is not None else None
        if link is not None and isinstance(link.target_slot, int):
            link.target_slot -= 1


def remove_duplicates(editor: Editor, graph: Graph) -> None:
    """Keep one of several links between the same two slots: the one that the input names."""
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for id, link in graph.links.items():
        key = (link.origin_id, link.origin_slot, link.target_id, link.target_slot)
        groups.setdefault(key, []).append(id)
    for ids in groups.values():
        if len(ids) < 2:
            continue
        target = graph.by_id.get(graph.links[ids[0]].target_id)
        inputs = target.inputs if target is not None else []
        editor.spend(len(inputs) * len(ids) // 16, target)
        kept = next((input.link for input in inputs if input.link in ids), ids[0])
        for id in ids:
            if id == kept:
                continue
            link = graph.links.pop(id)
            origin = graph.by_id.get(link.origin_id)
            output = item(origin.outputs, link.origin_slot) if origin is not None else None
            if output is not None:
                editor.spend(len(output.links) // 16, target if target is not None else origin)
                output.links = [one for one in output.links if one != id]
        for input in inputs:
            if input.link in ids:
                input.link = kept


def align_target_slots(graphs: list[Graph]) -> None:
    """Let every link name the position that its input has now."""
    for graph in graphs:
        for node in graph.nodes:
            for position, input in enumerate(node.inputs):
                link = graph.links.get(input.link) if input.link else None
                if link is not None:
                    link.target_slot = position


def in_execution_order(graph: Graph) -> list[Node]:
    """The nodes so that each comes after those that it depends on; nodes in circles come last."""
    ordered: list[Node] = []
    waiting: dict[str, Node] = {}
    left: dict[str, int] = {}
    ready: deque[Node] = deque()
    for node in graph.nodes:
        waiting[node.id] = node
        count = sum(1 for input in node.inputs if input.link is not None)
        if count:
            left[node.id] = count
        else:
            ready.append(node)
    visited: set[Any] = set()
    while ready:
        node = ready.popleft()
        ordered.append(node)
        waiting.pop(node.id, None)
        for output in node.outputs:
            for id in output.links:
                link = graph.links.get(id)
                if link is None or id in visited:
                    continue
                visited.add(id)
                target = graph.by_id.get(link.target_id)
                if target is None or target.id not in left:
                    continue
                left[target.id] -= 1
                if left[target.id] == 0:
                    ready.append(target)
    return [*ordered, *waiting.values()]
