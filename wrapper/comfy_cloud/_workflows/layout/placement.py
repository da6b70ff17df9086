"""Where boxes are drawn: in layers, with few crossings of the edges between them. Pure."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from .layers import directed_graph, layer_numbers, parts

if TYPE_CHECKING:
    from .layers import Directed

Size = tuple[float, float]
Point = tuple[float, float]
_SWEEPS = 6
# Bends of long edges. With more than this many for each box, edges may lead behind boxes.
_MOST_BENDS = 8
_BEND_HEIGHT = 8.0
# About how much wider than high a drawing of several parts is.
_ASPECT = 1.6

# A box by its name, or the bend of a long edge by the name of its origin and the layer.
_Cell = str | tuple[str, int]


class _Neighbours(NamedTuple):
    """For each cell, those that it is connected to in the layer before and in the one behind."""

    before: dict[_Cell, list[_Cell]]
    behind: dict[_Cell, list[_Cell]]


class Placement(NamedTuple):
    """The top left corner of each box, and the points at which long edges bend.

    `bends` is by origin and target: where an edge enters each layer that it passes, and where it
    leaves it. `exits` is where the layer of each box ends on the right: an edge that bends before
    that may lead behind a wider box. `size` is that of the whole drawing.
    """

    corners: Mapping[str, Point]
    exits: Mapping[str, float]
    bends: Mapping[tuple[str, str], list[Point]]
    size: Size


def place(
    sizes: Mapping[str, Size], edges: Iterable[tuple[str, str]], *, across: float, down: float
) -> Placement:
    """Place boxes of these sizes, which do not overlap, with edges from left to right.

    Args:
        sizes: The width and height of each box by its name.
        edges: The names of the origin and the target of each edge.
        across: The gap between two layers.
        down: The gap between two boxes of one layer.

    Raises:
        ConfigurationError: networkx is not installed.
    """
    graph = directed_graph(sizes, edges)
    numbers = layer_numbers(graph)
    corners: dict[str, Point] = {}
    exits: dict[str, float] = {}
    bends: dict[tuple[str, str], list[Point]] = {}
    placed = [_place_part(graph, part, numbers, sizes, across, down) for part in parts(graph)]
    area = sum((one.size[0] + across) * (one.size[1] + down) for one in placed)
    limit = max([*(one.size[0] for one in placed), (area * _ASPECT) ** 0.5])
    x = y = height = width = 0.0
    for one in placed:
        if x and x + one.size[0] > limit:
            x, y, height = 0.0, y + height + 2 * down, 0.0
        exits.update({name: x + right for name, right in one.exits.items()})
        corners.update({name: (x + left, y + top) for name, (left, top) in one.corners.items()})
        bends.update({edge: [(x + left, y + top) for left, top in line] for edge, line in one.bends.items()})
        height = max(height, one.size[1])
        x += one.size[0] + across
        width = max(width, x - across)
    return Placement({name: corners[name] for name in sizes}, exits, bends, (width, y + height))


def _place_part(
    graph: Directed,
    part: list[str],
    numbers: Mapping[str, int],
    sizes: Mapping[str, Size],
    across: float,
    down: float,
) -> Placement:
    """One part, with its corner at 0, 0."""
    first = min(numbers[name] for name in part)
    last = max(numbers[name] for name in part)
    layers: list[list[_Cell]] = [[] for _ in range(first, last + 1)]
    for name in part:
        layers[numbers[name] - first].append(name)
    neighbours = _with_bends(graph, part, numbers, layers, first)
    layers = _with_few_crossings(layers, neighbours)
    tops = _tops(layers, neighbours, sizes, down)
    lefts: list[float] = []
    rights: list[float] = []
    left = 0.0
    for layer in layers:
        lefts.append(left)
        rights.append(left + max([sizes[cell][0] for cell in layer if isinstance(cell, str)], default=0.0))
        left = rights[-1] + across
    highest = min(tops.values())
    corners = {name: (lefts[numbers[name] - first], tops[name] - highest) for name in part}
    bottom = max(top + sizes[name][1] for name, (_, top) in corners.items())
    bends: dict[tuple[str, str], list[Point]] = {}
    for name in part:
        for target in graph.successors(name):
            between = range(numbers[name] + 1, numbers[target])
            line = [
                (x, tops[name, number] - highest + _BEND_HEIGHT / 2)
                for number in between
                if (name, number) in tops
                for x in (lefts[number - first], rights[number - first])
            ]
            if line:
                bends[name, target] = line
    exits = {name: rights[numbers[name] - first] for name in part}
    return Placement(corners, exits, bends, (left - across, bottom))


def _with_bends(
    graph: Directed, part: list[str], numbers: Mapping[str, int], layers: list[list[_Cell]], first: int
) -> _Neighbours:
    """Add the bends of long edges to the layers. All long edges of a box share theirs."""
    farthest = {name: max([numbers[target] for target in graph.successors(name)], default=0) for name in part}
    count = sum(max(0, farthest[name] - numbers[name] - 1) for name in part)
    is_bent = count <= _MOST_BENDS * len(part)
    neighbours = _Neighbours({}, {})

    def connect(one: _Cell, other: _Cell) -> None:
        neighbours.behind.setdefault(one, []).append(other)
        neighbours.before.setdefault(other, []).append(one)

    for name in part:
        previous: _Cell = name
        for number in range(numbers[name] + 1, farthest[name]) if is_bent else ():
            bend = (name, number)
            layers[number - first].append(bend)
            connect(previous, bend)
            previous = bend
        for target in graph.successors(name):
            number = numbers[target] - 1
            is_long = is_bent and number > numbers[name]
            connect((name, number) if is_long else name, target)
    return neighbours


def _with_few_crossings(layers: list[list[_Cell]], neighbours: _Neighbours) -> list[list[_Cell]]:
    """Order each layer by where its neighbours are, back and forth; the best order found."""
    best, fewest = layers, _crossings(layers, neighbours)
    current = [list(layer) for layer in layers]
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        is_forward = sweep % 2 == 0
        beside = neighbours.before if is_forward else neighbours.behind
        indexes = range(1, len(current)) if is_forward else range(len(current) - 2, -1, -1)
        for at in indexes:
            fixed = current[at - 1 if is_forward else at + 1]
            position = {cell: place for place, cell in enumerate(fixed)}
            own = {cell: place for place, cell in enumerate(current[at])}
            current[at].sort(key=lambda cell: _mean(position, beside.get(cell, ()), own[cell]))
        count = _crossings(current, neighbours)
        if count < fewest:
            best, fewest = [list(layer) for layer in current], count
    return best


def _mean(position: Mapping[_Cell, float], cells: Iterable[_Cell], fallback: float) -> float:
    found = [position[cell] for cell in cells if cell in position]
    return sum(found) / len(found) if found else fallback


def _crossings(layers: list[list[_Cell]], neighbours: _Neighbours) -> int:
    """How often edges between neighbouring layers cross."""
    count = 0
    for layer, following in pairwise(layers):
        position = {cell: place for place, cell in enumerate(following)}
        seen: list[int] = []
        for cell in layer:
            ends = sorted(position[end] for end in neighbours.behind.get(cell, ()) if end in position)
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def _tops(
    layers: list[list[_Cell]], neighbours: _Neighbours, sizes: Mapping[str, Size], down: float
) -> dict[_Cell, float]:
    """The upper edge of each cell: as near to the height of its neighbours as there is room."""
    heights = {
        cell: sizes[cell][1] if isinstance(cell, str) else _BEND_HEIGHT for layer in layers for cell in layer
    }
    centres: dict[_Cell, float] = {}
    for layer in layers:
        top = 0.0
        for cell in layer:
            centres[cell] = top + heights[cell] / 2
            top += heights[cell] + down
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [
                _mean(
                    centres,
                    [*neighbours.before.get(cell, ()), *neighbours.behind.get(cell, ())],
                    centres[cell],
                )
                - heights[cell] / 2
                for cell in layer
            ]
            tops = _spread(wanted, [heights[cell] for cell in layer], down)
            centres.update({cell: top + heights[cell] / 2 for cell, top in zip(layer, tops, strict=True)})
    return {cell: centre - heights[cell] / 2 for cell, centre in centres.items()}


def _spread(wanted: list[float], heights: list[float], gap: float) -> list[float]:
    """The positions nearest to the wanted ones (least squares) that keep order and gaps."""
    offsets: list[float] = []
    offset = 0.0
    for height in heights:
        offsets.append(offset)
        offset += height + gap
    # Each block is the sum of what its members want, and their number; members move together.
    blocks: list[tuple[float, int]] = []
    for one, offset in zip(wanted, offsets, strict=True):
        total, count = one - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            before, members = blocks.pop()
            total, count = total + before, count + members
        blocks.append((total, count))
    means = [total / count for total, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
