"""The graph as a tree in the terminal, and as an SVG image."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud import Workflow
from comfy_cloud.cli._console.sanitizing import is_harmless
from comfy_cloud.cli._console.wrapping import cells
from comfy_cloud.cli._workflows.graph_svg import graph_svg
from comfy_cloud.cli._workflows.graph_tree import graph_tree
from comfy_cloud_emulator import Emulator

from .conftest import Run

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {f"{SVG}{name}" for name in ("svg", "g", "rect", "path", "circle", "text")}
MARKUP = "</text><script>alert(1)</script>\"'&<![CDATA[]]>"


def graph(**links: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A node of class A, B, ... for each name, with these inputs."""
    return {name: {"class_type": name.upper(), "inputs": inputs} for name, inputs in links.items()}


def tree(nodes: Mapping[str, Any], *, width: int | None = None, is_ascii: bool = False) -> list[str]:
    roots = Workflow(nodes).output_nodes
    name_of = {id: f"{id} {node['class_type']}" for id, node in nodes.items()}
    return graph_tree(nodes, roots, name_of.__getitem__, width=width, is_ascii=is_ascii).splitlines()


def svg(nodes: Mapping[str, Any]) -> ElementTree.Element:
    names = {id: f"{id} ({node['class_type']})" for id, node in nodes.items()}
    return ElementTree.fromstring(graph_svg(nodes, Workflow(nodes).output_nodes, names))


def texts(image: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in image.iter(f"{SVG}text")]


SHARED = graph(a={}, b={"x": ["a", 0], "y": ["a", 1]}, c={"in": ["b", 0], "steps": 4}, d={"also": ["b", 0]})


def test_a_tree_has_each_node_once() -> None:
    assert tree(SHARED) == [
        "c C",
        "└─ in: b B",
        "   ├─ x: a A",
        "   └─ y: a A, output 1 (above)",
        "d D",
        "└─ also: b B (above)",
    ]
    assert tree(graph(a={}, b={"x": ["a", 2]}), is_ascii=True) == ["b B", "`- x: output 2 of a A"]


def test_a_circle_is_drawn_too() -> None:
    assert tree(graph(a={"x": ["b", 0]}, b={"x": ["a", 0]})) == ["a A", "└─ x: b B", "   └─ x: a A (above)"]


def test_what_is_too_deep_is_drawn_from_the_margin() -> None:
    chain = graph(**{f"n{at}": {"in": [f"n{at - 1}", 0]} if at else {} for at in range(8)})
    assert tree(chain, width=40) == [
        "n7 N7",
        "└─ in: n6 N6",
        "   └─ in: n5 N5",
        "      └─ in: n4 N4",
        "         └─ in: n3 N3",
        "            └─ in: n2 N2 (below)",
        "n2 N2",
        "└─ in: n1 N1",
        "   └─ in: n0 N0",
    ]


@settings(max_examples=60)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40),
    name=st.text(min_size=1, max_size=60),
    width=st.integers(40, 200),
)
def test_a_tree_fits_and_has_every_node(pairs: list[tuple[int, int]], name: str, width: int) -> None:
    nodes: dict[str, Any] = {str(at): {"class_type": name, "inputs": {}} for at in range(20)}
    for origin, target in pairs:
        nodes[str(target)]["inputs"][f"{name}{origin}"] = [str(origin), 0]
    lines = tree({id: {**node, "class_type": "界" * 30} for id, node in nodes.items()}, width=width)
    assert all(cells(line) <= width for line in lines)
    assert all(is_harmless(line) for line in lines)
    first = [line for line in lines if not line.endswith((" (above)", " (below)"))]
    assert len(first) == 20


def test_a_thousand_nodes_are_drawn_in_bounded_time_and_space() -> None:
    nodes = {
        str(at): {
            "class_type": "X" * 1000,
            "inputs": {
                **{f"l{n}": [str((at * 7 + n) % at), 0] for n in range(3) if at},
                **{f"v{n}": "y" * 5000 for n in range(30)},
            },
        }
        for at in range(1000)
    }
    started = time.process_time()
    lines = tree(nodes, width=80)
    assert len(lines) == 501
    assert lines[-1].startswith("… and ")
    image = graph_svg(nodes, ["999"], {id: node["class_type"] for id, node in nodes.items()})
    assert len(image) < 4_000_000
    assert time.process_time() - started < 20


