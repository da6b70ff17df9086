"""Nodes with ids such as "12:3" are laid out in subgraphs, and keep their ids."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud import WorkflowLayout, convert_workflow, layout_workflow
from comfy_cloud._workflows.graph import is_link
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.layout.graphs import NUMBERS, PATHS, graphs
from tests.unit.workflows.layout.test_round_trips import back, node, renamed


def laid_out(graph: dict[str, Any]) -> WorkflowLayout:
    return layout_workflow(graph, known_classes())


def definitions(layout: WorkflowLayout) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = layout.ui.get("definitions", {}).get("subgraphs", [])
    return found


def latent(**inputs: Any) -> dict[str, Any]:
    return node("EmptyLatentImage", **{"width": 64, "height": 64, "batch_size": 1, **inputs})


def upscale(samples: list[Any], scale_by: Any = 1.5) -> dict[str, Any]:
    return node("LatentUpscaleBy", samples=samples, upscale_method="area", scale_by=scale_by)


def assert_kept(graph: dict[str, Any]) -> WorkflowLayout:
    layout = laid_out(graph)
    assert layout.warnings == []
    assert [str(id) for id in layout.ids.values()] == list(graph)
    for strict in (True, False):
        assert back(layout, strict=strict) == graph
    return layout


def test_links_into_a_subgraph_and_out_of_it() -> None:
    graph = {
        "1": latent(),
        "12:3": upscale(["1", 0]),
        "12:4": upscale(["12:3", 0]),
        "12:6": upscale(["1", 0], ["7", 0]),
        "7": node("PrimitiveFloat", value=2.5),
        "8": upscale(["12:4", 0]),
        "9": upscale(["12:4", 0]),
    }
    (subgraph,) = definitions(assert_kept(graph))
    assert [each["name"] for each in subgraph["inputs"]] == ["samples", "scale_by"]
    assert [len(each["linkIds"]) for each in subgraph["inputs"]] == [2, 1]
    assert [each["name"] for each in subgraph["outputs"]] == ["LATENT"]
    assert [each["id"] for each in subgraph["nodes"]] == [3, 4, 6]


def test_subgraphs_in_subgraphs() -> None:
    graph = {
        "1": latent(),
        "12:5:4": upscale(["1", 0]),
        "12:5:6": upscale(["12:7", 0]),
        "12:7": upscale(["12:5:4", 0]),
        "20:21:22": upscale(["12:5:6", 0]),
        "9": upscale(["20:21:22", 0]),
    }
    layout = assert_kept(graph)
    assert len(definitions(layout)) == 4
    assert {each["id"] for each in layout.ui["nodes"]} == {1, 9, 12, 20}


def test_hosts_with_the_same_inner_ids_share_a_subgraph() -> None:
    """What differs is given by each host: values to widgets, links to slots."""
    graph = {
        "1": latent(),
        "2": latent(),
        "12:3": upscale(["1", 0], 1.5),
        "12:4": upscale(["12:3", 0], 3.0),
        "13:3": upscale(["2", 0], 2.5),
        "13:4": upscale(["13:3", 0], 3.0),
        "14:15:3": upscale(["13:4", 0], ["9", 0]),
        "14:15:4": upscale(["14:15:3", 0], 3.0),
        "9": node("PrimitiveFloat", value=2.5),
    }
    layout = assert_kept(graph)
    shared, outer = definitions(layout)
    assert [each["name"] for each in shared["inputs"]] == ["samples", "scale_by"]
    hosts = [each for each in layout.ui["nodes"] + outer["nodes"] if each["type"] == shared["id"]]
    assert [(each["id"], each["widgets_values"][:1]) for each in hosts] == [
        (12, [1.5]), (13, [2.5]), (15, [1.5])
    ]  # fmt: skip


def test_links_and_counters_of_a_subgraph_are_named_at_both_ends() -> None:
    layout = laid_out({"1": latent(), "12:3": upscale(["1", 0]), "9": upscale(["12:3", 0])})
    (subgraph,) = definitions(layout)
    nodes = {each["id"]: each for each in subgraph["nodes"]}
    for link in subgraph["links"]:
        assert link["id"] <= layout.ui["last_link_id"]
        if link["origin_id"] == -10:
            assert link["id"] in subgraph["inputs"][link["origin_slot"]]["linkIds"]
            assert nodes[link["target_id"]]["inputs"][link["target_slot"]]["link"] == link["id"]
        else:
            assert link["target_id"] == -20
            assert link["id"] in nodes[link["origin_id"]]["outputs"][link["origin_slot"]]["links"]
            assert link["id"] in subgraph["outputs"][link["target_slot"]]["linkIds"]
    assert subgraph["state"]["lastNodeId"] == 3
    assert layout.ui["last_node_id"] == 12


@pytest.mark.parametrize(
    ("graph", "renumbered"),
    [
        # Each is one that no editor makes, with the nodes that get a number.
        ({"12": latent(), "12:3": latent()}, ["12:3"]),
        ({"3": latent(), "12:3": latent(), "13:4": latent()}, ["12:3"]),
        ({"12:3": latent(), "13:3": latent(), "13:4": latent()}, ["12:3", "13:3", "13:4"]),
        ({"12:3": latent(), "13:3": node("EmptyImage")}, ["12:3", "13:3"]),
        ({"12:3": latent(), "12:12:3": latent()}, ["12:3", "12:12:3"]),
        ({"12:13:3": latent(), "13:12:3": latent()}, ["12:13:3", "13:12:3"]),
        ({"12:3": latent(), "13:3": upscale(["12:3", 0])}, ["12:3", "13:3"]),
        ({"1": latent(), "12:3:4": latent(), "12:5": latent(), "15:5": latent()},
         ["12:3:4", "12:5", "15:5"]),
        ({":".join(["1"] * 60): latent()}, [":".join(["1"] * 60)]),
        ({"12:3": latent(), "5:x": latent(), "5:-1": latent()}, ["5:x", "5:-1"]),
    ],
)  # fmt: skip
def test_ids_that_no_subgraph_gives_are_numbered(graph: dict[str, Any], renumbered: list[str]) -> None:
    layout = laid_out(graph)
    assert [id for id, number in layout.ids.items() if str(number) != id] == renumbered
    warning = layout.warnings[-1]
    assert warning.startswith("These nodes get other ids in the editor: ")
    assert all(repr(id[:60]) in warning for id in renumbered)
    converted = convert_workflow(json.loads(json.dumps(layout.ui)), known_classes(), strict=True).graph
    assert set(converted) == {str(id) for id in layout.ids.values()}


@settings(max_examples=60)
@given(graph=graphs(st.one_of(NUMBERS, st.sampled_from(PATHS), st.sampled_from(PATHS))))
def test_any_paths(graph: dict[str, Any]) -> None:
    layout = laid_out(graph)
    assert json.dumps(back(layout), sort_keys=True) == json.dumps(
        renamed(graph, layout.ids), sort_keys=True
    )  # 1, 1.0 and true are different there


@settings(max_examples=60)
@given(inner=graphs(NUMBERS), data=st.data())
def test_several_hosts_of_one_subgraph(inner: dict[str, Any], data: st.DataObject) -> None:
    """They differ in some whole numbers, which are values or links."""
    graph: dict[str, Any] = {"900": node("PrimitiveInt", value=3), "901": node("PrimitiveInt", value=4)}
    for host in ("500", "600", "700:800")[: data.draw(st.integers(1, 3))]:
        for id, source in inner.items():
            made = copy.deepcopy(source)
            for name, value in made["inputs"].items():
                if is_link(value):
                    made["inputs"][name] = [f"{host}:{value[0]}", value[1]]
                elif type(value) is int and "." not in name and name != "index":
                    made["inputs"][name] = data.draw(st.sampled_from([value, 7, ["900", 0], ["901", 0]]))
            graph[f"{host}:{id}"] = made
    layout = laid_out(graph)
    assert json.dumps(back(layout), sort_keys=True) == json.dumps(renamed(graph, layout.ids), sort_keys=True)
    assert [str(id) for id in layout.ids.values()] == list(graph)
