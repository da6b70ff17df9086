"""Addresses of inputs, such as "6.text", "KSampler.seed" or "My title.image".

The part before the dot names a node by its id; else by its title, in any case if no title matches
exactly; else by its class. A plus sign before the name of the input, as in "6.+speed", adds it.
Where the workflow is known as the editor has it, the nodes that a person sees there count too, see
`editor_addresses`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from .graph import Graph
from .near_names import nearest

if TYPE_CHECKING:
    from .editor_addresses import EditorNodes

_MAX_LISTED = 8
_MAX_INPUTS_LISTED = 20


def find_inputs(
    graph: Graph, address: object, editor: Callable[[], EditorNodes | None]
) -> list[tuple[str, str]]:
    """Each node id with the name of an input that an address means.

    That of a subgraph may be one of several nodes in it. `editor` gives the nodes of the editor, if
    they are known; it is called only if they matter. Raises ConfigurationError as `find_input`.
    """
    error: ConfigurationError | None = None
    found: list[tuple[str, str]] = []
    try:
        found = [find_input(graph, address)]
    except ConfigurationError as raised:
        error = raised
    if not isinstance(address, str) or not (splits := list(_splits(address))):
        raise error or AssertionError
    is_by_id = error is None and any(part == found[0][0] for part, _ in splits)
    if is_by_id or (error is None and not any(":" in node_id for node_id in graph)):
        return found
    nodes = editor()
    if nodes is None or (error is None and not nodes.has_subgraphs):
        if error is not None:
            raise error
        return found
    targets = nodes.targets(address, splits)
    if targets is not None:
        return list(targets)
    if error is None:
        return found
    near = nodes.suggestion(splits)
    if near is None or any(_nodes_named(graph, part) for part, _ in splits):
        raise error
    raise ConfigurationError(
        f"No node is called {splits[0][0]!r} (by id, title or class). Did you mean: {near}"
    )


def find_input(graph: Graph, address: object) -> tuple[str, str]:
    """The node id and the name of the input that an address means.

    Raises ConfigurationError if no node matches or several do, or if the node has no such input.
    """
    # Node names and input names may contain dots: the longest possible node name is tried first.
    splits = list(_splits(address)) if isinstance(address, str) else []
    if not splits:
        raise ConfigurationError(
            f"An input is addressed as node.input, such as '6.text' or 'KSampler.seed', not {address!r:.80}"
        )
    candidates: list[tuple[str, str]] = []
    for part, name in splits:
        matches = _nodes_named(graph, part)
        if len(matches) > 1:
            raise ConfigurationError(
                f"{address!r}: {len(matches)} nodes are called {part!r}. Use an id: "
                f"{_described(graph, matches)}"
            )
        if matches and name in graph[matches[0]]["inputs"]:
            return matches[0], name
        candidates += [(node_id, name) for node_id in matches]
    if not candidates:
        raise ConfigurationError(_no_node(graph, splits[0][0]))
    for node_id, name in candidates:
        if name.startswith("+") and name != "+":
            return node_id, name[1:]
    raise ConfigurationError(_no_input(graph, *candidates[0]))


def _splits(address: str) -> Iterator[tuple[str, str]]:
    at = len(address)
    while (at := address.rfind(".", 0, at)) > 0:
        if address[at + 1 :]:
            yield address[:at], address[at + 1 :]


def _nodes_named(graph: Graph, name: str) -> list[str]:
    if name in graph:
        return [name]
    titles = {node_id: _title(node) for node_id, node in graph.items()}
    folded = name.casefold()
    return (
        [node_id for node_id, title in titles.items() if title == name]
        or [node_id for node_id, title in titles.items() if title.casefold() == folded]
        or [node_id for node_id, node in graph.items() if node["class_type"] == name]
    )


def _title(node: Mapping[str, Any]) -> str:
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    return title if isinstance(title, str) else ""


def _no_node(graph: Graph, part: str) -> str:
    names: dict[str, list[str]] = {}
    for node_id, node in graph.items():
        for known in (node_id, _title(node), node["class_type"]):
            names.setdefault(known.casefold(), []).append(node_id)
    close = difflib.get_close_matches(part.casefold(), [name for name in names if name], n=3, cutoff=0.5)
    near = list(dict.fromkeys(node_id for name in close for node_id in names[name]))
    question = "Did you mean" if near else "The nodes are"
    return (
        f"No node is called {part!r} (by id, title or class). {question}: "
        f"{_described(graph, near or [*graph])}"
    )


def _no_input(graph: Graph, node_id: str, name: str) -> str:
    known = list(graph[node_id]["inputs"])
    bare = name.lstrip("+")
    close = nearest(bare, known, count=1)
    question = f"; did you mean {close[0]!r}?" if close else "."
    listed = ", ".join(known[:_MAX_INPUTS_LISTED]) or "none"
    return (
        f"Node {_described(graph, [node_id])} has no input {name!r}{question} Its inputs: {listed}. "
        f"To add one, write '{node_id}.+{bare or 'name'}'"
    )


def _described(graph: Graph, node_ids: list[str]) -> str:
    """Ids with class and title, as many as are worth reading."""
    parts = []
    for node_id in node_ids[:_MAX_LISTED]:
        class_type, title = graph[node_id]["class_type"], _title(graph[node_id])
        parts.append(
            f"{node_id} ({class_type}{f', {title[:40]!r}' if title not in ('', class_type) else ''})"
        )
    more = len(node_ids) - len(parts)
    return ", ".join(parts) + (f" and {more} more" if more else "")
