"""What the page says about a workflow: a few words for people, and how its nodes are called.

Graphs come from clients and may hold anything; every text is cut to a length that fits a line.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final, NamedTuple

import orjson

from comfy_cloud_emulator.state.json_values import Json, is_object
from comfy_cloud_emulator.state.store import Store

LONGEST: Final = 160
"""Characters of any text."""
MOST_NODES: Final = 500
"""Nodes of a graph whose names are kept."""
KEPT: Final = 256
"""Graphs whose facts are kept; those unused for longest go first."""
_PROMPTS: Final = ("text", "prompt", "text_g", "positive")


class GraphSummary(NamedTuple):
    """`words` says what the graph is about, `nodes` names its nodes by id."""

    words: str
    nodes: dict[str, str]


def read(graph: object) -> GraphSummary:
    """The facts of a graph in API format, or of whatever stands in its place."""
    nodes = graph if is_object(graph) else {}
    names = {str(id): _name(node) for id, node in list(nodes.items())[:MOST_NODES]}
    words = _prompt(nodes) or " → ".join(dict.fromkeys(list(names.values())[-3:]))
    return GraphSummary(cut(words), names)


def cut(text: str) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text[: 4 * LONGEST].split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


class GraphSummaries:
    """The facts of the graphs of a store, read once each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._facts: OrderedDict[bytes, GraphSummary] = OrderedDict()

    def of(self, digest: bytes) -> GraphSummary:
        """The facts of the graph that lies under this digest among the store's sources."""
        found = self._facts.get(digest)
        if found is None:
            rows = self._store.read("SELECT source FROM sources WHERE digest = ?", (digest,))
            source: Any = orjson.loads(rows[0][0]) if rows else {}
            found = self._facts[digest] = read(source.get("graph"))
            if len(self._facts) > KEPT:
                self._facts.popitem(last=False)
        self._facts.move_to_end(digest)
        return found


def _name(node: object) -> str:
    if not is_object(node):
        return "?"
    meta = node.get("_meta")
    title = meta.get("title") if is_object(meta) else None
    return cut(title if isinstance(title, str) and title.strip() else str(node.get("class_type", "?")))


def _prompt(nodes: Json) -> str | None:
    """The longest prompt, since the negative one is mostly shorter."""
    found = [
        value
        for node in list(nodes.values())[:MOST_NODES]
        if is_object(node) and is_object(inputs := node.get("inputs"))
        for name in _PROMPTS
        if isinstance(value := inputs.get(name), str) and value.strip()
    ]
    return max(found, key=len) if found else None
