"""Reroute nodes, which only lead a link on. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .editor_values import are_compatible, item
from .links import disconnect_input
from .model import Node

if TYPE_CHECKING:
    from .editor_state import Editor


def _is_reroute(node: Node) -> bool:
    return node.type == "Reroute" and node.is_virtual


def settle_reroute(editor: Editor, node: Node) -> None:
    """Give a Reroute the type of what comes in, and remove links to inputs that do not take it."""
    graph = node.graph
    if graph is None:
        return
    chain, current, source_type = [node], node, None
    seen = {id(node)}
    while current.inputs and current.inputs[0].link is not None:
        link = graph.links.get(current.inputs[0].link)
        origin = graph.by_id.get(link.origin_id) if link is not None else None
        if link is None or origin is None:
            return
        if not _is_reroute(origin):
            output = item(origin.outputs, link.origin_slot)
            source_type = output.type if output is not None else None
            break
        if id(origin) in seen:
            if origin is node and isinstance(link.target_slot, int):
                disconnect_input(editor, current, link.target_slot)
            break
        seen.add(id(origin))
        current = origin
        chain.insert(0, origin)
    stack, passed = [node], {id(node)}
    while stack:
        current = stack.pop()
        at = 0
        while current.outputs and at < len(current.outputs[0].links):
            link = graph.links.get(current.outputs[0].links[at])
            at += 1
            target = graph.by_id.get(link.target_id) if link is not None else None
            if link is None or target is None:
                continue
            if _is_reroute(target):
                if id(target) not in passed:
                    passed.add(id(target))
                    stack.append(target)
                    chain.append(target)
                continue
            input = item(target.inputs, link.target_slot)
            if input is None:
                continue
            if source_type and input.type and not are_compatible(source_type, input.type):
                disconnect_input(editor, target, link.target_slot)
                continue
            editor.input_changed(target, link.target_slot, link, True)
    for one in chain:
        if one.outputs:
            one.outputs[0].type = source_type or "*"
