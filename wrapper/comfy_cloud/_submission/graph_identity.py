"""When two graphs are the same: one rule, by which a job of ours is recognised without its nonce.

A graph is what it runs: node ids, and the class and inputs of each node, in any order. Whatever
else stands in a node (`_meta`, `is_changed`) does not count, since servers add to it.

Whatever a JSON round trip through a server may change compares equal. JSON has one number type,
and servers written in Go or JavaScript store a number as a 64-bit float: 2.0 comes back as 2, and
an integer above 2**53 comes back rounded. Everything else differs: `true` never comes back as 1,
nor 2 as "2", and a node can make another image of each.

Rounding errs on the safe side. Where two graphs differ only in digits that a float cannot hold, the
outcome of a submission is uncertain, and nothing is sent again. Variants of a map, in contrast, are
compared exactly (`exact_digest`): no server comes between, and each seed makes another image.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from ..errors import ConfigurationError

_DIGEST_BYTES = 20
# Every integer up to here has a 64-bit float of its own.
_MAX_EXACT_INTEGER = 2**53
# A graph that we send is at most half as deep. What lies deeper is cut off.
_MAX_DEPTH = 200
_TOO_DEEP = "nested too deeply"


def is_same_graph(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two graphs are the same, even if a server returned one of them."""
    return graph_digest(one) == graph_digest(other)


def has_digest(graph: Mapping[str, Any], digest: str) -> bool:
    """Whether `digest` is that of this graph.

    Journals written before integers were rounded contain the exact digest, which is recognised too.
    """
    return digest in (graph_digest(graph), exact_digest(nodes_of(graph)))


def graph_digest(graph: Mapping[str, Any]) -> str:
    """A digest that is equal for the same graphs: 40 hex digits.

    Raises ConfigurationError if the graph contains anything but JSON, such as a local file.
    """
    return _digest(_canonical(nodes_of(graph), is_rounded=True))


def exact_digest(value: object) -> str:
    """A digest in which integers keep all their digits; 2.0 and 2 are still the same number.

    Raises ConfigurationError if the value contains anything but JSON.
    """
    return _digest(_canonical(value, is_rounded=False))


def nodes_of(graph: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a graph that count, by node id: [class, inputs]."""
    return {str(node_id): _node(node) for node_id, node in graph.items()}


def _node(node: object) -> object:
    if not isinstance(node, Mapping):
        return node
    return [node.get("class_type"), node.get("inputs") or {}]


def _canonical(value: object, *, is_rounded: bool, depth: int = 0) -> object:
    if depth > _MAX_DEPTH:
        return _TOO_DEEP
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if is_rounded and isinstance(value, int) and abs(value) > _MAX_EXACT_INTEGER:
        try:
            return int(float(value))
        except OverflowError:
            return value
    if isinstance(value, Mapping):
        return {key: _canonical(part, is_rounded=is_rounded, depth=depth + 1) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_canonical(part, is_rounded=is_rounded, depth=depth + 1) for part in value]
    return value


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_refuse)
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def _refuse(value: object) -> str:
    raise ConfigurationError(
        f"The graph contains a {type(value).__name__}, which cannot be written as JSON. Pass text, a number, "
        "a list or a dict"
    )
