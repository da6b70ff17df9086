"""Summaries of workflows for the page: their prompt, and the names of their nodes.

Graphs come from clients and may contain anything; every text is shortened to fit a line.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final, NamedTuple

import orjson

from comfy_cloud_emulator.state.json_values import Json, is_object
from comfy_cloud_emulator.state.store import Store

MAX_TEXT: Final = 160
"""Longest text in characters."""
MOST_NODES: Final = 500
"""Nodes of a graph whose names are kept."""
MAX_KEPT: Final = 256
"""Summaries kept; the least recently used are dropped first."""
_PROMPTS: Final = ("text", "prompt", "text_g", "positive")


class GraphSummary(NamedTuple):
    """`words` describes what the graph is about, `nodes` names its nodes by id."""

    words: str
    nodes: dict[str, str]


def read(graph: object) -> GraphSummary:
    """The summary of a graph in API format, or of whatever was sent as one."""
    nodes = graph if is_object(graph) else {}
    names = {str(id): _name(node) for id, node in list(nodes.items())[:MOST_NODES]}
    words = _prompt(nodes) or " → ".join(dict.fromkeys(list(names.values())[-3:]))
    return GraphSummary(cut(words), names)


def cut(text: str) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text[: 4 * MAX_TEXT].split())
    return line if len(line) <= MAX_TEXT else f"{line[: MAX_TEXT - 1]}…"


class GraphSummaries:
    """The summaries of a store's graphs, each made once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._summaries: OrderedDict[bytes, GraphSummary] = OrderedDict()

    def of(self, digest: bytes) -> GraphSummary:
        """The summary of the graph with this digest among the store's sources."""
        found = self._summaries.get(digest)
        if found is None:
            rows = self._store.read("SELECT source FROM sources WHERE digest = ?", (digest,))
            source: Any = orjson.loads(rows[0][0]) if rows else {}
            found = self._summaries[digest] = read(source.get("graph"))
            if len(self._summaries) > MAX_KEPT:
                self._summaries.popitem(last=False)
        self._summaries.move_to_end(digest)
        return found


def _name(node: object) -> str:
    if not is_object(node):
        return "?"
    meta = node.get("_meta")
    title = meta.get("title") if is_object(meta) else None
    return cut(title if isinstance(title, str) and title.strip() else str(node.get("class_type", "?")))


def _prompt(nodes: Json) -> str | None:
    """The longest prompt, because the negative one is usually shorter."""
    found = [
        value
        for node in list(nodes.values())[:MOST_NODES]
        if is_object(node) and is_object(inputs := node.get("inputs"))
        for name in _PROMPTS
        if isinstance(value := inputs.get(name), str) and value.strip()
    ]
    return max(found, key=len) if found else None
