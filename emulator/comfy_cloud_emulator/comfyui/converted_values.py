"""The graph that a self-hosted ComfyUI keeps: with the values as its validation converts them.

Seen on a ComfyUI 0.30.0: the history, the queue and the saved files have `16` where the client sent
`"16"` or `{"__value__": "16"}`. A wrapped list that looks like a link becomes one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from comfy_cloud_emulator.engine.graph import reached, unwrapped
from comfy_cloud_emulator.nodes.catalogue import Catalogue
from comfy_cloud_emulator.state.json_values import Json, is_array

_CONVERSIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "INT": int,
    "FLOAT": float,
    "STRING": str,
    "BOOLEAN": bool,
}
_LEAST: Final = -(2**63)
_MOST: Final = 2**64 - 1
"""The numbers that the emulator can store; NaN is not among them."""


def with_converted_values(graph: Json, catalogue: Catalogue, outputs: Collection[str]) -> Json:
    """A copy of a valid graph with converted values, as far as the outputs need its nodes."""
    needed = reached(graph, outputs)
    return {
        node_id: _converted_node(node, catalogue) if node_id in needed else node
        for node_id, node in graph.items()
    }


def _converted_node(node: Json, catalogue: Catalogue) -> Json:
    node_class, inputs = catalogue.get(node["class_type"]), node.get("inputs", {})
    if node_class is None:
        return node
    changed = {
        name: _converted(expected.type, inputs[name])
        for name, expected in node_class.inputs_for(inputs).items()
        if name in inputs and not is_array(inputs[name])
    }
    return node | {"inputs": inputs | changed}


def _converted(type: str, value: Any) -> Any:
    value = unwrapped(value)
    convert = _CONVERSIONS.get(type)
    try:
        found = value if convert is None else convert(value)
    except (TypeError, ValueError, OverflowError):
        return value
    is_storable = not isinstance(found, (int, float)) or _LEAST <= found <= _MOST
    return found if is_storable else value
