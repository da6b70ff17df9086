"""Submitting to a self-hosted ComfyUI: what is accepted, its number, and its refusals."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator

from ..workflows import Json, plain, text_to_image

NEW = pytest.mark.parametrize("comfyui", ["comfyui_new"], indirect=True)


def send(client: httpx.Client, graph: Any, **fields: Any) -> tuple[int, Json]:
    response = client.post("/api/prompt", json={"prompt": graph, **fields})
    return response.status_code, response.json()


def with_input(graph: Json, node: str, **inputs: Any) -> Json:
    return {**graph, node: {**graph[node], "inputs": {**graph[node]["inputs"], **inputs}}}


def test_the_number_orders_the_queue(comfyui: Emulator, keyless: httpx.Client) -> None:
    sent: list[dict[str, Any]] = [{}, {}, {"number": 1.5}, {"front": True}, {"front": False}, {"number": 7}]
    responses = [send(keyless, plain(color), **fields)[1] for color, fields in enumerate(sent)]
    assert [response["number"] for response in responses] == [0, 1, 1.5, -2, 3, 7.0]
    assert [type(response["number"]) for response in responses] == [int, int, float, int, int, float]
    comfyui.time.advance(60)
    ran = list(keyless.get("/api/history").json())
    # The first had started before the others were submitted.
    assert ran == [responses[index]["prompt_id"] for index in (0, 3, 1, 2, 4, 5)]


def test_any_text_is_a_prompt_id(keyless: httpx.Client) -> None:
    assert send(keyless, plain(), prompt_id="not-a-uuid")[1]["prompt_id"] == "not-a-uuid"


@NEW
def test_a_newer_version_takes_uuids_only(keyless: httpx.Client) -> None:
    id = "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert send(keyless, plain(), prompt_id=id)[1]["prompt_id"] == id
    status, body = send(keyless, plain(1), prompt_id=id.upper())
    assert (status, body["error"]["type"], body["node_errors"]) == (400, "invalid_prompt_id", {})


def test_a_valid_branch_runs_beside_an_invalid_one(comfyui: Emulator, keyless: httpx.Client) -> None:
    bad = {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}
    status, body = send(keyless, {**plain(), "3": bad})
    assert status == 200
    assert list(body["node_errors"]) == ["3"]
    assert body["node_errors"]["3"]["dependent_outputs"] == ["3"]
    assert body["node_errors"]["3"]["class_type"] == "SaveImage"
    (error,) = body["node_errors"]["3"]["errors"]
    assert (error["type"], error["extra_info"]["input_name"]) == ("required_input_missing", "filename_prefix")
    comfyui.time.advance(60)
    entry = keyless.get("/api/history").json()[body["prompt_id"]]
    assert entry["prompt"][4] == ["2"]
    assert list(entry["outputs"]) == ["2"]


def test_errors_of_invalid_values(keyless: httpx.Client) -> None:
    graph = with_input(text_to_image(), "3", steps=0, sampler_name="guess", seed=2**64, cfg="much")
    status, body = send(keyless, graph)
    assert status == 400
    assert body["error"]["type"] == "prompt_outputs_failed_validation"
    assert body["error"]["details"] == ""  # the output node itself is valid
    entry = body["node_errors"]["3"]
    assert entry["dependent_outputs"] == ["9"]
    types = {error["extra_info"]["input_name"]: error["type"] for error in entry["errors"]}
    assert types == {
        "steps": "value_smaller_than_min",
        "sampler_name": "value_not_in_list",
        "seed": "value_bigger_than_max",
        "cfg": "invalid_input_type",
    }


def test_errors_of_output_nodes_are_summarised(keyless: httpx.Client) -> None:
    graph = {**plain(), "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}}
    _, body = send(keyless, graph)
    assert body["error"]["details"] == "Required input is missing: filename_prefix"


@pytest.mark.parametrize(
    ("graph", "type", "details"),
    [
        ({}, "prompt_no_outputs", ""),
        ({"1": plain()["1"]}, "prompt_no_outputs", ""),
        ({"1": {"class_type": "Nope", "inputs": {}}}, "invalid_prompt", "Node ID '#1'"),
        ({"7": {"inputs": {}}}, "invalid_prompt", "Node ID '#7'"),
        ({"nodes": [], "links": []}, "invalid_prompt", "Node ID '#nodes'"),
    ],
)
def test_refusals_without_node_errors(keyless: httpx.Client, graph: Json, type: str, details: str) -> None:
    status, body = send(keyless, graph)
    assert status == 400
    assert (body["error"]["type"], body["error"]["details"], body["node_errors"]) == (type, details, {})
    assert set(body["error"]) == {"type", "message", "details", "extra_info"}


def test_no_prompt_at_all(keyless: httpx.Client) -> None:
    for body in ({}, [], "text"):
        response = keyless.post("/api/prompt", json=body)
        assert (response.status_code, response.json()["error"]["type"]) == (400, "no_prompt")


def test_an_unknown_class_is_named(keyless: httpx.Client) -> None:
    assert "Nope" in send(keyless, {"1": {"class_type": "Nope", "inputs": {}}})[1]["error"]["message"]


@NEW
def test_a_newer_version_has_an_error_type_for_unknown_classes(keyless: httpx.Client) -> None:
    error = send(keyless, {"1": {"class_type": "Nope", "inputs": {}}})[1]["error"]
    assert (error["type"], error["extra_info"]) == (
        "missing_node_type",
        {"node_id": "1", "class_type": "Nope", "node_title": "Nope"},
    )
    assert send(keyless, {"1": {"inputs": {}}})[1]["error"]["type"] == "missing_node_type"


CIRCLE: Json = {
    "1": {"class_type": "ImageInvert", "inputs": {"image": ["2", 0]}},
    "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 0]}},
}


def test_a_cycle_is_not_mentioned(keyless: httpx.Client) -> None:
    status, body = send(keyless, CIRCLE)
    assert (status, body["error"]["type"]) == (400, "prompt_outputs_failed_validation")
    assert (body["error"]["details"], body["node_errors"]) == ("", {})


@NEW
def test_a_newer_version_reports_a_cycle(keyless: httpx.Client) -> None:
    _, body = send(keyless, CIRCLE)
    assert {error["type"] for entry in body["node_errors"].values() for error in entry["errors"]} == {
        "dependency_cycle"
    }


@pytest.mark.parametrize(
    ("link", "exception"), [(["77", 0], "KeyError"), (["1", 3], "IndexError")]
)  # fmt: skip
def test_a_link_to_a_missing_node_is_an_exception(
    keyless: httpx.Client, link: list[Any], exception: str
) -> None:
    _, body = send(keyless, with_input(plain(), "2", images=link))
    (error,) = body["node_errors"]["2"]["errors"]
    assert (error["type"], error["extra_info"]["exception_type"]) == (
        "exception_during_validation",
        exception,
    )
    inner = {"5": {"class_type": "ImageInvert", "inputs": {"image": link}}}
    _, body = send(keyless, {**with_input(plain(), "2", images=["5", 0]), **inner})
    assert body["node_errors"]["5"]["errors"][0]["type"] == "exception_during_inner_validation"


def test_a_malformed_link_is_refused(keyless: httpx.Client) -> None:
    _, body = send(keyless, with_input(plain(), "2", images=["1", 0, 0]))
    assert body["node_errors"]["2"]["errors"][0]["type"] == "bad_linked_input"


def test_files_are_checked_at_submission(keyless: httpx.Client) -> None:
    load = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "cat.png"}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    _, body = send(keyless, load)
    (error,) = body["node_errors"]["1"]["errors"]
    assert error["type"] == "custom_validation_failed"
    assert "cat.png" in error["details"]
    keyless.post("/api/upload/image", files={"image": ("cat.png", b"not an image")})
    assert send(keyless, load)[0] == 200
    _, body = send(keyless, with_input(text_to_image(), "4", ckpt_name="other.safetensors"))
    (error,) = body["node_errors"]["4"]["errors"]
    assert error["type"] == "value_not_in_list"
    assert "'other.safetensors' not in ['" in error["details"]


def test_an_invalid_image_fails_when_the_job_runs(comfyui: Emulator, keyless: httpx.Client) -> None:
    keyless.post("/api/upload/image", files={"image": ("cat.png", b"not an image")})
    load = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "cat.png"}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    id = send(keyless, load)[1]["prompt_id"]
    comfyui.time.advance(60)
    status = keyless.get(f"/api/history/{id}").json()[id]["status"]
    event, data = status["messages"][-1]
    assert (status["status_str"], event) == ("error", "execution_error")
    assert data["exception_type"] == "PIL.UnidentifiedImageError"
    assert data["exception_message"].endswith("\n")
    assert data["current_outputs"] == []


def test_failures_of_the_service_become_failures_of_a_node(comfyui: Emulator, keyless: httpx.Client) -> None:
    comfyui.jobs.fail_next("OOMError")
    comfyui.jobs.fail_next("DispatcherError")
    ids = [send(keyless, text_to_image(seed))[1]["prompt_id"] for seed in (1, 2)]
    comfyui.time.advance(60)
    for id in ids:
        event, data = keyless.get("/api/history").json()[id]["status"]["messages"][-1]
        assert (event, data["exception_type"], data["node_id"]) == ("execution_error", "RuntimeError", "3")


def test_unknown_classes_run_with_the_quirk() -> None:
    import dataclasses

    from comfy_cloud_emulator import Quirks

    quirks = dataclasses.replace(Quirks.preset("comfyui"), run_unknown_nodes=True)
    with Emulator(quirks=quirks) as emulator, httpx.Client(base_url=emulator.url, verify=False) as client:
        graph = {**plain(), "5": {"class_type": "Nope", "inputs": {}}}
        assert send(client, graph)[0] == 200