def test_an_image_has_a_box_for_each_node_and_a_curve_for_each_link() -> None:
    image = svg(SHARED)
    assert {each.tag for each in image.iter()} <= ALLOWED
    assert len(list(image.iter(f"{SVG}path"))) == 4
    assert len(list(image.iter(f"{SVG}rect"))) == 1 + 2 * len(SHARED)
    assert [text for text in texts(image) if text in ("a (A)", "b (B)", "c (C)", "d (D)")] == [
        "a (A)", "b (B)", "c (C)", "d (D)"
    ]  # fmt: skip
    assert {"in", "steps: 4", "also", "x", "y"} <= set(texts(image))


def test_curves_begin_and_end_at_their_boxes() -> None:
    image = svg(graph(a={"v": 1}, b={"one": ["a", 0], "w": 2}))
    heads = [each.attrib for each in image.iter(f"{SVG}rect")][1::2]
    (path,) = image.iter(f"{SVG}path")
    assert path.attrib["d"].startswith(f"M{float(heads[0]['x']) + float(heads[0]['width']):.1f} ")
    x, y = path.attrib["d"].split()[-2:]
    assert x == heads[1]["x"]
    top = float(heads[1]["y"])
    assert top < float(y) < top + float(heads[1]["height"])


@settings(max_examples=80)
@given(text=st.text(min_size=1, max_size=80))
def test_nothing_of_a_workflow_becomes_markup(text: str) -> None:
    for words in (text, MARKUP + text):
        nodes: dict[str, Any] = {
            "1": {"class_type": words, "inputs": {words: words}},
            words: {"class_type": "B", "inputs": {f"{words}x": ["1", 0], "list": [words], "map": {words: 1}}},
        }
        image = svg(nodes)  # it is well-formed
        assert {each.tag for each in image.iter()} <= ALLOWED
        names = {name for each in image.iter() for name in each.attrib}
        assert not any(name.startswith("on") or "href" in name or name == "style" for name in names)


# The command


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with `graph.json`."""
    monkeypatch.chdir(tmp_path)
    nodes = graph(a={"text": MARKUP}, b={"of": ["a", 0]})
    nodes["a"]["class_type"] = "\x1b[31mRed"
    Path("graph.json").write_text(json.dumps(nodes))
    return tmp_path


def test_show_draws_the_graph(run: Run) -> None:
    shown = run("workflow", "show", "graph.json", "-o", "table")
    assert shown.out.endswith("\n\nb (B)\n└─ of: a (\\x1b[31mRed)\n")
    assert "\x1b" not in shown.out


def test_show_writes_an_image(run: Run) -> None:
    shown = run("workflow", "show", "graph.json", "--svg", "graph.svg")
    assert (shown.code, shown.out) == (0, "")
    assert "graph.svg" in shown.err
    image = ElementTree.parse("graph.svg").getroot()
    assert "a (\\x1b[31mRed)" in texts(image)
    assert run("workflow", "show", "graph.json", "--svg", "graph.svg").code != 0
    assert run("workflow", "show", "graph.json", "--svg", "graph.svg", "--overwrite").code == 0
    written = run("workflow", "show", "graph.json", "--svg", "-").out
    assert ElementTree.fromstring(written).tag == f"{SVG}svg"


def test_an_image_of_a_job(run: Run, cloud: Emulator) -> None:
    job_id = json.loads(run("history", "list", "--limit", "1", "-o", "json").out)[0]["id"]
    assert run("workflow", "show", job_id, "--svg", "job.svg").code == 0
    assert list(ElementTree.parse("job.svg").getroot().iter(f"{SVG}path"))


def test_an_image_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "networkx", None)
    shown = run("workflow", "show", "graph.json", "--svg", "graph.svg")
    assert shown.code == 2
    assert "pip install 'comfy-cloud[layout]'" in shown.err
    assert run("workflow", "show", "graph.json", "-o", "table").code == 0
