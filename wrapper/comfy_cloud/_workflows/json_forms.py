"""Where the graph is in a JSON document: itself, or inside what a server or another program wrote.

Programs wrap graphs in many ways: as the body of a request, as one job of a history, under a name
of their own, as text inside JSON, in the parameters of a node of another editor. Instead of knowing
each way, the document is searched level by level for what has the shape of a graph. The search is
bounded. Pure: nothing here reads a file.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from ..errors import ConfigurationError
from .embedded_json import SearchBudget, embedded_json, has_too_many_values, mentions_workflow
from .graph import capitalised, is_layout, is_node

# A wrapped graph is a few levels deep, and a history of some hundred jobs has some thousand values.
_MAX_DEPTH = 16
_MAX_VALUES = 100_000
# All texts in a document together are parsed up to this size.
_MAX_PARSED = 64 * 1024 * 1024
# The names that mean the graph, where a document contains another one at the same level.
_GRAPH_NAMES = ("prompt", "output")
# What an editor of other workflows has beside its nodes, where ComfyUI's has links.
_OTHER_EDITORS = ("edges", "connections")
# What names an item of a list, or a value in one, for people.
_ID_NAMES = ("id", "prompt_id", "job_id", "name", "title")
_MAX_LISTED = 6


class FoundWorkflow(NamedTuple):
    """What a document contains: the graph and the editor's workflow, None if it is not there."""

    graph: Mapping[Any, Any] | None
    ui: Mapping[str, Any] | None


class _Value(NamedTuple):
    path: tuple[str | int, ...]
    value: object
    owner: str = ""  # the id of the nearest object around it that has one

    @property
    def name(self) -> str:
        """The key under which it is, the nearest one for the items of a list."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    def __str__(self) -> str:
        shown = ""
        for part in self.path:
            shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
        is_known = not self.owner or self.owner in self.path
        return shown[:120] if is_known else f"{shown[:120]} ({self.owner[:60]})"


class _Texts:
    """Parses the JSON in texts, up to a total size."""

    def __init__(self, budget: SearchBudget) -> None:
        self._budget = budget
        self._left = _MAX_PARSED

    def values(self, text: str) -> list[object]:
        """The JSON in a text that may contain a workflow: all of it, or what is embedded in it."""
        if not mentions_workflow(text) or len(text) > self._left or has_too_many_values(text):
            return []
        self._left -= len(text)
        stripped = text.strip("\ufeff\0 \t\r\n")
        if stripped[:1] in ("{", "[", '"'):
            try:
                parsed = json.loads(stripped)
            except (ValueError, RecursionError):
                pass
            else:
                # JSON in JSON in JSON: a text in a text is one level, too.
                return self.values(parsed) if isinstance(parsed, str) else [parsed]
        return [json.loads(found.text) for found in embedded_json(text, self._budget)]


def find_workflow(document: object, what: str, budget: SearchBudget | None = None) -> FoundWorkflow:
    """The graph that is nearest to the top of a document, and the editor's workflow in it.

    Entries beside the nodes that another program added to a graph are left out. `what` names the
    document in messages. `budget` bounds the search in its texts.

    Raises ConfigurationError, which lists them, if several graphs are equally near, or in
    different items of one list.
    """
    graphs: list[_Value] = []
    ui: Mapping[str, Any] | None = None
    queue, texts = deque([_Value((), document)]), _Texts(budget or SearchBudget())
    for left in range(_MAX_VALUES, 0, -1):
        if not queue:
            break
        found = queue.popleft()
        value = found.value
        if isinstance(value, str):
            inner = texts.values(value)
            if len(inner) == 1:
                value = inner[0]
            else:
                queue.extendleft(
                    _Value((*found.path, number), part, found.owner)
                    for number, part in reversed(list(enumerate(inner)))
                )
                continue
        if is_layout(value) and not is_of_another_editor(value):
            ui = value if ui is None else ui
            continue
        nodes = nodes_of(value)
        if nodes is not None:
            graphs.append(_Value(found.path, nodes, found.owner))
        if len(found.path) < _MAX_DEPTH:
            # No more than can be taken from it: a list may have millions of items.
            children = _children(value, found, () if nodes is None else nodes)
            queue += islice(children, max(0, left - len(queue)))
    return FoundWorkflow(_nearest(graphs, what), ui)


def images_beside(document: object) -> list[str]:
    """The names of the images that the body of a request to another service brings along.

    Such as `{"input": {"workflow": {...}, "images": [{"name": "a.png", "image": "..."}]}}`.
    """
    found = []
    for part in (document, document.get("input") if isinstance(document, Mapping) else None):
        images = part.get("images") if isinstance(part, Mapping) else None
        for image in images if isinstance(images, list) else ():
            name = image.get("name") if isinstance(image, Mapping) else None
            if isinstance(name, str) and name:
                found.append(name)
    return found


def is_of_another_editor(value: Mapping[Any, Any]) -> bool:
    """Whether an object with a list of nodes is from another program, in which a graph may be."""
    if "links" in value or not is_layout(value):
        return False
    nodes = [node for node in islice(value["nodes"], 20) if isinstance(node, Mapping)]
    has_own_nodes = any("id" in node and ("type" in node or "pos" in node) for node in nodes)
    return any(name in value for name in _OTHER_EDITORS) or (bool(nodes) and not has_own_nodes)


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
        owner = next((str(value[name]) for name in _ID_NAMES if _is_id(value.get(name))), parent.owner)
        for key, part in value.items():
            if key not in leave_out and isinstance(part, (Mapping, list, tuple, str)):
                yield _Value((*parent.path, str(key)), part, owner)
    elif isinstance(value, (list, tuple)):
        parts = list(value)
        # A job in a history or queue is [number, id, graph, ...].
        is_job = len(parts) > 2 and isinstance(parts[1], str) and isinstance(parts[2], Mapping)
        owner = parts[1] if is_job else parent.owner
        for number, part in enumerate(parts):
            if isinstance(part, (Mapping, list, tuple, str)):
                yield _Value((*parent.path, number), part, owner)


def _is_id(value: object) -> bool:
    return isinstance(value, (str, int)) and bool(value)


def _nearest(graphs: list[_Value], what: str) -> Mapping[Any, Any] | None:
    """The graph nearest to the top. The graphs are sorted by depth."""
    if not graphs:
        return None
    first = graphs[0]
    rivals = [
        found for found in graphs if len(found.path) == len(first.path) or _is_in_another_item(found, first)
    ]
    for names in (None, _GRAPH_NAMES):
        values: list[Any] = []
        for found in rivals:
            # Two different ones are enough to know that the document does not say which.
            if (names is None or found.name in names) and len(values) < 2 and found.value not in values:
                values.append(found.value)
        if len(values) == 1:
            graph: Mapping[Any, Any] = values[0]
            return graph
    more = f" and {len(rivals) - _MAX_LISTED} more" if len(rivals) > _MAX_LISTED else ""
    listed = ", ".join(str(found) for found in rivals[:_MAX_LISTED])
    raise ConfigurationError(
        f"{capitalised(what)} contains {len(rivals)} workflows, as a list of jobs does: {listed}{more}. "
        "Pass one of them"
    )


def _is_in_another_item(found: _Value, first: _Value) -> bool:
    """Whether two values are in different items of one list, neither of them such an item."""
    for at, (one, other) in enumerate(zip(found.path, first.path, strict=False)):
        if one != other:
            return isinstance(one, int) and at + 1 < len(first.path) and at + 1 < len(found.path)
    return False
