"""Cycles of links in a graph: a server refuses them without giving a reason.

Apart from `validation`, so that submitting a graph does not load the reader of node classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .graph import is_link

__all__ = ["find_cycle", "reason_for_silence", "sources"]


def sources(node: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the nodes that the inputs of a node are linked to."""
    inputs = node.get("inputs")
    values = inputs.values() if isinstance(inputs, Mapping) else ()
    return (value[0] for value in values if is_link(value))


def find_cycle(nodes: Mapping[str, Mapping[str, Any]]) -> tuple[str, str] | None:
    """The first cycle that is found: a node in it, and a message that shows it."""
    done: set[str] = set()
    for start in nodes:
        trail: dict[str, Iterator[str]] = {} if start in done else {start: sources(nodes[start])}
        while trail:
            current = next(reversed(trail))
            source = next(trail[current], None)
            if source is None:
                done.add(current)
                del trail[current]
            elif source in trail:
                ids = list(trail)
                cycle = [*ids[ids.index(source) :], source]
                return source, f"The links form a cycle: {' -> '.join(reversed(cycle[:20]))}"
            elif source in nodes and source not in done:
                trail[source] = sources(nodes[source])
    return None


def reason_for_silence(graph: Mapping[str, Any]) -> str | None:
    """Why a server refuses a graph without giving a reason: a cycle. None if there is none."""
    nodes = {str(node_id): node for node_id, node in graph.items() if isinstance(node, Mapping)}
    found = find_cycle(nodes)
    if found is None:
        return None
    node_id, message = found
    return f"node {node_id} ({nodes[node_id].get('class_type')}): {message}."
