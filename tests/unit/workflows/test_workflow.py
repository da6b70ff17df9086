"""Workflows as values: addresses of inputs, seeds, local files, and properties."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError
from comfy_cloud._workflows.workflow import LocalFile, Workflow


def graph() -> dict[str, Any]:
    return {
        "3": {
            "class_type": "KSampler",
            "inputs": {"seed": 1, "steps": 20, "model": ["4", 0], "positive": ["6", 0]},
            "_meta": {"title": "Sampler one"},
        },
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "old"}, "_meta": {"title": "Positive"}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "bad"}, "_meta": {"title": "Negative"}},
        "10": {
            "class_type": "LoadImage",
            "inputs": {"image": "example.png"},
            "_meta": {"title": "My. title"},
        },
        "57:8": {"class_type": "RandomNoise", "inputs": {"noise_seed": 2, "my_seed": 3, "seed_mode": 4}},
        "3.0.0.2": {"class_type": "Resize", "inputs": {"kind.width": 5, "width": 6}},
    }


@pytest.fixture
def workflow() -> Workflow:
    return Workflow(graph())


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("6.text", ("6", "text")),
        ("KSampler.seed", ("3", "seed")),
        ("Sampler one.steps", ("3", "steps")),
        ("sampler ONE.steps", ("3", "steps")),
        ("My. title.image", ("10", "image")),
        ("57:8.noise_seed", ("57:8", "noise_seed")),
        ("3.0.0.2.width", ("3.0.0.2", "width")),
        ("3.0.0.2.kind.width", ("3.0.0.2", "kind.width")),
        ("Resize.kind.width", ("3.0.0.2", "kind.width")),
        ("3.model", ("3", "model")),
        ("3.+denoise", ("3", "denoise")),
        ("3.+steps", ("3", "steps")),
    ],
)
def test_addresses(workflow: Workflow, address: str, place: tuple[str, str]) -> None:
    assert workflow.set_inputs({address: 9}) == [".".join(place)]
    assert workflow.graph[place[0]]["inputs"][place[1]] == 9
    expected = graph()
    expected[place[0]]["inputs"][place[1]] = 9
    assert workflow.graph == expected


def test_an_id_precedes_a_title_and_a_title_precedes_a_class() -> None:
    made = Workflow(
        {
            "a": {"class_type": "b", "inputs": {"x": 0}, "_meta": {"title": "c"}},
            "b": {"class_type": "c", "inputs": {"x": 0}},
            "d": {"class_type": "E", "inputs": {"x": 0}, "_meta": {"title": "TITLE"}},
            "f": {"class_type": "E", "inputs": {"x": 0}, "_meta": {"title": "title"}},
        }
    )
    assert made.set_inputs({"b.x": 1, "c.x": 2, "title.x": 3}) == ["b.x", "a.x", "f.x"]


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        (
            "CLIPTextEncode.text",
            ["2 nodes", "6 (CLIPTextEncode, 'Positive')", "7 (CLIPTextEncode, 'Negative')"],
        ),
        ("KSamplr.seed", ["No node is called 'KSamplr'", "Did you mean: 3 (KSampler"]),
        ("Postive.text", ["Did you mean: 6"]),
        ("zzzzzzzz.text", ["The nodes are: 3 (KSampler", "4 (CheckpointLoaderSimple)"]),
        ("3.sed", ["has no input 'sed'; did you mean 'seed'?", "seed, steps, model, positive", "3.+sed"]),
        ("3.+", ["has no input '+'"]),
        ("4.zzz", ["Its inputs: ckpt_name"]),
        ("seed", ["node.input"]),
        (".seed", ["node.input"]),
        ("3.", ["node.input"]),
        ("", ["node.input"]),
        (3, ["node.input"]),
    ],
)
def test_addresses_that_are_wrong(workflow: Workflow, address: Any, parts: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        workflow.set_inputs({"6.text": "new", address: 1})
    assert [part for part in parts if part not in caught.value.message] == []
    assert workflow.graph == graph(), "all or nothing"


def test_an_ambiguous_name_lists_some_of_many() -> None:
    made = Workflow({str(number): {"class_type": "A", "inputs": {"x": 1}} for number in range(30)})
    with pytest.raises(ConfigurationError, match=r"30 nodes are called 'A'.* and 22 more"):
        made.set_inputs({"A.x": 2})


def test_of_many_inputs_twenty_are_listed() -> None:
    inputs = {f"x{number}": 0 for number in range(30)}
    with pytest.raises(ConfigurationError, match=r"Its inputs: x0, .*, x18, x19\. To add one"):
        Workflow({"1": {"class_type": "A", "inputs": inputs}}).set_inputs({"1.zzz": 2})


def test_a_node_without_inputs_says_so() -> None:
    with pytest.raises(ConfigurationError, match=r"Its inputs: none"):
        Workflow({"1": {"class_type": "A"}}).set_inputs({"1.x": 2})


@pytest.mark.parametrize(
    ("inputs", "part"),
    [
        ({"3.seed": 1, "KSampler.seed": 2}, "given twice"),
        ({"3.seed": object()}, "'3.seed'"),
        ({"3.model": ["99", 0]}, "3.model -> 99"),
        ([("3.seed", 1)], "dict of addresses"),
    ],
)
def test_inputs_that_are_wrong(workflow: Workflow, inputs: Any, part: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        workflow.set_inputs(inputs)
    assert part in str(caught.value)
    assert workflow.graph == graph()


def test_a_link_can_be_replaced_and_made(workflow: Workflow) -> None:
    workflow.set_inputs({"3.positive": ["7", 0], "6.text": ["10", 1]})
    assert workflow.graph["3"]["inputs"]["positive"] == ["7", 0]
    assert workflow.graph["6"]["inputs"]["text"] == ["10", 1]


def test_a_value_is_copied(workflow: Workflow) -> None:
    value = [1, 2, 3]
    workflow.set_inputs({"6.text": value})
    value.append(4)
    assert workflow.graph["6"]["inputs"]["text"] == [1, 2, 3]


# Seeds


def test_every_seed_is_randomised(workflow: Workflow) -> None:
    calls: list[tuple[int, int]] = []

    def random(least: int, most: int) -> int:
        calls.append((least, most))
        return 100 + len(calls)

    drawn = workflow.randomise_seeds(random)
    assert drawn == {"3.seed": 101, "57:8.noise_seed": 102, "57:8.my_seed": 103}
    assert calls == [(0, 2**31 - 1)] * 3
    assert workflow.graph["3"]["inputs"]["seed"] == 101
    assert workflow.graph["57:8"]["inputs"]["seed_mode"] == 4


def test_an_input_that_is_not_a_literal_seed_is_left_alone() -> None:
    inputs = {"seed": ["2", 0], "noise_seed": True, "a_seed": "7f", "b_seed": 1.5, "seeds": 3}
    made = Workflow({"1": {"class_type": "A", "inputs": inputs}, "2": {"class_type": "B"}})
    assert made.randomise_seeds(lambda least, most: most) == {}
    assert made.graph["1"]["inputs"] == inputs


def test_a_seed_may_be_text_or_part_of_an_option() -> None:
    inputs = {"seed": "18446744073709551615", "model.seed": 1, "noise_seed": "", "b_seed": "-1"}
    made = Workflow({"1": {"class_type": "A", "inputs": inputs}})
    assert made.randomise_seeds(lambda least, most: most) == {
        "1.seed": 2147483647,
        "1.model.seed": 2147483647,
    }
    assert made.graph["1"]["inputs"]["seed"] == 2147483647


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"min": 0, "max": 65535}, (0, 65535)),
        ({"min": 10, "max": 20}, (10, 20)),
        ({"min": -5, "max": 2**64 - 1}, (0, 2147483647)),
        ({"max": 65535.0, "min": 1.0}, (1, 65535)),
        ({"min": -100, "max": -1}, (-100, -1)),
        ({"min": 2**40, "max": 2**41}, (2**40, 2**41)),
        ({"max": float("inf"), "min": True}, (0, 2147483647)),
        ({"min": "a", "max": None}, (0, 2147483647)),
        ({}, (0, 2147483647)),
    ],
)
def test_seeds_are_in_the_range_of_their_node(options: dict[str, Any], expected: tuple[int, int]) -> None:
    ranges: list[tuple[int, int]] = []

    def random(least: int, most: int) -> int:
        ranges.append((least, most))
        return least

    seed = ["INT", options]
    choice = ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "x", "inputs": {"required": {"seed": seed}}}]}]
    info = {"A": {"input": {"required": {"seed": seed, "model": choice}}}}
    graph = {
        "1": {"class_type": "A", "inputs": {"seed": 1, "model": "x", "model.seed": 2}},
        "2": {"class_type": "Unknown", "inputs": {"seed": 1}},
    }
    Workflow(graph).randomise_seeds(random, object_info=info)
    assert ranges == [expected, expected, (0, 2147483647)]


def test_seeds_that_were_given_can_be_kept(workflow: Workflow) -> None:
    given_here = workflow.set_inputs({"KSampler.seed": 7})
    assert "3.seed" not in workflow.randomise_seeds(lambda least, most: 5, keep=given_here)
    assert workflow.graph["3"]["inputs"]["seed"] == 7


def test_drawn_seeds_can_be_put_back() -> None:
    graph = {
        "3": {"class_type": "A", "inputs": {"seed": 1, "steps": 2}},
        "4": {"class_type": "B", "inputs": {"noise_seed": 3}},
    }
    workflow = Workflow(graph)
    drawn = workflow.randomise_seeds(lambda least, most: 7)
    again = Workflow(graph)
    assert again.put_seeds({**drawn, "9.seed": 5}) == drawn
    assert again == workflow


# Local files


def test_a_path_is_a_local_file_wherever_it_is(tmp_path: Path) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    first.touch()
    second.touch()
    made = Workflow(
        {
            "1": {"class_type": "LoadImage", "inputs": {"image": first}},
            "2": {"class_type": "Any", "inputs": {"deep": {"list": [1, second, [first, first]]}}},
        }
    )
    files = made.local_files()
    assert files == [
        LocalFile("1", "image", first),
        LocalFile("2", "deep", second),
        LocalFile("2", "deep", first),
    ]
    with pytest.raises(ConfigurationError, match=r"1\.image is a local file"):
        made.to_json()
    for file in files:
        made.replace_file(file, f"stored-{file.path.name}")
    assert made.graph["1"]["inputs"]["image"] == "stored-a.png"
    assert made.graph["2"]["inputs"]["deep"] == {
        "list": [1, "stored-b.png", ["stored-a.png", "stored-a.png"]]
    }
    assert made.local_files() == []
    assert json.loads(made.to_json()) == made.graph
    with pytest.raises(ConfigurationError, match=r"1\.image does not name"):
        made.replace_file(files[0], "x")


@pytest.mark.parametrize(
    ("class_type", "name", "is_file"),
    [
        ("LoadImage", "image", True),
        ("LoadLatent", "latent", True),
        ("Load3D", "model_file", True),
        ("LoadText", "file", True),
        ("LoadImageMask", "mask", True),
        ("LoadImageMask", "image", True),
        ("VHS_LoadVideo", "video", True),
        ("LoadAudio", "audio", True),
        ("VHS_LoadVideoPath", "video_path", True),
        ("LoadImage", "channel", False),
        ("LoraLoader", "lora_name", False),
        ("SaveImage", "image", False),
    ],
)
def test_text_that_names_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, class_type: str, name: str, is_file: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cat.png").touch()
    made = Workflow({"1": {"class_type": class_type, "inputs": {name: "cat.png"}}})
    assert made.local_files() == [], "only what is given by the caller is uploaded"
    made.set_inputs({f"1.{name}": "cat.png"})
    assert made.local_files() == ([LocalFile("1", name, Path("cat.png"))] if is_file else [])


@pytest.mark.parametrize("text", ["stored.png", "", ".", "x" * 5000, "a\0b", "~nobody-of-that-name/x.png"])
def test_text_that_does_not_name_a_file_stays_text(workflow: Workflow, text: str) -> None:
    workflow.set_inputs({"10.image": text})
    assert workflow.graph["10"]["inputs"]["image"] == text
    assert workflow.local_files() == []


def test_a_file_under_the_home_folder(
    workflow: Workflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "cat.png").touch()
    for value in ("~/cat.png", Path("~/cat.png")):
        workflow.set_inputs({"10.image": value})
        (file,) = workflow.local_files()
        assert file.path == tmp_path / "cat.png"
        workflow.replace_file(file, "stored.png")
        assert workflow.graph["10"]["inputs"]["image"] == "stored.png"


def test_a_file_that_does_not_exist(workflow: Workflow, tmp_path: Path) -> None:
    workflow.set_inputs({"My. title.image": tmp_path / "gone.png"})
    with pytest.raises(ConfigurationError, match=r"10\.image: .*gone\.png does not exist"):
        workflow.local_files()
    workflow.set_inputs({"10.image": tmp_path})
    with pytest.raises(ConfigurationError, match="is not a file"):
        workflow.local_files()


# Properties


def test_properties(workflow: Workflow) -> None:
    assert workflow.output_nodes == ["3", "7", "10", "57:8", "3.0.0.2"]
    assert workflow.classes() == [
        "KSampler",
        "CheckpointLoaderSimple",
        "CLIPTextEncode",
        "LoadImage",
        "RandomNoise",
        "Resize",
    ]
    assert workflow.uses("LoadImage")
    assert not workflow.uses("SaveImage")
    assert repr(workflow) == "<Workflow of 7 nodes>"
    assert (
        repr(Workflow({"1": {"class_type": "A"}}, {"nodes": []}))
        == "<Workflow of 1 node, with editor layout>"
    )


def test_equality(workflow: Workflow) -> None:
    assert workflow == Workflow(graph())
    assert workflow != Workflow(graph(), {"nodes": []})
    assert workflow != graph()
    with pytest.raises(TypeError):
        hash(workflow)


def test_json_can_be_loaded_again(workflow: Workflow) -> None:
    workflow.set_inputs({"6.text": "Grüße 🐈"})
    assert Workflow.load(workflow.to_json()) == workflow
    assert "Grüße" in workflow.to_json()
    assert "\n" not in workflow.to_json(indent=None)
    assert list(json.loads(workflow.to_json())) == list(graph())


NAMES = st.text("ab.:+ ", min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.dictionaries(NAMES, st.integers(0, 9), max_size=3), min_size=1, max_size=4))
def test_every_input_can_be_reached_by_its_id(nodes: dict[str, dict[str, int]]) -> None:
    """If a longer id and a shorter input spell the same address, the longer id is meant."""
    numbers: Iterator[int] = count(100)
    made = Workflow({node_id: {"class_type": "Z", "inputs": inputs} for node_id, inputs in nodes.items()})
    addresses: dict[str, tuple[str, str]] = {}
    for node_id in sorted(nodes, key=len):
        addresses.update({f"{node_id}.{name}": (node_id, name) for name in nodes[node_id]})
    wanted = {address: next(numbers) for address in addresses}
    made.set_inputs(wanted)
    for address, (node_id, name) in addresses.items():
        assert made.graph[node_id]["inputs"][name] == wanted[address]
