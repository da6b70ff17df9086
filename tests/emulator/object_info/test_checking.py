"""Checking graphs against the node classes of a server, as that server does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator

from ..workflows import Json
from .classes import INFO, PAINT, node

IMAGE, MASK, NUMBER = ["9", 0], ["9", 1], ["9", 2]
FLAT = {"style": "flat", "style.tint": "red", "style.light": "off"}
DEEP = {"style": "deep", "style.images.image0": IMAGE, "style.images.image1": IMAGE}


@pytest.fixture
def client(connect: Callable[[Emulator], httpx.Client]) -> Iterator[httpx.Client]:
    with Emulator(time="virtual", object_info=INFO, quirks="comfyui_new") as emulator:
        yield connect(emulator)


def refusal(client: httpx.Client, class_type: str, inputs: Json) -> Json:
    graph = {"1": node(class_type, **inputs), "9": node("OwnPaint", **PAINT)}
    if not INFO[class_type]["output_node"]:
        graph["8"] = node("PreviewAny", source=["1", 0])
    response = client.post("/api/prompt", json={"prompt": graph})
    assert response.status_code in (200, 400)
    body: Json = response.json()
    return body


@pytest.mark.parametrize(
    ("class_type", "inputs", "problems"),
    [
        ("OwnPaint", PAINT, set()),
        ("OwnPaint", PAINT | {"width": 15}, {("width", "value_smaller_than_min")}),
        ("OwnPaint", PAINT | {"width": {"__value__": 4097}}, {("width", "value_bigger_than_max")}),
        ("OwnPaint", PAINT | {"height": "tall"}, {("height", "invalid_input_type")}),
        ("OwnPaint", PAINT | {"height": 10**30, "prompt": None}, set()),
        ("OwnPaint", PAINT | {"model": "c.safetensors"}, {("model", "value_not_in_list")}),
        ("OwnPaint", PAINT | {"kind": "chalk"}, {("kind", "value_not_in_list")}),
        ("OwnPaint", PAINT | {"width": IMAGE}, {("width", "return_type_mismatch")}),
        ("OwnPaint", PAINT | {"kind": NUMBER}, {("kind", "return_type_mismatch")}),
        ("OwnPaint", {}, {(name, "required_input_missing") for name in PAINT}),
        ("OwnStyle", FLAT, set()),
        ("OwnStyle", {**FLAT, "style.light": "on", "style.light.power": 1}, set()),
        ("OwnStyle", {**FLAT, "style.light": "on"}, {("style.light.power", "required_input_missing")}),
        ("OwnStyle", {**FLAT, "style.light": "on", "style.light.power": 3},
         {("style.light.power", "value_bigger_than_max")}),
        ("OwnStyle", {"style": "flat"}, {("style.tint", "required_input_missing")}),
        ("OwnStyle", DEEP, set()),
        ("OwnStyle", {**DEEP, "style.blur": 10}, {("style.blur", "value_bigger_than_max")}),
        ("OwnStyle", {**FLAT, "style.blur": 10}, set()),
        ("OwnStyle", {"style": "deep"}, {
            ("style.images.image0", "required_input_missing"),
            ("style.images.image1", "required_input_missing")}),
        ("OwnStyle", {**DEEP, "style.images.image3": MASK},
         {("style.images.image3", "return_type_mismatch")}),
        ("OwnStyle", {**DEEP, "style.images.image4": MASK}, set()),
        ("OwnStyle", {**FLAT, "slot": IMAGE}, {("slot.scale", "required_input_missing")}),
        ("OwnStyle", {**FLAT, "slot": MASK, "slot.scale": 0},
         {("slot", "return_type_mismatch"), ("slot.scale", "value_smaller_than_min")}),
        ("OwnStyle", {**FLAT, "slot.scale": 0}, set()),
        # A value for a socket passes: node packs have widgets of their own types.
        ("OwnSave", {"pictures": "x", "filename_prefix": ""}, set()),
        ("SaveShape", {"shape": MASK}, {("shape", "return_type_mismatch")}),
        ("OwnPick", {"colour": "red", "either": NUMBER, "tags": {"__value__": ["x", "y"]}}, set()),
        ("OwnPick", {"colour": "red", "either": 6, "tags": {"__value__": ["x", "z"]}},
         {("either", "value_bigger_than_max"), ("tags", "value_not_in_list")}),
        ("OwnPick", {"colour": "red", "either": {"__value__": {"__value__": 5}}, "tags": "x"},
         {("either", "exception_during_inner_validation")}),
        ("OwnPick", {"colour": "blue", "either": "6", "tags": 1},
         {("either", "exception_during_inner_validation")}),
        ("OwnPick", {"colour": "red", "either": True, "tags": "x"}, set()),
        ("OwnCombo", {"choice": "anything"}, set()),
        ("OwnLoader", {"file": "anything"}, {("file", "value_not_in_list")}),
        ("LoadImage", {"image": "theirs.png"}, set()),
        ("LoadImage", {"image": "nobodys.png"}, {("image", "custom_validation_failed")}),
    ],
)  # fmt: skip
def test_problems_of_a_node(
    class_type: str, inputs: Json, problems: set[tuple[str, str]], client: httpx.Client
) -> None:
    errors = refusal(client, class_type, inputs)["node_errors"].get("1", {"errors": []})["errors"]
    assert {(error["extra_info"]["input_name"], error["type"]) for error in errors} == problems


@pytest.mark.parametrize(
    ("slot", "fits"), [(0, True), (1, False), (2, False), (3, True)], ids=["same", "other", "COMBO", "any"]
)
def test_a_list_of_choices_takes_links_from_an_equal_list_only(
    slot: int, fits: bool, client: httpx.Client
) -> None:
    graph = {"1": node("OwnListed", kind=["2", slot], newer=["2", slot]), "2": node("OwnLists")}
    response = client.post("/api/prompt", json={"prompt": graph})
    assert response.status_code == (200 if fits else 400)
    errors = response.json()["node_errors"].get("1", {"errors": []})["errors"]
    found = [(error["extra_info"]["input_name"], error["type"]) for error in errors]
    assert found == ([] if fits else [("kind", "return_type_mismatch")])


@pytest.mark.parametrize("value", ["6", None, {"a": 1}, {"__value__": ["1"]}])
def test_what_cannot_be_compared_with_the_limits_hides_other_errors(
    value: object, client: httpx.Client
) -> None:
    inputs = {"kind": "c", "either": value}
    (error,) = refusal(client, "OwnListed", inputs)["node_errors"]["1"]["errors"]
    assert error["type"] == "exception_during_validation"
    assert error["extra_info"].keys() == {"exception_type", "traceback"}
    assert error["extra_info"]["exception_type"] == "TypeError"


def test_a_missing_part_is_named_by_its_last_part(client: httpx.Client) -> None:
    (error,) = refusal(client, "OwnStyle", {"style": "flat"})["node_errors"]["1"]["errors"]
    assert error["details"] == "tint"


@pytest.mark.parametrize(("quirks", "status"), [("live", "completed"), ("comfyui_new", None)])
def test_files_count_only_for_a_self_hosted_server(
    quirks: str, status: str | None, connect: Callable[[Emulator], httpx.Client]
) -> None:
    graph = {"1": node("VAELoader", vae_name="mine.safetensors"), "2": node("PreviewAny", source=["1", 0])}
    with Emulator(time="virtual", object_info=INFO, quirks=quirks) as emulator:
        body = connect(emulator).post("/api/prompt", json={"prompt": graph}).json()
        emulator.time.advance(60)
        found = emulator.store.get(body.get("prompt_id", ""))
    assert (None if found is None else found.status) == status


def test_a_class_that_the_server_does_not_have(client: httpx.Client) -> None:
    response = client.post("/api/prompt", json={"prompt": {"1": node("KSampler")}})
    assert (response.status_code, response.json()["error"]["type"]) == (400, "missing_node_type")


@pytest.mark.parametrize(
    "odd",
    [
        {"input": None, "output": None, "output_node": True},
        {"input": {"required": None}, "output": "IMAGE", "output_node": True},
        {"input": {"required": {"x": None, "y": [], "z": ["COMFY_AUTOGROW_V3", {"template": {"input": 3}}]}},
         "output": [["a", "b"], None], "output_node": True},
        {"input": {"required": {"x": ["COMFY_DYNAMICCOMBO_V3", {"options": [1, {}, {"key": "x"}]}]}},
         "output_node": True},
        {"output_node": True},
    ],
)  # fmt: skip
def test_odd_descriptions_are_tolerated(odd: Json, connect: Callable[[Emulator], httpx.Client]) -> None:
    with Emulator(time="virtual", object_info={"Odd": odd, "A": {"input": {}}}) as emulator:
        client = connect(emulator)
        inputs: dict[str, Any] = {"x": "x", "y": 1}
        response = client.post("/api/prompt", json={"prompt": {"1": node("Odd", **inputs)}})
        emulator.time.advance(60)
        assert emulator.store.get(response.json()["prompt_id"]).status == "completed"  # type: ignore[union-attr]


def test_what_grows_and_nests_has_bounds(connect: Callable[[Emulator], httpx.Client]) -> None:
    template = {"input": {"required": {"x": ["INT", {}]}}, "prefix": "x", "min": 10**9, "max": 10**9}
    nested: Json = {"inputs": {"required": {}}, "key": "again"}
    for _ in range(30):
        inner = ["COMFY_DYNAMICCOMBO_V3", {"options": [nested]}]
        nested = {"key": "again", "inputs": {"required": {"x": inner, "n": ["INT", {}]}}}
    info = {
        "Grown": {"input": {"required": {"x": ["COMFY_AUTOGROW_V3", {"template": template}]}}},
        "Nested": {"input": nested["inputs"]},
    }
    for entry in info.values():
        entry["output_node"] = True  # type: ignore[assignment]
    names = {".".join("x" * length): "again" for length in range(1, 31)}
    with Emulator(time="virtual", object_info=info, quirks="comfyui_new") as emulator:
        client = connect(emulator)
        graph = {"1": node("Grown"), "2": node("Nested", **names)}
        errors = client.post("/api/prompt", json={"prompt": graph}).json()["node_errors"]
    assert len(errors["1"]["errors"]) == 100
    assert len(errors["2"]["errors"]) == 12
