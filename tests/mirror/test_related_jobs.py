"""Jobs beside each other: similar ones, how two differ, and what the past says of the next."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, Workflow
from comfy_cloud.cli._history.mirror_texts import changes_text
from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.difference import graph_difference

from .sample import fill


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with Mirror.open(tmp_path_factory.mktemp("mirror") / "history.sqlite") as made:
        fill(made, 300)
        yield made


@pytest.fixture
def graph(mirror: Mirror) -> dict[str, Any]:
    plain = mirror.query("SELECT job_id FROM models GROUP BY job_id HAVING count(*) = 1 LIMIT 1")
    return mirror.graph(plain[0]["job_id"])


def test_similar_jobs_have_the_same_graph_and_say_what_differs(mirror: Mirror) -> None:
    this = mirror.query("SELECT id, graph_digest FROM jobs WHERE has_details LIMIT 1")[0]
    count = mirror.query("SELECT count(*) AS n FROM jobs WHERE graph_digest = ?", [this["graph_digest"]])
    found = mirror.similar(this["id"][:8], limit=1000)
    assert len(found) == count[0]["n"] - 1 > 0
    assert this["id"] not in found.column("id")
    first = found[0]
    seed = mirror.graph(first["id"])["3"]["inputs"]["seed"]
    assert first["values"]["3.seed"] == seed
    assert "3.seed" in first["changed"].split(", ")
    few = mirror.similar(this["id"], limit=2)
    assert (len(few), few.is_cut) == (2, True)


def test_values_differ_by_kind(graph: dict[str, Any]) -> None:
    other = deepcopy(graph)
    other["3"]["inputs"].update(seed=7, steps=30)
    other["4"]["inputs"]["ckpt_name"] = "another.safetensors"
    found = graph_difference(graph, other)
    assert [(each["input"], each["after"]) for each in found.inputs] == [("steps", 30)]
    assert [(each["input"], each["after"]) for each in found.seeds] == [("seed", 7)]
    assert [(each["input"], each["after"]) for each in found.models] == [("ckpt_name", "another.safetensors")]
    assert (found.wiring, found.added, found.removed, found.same_graph) == ([], [], [], True)


def test_ids_order_titles_and_layout_do_not_count(graph: dict[str, Any]) -> None:
    names = {node_id: f"n{number}" for number, node_id in enumerate(reversed(graph))}
    other = {}
    for node_id in reversed(graph):
        node = deepcopy(graph[node_id])
        node["_meta"] = {"title": "renamed", "pos": [1, 2]}
        for name, value in node["inputs"].items():
            if isinstance(value, list):
                node["inputs"][name] = [names[value[0]], value[1]]
        other[names[node_id]] = node
    assert not graph_difference(graph, other)


def test_swapped_ids_are_seen_through(graph: dict[str, Any]) -> None:
    other = deepcopy(graph)
    other["6"], other["7"] = other["7"], other["6"]
    other["3"]["inputs"].update(positive=["7", 0], negative=["6", 0])
    assert not graph_difference(graph, other)


def test_wiring_and_nodes_differ(graph: dict[str, Any]) -> None:
    graph["7"]["_meta"] = {"title": "What to avoid"}
    graph["6"].pop("_meta", None)
    other = deepcopy(graph)
    other["3"]["inputs"]["negative"] = ["6", 0]
    del other["7"]
    other["20"] = {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}
    found = graph_difference(graph, other)
    assert found.removed == [{"node": "7", "class": "CLIPTextEncode"}]
    assert found.added == [{"node": "20", "class": "PreviewImage"}]
    assert {
        "node": "3",
        "class": "KSampler",
        "input": "negative",
        "before": "7.0",
        "after": "6.0",
        "before_node": {"node": "7", "class": "CLIPTextEncode", "title": "What to avoid"},
        "after_node": {"node": "6", "class": "CLIPTextEncode", "title": None},
    } in found.wiring
    assert (
        '~ 3.negative (KSampler): 7.0 (CLIPTextEncode, "What to avoid") -> 6.0 (CLIPTextEncode)\n'
        in changes_text(found.to_dict())
    )
    assert not found.same_graph


def test_an_estimate_is_made_of_completed_jobs_of_the_same_graph(
    mirror: Mirror, graph: dict[str, Any]
) -> None:
    with mirror.store.writing() as connection:
        from comfy_cloud.mirror.facts.digests import graph_digest
        from comfy_cloud.mirror.facts.graph import nodes_in

        connection.exec_driver_sql(
            "UPDATE jobs SET graph_digest = ? "
            "WHERE id IN (SELECT job_id FROM models GROUP BY 1 HAVING count(*) = 1)",
            (graph_digest(nodes_in(graph)),),
        )
    changed = deepcopy(graph)
    changed["3"]["inputs"]["seed"] = 1
    found = mirror.estimate(Workflow(changed))
    plain = mirror.query(
        "SELECT run_seconds FROM jobs WHERE status = 'completed' AND id IN "
        "(SELECT job_id FROM models GROUP BY 1 HAVING count(*) = 1) ORDER BY 1"
    ).column("run_seconds")
    assert found.jobs == found.run_seconds.jobs == len(plain) > 20
    assert found.run_seconds.low == plain[-(-len(plain) // 10) - 1]
    assert min(plain) < (found.run_seconds.median or 0) < max(plain)
    assert found.confidence in ("low", "medium")


def test_without_a_past_nothing_is_estimated(mirror: Mirror) -> None:
    found = mirror.estimate({"1": {"class_type": "Other", "inputs": {}}})
    assert (found.jobs, found.run_seconds.median, found.confidence) == (0, None, "none")


def test_ids_that_are_not_there(mirror: Mirror) -> None:
    with pytest.raises(ConfigurationError, match="no job 'nothing'"):
        mirror.graph("nothing")
    with pytest.raises(ConfigurationError, match="no job '%%%%'"):
        mirror.graph("%%%%")
    bare = mirror.query("SELECT id FROM jobs WHERE NOT has_details LIMIT 1")[0]["id"]
    with pytest.raises(ConfigurationError, match="no graph of the job"):
        mirror.graph(bare)
