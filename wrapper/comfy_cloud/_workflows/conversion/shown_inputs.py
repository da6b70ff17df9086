"""The inputs that a person sets in the editor on nodes that are not sent. Pure.

A host of a subgraph shows inputs of the nodes in it, and a primitive node has the value of the
inputs that it is connected to.
"""

from __future__ import annotations

from .editor_values import item
from .expansion import Unfolded
from .links import target_of
from .model import Graph, Input, Node

# By its name, the inputs of the graph that it is, each as the id of a node and a name.
Shown = dict[str, tuple[tuple[str, str], ...]]


def shown_inputs(places: dict[str, Unfolded]) -> dict[str, Shown]:
    """The inputs of each host and each primitive node by its id, as far as they lead to any."""
    found: dict[str, Shown] = {}
    # Outer hosts stand before inner ones, whose inputs theirs may be.
    for place in reversed(places.values()):
        if place.node.definition is not None:
            found[place.id] = _of_host(place, place.node.definition, found)
    for place in places.values():
        if place.node.type == "PrimitiveNode" and place.node.is_virtual:
            found[place.id] = _of_primitive(place, found)
    return {id: shown for id, shown in found.items() if shown}


def _of_host(host: Unfolded, definition: Graph, found: dict[str, Shown]) -> Shown:
    shown: Shown = {}
    labels: Shown = {
        name: ((f"{host.id}:{inner.id}", old),)
        for name, (inner, old) in host.node.group_widgets.items()
        if not inner.is_virtual
    }
    for input in host.node.inputs:
        boundary = input.slot
        targets = _targets(definition, host.id, boundary.link_ids, found) if boundary is not None else ()
        if targets:
            shown[input.name] = targets
            label = input.label or (boundary.label if boundary is not None else None)
            if label:
                labels.setdefault(label, targets)
    return {**labels, **shown}


def _of_primitive(place: Unfolded, found: dict[str, Shown]) -> Shown:
    output = item(place.node.outputs, 0)
    around = place.around.id if place.around is not None else None
    targets = _targets(place.graph, around, output.links, found) if output is not None else ()
    return {"value": targets} if targets else {}


def _targets(
    graph: Graph, around: str | None, link_ids: list[object], found: dict[str, Shown]
) -> tuple[tuple[str, str], ...]:
    targets: dict[tuple[str, str], None] = {}
    for id in link_ids:
        link = graph.link(id)
        node, input = target_of(graph, link) if link is not None else (None, None)
        if node is not None and input is not None:
            targets.update(dict.fromkeys(_targets_in(node, input, around, found)))
    return tuple(targets)


def _targets_in(
    node: Node, input: Input, around: str | None, found: dict[str, Shown]
) -> tuple[tuple[str, str], ...]:
    id = node.id if around is None else f"{around}:{node.id}"
    if node.definition is not None:
        return found.get(id, {}).get(input.name, ())
    return () if node.is_virtual else ((id, input.name),)
