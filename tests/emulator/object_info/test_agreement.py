"""The client's validation and the emulator find the same inputs of any node class."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._workflows.validation import validate
from comfy_cloud_catalogue.unfolding import node_inputs
from comfy_cloud_emulator.engine.validation import check
from comfy_cloud_emulator.nodes.object_info import server_catalogue

NAMES = st.sampled_from(["a", "b", "c"])
KEYS = st.sampled_from(["k", "l"])
PLAIN = st.sampled_from(
    [["IMAGE", {}], ["INT", {"min": 2}], ["*"], [["k", "l"]], ["COMBO", {"options": ["k"]}]]
)


def groups(declarations: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    members = st.dictionaries(NAMES, declarations, max_size=2)
    return st.fixed_dictionaries({}, optional={"required": members, "optional": members})


def dynamic(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    options = st.lists(st.fixed_dictionaries({"key": KEYS, "inputs": groups(inner)}), max_size=2)
    growing = st.fixed_dictionaries(
        {"input": groups(inner)},
        optional={
            "prefix": NAMES,
            "names": st.lists(NAMES, max_size=2, unique=True),
            "min": st.integers(0, 2),
            "max": st.integers(0, 3),
        },
    )
    return st.one_of(
        options.map(lambda found: ["COMFY_DYNAMICCOMBO_V3", {"options": found}]),
        growing.map(lambda found: ["COMFY_AUTOGROW_V3", {"template": found}]),
        groups(inner).map(lambda found: ["COMFY_DYNAMICSLOT_V3", {"slotType": "IMAGE", "inputs": found}]),
    )


PATHS = st.lists(st.sampled_from(["a", "b", "c", "a0", "a1", "b0"]), min_size=1, max_size=4).map(".".join)
VALUES = st.dictionaries(PATHS, st.one_of(KEYS, st.just(["9", 0])), max_size=6)


@given(groups(st.recursive(PLAIN, dynamic, max_leaves=6)), VALUES)
def test_what_is_missing(declared: dict[str, Any], values: dict[str, Any]) -> None:
    info: dict[str, Any] = {
        "Own": {"input": declared, "output": [], "output_node": True},
        "Image": {"input": {}, "output": ["IMAGE"]},
    }
    graph = {"1": {"class_type": "Own", "inputs": values}, "9": {"class_type": "Image", "inputs": {}}}
    wrong = {("missing_input", "required_input_missing"), ("type_mismatch", "return_type_mismatch")}
    ours = {(problem.input, problem.kind) for problem in validate(graph, info)}
    result = check(graph, server_catalogue(info, json.dumps(info).encode()))
    theirs = {
        (error["extra_info"]["input_name"], error["type"])
        for node in result.node_errors.values()
        for error in node["errors"]
    }
    # The server does not check a choice that other inputs depend on; the client does.
    chosen = {name for name, _ in ours if name is not None and _is_choice(declared, name, values)}
    for kind, server_kind in wrong:
        expected = {name for name, each in ours if each == kind} - chosen
        found = {name for name, each in theirs if each == server_kind}
        assert expected - _listed(declared, values) == found - _listed(declared, values)


def _is_choice(declared: dict[str, Any], name: str, values: dict[str, Any]) -> bool:
    spec = node_inputs({"input": declared}, values).get(name)
    return spec is not None and spec.type == "COMFY_DYNAMICCOMBO_V3"


def _listed(declared: dict[str, Any], values: dict[str, Any]) -> set[str]:
    """Choices in the older form: the emulator does not compare lists of choices."""
    specs = node_inputs({"input": declared}, values)
    return {name for name, spec in specs.items() if spec.is_listed and name in values}
