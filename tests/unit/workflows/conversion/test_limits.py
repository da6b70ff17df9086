"""Large and deep workflows."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, convert_workflow
from comfy_cloud._workflows.conversion import editor_state
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.conversion.workflows import node, subgraph, workflow


def nested(depth: int) -> dict[str, object]:
    """A node in as many subgraphs."""
    inner = [subgraph(f"s{at}", [node(1, f"s{at + 1}")]) for at in range(depth - 1)]
    last = subgraph(f"s{depth - 1}", [node(1, "EmptyLatentImage", [64, 64, 1])])
    return workflow([node(1, "s0")], [], *inner, last)


def test_a_thousand_subgraphs_in_each_other() -> None:
    (id,) = convert_workflow(nested(1000), known_classes()).graph
    assert id.count(":") == 1000


def test_more_are_refused_with_the_node() -> None:
    with pytest.raises(ConfigurationError, match=r"The subgraphs around node \d+ .* nested too deeply"):
        convert_workflow(nested(1001), known_classes())


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (["nodes", 0, "id"], "A field of the workflow, nodes[0] is"),
        (["nodes", 0, "type"], "A field of the workflow, nodes[0], with the id 1 is"),
        (["nodes", 0, "inputs", 0, "name"], "A field of the workflow, nodes[0], with the id 1 is"),
        (["links", 0, 1], "The workflow has an id, a link or an input that is"),
        (["definitions", "subgraphs", 0, "id"], "The workflow has an id, a link or an input that is"),
        (["definitions", "subgraphs", 0, "inputs", 0, "name"], "The subgraph s has an id, a link or an"),
        (["definitions", "subgraphs", 0, "nodes", 0, "id"], "A field of the subgraph s, nodes[0] is"),
        (["definitions", "subgraphs", 0, "nodes", 0, "type"], "A field of the subgraph s, nodes[0], with"),
    ],
)
def test_what_is_nested_too_deeply_is_named(path: list[str | int], named: str) -> None:
    inner = subgraph("s", [node(7, "ImageInvert")], [], {"image": []})
    own = node(1, "ImageInvert", links={"image": 1})
    ui = workflow([own, node(2, "s")], [[1, 2, 0, 1, 0, "IMAGE"]], inner)
    part: Any = ui
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = deep
    with pytest.raises(ConfigurationError) as caught:
        convert_workflow(ui, known_classes())
    assert named in str(caught.value)


@pytest.fixture(params=[gc.enable, gc.disable])
def collector(request: pytest.FixtureRequest) -> Iterator[Callable[[], None]]:
    """Switches the garbage collector on or off; it is on again afterwards."""
    yield request.param
    gc.enable()


def test_the_garbage_collector_is_as_it_was(collector: Callable[[], None]) -> None:
    """It is paused for a conversion, also for one that fails."""
    collector()
    before = gc.isenabled()
    convert_workflow(nested(1), known_classes())
    assert gc.isenabled() is before
    with pytest.raises(ConfigurationError):
        convert_workflow(nested(1001), known_classes())
    assert gc.isenabled() is before


def test_too_much_work_names_the_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor_state, "_MOST_WORK", 200_000)
    many = node(9999, "Unknown", list(range(2000)))
    ui = workflow([node(id, "s") for id in range(30)], [], subgraph("s", [many]))
    with pytest.raises(
        ConfigurationError, match=r"too much work .* at node 9999 of the subgraph 'Subgraph s'"
    ):
        convert_workflow(ui, known_classes())
