"""A graph as a tree of text: each result, with what it is made of below it. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .._console.sanitizing import safe_line
from .._console.wrapping import cells

Graph = Mapping[str, Mapping[str, Any]]

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_MOST_LINES = 500
_INDENT = 3
# What a line has beside its indent, at the least.
_TEXT = 25
_DEEPEST = 40


class _Signs(NamedTuple):
    """How branches are drawn: one that others follow, the last one, and what is beside them."""

    branch: str
    last: str
    beside: str
    ellipsis: str


_LINES = _Signs("├─ ", "└─ ", "│  ", _ELLIPSIS)
_ASCII = _Signs("|- ", "`- ", "|  ", "...")


def graph_tree(
    graph: Graph, roots: list[str], name_of: Callable[[str], str], *, width: int | None, is_ascii: bool
) -> str:
    """The graph as lines of at most `width` cells, each node once with its links.

    Where a node is linked again, the line says whether it is above or below. What would be indented
    too far is below too, from the margin on.

    Args:
        graph: A graph in API format.
        roots: The ids of the nodes to begin with.
        name_of: The name of a node by its id, safe to show.
        width: The cells of a line; None for lines of any length.
        is_ascii: Whether branches have to be drawn in ASCII.
    """
    drawing = _Drawing(graph, name_of, width, _ASCII if is_ascii else _LINES)
    waiting = [*reversed(list(graph)), *reversed(roots)]
    while waiting:
        node_id = waiting.pop()
        if node_id not in drawing.drawn:
            drawing.draw(node_id, "", "", 0)
            waiting.extend(reversed(drawing.postponed))
            drawing.postponed.clear()
    lines = drawing.lines
    if len(lines) > _MOST_LINES:
        more = len(lines) - _MOST_LINES
        lines = [*lines[:_MOST_LINES], f"{drawing.signs.ellipsis} and {more} more lines"]
    return "".join(f"{line}\n" for line in lines)


class _Drawing:
    """The lines so far, the nodes in them, and those that are to come from the margin on."""

    def __init__(self, graph: Graph, name_of: Callable[[str], str], width: int | None, signs: _Signs) -> None:
        self.graph = graph
        self.name_of = name_of
        self.width = width
        self.signs = signs
        deepest = _DEEPEST if width is None else (width - _TEXT) // _INDENT
        self.deepest = max(2, min(deepest, _DEEPEST))
        self.lines: list[str] = []
        self.drawn: set[str] = set()
        self.postponed: list[str] = []

    def draw(self, node_id: str, start: str, below: str, depth: int) -> None:
        """Draw a node behind `start`, and its links behind `below`."""
        from ..._workflows.graph import links_of

        self.drawn.add(node_id)
        self._add(start + self.name_of(node_id))
        links = [(name, link) for name, link in links_of(self.graph[node_id]) if link[0] in self.graph]
        for number, (name, (origin, slot)) in enumerate(links):
            is_last = number == len(links) - 1
            branch = below + (self.signs.last if is_last else self.signs.branch)
            further = below + (" " * _INDENT if is_last else self.signs.beside)
            said = f"{safe_line(name)}: "
            output = f", output {slot}" if slot else ""
            if origin in self.drawn:
                self._add(f"{branch}{said}{self.name_of(origin)}{output} (above)", " (above)")
            elif depth + 1 >= self.deepest:
                self.postponed.append(origin)
                self._add(f"{branch}{said}{self.name_of(origin)}{output} (below)", " (below)")
            elif slot:
                self.draw(origin, f"{branch}{said}output {slot} of ", further, depth + 1)
            else:
                self.draw(origin, f"{branch}{said}", further, depth + 1)

    def _add(self, line: str, end: str = "") -> None:
        """Add a line; one that is too wide is cut before `end`."""
        if self.width is not None and cells(line) > self.width:
            end = self.signs.ellipsis + end
            line = line[: self.width]
            while line and cells(line) + cells(end) > self.width:
                line = line[:-1]
            line += end
        self.lines.append(line)
