"""Graphs in JSON of other programs and in texts, and what is said of text that is not JSON."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from comfy_cloud import ConfigurationError, Workflow

GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a +é"}},
}
UI: dict[str, Any] = {"last_node_id": 2, "nodes": [{"id": 1, "type": "EmptyImage"}], "links": []}
OTHER = {"9": {"class_type": "Other", "inputs": {}}}
P, W = json.dumps(GRAPH), json.dumps(UI)
BODY = json.dumps({"prompt": GRAPH, "client_id": "x"})
JOB = [1, "id1", GRAPH, {"extra_pnginfo": {"workflow": UI}}, ["2"]]


def flow(*parameters: dict[str, Any]) -> dict[str, Any]:
    """A workflow of another editor, whose nodes have these parameters."""
    nodes = [
        {"id": f"a{number}", "type": "http", "position": [0, 0], "parameters": each}
        for number, each in enumerate(parameters)
    ]
    return {"name": "flow", "nodes": nodes, "connections": {"x": {"main": [[]]}}}


@pytest.mark.parametrize(
    ("document", "ui"),
    [
        (flow({"jsonBody": BODY}), None),
        (flow({"jsonBody": f"={BODY}"}, {"x": "y"}), None),
        (flow({"code": f"const w = {P};\nreturn w;"}), None),
        (flow({"body": f"={{{{ JSON.stringify({P}) }}}}"}), None),
        (flow({"body": P}, {"options": {"body": P}}), None),
        (flow({"workflow": GRAPH, "layout": W}), UI),
        ({"graph": {"edges": [], "nodes": [{"id": "1", "type": "custom", "data": {"value": P}}]}}, None),
        ({"nodes": [{"id": "x", "type": "tool", "data": {"workflow": P}}], "edges": []}, None),
        ({"comfyui": {"workflow": P, "nodes": [{"type": "prompt", "node_ids": ["1"]}]}}, None),
        ({"workflow_api_raw": P, "workflow": UI}, UI),
        ({"workflows": [{"viewComfyJSON": {"inputs": []}, "workflowApiJSON": GRAPH}]}, None),
        ({**GRAPH, "extra": {"airs": ["urn:x"]}, "extraMetadata": json.dumps({"prompt": "a cat"})}, None),
        ([{"SourceFile": "a.png", "UserComment": json.dumps({"prompt": GRAPH, "workflow": UI})}], UI),
        ({"log": {"entries": [{"request": {"postData": {"text": BODY}}}]}}, None),
        ({"id1": {"prompt": JOB, "outputs": {"9": {"text": [json.dumps(OTHER)]}}}}, UI),
        ({"jobs": [{"id": "id1", "workflow": {"prompt": GRAPH}, "outputs": {}}]}, None),
    ],
)
def test_where_other_programs_put_a_graph(document: object, ui: object) -> None:
    text = json.dumps(document, ensure_ascii=False)
    for source in (text, text.encode(), text.encode("utf-16"), text.encode("utf-8-sig")):
        loaded = Workflow.load(source)
        assert (loaded.graph, loaded.ui) == (GRAPH, ui)


TEXTS = {
    "curl": f"curl -X POST http://x/prompt -H 'Content-Type: application/json' -d '{BODY}'",
    "curl, escaped": 'curl http://x -d "' + BODY.replace('"', '\\"') + '"',
    "JSON Lines": '{"event": "x"}\r\n' + BODY + "\r\n",
    "lines of one graph": f"{BODY}\n{BODY}\n",
    "a block of code": f"Here it is:\n```json\n{json.dumps(GRAPH, indent=2)}\n```\nenjoy",
    "parameters": f"a cat\nNegative prompt: x\nSteps: 20, Workflow: {W}, Prompt: {P}",
    "a log": f"[2026] got prompt {BODY} ok",
    "a program": f"prompt = json.loads('''{P}''')\n",
    "YAML": f"graph:\n  workflow_json: '{P}'\n",
    "a link": f"http://x/?workflow={quote(P)}",
    "a form": f"workflow={quote_plus(P)}&x=1",
    "a page": f"<html><script>var w={P}</script></html>",
    "an attribute": f'<html><div data-w="{html.escape(P)}"></div></html>',
    "XML": f"<a><b>{html.escape(P)}</b></a>",
}


@pytest.mark.parametrize("name", TEXTS)
def test_graphs_in_texts(name: str, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(TEXTS[name], encoding="utf-8")
    (tmp_path / "wide.txt").write_text(TEXTS[name], encoding="utf-16")
    for source in (TEXTS[name], TEXTS[name].encode(), tmp_path / "x.txt", tmp_path / "wide.txt"):
        assert Workflow.load(source).graph == GRAPH


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1"])
def test_encodings(encoding: str) -> None:
    assert Workflow.load(json.dumps(GRAPH, ensure_ascii=False).encode(encoding)).graph == GRAPH


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        ({"id1": {"prompt": JOB}, "id2": {"prompt": [2, "id2", OTHER, {}, []]}}, ["id1.", "id2."]),
        ({"queue_running": [JOB], "queue_pending": [[2, "id2", OTHER, {}, []]]}, ["(id1)", "(id2)"]),
        ({"jobs": [{"id": name, "workflow": {"prompt": {**OTHER, name: GRAPH["1"]}}} for name in "abcdefgh"]},
         ["8 workflows", "jobs[0].workflow.prompt (a)", "and 2 more"]),
        (flow({"a": P}, {"options": {"b": json.dumps(OTHER)}}),
         ["(a0)", "nodes[1].parameters.options.b (a1)"]),
        (flow({"x": "y"}), ["another program", "no graph"]),
        (flow({"x": P.replace("8", "{{ $json.width }}")}), ["another program", "placeholders"]),
        (flow({"x": W}), ["editor's format"]),
    ],
)  # fmt: skip
def test_what_is_named_when_no_graph_or_several_are_found(document: object, parts: list[str]) -> None:
    assert [part for part in parts if part not in refusal(json.dumps(document))] == []


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (P[:-1] + ",}", "a comma precedes a closing bracket, in line 1"),
        (f'{{\n"prompt": {P} ,\n\n}}', "in line 2: remove the comma"),
        (f'\n\ufeff\r\n{{\r\n"prompt": {P},\r\n\r\n}}', "in line 4: remove the comma"),
        ('\n{"1": {"class_type": "A", "inputs": {}}} {', "line 2 column 42"),
        ('{"1": {"class_type": }}', "Expecting value: line 1 column 22"),
        (repr(GRAPH), "as Python prints a dict"),
        ('{"1": {"class_type": "A", "inputs": {"x": True}}}', "as Python prints a dict"),
        ('{\n// note\n"1": {}}', "a comment, in line 2"),
        (P[:-20], "its end is missing"),
        (P[: P.index(":")], "its end is missing"),
        ('{"1": {"class_type": "A", "inputs": {"t": "a\nb"}}}', "line break or tab"),
        ('{"1": {"class_type": "A", "inputs": {"t": "a,\n}"}}}', "line break or tab, in line 1"),
        ('{"1": {"class_type": "A", "inputs": {"t": "a\n// b"}}}', "line break or tab, in line 1"),
        (f"{BODY}\n{json.dumps({'prompt': OTHER})}", "2 workflows"),
        (f"one {P} and {json.dumps(OTHER)}", "2 workflows"),
    ],
)
def test_what_is_said_of_text_that_is_not_json(text: str, part: str) -> None:
    for source in (text, text.encode()):
        assert part in refusal(source)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"<html><body>Sign in</body></html>", "a web page"),
        (b'"1":\n  class_type: A\n', "there is no JSON of a workflow in it"),
        (b'{"event": 1}\nclass_type', "Extra data"),
    ],
)
def test_what_is_said_of_other_files(content: bytes, part: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    assert part in refusal(tmp_path / "file")


def refusal(source: Any) -> str:
    with pytest.raises(ConfigurationError) as raised:
        Workflow.load(source)
    return str(raised.value)
