"""Workflow graphs in API format: links, the order of nodes, and the keys of the node cache.

Expects graphs that `validation` found valid; only `links` and `reached` accept anything shaped like
a graph.
"""

from __future__ import annotations

import heapq
from collections import Counter
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


def unwrapped(value: Any) -> Any:
    """The value of an input. For {"__value__": x}, as editors write lists, it is x."""
    return value["__value__"] if is_object(value) and "__value__" in value else value


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


def dependents(graph: Mapping[str, Json], nodes: Collection[str]) -> dict[str, list[str]]:
    """For each of the nodes, those of the nodes that need it directly."""
    found: dict[str, list[str]] = {node_id: [] for node_id in nodes}
    for node_id in nodes:
        for source in {link.source for _, link in links(graph[node_id])}:
            if source in found:
                found[source].append(node_id)
    return found


def in_order(graph: Mapping[str, Json], nodes: Collection[str]) -> list[str]:
    """The nodes sorted so that each comes after what it needs; ties in the order of the graph.

    Nodes in a cycle, and those that need them, are left out.
    """
    listed = [node_id for node_id in graph if node_id in nodes]
    places = {node_id: place for place, node_id in enumerate(listed)}
    following = dependents(graph, listed)
    missing = Counter(node_id for needing in following.values() for node_id in needing)
    ready = [place for place, node_id in enumerate(listed) if not missing[node_id]]
    order: list[str] = []
    while ready:
        node_id = listed[heapq.heappop(ready)]
        order.append(node_id)
        for needing in following[node_id]:
            missing[needing] -= 1
            if not missing[needing]:
                heapq.heappush(ready, places[needing])
    return order


def in_cycles(graph: Mapping[str, Json], nodes: Collection[str]) -> set[str]:
    """The nodes that need themselves, directly or through others."""
    # Two depth-first walks, the second against the links: each of its trees is a set of nodes that
    # need each other. Without recursion, because clients send graphs of any depth.
    needing = dependents(graph, nodes)
    needed: dict[str, list[str]] = {node_id: [] for node_id in nodes}
    for source, others in needing.items():
        for node_id in others:
            needed[node_id].append(source)
    seen: set[str] = set()
    ends = [each for node_id in nodes for each in _walked(node_id, needing, seen)]
    seen.clear()
    found: set[str] = set()
    for node_id in reversed(ends):
        tree = _walked(node_id, needed, seen)
        if len(tree) > 1 or (tree and node_id in needed[node_id]):
            found.update(tree)
    return found


def cycles_on_the_way(following: Mapping[str, list[str]], starts: Collection[str]) -> dict[str, list[str]]:
    """The cycles that one depth-first walk from the starts closes, by each of their nodes.

    A cycle begins with the node that was reached first. Of cycles that share a node, this walk may
    close only some.
    """
    found: dict[str, list[str]] = {}
    ended: set[str] = set()
    for start in starts:
        path = [(start, iter(following[start]))] if start not in ended else []
        indices = {start: 0}
        while path:
            node_id, others = path[-1]
            other = next((each for each in others if each not in ended and each not in found), None)
            if other is None:
                ended.add(node_id)
                del indices[node_id]
                path.pop()
            elif other in indices:
                cycle = [each for each, _ in path[indices[other] :]]
                found.update(dict.fromkeys(cycle, cycle))
            else:
                indices[other] = len(path)
                path.append((other, iter(following[other])))
    return found


def _walked(start: str, following: Mapping[str, list[str]], seen: set[str]) -> list[str]:
    """The unseen nodes that follow a start, each after all that follow it. Adds them to `seen`."""
    if start in seen:
        return []
    seen.add(start)
    ends: list[str] = []
    path = [(start, iter(following[start]))]
    while path:
        node_id, others = path[-1]
        unseen = next((each for each in others if each not in seen), None)
        if unseen is None:
            ends.append(node_id)
            path.pop()
        else:
            seen.add(unseen)
            path.append((unseen, iter(following[unseen])))
    return ends


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
