"""What "control after generate" says of the seeds in a graph. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .expansion import Unfolded
from .model import Node
from .shown_inputs import Shown


def seed_controls(
    places: dict[str, Unfolded], graph: Mapping[str, Mapping[str, Any]], shown: dict[str, Shown]
) -> dict[str, str]:
    """The control value of each integer in the graph that has one, by "id.input".

    That of a primitive node is the one of all inputs which it sets.
    """
    found: dict[str, str] = {}
    primitives = [place for place in places.values() if place.node.type == "PrimitiveNode"]
    nodes = [place for place in places.values() if place.id in graph]
    for place in [*nodes, *primitives]:
        for name, value in _controls(place.node).items():
            targets = ((place.id, name),)
            for target_id, input in shown.get(place.id, {}).get(name, targets):
                given = graph.get(target_id, {}).get("inputs", {}).get(input)
                if type(given) is int:
                    found[f"{target_id}.{input}"] = value
    return found


def _controls(node: Node) -> dict[str, str]:
    """The values of the controls, by the names of the widgets before them."""
    found: dict[str, str] = {}
    previous = ""
    for widget in node.widgets:
        if not widget.is_control:
            previous = widget.name
        elif widget.value in ("fixed", "increment", "decrement", "randomize"):
            found[previous] = widget.value
    return found
