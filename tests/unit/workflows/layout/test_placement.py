"""Where boxes are drawn."""

from __future__ import annotations

import time
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud import layout_workflow
from comfy_cloud._workflows.layout.placement import Placement, place
from tests.unit.workflows.conversion.classes import known_classes

ACROSS, DOWN = 50.0, 20.0
Edges = list[tuple[str, str]]


def placed(edges: Edges, names: str = "") -> Placement:
    """Boxes of 100 by 40, named by letters."""
    sizes = dict.fromkeys([*names, *(name for edge in edges for name in edge)], (100.0, 40.0))
    return place(sizes, edges, across=ACROSS, down=DOWN)


@st.composite
def drawings(draw: st.DrawFn) -> tuple[dict[str, tuple[float, float]], Edges]:
    count = draw(st.integers(1, 14))
    sizes = {
        str(at): (draw(st.integers(10, 300)) * 1.0, draw(st.integers(10, 300)) * 1.0) for at in range(count)
    }
    name = st.integers(0, count - 1).map(str)
    return sizes, draw(st.lists(st.tuples(name, name), max_size=20))


@settings(max_examples=80)
@given(drawing=drawings())
def test_boxes_keep_apart(drawing: tuple[dict[str, tuple[float, float]], Edges]) -> None:
    sizes, edges = drawing
    found = place(sizes, edges, across=ACROSS, down=DOWN)
    for one, other in combinations(sizes, 2):
        (left, top), (other_left, other_top) = found.corners[one], found.corners[other]
        is_beside = left + sizes[one][0] <= other_left or other_left + sizes[other][0] <= left
        is_above = top + sizes[one][1] <= other_top + 0.01 or other_top + sizes[other][1] <= top + 0.01
        assert is_beside or is_above
    for name, (width, height) in sizes.items():
        left, top = found.corners[name]
        assert left >= 0
        assert top >= -0.01
        assert left + width <= found.size[0] + 0.01
        assert top + height <= found.size[1] + 0.01
    assert place(sizes, edges, across=ACROSS, down=DOWN) == found


@given(pairs=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_edges_lead_from_left_to_right(pairs: list[tuple[int, int]]) -> None:
    edges = [(str(min(pair)), str(max(pair))) for pair in pairs if pair[0] != pair[1]]
    corners = placed(edges, "0").corners
    assert all(corners[origin][0] + 100 + ACROSS <= corners[target][0] for origin, target in edges)


def test_a_chain_is_a_straight_line() -> None:
    corners = placed([("a", "b"), ("b", "c")]).corners
    assert corners == {"a": (0, 0), "b": (150, 0), "c": (300, 0)}


def test_crossings_are_removed() -> None:
    edges = [("a", "y"), ("b", "x"), ("c", "z"), ("x", "e"), ("y", "e"), ("z", "e")]
    for names in ("abcxyze", "abczyxe", "cbayzxe"):
        corners = placed(edges, names).corners
        for one, other in (("ay", "bx"), ("bx", "cz"), ("cz", "ay")):
            is_above = corners[one[0]][1] < corners[other[0]][1]
            assert is_above == (corners[one[1]][1] < corners[other[1]][1])


def test_a_loader_is_beside_what_takes_its_output() -> None:
    corners = placed([("a", "b"), ("b", "c"), ("c", "d"), ("late", "d")]).corners
    assert corners["late"][0] == corners["c"][0]


def test_long_edges_bend_between_boxes() -> None:
    found = placed([("a", "b"), ("b", "c"), ("a", "c")])
    ((edge, ((left, height), (right, same))),) = found.bends.items()
    assert (edge, left, right, same) == (("a", "c"), 150, 250, height)
    top = found.corners["b"][1]
    assert not top <= height <= top + 40


def test_parts_that_do_not_hang_together_are_beside_or_below_each_other() -> None:
    corners = placed([("a", "b"), ("c", "d")], "xyz").corners
    assert len(set(corners.values())) == 7


def test_a_thousand_nodes_are_laid_out_in_bounded_time() -> None:
    graph = {
        str(at): {
            "class_type": "LatentFromBatch",
            "inputs": {
                "batch_index": 0, "length": 1, **({"samples": [str(at * 7 // 10), 0]} if at else {})
            },
        }
        for at in range(1000)
    }  # fmt: skip
    chain = {
        str(at): {"class_type": "Mystery", "inputs": {"a": [str(max(at - 1, 0)), 0], "b": ["0", 0]}}
        for at in range(1000)
    }
    started = time.process_time()
    for each in (graph, chain):
        assert len(layout_workflow(each, known_classes()).ui["nodes"]) == 1000
    assert time.process_time() - started < 20
