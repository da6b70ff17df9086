"""Whatever is wrong in a workflow gives a graph or a ConfigurationError, in bounded time."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError, convert_workflow
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.conversion.test_edge_cases import CASES
from tests.unit.workflows.conversion.workflows import node, subgraph, workflow

VALUES: list[Any] = [
    None, True, 0, -1, 2**70, 1.5, float("nan"), "", "x", "-10", "-20", [], {}, [1], {"a": 1}, "*",
    [[1, 0]], {"name": "seed"}, 4, 2, "KSampler", "Reroute", "PrimitiveNode", "workflow>x",
]  # fmt: skip


def paths(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, part in members:
        yield from paths(part, (*path, key))


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    ui: dict[str, Any] = copy.deepcopy(CASES[draw(st.sampled_from(sorted(CASES)))]["ui"])
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from(list(paths(ui))))
        holder: Any = ui
        for key in way:
            holder = holder[key]
        change = draw(st.sampled_from(["replace", "remove", "double"]))
        if change == "replace":
            holder[last] = copy.deepcopy(draw(st.sampled_from(VALUES)))
        elif change == "remove":
            del holder[last]
        elif isinstance(holder, list):
            holder.insert(last, copy.deepcopy(holder[last]))
    return ui


@settings(max_examples=80)
@given(ui=mutated(), strict=st.booleans())
def test_any_mutation_gives_a_graph_or_is_refused(ui: dict[str, Any], strict: bool) -> None:
    given_ui = json.dumps(ui)
    with suppress(ConfigurationError):
        found = convert_workflow(ui, known_classes(), strict=strict)
        json.dumps(found.graph)
        assert all(isinstance(inner["inputs"], dict) for inner in found.graph.values())
    assert json.dumps(ui) == given_ui


def nested(depth: int, hosts: int) -> dict[str, Any]:
    """Subgraphs in subgraphs, each with so many hosts of the next one."""
    inner = [
        subgraph(f"s{at}", [node(100 + at * hosts + one, f"s{at + 1}") for one in range(hosts)])
        for at in range(depth)
    ]
    return workflow([node(1, "s0")], [], *inner, subgraph(f"s{depth}", [node(99, "EmptyLatentImage")]))


def test_a_thousand_subgraphs_in_each_other() -> None:
    found = convert_workflow(nested(998, 1), known_classes())
    (id,) = found.graph
    assert id.count(":") == 999


@pytest.mark.parametrize(("depth", "hosts"), [(1500, 1), (40, 3)])
def test_what_unfolds_without_end_is_refused(depth: int, hosts: int) -> None:
    with pytest.raises(ConfigurationError, match="node "):
        convert_workflow(nested(depth, hosts), known_classes())


def test_long_chains_are_no_recursion() -> None:
    count = 3000
    types = {1: "LoadImage", count: "PreviewImage"}
    middle = ["Reroute", "ImageInvert"]
    nodes = [
        node(
            at,
            types.get(at, middle[at % 2]),
            links={} if at == 1 else {"images" if at == count else "image" if at % 2 else "": at - 1},
            outputs={} if at == count else {0: [at]},
            mode=4 if middle[at % 2] == "ImageInvert" and at not in types else 0,
        )
        for at in range(1, count + 1)
    ]
    links = [[at, at, 0, at + 1, 0, "IMAGE"] for at in range(1, count)]
    found = convert_workflow(workflow(nodes, links), known_classes())
    assert found.graph[str(count)]["inputs"]["images"] == ["1", 0]
