"""A graph as an SVG image: boxes in layers, and curves for the links. Nothing is written.

All text is put into elements that ElementTree writes, so that nothing of a workflow becomes markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

from ..._workflows.graph import is_link, links_of
from ..._workflows.layout.placement import Placement, Point, place
from .._console.formats import json_text
from .._console.sanitizing import safe_line
from .._console.wrapping import cells

Graph = Mapping[str, Mapping[str, Any]]

# In pixels. `_CHARACTER` is a little more than the widest of the fonts has.
_CHARACTER, _ROW, _TITLE, _PADDING, _MARGIN = 7.4, 18.0, 26.0, 10.0, 20.0
_ACROSS, _DOWN = 90.0, 24.0
_NARROWEST, _MOST_CHARACTERS, _MOST_ROWS = 140.0, 44, 14
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"
_LINKS = ("#3b6fb6", "#b3541e", "#3f8f4f", "#8a4fa3", "#a08a1c", "#2b8f97", "#b23a5b", "#5c6370")
_FILL, _BORDER, _HEAD, _RESULT_HEAD, _TEXT = "#f8f9fb", "#8a919e", "#dfe4ec", "#cfe8d3", "#1d2129"
# What XML cannot contain, beside what `safe_line` escapes.
_NOT_IN_XML = re.compile("[\ufffe\uffff]")


class _Box(NamedTuple):
    """A node: its lines of text, and the rows at which links begin and end."""

    title: str
    rows: list[str]
    ends: dict[str, int]
    starts: dict[int, int]
    width: float
    height: float


def graph_svg(graph: Graph, roots: Sequence[str], name_of: Mapping[str, str]) -> bytes:
    """The image, in UTF-8.

    Args:
        graph: A graph in API format.
        roots: The ids of the nodes that are results.
        name_of: The name of each node by its id.

    Raises:
        ConfigurationError: networkx is not installed.
    """
    links = [
        (link[0], link[1], node_id, name)
        for node_id, node in graph.items()
        for name, link in links_of(node)
        if link[0] in graph
    ]
    slots: dict[str, set[int]] = {node_id: set() for node_id in graph}
    for origin, slot, _, _ in links:
        slots[origin].add(slot)
    boxes = {id: _box(name_of[id], node["inputs"], slots[id]) for id, node in graph.items()}
    sizes = {id: (box.width, box.height) for id, box in boxes.items()}
    placed = place(sizes, [(origin, target) for origin, _, target, _ in links], across=_ACROSS, down=_DOWN)
    width, height = (round(size + 2 * _MARGIN) for size in placed.size)
    image = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(width),
            "height": str(height),
            "viewBox": f"0 0 {width} {height}",
            "font-family": _FONTS,
            "font-size": "12",
        },
    )
    _rectangle(image, (0, 0), (width, height), fill="#ffffff")
    moved = ElementTree.SubElement(image, "g", {"transform": f"translate({_MARGIN:g} {_MARGIN:g})"})
    colors = {id: _LINKS[number % len(_LINKS)] for number, id in enumerate(graph)}
    for origin, slot, target, name in links:
        points = _points(boxes, placed, origin, slot, target, name)
        style = {"fill": "none", "stroke": colors[origin], "stroke-width": "1.6", "stroke-opacity": "0.8"}
        ElementTree.SubElement(moved, "path", {"d": _curve(points), **style})
    for id, box in boxes.items():
        _draw_box(moved, box, placed.corners[id], colors[id], is_result=id in roots)
    for origin, slot, target, name in links:
        points = _points(boxes, placed, origin, slot, target, name)
        for x, y in (points[0], points[-1]):
            dot = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "3.5", "fill": colors[origin]}
            ElementTree.SubElement(moved, "circle", dot)
    return bytes(ElementTree.tostring(image, encoding="utf-8", xml_declaration=True))


def _box(name: str, inputs: Mapping[str, Any], slots: set[int]) -> _Box:
    linked = [name for name, value in inputs.items() if is_link(value)]
    rows = [_cut(name) for name in linked]
    rows += [_cut(f"{name}: {_value(value)}") for name, value in inputs.items() if not is_link(value)]
    if len(rows) > _MOST_ROWS:
        rows[_MOST_ROWS - 1 :] = [f"{_ELLIPSIS} {len(rows) - _MOST_ROWS + 1} more"]
    title = _cut(name)
    width = max(_NARROWEST, max(map(cells, [title, *rows])) * _CHARACTER + 2 * _PADDING)
    starts = {slot: min(row, _MOST_ROWS - 1) for row, slot in enumerate(sorted(slots))}
    count = max(len(rows), max(starts.values(), default=-1) + 1)
    ends = {name: min(row, len(rows) - 1) for row, name in enumerate(linked)}
    return _Box(title, rows, ends, starts, round(width), _TITLE + count * _ROW + (6 if count else 0))


def _value(value: Any) -> str:
    return value[:200] if isinstance(value, str) else json_text(value)[:200]


def _cut(text: str) -> str:
    text = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", safe_line(text[:300]))
    if cells(text) <= _MOST_CHARACTERS:
        return text
    text = text[:_MOST_CHARACTERS]
    while cells(text) >= _MOST_CHARACTERS:
        text = text[:-1]
    return text + _ELLIPSIS


def _points(
    boxes: Mapping[str, _Box], placed: Placement, origin: str, slot: int, target: str, name: str
) -> list[Point]:
    """Where a link begins, bends and ends."""
    left, top = placed.corners[origin]
    start = (left + boxes[origin].width, top + _TITLE + (boxes[origin].starts[slot] + 0.5) * _ROW)
    left, top = placed.corners[target]
    end = (left, top + _TITLE + (boxes[target].ends[name] + 0.5) * _ROW)
    return [start, (placed.exits[origin], start[1]), *placed.bends.get((origin, target), ()), end]


def _curve(points: Sequence[Point]) -> str:
    """A path that is horizontal at each of the points."""
    x, y = points[0]
    steps = [f"M{x:.1f} {y:.1f}"]
    for next_x, next_y in points[1:]:
        if y == next_y and next_x >= x:
            steps += [f"H{next_x:.1f}"] if next_x > x else []
        else:
            reach = max(abs(next_x - x) / 2, 24)
            steps.append(
                f"C{x + reach:.1f} {y:.1f} {next_x - reach:.1f} {next_y:.1f} {next_x:.1f} {next_y:.1f}"
            )
        x, y = next_x, next_y
    return "".join(steps)


def _draw_box(image: ElementTree.Element, box: _Box, corner: Point, color: str, *, is_result: bool) -> None:
    left, top = corner
    _rectangle(image, corner, (box.width, box.height), fill=_FILL, rx="5", stroke=_BORDER)
    head = _RESULT_HEAD if is_result else _HEAD
    _rectangle(image, corner, (box.width, _TITLE - 4), fill=head, rx="5", stroke=_BORDER)
    _text(image, (left + _PADDING, top + 15.5), box.title, **{"font-weight": "bold"})
    for row, text in enumerate(box.rows):
        _text(image, (left + _PADDING, top + _TITLE + row * _ROW + 13), text)
    if len(box.starts) > 1:
        for slot, row in box.starts.items():
            place = (left + box.width + 5, top + _TITLE + row * _ROW + 5)
            _text(image, place, str(slot), fill=color, **{"font-size": "9"})


def _rectangle(image: ElementTree.Element, corner: Point, size: Point, **style: str) -> None:
    (left, top), (width, height) = corner, size
    sides = {"x": f"{left:.1f}", "y": f"{top:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
    ElementTree.SubElement(image, "rect", {**sides, **style})


def _text(image: ElementTree.Element, start: Point, text: str, *, fill: str = _TEXT, **style: str) -> None:
    place = {"x": f"{start[0]:.1f}", "y": f"{start[1]:.1f}", "fill": fill, **style}
    ElementTree.SubElement(image, "text", place).text = text
