"""Checking graphs against node classes: reporting what a server would refuse, and nothing else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud._workflows.link_cycles import reason_for_silence
from comfy_cloud._workflows.node_catalogue import NodeCatalogue
from comfy_cloud._workflows.validation import Problem, validate


def node_class(
    required: dict[str, Any] | None = None, output: list[Any] | None = None, **fields: Any
) -> dict[str, Any]:
    return {"input": {"required": required or {}}, "output": output or [], "output_node": False, **fields}


INFO: dict[str, Any] = {
    "CheckpointLoaderSimple": node_class(
        {"ckpt_name": [["sdxl/base.safetensors", "flux.safetensors"]]}, ["MODEL", "CLIP", "VAE"]
    ),
    "CLIPTextEncode": node_class(
        {"text": ["STRING", {"multiline": True}], "clip": ["CLIP"]}, ["CONDITIONING"]
    ),
    "KSampler": {
        "input": {
            "required": {
                "model": ["MODEL"],
                "positive": ["CONDITIONING"],
                "seed": ["INT", {"min": 0, "max": 2**64 - 1}],
                "cfg": ["FLOAT", {"min": 0.0, "max": 100.0}],
                "sampler_name": [["euler", "euler_ancestral", "dpmpp_2m"], {}],
                "scheduler": ["COMBO", {"options": ["normal", "karras"]}],
            },
            "optional": {"tiled": ["BOOLEAN", {"default": False}], "bounded": ["INT", {"max": 5}]},
            "hidden": {"unique_id": "UNIQUE_ID"},
        },
        "output": ["LATENT"],
    },
    "VAEDecode": node_class({"samples": ["LATENT"], "vae": ["VAE"]}, ["IMAGE"]),
    "SaveImage": node_class({"images": ["IMAGE"]}, output_node=True),
    "LoadImage": node_class({"image": [["example.png"], {"image_upload": True}]}, ["IMAGE", "MASK"]),
    "Any": node_class({"any": ["*"]}, ["*"]),
    "Either": node_class({"either": ["IMAGE,MASK"]}, ["MASK, IMAGE"]),
    "Choice": node_class({}, [["a", "b"], "COMBO"]),
    "Grow": node_class(
        {"images": ["COMFY_AUTOGROW_V3", {}], "same": ["COMFY_MATCHTYPE_V3", {}]}, ["COMFY_MATCHTYPE_V3"]
    ),
    "Several": node_class(
        {
            "tags": ["COMBO", {"options": ["x", "y"], "multiselect": True}],
            "far": ["COMBO", {"remote": {"route": "/"}}],
        }
    ),
    "Union": node_class({"number": ["INT,FLOAT", {"max": 3}]}),
    "Empty list": node_class({"model": [[]]}),
}


def good() -> dict[str, Any]:
    return {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "flux.safetensors"}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["4", 1]}},
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["4", 0],
                "positive": ["6", 0],
                "seed": 2**64 - 1,
                "cfg": 7,
                "sampler_name": "euler",
                "scheduler": "karras",
            },
        },
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}},
    }


def problems(changes: dict[str, Any], extra: dict[str, Any] | None = None) -> list[Problem]:
    """What is wrong with the good graph after some inputs are changed (... removes one)."""
    graph = good()
    for address, value in changes.items():
        node_id, name = address.split(".")
        graph[node_id]["inputs"][name] = value
        if value is ...:
            del graph[node_id]["inputs"][name]
    return validate({**graph, **(extra or {})}, INFO)


def test_a_good_graph_has_no_problems() -> None:
    assert validate(good(), INFO) == []
    assert validate(good(), NodeCatalogue(INFO)) == []


@pytest.mark.parametrize(
    ("changes", "kind", "part", "suggestions"),
    [
        ({"3.seed": ...}, "missing_input", "required", ()),
        ({"3.seed": ..., "3.sed": 1}, "missing_input", "required", ("sed",)),
        ({"3.seed": "many"}, "wrong_type", "INT", ()),
        ({"3.seed": None}, "wrong_type", "None", ()),
        ({"3.cfg": {}}, "wrong_type", "FLOAT", ()),
        ({"3.seed": float("inf")}, "wrong_type", "inf", ()),
        ({"3.seed": -1}, "out_of_range", "less than 0", ("0",)),
        ({"3.cfg": 100.5}, "out_of_range", "more than 100.0", ("100.0",)),
        ({"3.bounded": 6}, "out_of_range", "more than 5", ("5",)),
        ({"3.sampler_name": "Eular"}, "not_in_list", "euler, euler_ancestral", ("euler",)),
        ({"3.scheduler": "karas"}, "not_in_list", "'karas'", ("karras",)),
        ({"3.scheduler": 3}, "not_in_list", "normal", ()),
        ({"4.ckpt_name": "base.safetensors"}, "missing_model", "does not have", ("sdxl/base.safetensors",)),
        ({"4.ckpt_name": "xl\\BASE.safetensors"}, "missing_model", "does not", ("sdxl/base.safetensors",)),
        ({"4.ckpt_name": "fluxx.safetensors"}, "missing_model", "fluxx", ("flux.safetensors",)),
        ({"3.model": ["99", 0]}, "bad_link", "node 99, which does not exist", ("9",)),
        ({"3.model": ["4", 3]}, "bad_link", "which has 3", ()),
        ({"3.model": ["4", -1]}, "bad_link", "output -1", ()),
        ({"3.model": ["4"]}, "bad_link", "must be a link", ()),
        ({"3.seed": [1, 2, 3]}, "bad_link", "must be a link", ()),
        (
            {"3.model": ["4", 1]},
            "type_mismatch",
            "takes MODEL, but output 1 of node 4 gives CLIP",
            ("['4', 0]",),
        ),
        ({"3.sampler_name": ["4", 1]}, "type_mismatch", "COMBO", ()),
        ({"3.seed": ["6", 0]}, "type_mismatch", "INT", ()),
    ],
)
def test_one_fault_is_one_problem(
    changes: dict[str, Any], kind: str, part: str, suggestions: tuple[str, ...]
) -> None:
    (problem,) = problems(changes)
    address = next(iter(changes))
    assert (f"{problem.node_id}.{problem.input}", problem.kind) == (address, kind)
    assert problem.class_type == good()[address.split(".")[0]]["class_type"]
    assert part in problem.message
    assert problem.suggestions[:1] == suggestions


@pytest.mark.parametrize(
    "changes",
    [
        {"3.seed": "12"},
        {"3.seed": 1.0},
        {"3.cfg": float("nan")},
        {"3.cfg": "7.5"},
        {"6.text": 7},
        {"6.text": None},
        {"6.text": {"a": 1}},
        {"3.tiled": "false"},
        {"3.tiled": None},
        {"3.tiled": True},
        {"3.tiled": 0},
        {"3.unknown": object()},
        {"3.seed": {"__value__": 5}},
        {"6.text": {"__value__": "x"}},
        {"6.text": Path("local.txt")},
    ],
)
def test_what_a_server_accepts_is_not_a_problem(changes: dict[str, Any]) -> None:
    assert problems(changes) == []


@pytest.mark.parametrize(
    "extension", ["safetensors", "sft", "ckpt", "pt", "pth", "bin", "gguf", "onnx", "SAFETENSORS"]
)
def test_a_missing_model_is_recognised_by_its_extension(extension: str) -> None:
    (problem,) = problems({"3.sampler_name": f"x.{extension}"})
    assert problem.message == f"The server does not have the model 'x.{extension}'"
    assert problem.kind == "missing_model"


def test_of_many_choices_six_are_listed() -> None:
    info = {**INFO, "Choices": node_class({"x": [[f"c{number}" for number in range(9)]]}, output_node=True)}
    (problem,) = validate({"1": {"class_type": "Choices", "inputs": {"x": "other"}}}, info)
    assert problem.message == "'other' is not one of the choices: c0, c1, c2, c3, c4, c5, ..."


def test_an_unknown_class() -> None:
    graph = good()
    graph["3"]["class_type"] = "ksamplr"
    (problem,) = validate(graph, INFO)
    assert problem == Problem(
        "3",
        "ksamplr",
        None,
        "unknown_class",
        "The server has no node class 'ksamplr'; a node pack may not be installed there",
        ("KSampler",),
    )
    assert str(problem) == (
        "node 3 (ksamplr): The server has no node class 'ksamplr'; a node pack may not be installed there. "
        "Nearest: KSampler"
    )


def test_what_is_not_a_node() -> None:
    found = validate({"1": [], "2": {}, "5": {"class_type": 5}, **good()}, INFO)
    assert [(problem.node_id, problem.kind) for problem in found] == [(i, "unknown_class") for i in "125"]


def test_a_graph_without_output() -> None:
    graph = good()
    del graph["9"]
    (problem,) = validate(graph, INFO)
    assert (problem.kind, problem.node_id) == ("no_output", None)
    assert str(problem).startswith("No node saves or shows anything")
    assert [problem.kind for problem in validate({}, INFO)] == ["no_output"]


def test_without_output_every_node_is_checked() -> None:
    found = validate({"4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "x.ckpt"}}}, INFO)
    assert [problem.kind for problem in found] == ["no_output", "missing_model"]


def test_of_nodes_that_nothing_depends_on_only_the_class_is_checked() -> None:
    assert problems({}, {"1": {"class_type": "VAEDecode", "inputs": {}}}) == []
    (problem,) = problems({}, {"1": {"class_type": "Lost", "inputs": {}}})
    assert problem.kind == "unknown_class"


def test_a_cycle() -> None:
    graph = good()
    graph["6"]["inputs"]["clip"] = ["1", 0]
    graph["1"] = {"class_type": "Any", "inputs": {"any": ["2", 0]}}
    graph["2"] = {"class_type": "Any", "inputs": {"any": ["6", 0]}}
    (problem,) = validate(graph, INFO)
    assert (problem.kind, problem.input) == ("cycle", None)
    assert problem.message == "The links form a cycle: 6 -> 2 -> 1 -> 6"
    graph["1"]["inputs"]["any"] = ["1", 0]
    (problem,) = validate(graph, INFO)
    assert problem.message.endswith("1 -> 1")
    assert reason_for_silence(graph) == f"node 1 (Any): {problem.message}."
    assert reason_for_silence(good()) is None


def test_a_long_chain_is_not_a_cycle() -> None:
    graph: dict[str, Any] = {
        str(number): {"class_type": "Any", "inputs": {"any": [str(number + 1), 0]}} for number in range(5000)
    }
    graph["5000"] = {"class_type": "LoadImage", "inputs": {"image": "a.png"}}
    graph["end"] = {"class_type": "SaveImage", "inputs": {"images": ["0", 0]}}
    assert validate(graph, INFO) == []


@pytest.mark.parametrize(
    ("extra", "kinds"),
    [
        ({"class_type": "Any", "inputs": {"any": ["4", 0]}}, []),
        ({"class_type": "Either", "inputs": {"either": ["8", 0]}}, []),
        ({"class_type": "Either", "inputs": {"either": ["e", 0]}}, []),
        ({"class_type": "Either", "inputs": {"either": ["4", 0]}}, ["type_mismatch"]),
        ({"class_type": "VAEDecode", "inputs": {"samples": ["a", 0], "vae": ["4", 2]}}, []),
        ({"class_type": "SaveImage", "inputs": {"images": ["e", 0]}}, []),
        ({"class_type": "Grow", "inputs": {"images.0": ["8", 0], "same": ["4", 0]}}, []),
        ({"class_type": "Grow", "inputs": {}}, ["missing_input"]),
        ({"class_type": "SaveImage", "inputs": {"images": ["g", 0]}}, []),
        ({"class_type": "Several", "inputs": {"tags": {"__value__": ["x", "y"]}, "far": "anything"}}, []),
        ({"class_type": "Several", "inputs": {"tags": ["c", 1], "far": "anything"}}, []),
        ({"class_type": "Several", "inputs": {"tags": ["x"], "far": "anything"}}, ["bad_link"]),
        ({"class_type": "Several", "inputs": {"tags": "x", "far": ["g", 0]}}, []),
        ({"class_type": "Union", "inputs": {"number": 5}}, ["out_of_range"]),
        ({"class_type": "Union", "inputs": {"number": 2.5}}, []),
        ({"class_type": "Several", "inputs": {"tags": "x", "far": "anything"}}, []),
        (
            {"class_type": "Several", "inputs": {"tags": {"__value__": ["x", "z", {}]}, "far": 1}},
            ["not_in_list", "not_in_list"],
        ),
        ({"class_type": "LoadImage", "inputs": {"image": "uploaded.png"}}, []),
        ({"class_type": "LoadImage", "inputs": {"image": Path("local.png")}}, []),
        ({"class_type": "LoadImage", "inputs": {"image": ["4", 0]}}, ["type_mismatch"]),
        ({"class_type": "Empty list", "inputs": {"model": "a.gguf"}}, ["missing_model"]),
        ({"class_type": "Empty list", "inputs": {"model": "a"}}, ["not_in_list"]),
        ({"class_type": "Any", "inputs": []}, ["missing_input"]),
    ],
)
def test_types_that_are_not_simple(extra: dict[str, Any], kinds: list[str]) -> None:
    graph = {
        **good(),
        "e": {"class_type": "Either", "inputs": {"either": ["8", 0]}},
        "a": {"class_type": "Any", "inputs": {"any": ["4", 0]}},
        "g": {"class_type": "Grow", "inputs": {"same": ["4", 0]}},
        "c": {"class_type": "Choice", "inputs": {}},
        "x": extra,
    }
    info = copy.deepcopy(INFO)
    info[extra["class_type"]]["output_node"] = True
    assert [problem.kind for problem in validate(graph, info)] == kinds


def test_a_choice_can_be_linked_to_a_choice() -> None:
    extra = {"c": {"class_type": "Choice", "inputs": {}}}
    assert problems({"3.scheduler": ["c", 0]}, extra) == []
    assert problems({"3.scheduler": ["c", 1]}, extra) == []


@pytest.mark.parametrize("output", [0, 1])
def test_a_list_of_choices_takes_only_the_same_list(output: int) -> None:
    """ComfyUI compares a list that is a type, as old nodes have it, as a whole."""
    (problem,) = problems({"3.sampler_name": ["c", output]}, {"c": {"class_type": "Choice", "inputs": {}}})
    assert (problem.input, problem.kind) == ("sampler_name", "type_mismatch")
    assert "chosen from another list" in problem.message


def test_a_source_of_unknown_class_is_reported_once() -> None:
    (problem,) = problems({"3.model": ["u", 7]}, {"u": {"class_type": "Unknown", "inputs": {}}})
    assert (problem.node_id, problem.kind) == ("u", "unknown_class")


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"input": None, "output": None},
        {"input": [], "output": "IMAGE"},
        {"input": {"required": None, "optional": []}, "output": [None, 5]},
        {"input": {"required": {"x": None, "y": [], "z": "INT", "w": [None], "v": [3, {}]}}},
        {
            "input": {
                "required": {"x": ["INT", None], "y": ["FLOAT", {"min": None, "max": "9", "options": 3}]}
            }
        },
        {"input": {"required": {"x": (("a", 1),), "y": ["COMBO", {}]}}, "output_tooltips": [None]},
    ],
)
def test_odd_node_classes_are_tolerated(odd: dict[str, Any]) -> None:
    graph = {
        "1": {"class_type": "Odd", "inputs": {"x": 1, "y": 2.5}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
    }
    found = validate(graph, {"Odd": odd, "SaveImage": INFO["SaveImage"]})
    assert {problem.kind for problem in found} <= {"bad_link", "not_in_list"}
    assert validate(graph, {"Odd": None, "SaveImage": INFO["SaveImage"]})[0].kind == "unknown_class"  # type: ignore[dict-item]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["3", "4", "COMBO"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([(i, name) for i, node in good().items() for name in node["inputs"]]),
    JSON,
    st.dictionaries(
        st.sampled_from(["required", "optional"]), st.dictionaries(st.just("x"), JSON), max_size=2
    ),
)
def test_nothing_makes_it_fail(where: tuple[str, str], value: Any, groups: Any) -> None:
    graph = good()
    graph[where[0]]["inputs"][where[1]] = value
    graph["x"] = {"class_type": "X", "inputs": {"x": value}}
    info = {**INFO, "X": {"input": groups, "output_node": True}}
    found = validate(graph, info)
    assert [problem for problem in found if not str(problem)] == []
    assert len(validate(json.loads(json.dumps(graph)), NodeCatalogue(info))) == len(found)
