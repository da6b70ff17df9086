"""Reroute nodes, which only lead a link on. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .editor_values import are_compatible, item
from .links import disconnect_input
from .model import Graph, Node

if TYPE_CHECKING:
    from .editor_state import Editor


def is_reroute(node: Node) -> bool:
    """Whether a node is a Reroute of the editor."""
    return node.type == "Reroute" and node.is_virtual


def settle_reroutes(editor: Editor, nodes: list[Node]) -> None:
    """Give each Reroute the type of what comes in, and remove links to inputs that do not take it.

    The Reroutes that one link leads through are settled together, so that long chains take no
    longer than short ones.
    """
    firsts: dict[int, Node | None] = {}
    settled: set[int] = set()
    for node in nodes:
        if not is_reroute(node) or node.graph is None:
            continue
        first = _first(node.graph, node, firsts)
        if first is not None and id(first) not in settled:
            settled.add(id(first))
            _settle(editor, node.graph, first)


def _first(graph: Graph, node: Node, firsts: dict[int, Node | None]) -> Node | None:
    """The first Reroute of the chain that a node is in; None if one is connected to nothing."""
    chain: list[Node] = []
    seen: set[int] = set()
    current = node
    while True:
        if id(current) in firsts:
            first = firsts[id(current)]
            break
        chain.append(current)
        seen.add(id(current))
        first = current
        if not current.inputs or current.inputs[0].link is None:
            break
        link = graph.links.get(current.inputs[0].link)
        origin = graph.by_id.get(link.origin_id) if link is not None else None
        if origin is None:
            first = None
            break
        if not is_reroute(origin) or id(origin) in seen:
            break
        current = origin
    for member in chain:
        firsts[id(member)] = first
    return first


def _settle(editor: Editor, graph: Graph, first: Node) -> None:
    source_type: object = None
    link = graph.link(first.inputs[0].link) if first.inputs else None
    origin = graph.by_id.get(link.origin_id) if link is not None else None
    if link is not None and origin is not None and not is_reroute(origin):
        output = item(origin.outputs, link.origin_slot)
        source_type = output.type if output is not None else None
    stack, passed = [first], {id(first)}
    while stack:
        current = stack.pop()
        if not current.outputs:
            continue
        current.outputs[0].type = source_type or "*"
        for link_id in list(current.outputs[0].links):
            link = graph.links.get(link_id)
            target = graph.by_id.get(link.target_id) if link is not None else None
            if link is None or target is None:
                continue
            if is_reroute(target):
                if id(target) not in passed:
                    passed.add(id(target))
                    stack.append(target)
                continue
            input = item(target.inputs, link.target_slot)
            if input is None:
                continue
            if source_type and input.type and not are_compatible(source_type, input.type):
                disconnect_input(editor, target, link.target_slot)
            else:
                editor.input_changed(target, link.target_slot, link, True)
