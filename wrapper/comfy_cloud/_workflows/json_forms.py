"""Where the graph is in a JSON document: itself, or inside what a server or another program wrote.

Programs wrap graphs in many ways: as the body of a request, as one job of a history, under a name
of their own, as text inside JSON. Instead of knowing each way, the document is searched level by
level for what has the shape of a graph. The search is bounded. Pure: nothing here reads a file.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import ConfigurationError
from .graph import capitalised, is_layout, is_node

# A wrapped graph is a few levels deep, and a history of some hundred jobs has some thousand values.
_MAX_DEPTH = 12
_MAX_VALUES = 100_000
# The names that mean the graph, where a document contains another one at the same level.
_GRAPH_NAMES = ("prompt", "output")


class FoundWorkflow(NamedTuple):
    """What a document contains: the graph and the editor's workflow, None if it is not there."""

    graph: Mapping[Any, Any] | None
    ui: Mapping[str, Any] | None


class _Value(NamedTuple):
    name: str  # the key under which it is, the nearest one for the items of a list
    value: object
    depth: int


def find_workflow(document: object, what: str) -> FoundWorkflow:
    """The graph that is nearest to the top of a document, and the editor's workflow in it.

    Entries beside the nodes that another program added to a graph are left out. `what` names the
    document in messages.

    Raises ConfigurationError if several graphs are equally near.
    """
    graphs: list[_Value] = []
    ui: Mapping[str, Any] | None = None
    queue = deque([_Value("", document, 0)])
    for _ in range(_MAX_VALUES):
        if not queue:
            break
        found = queue.popleft()
        value = _parsed(found.value)
        if is_layout(value):
            ui = value if ui is None else ui
            continue
        nodes = nodes_of(value)
        if nodes is not None:
            graphs.append(_Value(found.name, nodes, found.depth))
        if found.depth < _MAX_DEPTH:
            queue += _children(value, found, () if nodes is None else nodes)
    return FoundWorkflow(_nearest(graphs, what), ui)


def nodes_of(value: object) -> Mapping[Any, Any] | None:
    """A mapping's nodes, if it is a graph; None if it is not.

    Other entries may stand beside the nodes, unless they look like a node without a class: that is
    a fault in the graph.
    """
    if not isinstance(value, Mapping):
        return None
    nodes = {key: node for key, node in value.items() if is_node(node)}
    if not nodes or len(nodes) == len(value):
        return value if nodes else None
    rest = [(key, part) for key, part in value.items() if key not in nodes]
    return None if any(_is_broken_node(key, part) for key, part in rest) else nodes


def _is_broken_node(key: object, value: object) -> bool:
    return str(key).isdigit() or (isinstance(value, Mapping) and ("inputs" in value or "class_type" in value))


def _children(value: object, parent: _Value, leave_out: Mapping[Any, Any] | tuple[()]) -> Iterator[_Value]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key not in leave_out and isinstance(part, (Mapping, list, tuple, str)):
                yield _Value(str(key), part, parent.depth + 1)
    elif isinstance(value, (list, tuple)):
        for part in value:
            if isinstance(part, (Mapping, list, tuple, str)):
                yield _Value(parent.name, part, parent.depth + 1)


def _parsed(value: object) -> object:
    """The JSON in a text, if it may contain a workflow; any other value as it is."""
    if not isinstance(value, str) or ("class_type" not in value and "nodes" not in value):
        return value
    text = value.strip("\ufeff\0 \t\r\n")
    if text[:1] not in ("{", "[", '"'):
        return value
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return value
    # JSON in JSON in JSON: a text in a text is one level, too.
    return _parsed(parsed) if isinstance(parsed, str) and len(parsed) < len(text) else parsed


def _nearest(graphs: list[_Value], what: str) -> Mapping[Any, Any] | None:
    nearest = [found for found in graphs if found.depth == graphs[0].depth]
    for names in (None, _GRAPH_NAMES):
        values: list[Any] = []
        for found in nearest:
            # Two different ones are enough to know that the document does not say which.
            if (names is None or found.name in names) and len(values) < 2 and found.value not in values:
                values.append(found.value)
        if len(values) == 1:
            graph: Mapping[Any, Any] = values[0]
            return graph
    if not nearest:
        return None
    raise ConfigurationError(
        f"{capitalised(what)} contains {len(nearest)} workflows, as a list of jobs does. Pass one of them"
    )
