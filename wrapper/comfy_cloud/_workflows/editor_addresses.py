"""Nodes as a person sees them in the editor: by ids, titles, and the subgraphs around them.

"My subgraph/Positive Prompt" is the node of that title in the subgraph of that title, and so are
"5/Positive Prompt" and "5:3" with ids. Colons and slashes mean the same. The first name may be of a
node in a subgraph, but an id that comes first is of the workflow itself. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import ConfigurationError
from .near_names import nearest

Target = tuple[str, str]
Targets = tuple[Target, ...]

_MAX_LISTED = 8
_MAX_INPUTS_LISTED = 20
_SEPARATORS = "/:"
# How a name matched; the first is the best.
_ID, _TITLE, _FOLDED, _CLASS = range(4)


class EditorNode(NamedTuple):
    """A node of the editor, see `ConvertedNode`."""

    id: str
    type: str
    titles: tuple[str, ...]
    is_sent: bool
    reason: str
    inputs: Mapping[str, Targets]


class EditorNodes:
    """All nodes of a workflow in the editor's format whose graph this is."""

    def __init__(self, nodes: Mapping[str, Any], graph: Mapping[str, Mapping[str, Any]]) -> None:
        self._graph = graph
        self._nodes: dict[str, EditorNode] = {}
        self._children: dict[str, list[str]] = {}
        for id, node in nodes.items():
            if node.is_sent and graph.get(id, {}).get("class_type") != node.type:
                continue  # the graph has been changed since
            meta = graph[id].get("_meta") if node.is_sent else None
            shown = meta.get("title") if isinstance(meta, Mapping) else None
            titles = dict.fromkeys(each for each in (node.title, shown) if isinstance(each, str) and each)
            self._nodes[id] = EditorNode(id, node.type, tuple(titles), node.is_sent, node.reason, node.inputs)
            around = id.rpartition(":")[0]
            self._children.setdefault(around if around in nodes else "", []).append(id)

    @property
    def has_subgraphs(self) -> bool:
        """Whether there are nodes that are not sent, but have inputs of others."""
        return any(node.inputs for node in self._nodes.values())

    def targets(self, address: str, splits: Iterable[tuple[str, str]]) -> Targets | None:
        """The inputs of the graph that an address means; None if no node is called so.

        Raises ConfigurationError if it means several nodes, or a node without such an input.
        """
        known: list[tuple[EditorNode, str]] = []
        for part, name in splits:
            found = [self._nodes[id] for id in self._named(part)]
            meant = {targets: node for node in reversed(found) if (targets := self._input(node, name))}
            if len(meant) > 1:
                raise ConfigurationError(
                    f"{address!r}: {len(meant)} nodes are called {part!r}. Use an id: "
                    f"{self._listed(reversed(meant.values()))}"
                )
            if meant:
                return next(iter(meant))
            known += [(node, name) for node in found]
        if known:
            raise ConfigurationError(self._no_input(*known[0]))
        return None

    def suggestion(self, splits: Iterable[tuple[str, str]]) -> str | None:
        """Nodes with names like the one in an address, for a message."""
        by_name: dict[str, list[EditorNode]] = {}
        for node in self._nodes.values():
            for name in {self.path(node), *node.titles, node.id}:
                by_name.setdefault(name, []).append(node)
        for part, _ in splits:
            close = nearest(part.replace(":", "/"), by_name)
            near = {node.id: node for name in close for node in by_name[name]}
            if near:
                return self._listed(near.values())
        return None

    def path(self, node: EditorNode) -> str:
        """The titles of the subgraphs around a node, and its own."""
        names = [_name(node)]
        around = node.id.rpartition(":")[0]
        while around:
            outer = self._nodes.get(around)
            names.append(_name(outer) if outer is not None else around.rpartition(":")[2])
            around = around.rpartition(":")[0]
        return "/".join(reversed(names))

    def _input(self, node: EditorNode, name: str) -> Targets:
        if node.is_sent:
            if name in self._graph[node.id]["inputs"]:
                return ((node.id, name),)
            is_new = name.startswith("+") and name != "+"
            return ((node.id, name[1:]),) if is_new else ()
        targets = node.inputs.get(name, ())
        return tuple((id, input) for id, input in targets if id in self._graph)

    def _named(self, text: str) -> list[str]:
        """The ids of the nodes that a path means: of those that match best."""
        best: dict[int, dict[str, None]] = {}
        seen: set[tuple[str, int, int]] = set()
        waiting = [(id, 0, _ID) for id in self._nodes]
        top = set(self._children.get("", ()))
        while waiting:
            id, at, worst = waiting.pop()
            if (id, at, worst) in seen:
                continue
            seen.add((id, at, worst))
            for name, rank in _names(self._nodes[id]):
                if rank == _ID and at == 0 and id not in top:
                    continue
                given = text[at : at + len(name)]
                if given != name and (rank != _FOLDED or given.casefold() != name.casefold()):
                    continue
                end = at + len(name)
                if end == len(text):
                    best.setdefault(max(rank, worst), {})[id] = None
                elif text[end] in _SEPARATORS:
                    waiting += [(inner, end + 1, max(rank, worst)) for inner in self._children.get(id, ())]
        return list(reversed(best[min(best)])) if best else []

    def _listed(self, nodes: Iterable[EditorNode]) -> str:
        parts = []
        for node in list(nodes)[: _MAX_LISTED + 1]:
            path = self.path(node)
            parts.append(f"{node.id} ({path[:80]!r})" if path != node.id else node.id)
        return ", ".join(parts[:_MAX_LISTED]) + (" and more" if len(parts) > _MAX_LISTED else "")

    def _no_input(self, node: EditorNode, name: str) -> str:
        described = self._listed([node])
        if node.is_sent:
            known = list(self._graph[node.id]["inputs"])
        else:
            known = [each for each in node.inputs if self._input(node, each)]
            if not known:
                return f"Node {described} has no inputs in the graph: {node.reason}"
        close = nearest(name.lstrip("+"), known, count=1)
        question = f"; did you mean {close[0]!r}?" if close else "."
        listed = ", ".join(known[:_MAX_INPUTS_LISTED]) or "none"
        return f"Node {described} has no input {name!r}{question} Its inputs: {listed}"


def _name(node: EditorNode) -> str:
    return node.titles[0] if node.titles else node.id.rpartition(":")[2]


def _names(node: EditorNode) -> Iterator[tuple[str, int]]:
    yield node.id.rpartition(":")[2], _ID
    for title in node.titles:
        yield title, _TITLE
        yield title, _FOLDED
    if node.is_sent:
        yield node.type, _CLASS
