"""When two graphs are the same: by classes and wiring alone, and with the values of all inputs."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from ..._submission.graph_identity import exact_digest, nodes_of
from ...errors import ConfigurationError
from .graph import GraphNode

_DIGEST_BYTES = 20
_CYCLE_ROUNDS = 4


def graph_digest(nodes: Mapping[str, GraphNode]) -> str:
    """A digest of classes and links: 40 hex digits.

    It does not depend on the ids and the order of nodes, their titles, and the values of inputs.
    Each node gets a digest of all that leads to it, and then one of all that it leads to.
    """
    sources = {
        node.id: [(name, link.slot, link.node_id) for name, link in sorted(node.links.items())]
        for node in nodes.values()
    }
    users: dict[str, list[tuple[str, int, str]]] = {node_id: [] for node_id in nodes}
    for node_id, links in sources.items():
        for name, slot, source in links:
            users[source].append((name, slot, node_id))
    upward = _propagated({node.id: _hash(node.kind) for node in nodes.values()}, sources, users)
    both = _propagated(upward, users, sources)
    return _hash("".join(sorted(both.values())))


def inputs_digest(graph: Mapping[str, Any]) -> str:
    """A digest of node ids, classes, links and values, as `_submission.graph_identity` has it."""
    try:
        return exact_digest(nodes_of(graph))
    except (ConfigurationError, ValueError, TypeError, RecursionError):  # not JSON
        return _hash(ascii(sorted(map(ascii, graph.items()))))


def _propagated(
    first: Mapping[str, str],
    sources: Mapping[str, list[tuple[str, int, str]]],
    users: Mapping[str, list[tuple[str, int, str]]],
) -> dict[str, str]:
    """For each node, a digest of its first one and of those of its sources, and so of theirs."""
    found: dict[str, str] = {}
    missing = {node_id: len(links) for node_id, links in sources.items()}
    ready = [node_id for node_id, count in missing.items() if not count]
    while ready:
        node_id = ready.pop()
        found[node_id] = _combined(first[node_id], sources[node_id], found)
        for _, _, user in users[node_id]:
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    left = [node_id for node_id in first if node_id not in found]  # in a cycle, or behind one
    current = {**found, **{node_id: first[node_id] for node_id in left}}
    for _ in range(_CYCLE_ROUNDS if left else 0):
        current.update({node_id: _combined(first[node_id], sources[node_id], current) for node_id in left})
    return current


def _combined(own: str, links: list[tuple[str, int, str]], known: Mapping[str, str]) -> str:
    return _hash(
        "\n".join([own, *sorted(f"{name!a} {slot} {known[node_id]}" for name, slot, node_id in links)])
    )


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()
