from __future__ import annotations

import copy
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from comfy_cloud import ComfyCloud
from comfy_cloud.cli._workflows.graph_text import layout_nodes
from comfy_cloud_emulator import Emulator

from .conftest import Run

GRAPH: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 5,
            "steps": 20,
            "cfg": 7.0,
            "sampler_name": "euler",
            "scheduler": "normal",
            "denoise": 1.0,
            "model": ["4", 0],
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
        },
    },
    "4": {
        "class_type": "CheckpointLoaderSimple",
        "inputs": {"ckpt_name": "v1-5-pruned-emaonly-fp16.safetensors"},
    },
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}},
    "6": {
        "class_type": "CLIPTextEncode",
        "inputs": {"text": "a café", "clip": ["4", 1]},
        "_meta": {"title": "Positive"},
    },
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "x"}},
}
LAYOUT = {
    "version": 0.4,
    "nodes": [{"id": 4, "type": "LoraLoader", "title": "My lora", "widgets_values": ["a.safetensors", 1]}],
    "links": [],
}


def changed(**values: Any) -> dict[str, Any]:
    """The graph with other inputs of node 3."""
    graph = copy.deepcopy(GRAPH)
    graph["3"]["inputs"].update(values)
    return graph


def image(**texts: object) -> bytes:
    info = PngImagePlugin.PngInfo()
    for name, value in texts.items():
        info.add_text(name, json.dumps(value))
    content = io.BytesIO()
    Image.new("RGB", (1, 1)).save(content, "PNG", pnginfo=info)
    return content.getvalue()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with `graph.json`, `picture.png` and `layout.json`."""
    monkeypatch.chdir(tmp_path)
    Path("graph.json").write_text(json.dumps(GRAPH))
    Path("picture.png").write_bytes(image(prompt=GRAPH, workflow=LAYOUT))
    Path("layout.json").write_text(json.dumps(LAYOUT))
    return tmp_path


@pytest.fixture
def catalogue(run: Run, cloud: Emulator) -> str:
    """A file with the node classes of the server, written as the help says."""
    assert run("api", "/api/object_info", "--output-file", "classes.json").code == 0
    return "classes.json"


# show


def test_show_as_text(run: Run) -> None:
    shown = run("workflow", "show", "picture.png", "-o", "table")
    assert (shown.code, shown.err) == (0, "")
    lines = shown.out.splitlines()
    assert lines[:6] == [
        "form     API graph in the metadata of a file of type png",
        "nodes    7",
        "results  9 (SaveImage)",
        "models   4.ckpt_name  v1-5-pruned-emaonly-fp16.safetensors",
        "seeds    3.seed  5",
        "layout   yes (`workflow extract --layout` writes it)",
    ]
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in lines[7:] if line}
    assert rows["3.seed"] == "KSampler 5"
    assert rows["3.positive"] == 'output 0 of 6 (CLIPTextEncode "Positive")'
    assert rows["6.text"] == 'CLIPTextEncode "Positive" "a café"'


@pytest.mark.parametrize(
    ("source", "form"),
    [("graph.json", "API graph"), ("wrapped.json", "API graph inside other JSON")],
)
def test_the_form_of_json(source: str, form: str, run: Run) -> None:
    Path("wrapped.json").write_text(json.dumps({"prompt": GRAPH, "client_id": "x"}))
    assert f"form     {form}\n" in run("workflow", "show", source, "-o", "table").out


@pytest.mark.parametrize("source", ["graph.json", "picture.png", "-"])
def test_show_as_data_is_the_graph(source: str, run: Run) -> None:
    shown = run("workflow", "show", source, stdin=json.dumps({"prompt": GRAPH}).encode())
    assert json.loads(shown.out) == GRAPH
    if source == "-":
        assert json.loads(run("workflow", "show", source, stdin=image(prompt=GRAPH)).out) == GRAPH


def test_images_beside_the_graph_are_named(run: Run) -> None:
    graph = {"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}
    body = {"input": {"workflow": graph, "images": [{"name": "a.png", "image": "aGk="}]}}
    shown = run("workflow", "show", "-", "-o", "json", stdin=json.dumps(body).encode())
    assert (shown.code, json.loads(shown.out)) == (0, graph)
    assert shown.err == (
        "warning: The images beside the graph are not sent. Pass them with --input NODE.INPUT=FILE, "
        "for 1.image (a.png)\n"
    )


def test_show_the_workflow_of_a_job(run: Run, cloud: Emulator) -> None:
    with ComfyCloud(base_url=cloud.url, api_key=cloud.key) as client:
        job_id = client.history.list(limit=1)[0].id
        graph = client.history.get(job_id).workflow
    shown = run("workflow", "show", job_id[:8])
    assert json.loads(shown.out) == graph
    assert f"form     API graph of a job\nnodes    {len(graph or ())}\n" in (
        run("workflow", "show", job_id, "-o", "table").out
    )


def test_show_the_workflow_of_a_job_that_has_not_ended(run: Run, empty_cloud: Emulator) -> None:
    with ComfyCloud(base_url=empty_cloud.url, api_key=empty_cloud.key) as client:
        job = client.submit(GRAPH)
    assert json.loads(run("workflow", "show", job.id[:8]).out) == GRAPH


def test_show_a_layout(run: Run) -> None:
    shown = run("workflow", "show", "layout.json", "-o", "table")
    assert shown.code == 0
    assert (
        "form    UI workflow: it is converted when it is run\nnodes   1\nmodels  a.safetensors\n" in shown.out
    )
    assert '4   LoraLoader "My lora"  ["a.safetensors", 1]' in shown.out
    Path("only.png").write_bytes(image(workflow=LAYOUT))
    assert json.loads(run("workflow", "show", "only.png").out) == LAYOUT


@pytest.mark.parametrize(
    ("source", "content", "code", "words"),
    [
        ("none.json", None, 2, "there is no file 'none.json', and it is not the id of a job"),
        ("abcdef12", None, 5, "there is no file 'abcdef12', and none of the newest 1000 jobs"),
        ("abc", None, 2, "and the id of a job needs at least its first 6 characters"),
        ("xyz", None, 2, "and it is not the id of a job"),
        (".", None, 2, ". cannot be read: Is a directory"),
        ("empty.json", b"", 2, "empty.json is empty"),
        ("text.json", b"hello", 2, "neither JSON nor a file"),
        ("plain.png", image(), 2, "contains no workflow"),
        ("list.json", b"[1]", 2, "not an object of nodes"),
        ('{"1": 5}', None, 2, "is not a graph in API format"),
    ],
)
def test_what_is_not_a_workflow(
    source: str, content: bytes | None, code: int, words: str, run: Run, cloud: Emulator
) -> None:
    if content is not None:
        Path(source).write_bytes(content)
    for verb in (["show"], ["extract"], ["set", "-s", "3.seed=1"]):
        shown = run("workflow", *verb, source)
        assert (shown.code, shown.out) == (code, "")
        assert words in shown.err
        assert shown.err.count("\n") == 1


# set


def test_set_writes_the_changed_graph(run: Run) -> None:
    shown = run("workflow", "set", "picture.png", "-s", "KSampler.steps=30", "--set", "3.cfg=6.5")
    assert (shown.code, shown.err) == (0, "")
    assert json.loads(shown.out) == changed(steps=30, cfg=6.5)
    shown = run("workflow", "set", "-", "-s", "3.steps=2", "-o", "new.json", stdin=json.dumps(GRAPH).encode())
    assert (shown.code, shown.out) == (0, "")
    assert json.loads(Path("new.json").read_bytes()) == changed(steps=2)
    assert "café" in Path("new.json").read_text(encoding="utf-8")


def test_set_draws_seeds_and_reports_them(run: Run, catalogue: str) -> None:
    shown = run("workflow", "set", "graph.json", "-s", "KSampler.seed=random")
    seed = json.loads(shown.out)["3"]["inputs"]["seed"]
    assert seed != 5
    assert shown.err == f"3.seed is {seed}\n"
    classes = json.loads(Path(catalogue).read_bytes())
    classes["KSampler"]["input"]["required"]["seed"] = ["INT", {"min": 70, "max": 70}]
    Path("few.json").write_text(json.dumps(classes))
    shown = run("workflow", "set", "graph.json", "-s", "KSampler.seed=random", "--object-info", "few.json")
    assert shown.err == "3.seed is 70\n"


def test_nothing_replaces_a_pipe(run: Run) -> None:
    os.mkfifo("pipe")
    for more in ([], ["--overwrite"]):
        shown = run("workflow", "set", "graph.json", "-s", "3.steps=2", "-o", "pipe", *more)
        assert shown.code == 2
        assert "is a device, a pipe or a socket, which no file replaces; choose another FILE\n" in shown.err


def test_set_never_overwrites_without_being_asked(run: Run) -> None:
    before = Path("graph.json").read_bytes()
    shown = run("workflow", "set", "graph.json", "-s", "3.steps=2", "-o", "graph.json", "--overwrite")
    assert shown.code == 2
    assert "use --in-place to change it" in shown.err
    Path("other.json").write_text("mine")
    shown = run("workflow", "set", "graph.json", "-s", "3.steps=2", "-o", "other.json")
    assert (shown.code, Path("other.json").read_text()) == (2, "mine")
    assert "already exists; choose another FILE, or add --overwrite" in shown.err
    assert "if_exists" not in shown.err
    run("workflow", "set", "graph.json", "-s", "3.steps=2", "-o", "other.json", "--overwrite")
    assert json.loads(Path("other.json").read_bytes()) == changed(steps=2)
    assert Path("graph.json").read_bytes() == before


def test_set_in_place(run: Run) -> None:
    Path("link.json").symlink_to("graph.json")
    shown = run("workflow", "set", "link.json", "-s", "3.steps=2", "--in-place")
    assert (shown.code, shown.out) == (0, "")
    assert json.loads(Path("graph.json").read_bytes()) == changed(steps=2)
    assert Path("link.json").is_symlink()


@pytest.mark.parametrize("source", ["picture.png", "wrapped.json", "-"])
def test_in_place_is_refused_where_something_would_be_lost(source: str, run: Run) -> None:
    Path("wrapped.json").write_text(json.dumps({"prompt": GRAPH, "client_id": "x"}))
    before = {path: path.read_bytes() for path in Path().iterdir()}
    shown = run("workflow", "set", source, "-s", "3.steps=2", "--in-place", stdin=json.dumps(GRAPH).encode())
    assert shown.code == 2
    assert "--in-place is for a file that is only an API graph" in shown.err
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "give at least one -s NODE.INPUT=VALUE"),
        (["-s", "3.stps=1"], "did you mean 'steps'?"),
        (["-s", '3.model=["4", 0]', "-s", '6.clip=["88", 0]'], "--set: Links lead to nodes"),
        (["-s", "3.steps=1", "--in-place", "-o", "x.json"], "cannot be combined"),
        (
            ["-s", "3.steps=1", "--object-info", "graph.png"],
            "there is no file 'graph.png'; write them with: comfy-cloud api",
        ),
        (["-s", "3.steps=1", "--object-info", "text.txt"], "text.txt does not contain node classes"),
        (["-s", "3.steps=1", "-o", "no/folder.json"], "no/folder.json cannot be written"),
    ],
)
def test_wrong_options_of_set(options: list[str], words: str, run: Run) -> None:
    Path("text.txt").write_text("hello")
    shown = run("workflow", "set", "graph.json", *options)
    assert (shown.code, shown.out) == (2, "")
    assert words in shown.err


@pytest.mark.parametrize("value", ["picture.png", "https://example.com/a.png"])
def test_a_file_input_is_a_name_on_the_server(value: str, run: Run) -> None:
    graph = {**GRAPH, "10": {"class_type": "LoadImage", "inputs": {"image": "old.png"}}}
    Path("load.json").write_text(json.dumps(graph))
    shown = run("workflow", "set", "load.json", "-s", f"LoadImage.image={value}")
    assert shown.code == 0
    assert json.loads(shown.out)["10"]["inputs"]["image"] == value
    assert f"comfy-cloud files upload {value}" in shown.err


# validate


def test_validate(run: Run, cloud: Emulator) -> None:
    shown = run("workflow", "validate", "graph.json")
    assert (shown.code, shown.err) == (0, "no problems\n")
    assert json.loads(shown.out) == {"valid": True, "problems": []}
    shown = run("workflow", "validate", "graph.json", "-s", "3.sampler_name=eulr", "-s", "3.steps=0")
    assert (shown.code, shown.err) == (7, "2 problems\n")
    found = json.loads(shown.out)
    assert not found["valid"]
    assert [(each["node"], each["input"], each["kind"]) for each in found["problems"]] == [
        ("3", "steps", "out_of_range"),
        ("3", "sampler_name", "not_in_list"),
    ]
    assert found["problems"][1]["suggestions"][0] == "euler"
    shown = run("workflow", "validate", "graph.json", "-s", "3.steps=0", "-o", "table")
    assert shown.out == "node 3 (KSampler), steps: 0 is less than 1, the minimum. Nearest: 1\n"
    assert shown.err == "1 problem\n"


def test_validate_offline(run: Run, catalogue: str, cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = len(cloud.requests)
    shown = run("workflow", "validate", "graph.json", "--object-info", catalogue)
    assert (shown.code, shown.err) == (0, "no problems\n")
    shown = run("workflow", "validate", "graph.json", "-s", "3.steps=0", "--object-info", catalogue)
    assert shown.code == 7
    assert len(cloud.requests) == asked


def test_validate_without_a_key_or_a_server(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run("--base-url", "http://127.0.0.1:9", "--retries", "0", "workflow", "validate", "graph.json")
    assert shown.code == 9
    assert shown.err.count("\n") == 1


# extract


def test_extract(run: Run) -> None:
    assert json.loads(run("workflow", "extract", "picture.png").out) == GRAPH
    shown = run("workflow", "extract", "picture.png", "-o", "new.json")
    assert (shown.code, shown.out) == (0, "")
    assert json.loads(Path("new.json").read_bytes()) == GRAPH
    assert json.loads(run("workflow", "extract", "picture.png", "--layout").out) == LAYOUT
    assert json.loads(run("workflow", "extract", "layout.json", "--layout").out) == LAYOUT


def test_extract_what_is_not_there(run: Run) -> None:
    shown = run("workflow", "extract", "graph.json", "--layout")
    assert shown.code == 5
    assert " ".join(shown.err.split()) == (
        "error: graph.json contains only the API graph; leave out --layout, or make a UI workflow of it: "
        "comfy-cloud workflow layout"
    )


# diff


def test_diff_of_the_same(run: Run) -> None:
    shown = run("workflow", "diff", "graph.json", "picture.png")
    assert (shown.code, shown.err) == (0, "no difference\n")
    assert json.loads(shown.out) == {"added": {}, "removed": {}, "changed": []}


def test_diff(run: Run) -> None:
    other = changed(steps=30, cfg=7)
    del other["3"]["inputs"]["denoise"], other["8"]
    other["9"]["inputs"]["images"] = ["11", 0]
    other["6"]["_meta"]["title"] = "Words"
    other["7"]["class_type"] = "TextEncode"
    other["11"] = {"class_type": "LoadImage", "inputs": {"image": "a.png"}}
    shown = run("workflow", "diff", "graph.json", "-", stdin=json.dumps(other).encode())
    assert (shown.code, shown.err) == (1, "")
    found = json.loads(shown.out)
    assert found["added"] == {"11": other["11"]}
    assert found["removed"] == {"8": GRAPH["8"]}
    assert found["changed"][0] == {
        "node": "3", "class": "KSampler", "what": "input", "input": "steps", "before": 20, "after": 30
    }  # fmt: skip
    shown = run("workflow", "diff", "graph.json", "-", "-o", "table", stdin=json.dumps(other).encode())
    assert shown.out.splitlines() == [
        "- 8 (VAEDecode)",
        "+ 11 (LoadImage)",
        "~ 3.steps (KSampler): 20 -> 30",
        "~ 3.cfg (KSampler): 7.0 -> 7",
        "- 3.denoise (KSampler): 1.0",
        '~ title of 6 (CLIPTextEncode): "Positive" -> "Words"',
        '~ class of 7 (TextEncode): "CLIPTextEncode" -> "TextEncode"',
        '~ 9.images (SaveImage): ["8", 0] -> ["11", 0]',
    ]


def test_diff_needs_two_that_can_run(run: Run) -> None:
    assert run("workflow", "diff", "-", "-").err == "error: only one of A and B can be -\n"
    assert run("workflow", "diff", "graph.json").code == 2


# What the server offers


def test_templates(run: Run, cloud: Emulator) -> None:
    assert run("workflow", "templates").out == "[]\n"
    assert run("workflow", "templates", "-o", "table").err == "no templates\n"


def test_subgraphs(run: Run, cloud: Emulator) -> None:
    rows = json.loads(run("workflow", "subgraphs").out)
    assert {"id": "text-to-image", "name": "Text to image", "source": "templates", "package": "core"} in rows
    shown = run("workflow", "subgraph", "text-to")
    found = json.loads(shown.out)
    assert (found["id"], found["name"]) == ("text-to-image", "Text to image")
    assert found["data"]["definitions"]["subgraphs"]
    text = run("workflow", "subgraph", "text-to-image", "-o", "table").out
    assert "nodes    CLIPTextEncode, EmptyLatentImage, KSampler, VAEDecode\n" in text
    shown = run("workflow", "subgraph", "no-such-subgraph")
    assert (shown.code, shown.out) == (5, "")
    assert "begins with 'no-such-subgraph'" in shown.err


def test_nodes_in_subgraphs_have_addresses_without_a_catalogue(run: Run) -> None:
    inner = {"id": "s", "nodes": [{"id": 3, "type": "KSampler", "title": "Fine"}, {"id": 4, "type": "t"}]}
    endless = {"id": "t", "nodes": [{"id": 9, "type": "t", "widgets_values": ["b.safetensors"]}]}
    layout: dict[str, Any] = {
        "nodes": [{"id": 5, "type": "s"}],
        "definitions": {"subgraphs": [inner, endless]},
    }
    assert [address for address, _ in layout_nodes(layout)] == ["5", "5:3", "5:4", "5:4:9"]
    Path("nested.json").write_text(json.dumps(layout), encoding="utf-8")
    shown = run("workflow", "show", "nested.json", "-o", "table").out
    assert '5:3    KSampler "Fine"' in shown
    assert "models  b.safetensors" in shown
    assert list(layout_nodes({"nodes": None, "definitions": {"subgraphs": 3}})) == []
