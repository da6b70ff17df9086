"""Graphs inside other JSON: requests, histories, jobs, and what apps save."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comfy_cloud import ComfyCloudWarning, ConfigurationError, Workflow

GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
}
UI: dict[str, Any] = {"last_node_id": 2, "nodes": [{"id": 1, "type": "EmptyImage"}], "links": []}
EXTRA = {"extra_pnginfo": {"workflow": UI}}
TUPLE = [4, "8c1", GRAPH, EXTRA, ["2"]]
STATUS = {"status_str": "success", "completed": True, "messages": [["execution_start", {"prompt_id": "8c1"}]]}
OTHER = {"9": {"class_type": "Other", "inputs": {}}}


@pytest.mark.parametrize(
    ("document", "ui"),
    [
        ({"8c1": {"prompt": TUPLE, "outputs": {"2": {"images": []}}, "status": STATUS}}, UI),
        ({"prompt": TUPLE, "outputs": {}}, UI),
        ({"8c1": {"prompt": {"priority": 1, "prompt": GRAPH, "extra_data": EXTRA}, "outputs": {}}}, UI),
        ({"history": [{"prompt_id": "8c1", "prompt": {"prompt": GRAPH, "extra_data": {}}}]}, None),
        ({"id": "8c1", "status": "completed", "workflow": {"prompt": GRAPH, "extra_data": EXTRA}}, UI),
        ({"queue_running": [TUPLE], "queue_pending": []}, UI),
        (TUPLE, UI),
        ([GRAPH], None),
        ({"input": {"workflow": GRAPH}}, None),
        ({"input": {"workflow": GRAPH, "images": [{"name": "a.png"}]}, "webhook": "x"}, None),
        ({"input": {"prompt": json.dumps(GRAPH)}}, None),
        ({"prompt": json.dumps(GRAPH), "workflow": json.dumps(UI)}, UI),
        (json.dumps(GRAPH), None),
        (json.dumps(json.dumps(GRAPH)), None),
        ({"name": "app", "data": {"api": GRAPH, "editor": UI}}, UI),
        ({**GRAPH, "extra_data": EXTRA}, UI),
        ({**GRAPH, "version": 3, "_comment": "of an app", "tags": ["a"], "meta": {"app": "x"}}, None),
        ({"workflow": UI, "output": GRAPH}, UI),
        ({"output": GRAPH, "backup": OTHER}, None),
        ({"a": GRAPH, "b": GRAPH}, None),
        ({"asset": {"version": "2.0", "extras": {"prompt": GRAPH, "workflow": UI}}, "nodes": [{"mesh": 0}],
          "scenes": [{"nodes": [0]}, {"nodes": []}]}, UI),
    ],
)  # fmt: skip
def test_where_a_graph_is_found(document: object, ui: object) -> None:
    for source in (json.dumps(document), json.dumps(document).encode(), document):
        if isinstance(source, (str, bytes, dict)):
            loaded = Workflow.load(source)
            assert (loaded.graph, loaded.ui) == (GRAPH, ui)


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        (
            {"a": {"prompt": TUPLE}, "b": {"prompt": [1, "b", OTHER, {}, []]}},
            ["2 workflows", "Pass one of them"],
        ),
        ({"jobs": [{"workflow": {"prompt": GRAPH}}, {"workflow": {"prompt": OTHER}}]}, ["2 workflows"]),
        ({"input": {"workflow": UI}}, ["editor's format"]),
        ({"prompt": json.dumps(UI)}, ["editor's format"]),
        ({**GRAPH, "3": {}}, ["3 has no class_type"]),
        ({**GRAPH, "x": {"inputs": {}}}, ["x has no class_type"]),
        ({"text": "class_type nodes {"}, ["text has no class_type"]),
        ([1, 2], ["not an object of nodes"]),
        ("class_type", ["neither JSON nor a file"]),
    ],
)
def test_what_is_refused(document: object, parts: list[str]) -> None:
    source = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(ConfigurationError) as raised:
        Workflow.load(source)
    assert [part for part in parts if part not in str(raised.value)] == []


def test_images_beside_a_graph_are_not_sent_silently() -> None:
    graph = {**GRAPH, "3": {"class_type": "LoadImage", "inputs": {"image": "a.png", "upload": "image"}}}
    images = [{"name": "a.png", "image": "aGk="}, {"name": "unused.png", "image": "aGk="}]
    with pytest.warns(ComfyCloudWarning, match=r"not sent.*inputs=.* for 3\.image \(a\.png\)$") as caught:
        assert Workflow.load({"input": {"workflow": graph, "images": images}}).graph == graph
    assert caught[0].filename == __file__
    assert len(caught) == 1


REPORT = {"8": {"errors": [{"type": "x"}], "dependent_outputs": ["11"], "class_type": "KSampler"}}
MISSING = {"type": "missing_node_type", "extra_info": {"node_id": "8", "class_type": "KSampler"}}
LISTED = {"id": "8c1", "status": "failed", "error": {"exception_message": {"node_errors": REPORT}}}


@pytest.mark.parametrize(
    "found", [{"node_errors": REPORT}, {"error": MISSING, "node_errors": REPORT}, REPORT]
)
def test_errors_of_a_server_are_no_graph(found: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"ha(s|ve) no class_type"):
        Workflow.load(json.dumps(found))
    assert Workflow.load({"workflow": GRAPH, **found}).graph == GRAPH


@pytest.mark.parametrize("document", [{"history": [LISTED]}, {"jobs": [LISTED, LISTED]}, [LISTED], LISTED])
def test_a_list_of_jobs_contains_no_graph(document: object) -> None:
    with pytest.raises(ConfigurationError, match=r"jobs without their graphs.* history show ID --raw"):
        Workflow.load(json.dumps(document))


def test_several_entries_without_a_class() -> None:
    with pytest.raises(ConfigurationError, match="API format: a, b have no class_type"):
        Workflow.load({"a": 1, "b": 2})


def test_numbers_beyond_64_bits_in_a_layout_are_kept_as_javascript_has_them() -> None:
    layout = {**UI, "extra": {"seed": 18446744073709552000, "small": -(2**63), "huge": 10**400}}
    loaded = Workflow.load({"prompt": GRAPH, "workflow": layout})
    assert loaded.ui == {**UI, "extra": {"seed": 1.8446744073709552e19, "small": -(2**63), "huge": None}}
    assert json.loads(json.dumps(loaded.ui)) == loaded.ui


def test_a_text_of_a_layout_that_was_cut_does_not_cost_the_layout() -> None:
    text = json.dumps({"prompt": GRAPH, "workflow": {**UI, "title": "cut \ud83d", "cat": "🐈"}})
    assert Workflow.load(text).ui == {**UI, "title": "cut \ufffd", "cat": "🐈"}


def test_what_nests_deeply_is_refused() -> None:
    document: Any = GRAPH
    for _ in range(20):
        document = {"in": document}
    with pytest.raises(ConfigurationError, match="has no class_type"):
        Workflow.load(document)
    cycle: dict[str, Any] = {}
    cycle["again"] = [cycle, cycle]
    with pytest.raises(ConfigurationError, match="has no class_type"):
        Workflow.load(cycle)
