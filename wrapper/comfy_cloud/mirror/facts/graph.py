"""The nodes of a graph, read from whatever a server sent. What is malformed is left out."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from ..._lenient import field_in, id_in, text_in

# PostgreSQL's indexes take no more than about 2,700 bytes.
_LONGEST_KEY = 400


class Link(NamedTuple):
    """The end of a link: the node that it comes from, and its output."""

    node_id: str
    slot: int


class GraphNode(NamedTuple):
    """A node: its inputs, and those of them that are links to nodes of the graph."""

    id: str
    kind: str
    title: str | None
    inputs: Mapping[str, Any]
    links: Mapping[str, Link]


def nodes_in(graph: object) -> dict[str, GraphNode]:
    """The nodes of a graph by id, in its order."""
    if not isinstance(graph, Mapping):
        return {}
    nodes = {str(node_id): node for node_id, node in graph.items() if isinstance(node, Mapping)}
    return {node_id: _node(node_id, node, nodes) for node_id, node in nodes.items()}


def short_key(text: str) -> str:
    """Text as it can be a key: what is very long is cut, and gets a digest."""
    if len(text) <= _LONGEST_KEY:
        return text
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
    return f"{text[:_LONGEST_KEY]}...{digest}"


def unwrapped(value: object) -> object:
    """A value without the object that ComfyUI puts around one that could be taken for a link."""
    return value["__value__"] if isinstance(value, Mapping) and "__value__" in value else value


def _node(node_id: str, node: Mapping[str, Any], nodes: Mapping[str, Any]) -> GraphNode:
    inputs = node.get("inputs")
    inputs = {str(name): value for name, value in inputs.items()} if isinstance(inputs, Mapping) else {}
    links = {name: link for name, value in inputs.items() if (link := _link(value, nodes)) is not None}
    title = text_in(field_in(node.get("_meta"), "title"))
    return GraphNode(node_id, text_in(node.get("class_type")) or "", title, inputs, links)


def _link(value: object, nodes: Mapping[str, Any]) -> Link | None:
    if not isinstance(value, (list, tuple)) or len(value) != 2 or type(value[1]) is not int:
        return None
    source = id_in(value[0])
    return (
        Link(source, value[1]) if source is not None and source in nodes and abs(value[1]) < 2**31 else None
    )
