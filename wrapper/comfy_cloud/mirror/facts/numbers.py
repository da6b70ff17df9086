"""Seeds and sizes, also where they come over links from nodes that only hold a number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..._workflows.seeds import is_seed
from .graph import GraphNode, unwrapped

_MOST_HOPS = 32
_LARGEST = 2**31 - 1
_SIZE_TEXT = re.compile(r"\s*(\d{1,6})\s*[xX*\u00d7]\s*(\d{1,6})\s*", re.ASCII)
_SIZE_NAMES = frozenset(("size", "resolution", "dimensions"))
_HELD = ("value", "int", "number", "seed", "noise_seed", "INT")


class Seed(NamedTuple):
    """A seed, as decimal digits."""

    node_id: str
    name: str
    seed: str


class Size(NamedTuple):
    """A width and height in pixels, and how many images at once, of one node."""

    node_id: str
    width: int
    height: int
    batch: int | None


def seeds_in(nodes: Mapping[str, GraphNode]) -> list[Seed]:
    """The seeds of a graph, in the order of its nodes."""
    return [
        Seed(node.id, name, _digits(value))
        for node in nodes.values()
        for name in node.inputs
        if is_seed(name, value := _held(nodes, node, name))
    ]


def sizes_in(nodes: Mapping[str, GraphNode]) -> list[Size]:
    """The sizes that nodes of a graph make, in its order."""
    found = (_size(nodes, node) for node in nodes.values())
    return [size for size in found if size is not None]


def _size(nodes: Mapping[str, GraphNode], node: GraphNode) -> Size | None:
    width, height = (_pixels(_held(nodes, node, name)) for name in ("width", "height"))
    if width is None or height is None:
        texts = (unwrapped(value) for name, value in node.inputs.items() if name in _SIZE_NAMES)
        match = next(
            (found for text in texts if isinstance(text, str) if (found := _SIZE_TEXT.match(text))), None
        )
        if match is None:
            return None
        width, height = int(match[1]), int(match[2])
    return Size(node.id, width, height, _pixels(_held(nodes, node, "batch_size")))


def _held(nodes: Mapping[str, GraphNode], node: GraphNode, name: str) -> Any:
    """The value of an input, or of the node that it is linked to; None if that is not a number."""
    for _ in range(_MOST_HOPS):
        link = node.links.get(name)
        if link is None:
            return unwrapped(node.inputs.get(name))
        node = nodes[link.node_id]
        held = [each for each in _HELD if each in node.inputs]
        if len(held) != 1:
            if len(node.inputs) != 1:
                return None
            held = list(node.inputs)  # such as a reroute
        name = held[0]
    return None


def _pixels(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= _LARGEST else None


def _digits(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    try:
        return str(int(value))
    except ValueError:  # Python writes no more than 4300 digits
        return hex(value)
