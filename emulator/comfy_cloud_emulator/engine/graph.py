"""Workflow graphs in API format: links, the order of nodes, and the keys of the node cache.

Expects graphs that `validation` found valid; only `links` and `reached` accept anything shaped like
a graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from comfy_cloud_emulator.state.json_values import Json, is_array, is_object


class Link(NamedTuple):
    """Where an input takes its value from: output number `slot` of the node `source`."""

    source: str
    slot: int


def link_of(value: object) -> Link | None:
    """The link that an input's value is, or None for a plain value."""
    if not is_array(value) or len(value) != 2:
        return None
    source, slot = value
    if not isinstance(source, str) or not isinstance(slot, (int, float)) or isinstance(slot, bool):
        return None
    return Link(source, int(slot))


def links(node: Json) -> Iterator[tuple[str, Link]]:
    """The linked inputs of a node as (name, link)."""
    inputs = node.get("inputs")
    for name, value in inputs.items() if is_object(inputs) else ():
        link = link_of(value)
        if link is not None:
            yield name, link


def reached(graph: Mapping[str, Json], targets: Collection[str]) -> set[str]:
    """The targets and every node that they need, as far as these exist."""
    found: set[str] = set()
    waiting = [target for target in targets if target in graph]
    while waiting:
        node_id = waiting.pop()
        if node_id not in found:
            found.add(node_id)
            waiting.extend(link.source for _, link in links(graph[node_id]) if link.source in graph)
    return found


def is_in_cycle(graph: Mapping[str, Json], node_id: str) -> bool:
    """Whether a node needs itself, directly or through others."""
    return node_id in reached(graph, [link.source for _, link in links(graph[node_id])])


def in_order(graph: Mapping[str, Json], nodes: Collection[str]) -> list[str]:
    """The nodes sorted so that each comes after what it needs; ties in the order of the graph.

    Nodes in a cycle, and those that need them, are left out.
    """
    left = {
        node_id: {link.source for _, link in links(graph[node_id]) if link.source in nodes}
        for node_id in graph
        if node_id in nodes
    }
    order: list[str] = []
    while True:
        ready = next((node_id for node_id, needed in left.items() if not needed), None)
        if ready is None:
            return order
        order.append(ready)
        del left[ready]
        for needed in left.values():
            needed.discard(ready)


def cache_keys(graph: Mapping[str, Json], order: Collection[str]) -> dict[str, str]:
    """A key for each node, made of its class, values and upstream nodes.

    It is equal whenever the result is.
    """
    keys: dict[str, str] = {}
    for node_id in order:
        node = graph[node_id]
        inputs: dict[str, Any] = dict(node.get("inputs", {}))
        for name, link in links(node):
            inputs[name] = [keys.get(link.source, link.source), link.slot]
        # A node id belongs to a preview but not to the result, so equal nodes share a key.
        text = orjson.dumps([node["class_type"], inputs], option=orjson.OPT_SORT_KEYS)
        keys[node_id] = blake2b(text, digest_size=16).hexdigest()
    return keys
