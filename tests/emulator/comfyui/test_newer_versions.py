"""What a newer self-hosted ComfyUI does, as seen on version 0.30.0, and an older one does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect as open_socket

from comfy_cloud_emulator import Emulator

from ..workflows import Json, plain, submit, text_to_image

pytestmark = pytest.mark.parametrize("comfyui", ["comfyui_new"], indirect=True)
PATIENCE = 10


def refused(client: httpx.Client, graph: Any) -> Json:
    response = client.post("/api/prompt", json={"prompt": graph})
    assert response.status_code == 400
    body: Json = response.json()
    return body


def node(class_type: str, **inputs: Any) -> Json:
    return {"class_type": class_type, "inputs": inputs}


def run(comfyui: Emulator, client: httpx.Client, graph: Json) -> Json:
    """The history entry of a finished run."""
    id = submit(client, graph)
    comfyui.time.advance(60)
    entry: Json = client.get(f"/api/history/{id}").json()[id]
    return entry


# What it says about itself


def test_features_have_more_fields_and_an_integer(keyless: httpx.Client) -> None:
    features = keyless.get("/api/features").json()
    assert isinstance(features["max_upload_size"], int)
    assert {"supports_model_type_tags", "extension", "node_replacements", "assets"} < set(features)


def test_its_limit_is_higher(keyless: httpx.Client) -> None:
    assert keyless.get("/api/features").json()["max_upload_size"] > 52_428_801
    assert keyless.post("/api/userdata/big", content=bytes(52_428_801)).status_code == 200


def test_packages_and_model_extensions_are_listed(keyless: httpx.Client) -> None:
    system = keyless.get("/api/system_stats").json()["system"]
    assert system["installed_templates_version"]
    assert all(set(each) == {"name", "installed", "required"} for each in system["comfy_package_versions"])
    folders = {each["name"]: each for each in keyless.get("/api/experiment/models").json()}
    assert ".safetensors" in folders["checkpoints"]["extensions"]
    assert [] in [each["extensions"] for each in folders.values()]


def test_node_classes_have_more_fields(keyless: httpx.Client) -> None:
    classes = keyless.get("/api/object_info").json()
    for info in classes.values():
        assert (info["is_input_list"], info["has_intermediate_output"]) == (False, False)
        assert isinstance(info["search_aliases"], list)
    save = classes["SaveImage"]
    assert (save["output"], save["output_name"], save["output_is_list"]) == (["IMAGE"], ["images"], [False])
    assert save["essentials_category"]
    assert save["search_aliases"]
    assert set(save["input"]["required"]["images"][1]) == {"tooltip"}


# Requests that it refuses in another way


def test_a_head_of_nothing_has_no_content_type(keyless: httpx.Client) -> None:
    response = keyless.head("/api/no_such_route")
    assert (response.status_code, "content-type" in response.headers) == (404, False)
    assert keyless.get("/api/no_such_route").headers["content-type"] == "application/octet-stream"


def test_cancelling_without_a_body_is_refused(keyless: httpx.Client) -> None:
    response = keyless.post("/api/jobs/cancel")
    assert (response.status_code, list(response.json())) == (400, ["error"])


def test_ids_that_are_not_valid_are_repeated_as_text(keyless: httpx.Client) -> None:
    response = keyless.post("/api/jobs/cancel", json={"job_ids": [1, "x"]})
    assert (response.status_code, response.json()["invalid_ids"]) == (400, ["1", "x"])


def test_a_null_as_prompt_id_is_no_id(keyless: httpx.Client) -> None:
    ids = [
        keyless.post("/api/prompt", json={"prompt": plain(color), "prompt_id": None}).json()["prompt_id"]
        for color in (1, 2)
    ]
    assert len({*ids, "None"}) == 3


@pytest.mark.parametrize("origin", ["http://example.com", "http://127.0.0.1:1"])
def test_a_foreign_origin_gets_no_body(keyless: httpx.Client, origin: str) -> None:
    response = keyless.get("/api/queue", headers={"Origin": origin})
    assert (response.status_code, response.content) == (403, b"")
    assert "content-type" not in response.headers


def test_a_foreign_host_is_refused(keyless: httpx.Client) -> None:
    headers = {"Host": "example.com", "Origin": "http://example.com"}
    assert keyless.get("/api/queue", headers=headers).status_code == 403


@pytest.mark.parametrize("graph", [{"nodes": [], "links": []}, {"1": "text"}, {"1": None}])
def test_what_is_no_graph_crashes_it(keyless: httpx.Client, graph: Json) -> None:
    assert keyless.post("/api/prompt", json={"prompt": graph}).status_code == 500


def test_refusals_contain_the_title_of_the_node(keyless: httpx.Client) -> None:
    def about(graph: Json) -> Json:
        found: Json = refused(keyless, graph)["error"]["extra_info"]
        return found

    titled = {"_meta": {"title": "My node"}}
    ids = {"node_id": "1"}
    nameless = {"class_type": None, "node_title": None}
    assert about({"1": {"inputs": {}}}) == ids | nameless
    assert about({"1": {"inputs": {}, **titled}}) == ids | nameless | {"node_title": "My node"}
    unknown = node("Nope")
    assert about({"1": unknown}) == ids | {"class_type": "Nope", "node_title": "Nope"}
    assert about({"1": unknown | titled}) == ids | {"class_type": "Nope", "node_title": "My node"}
    broken = {"1": unknown | {"_meta": []}}
    assert keyless.post("/api/prompt", json={"prompt": broken}).status_code == 500


def test_errors_contain_the_input_as_it_is_described(keyless: httpx.Client) -> None:
    graph = {
        "1": plain()["1"],
        "2": node("VAEDecode", samples=["1", 0], vae=["1", 0]),
        "3": node("ImageScale", image=["2", 0], upscale_method="x", width=1, height=1, crop="center"),
        "4": node("SaveImage", images=["3", 0], filename_prefix="x"),
        "5": node("KSampler", sampler_name="x"),
        "6": node("PreviewImage", images=["5", 0]),
    }
    errors = {
        error["extra_info"]["input_name"]: error["extra_info"]
        for entry in refused(keyless, graph)["node_errors"].values()
        for error in entry["errors"]
    }
    assert errors["samples"]["input_config"][0] == "LATENT"
    assert set(errors["samples"]["input_config"][1]) == {"tooltip"}
    choices, options = errors["upscale_method"]["input_config"]
    assert ("bicubic" in choices, options) == (True, {})
    assert errors["sampler_name"]["input_config"] is None  # so many choices are not repeated
    assert errors["images"]["input_config"] == ["IMAGE", {}]


# Cycles


def cycles(client: httpx.Client, graph: Json) -> dict[str, tuple[list[str], str]]:
    """By node: the nodes of its cycle, and the details of the error."""
    found = {}
    for node_id, entry in refused(client, graph)["node_errors"].items():
        (error,) = entry["errors"]
        assert error["type"] == "dependency_cycle"
        assert error["extra_info"]["node_id"] == node_id
        found[node_id] = (error["extra_info"]["cycle_nodes"], error["details"])
    return found


def test_a_cycle_is_described_from_where_it_is_entered(keyless: httpx.Client) -> None:
    graph = {
        "0": node("ImageInvert", image=["1", 0]),
        "1": node("ImageInvert", image=["3", 0]),
        "3": node("ImageInvert", image=["1", 0]),
        "2": node("PreviewImage", images=["0", 0]),
    }
    expected = (["1", "3"], "1 (ImageInvert) -> 3 (ImageInvert) -> 1 (ImageInvert)")
    assert cycles(keyless, graph) == {"1": expected, "3": expected}
    graph["1"]["inputs"]["image"] = ["1", 0]
    assert cycles(keyless, graph) == {"1": (["1"], "1 (ImageInvert) -> 1 (ImageInvert)")}


def test_an_output_node_passes_on_what_it_saves_and_may_close_a_cycle(keyless: httpx.Client) -> None:
    graph = {
        "1": node("ImageInvert", image=["2", 0]),
        "2": node("SaveImage", images=["1", 0], filename_prefix="x"),
    }
    expected = (["2", "1"], "2 (SaveImage) -> 1 (ImageInvert) -> 2 (SaveImage)")
    assert cycles(keyless, graph) == {"1": expected, "2": expected}


def test_a_link_that_is_wrong_itself_closes_no_cycle(keyless: httpx.Client) -> None:
    graph = {
        "1": node("VAEDecode", samples=["2", 0], vae=["2", 0]),
        "2": node("SaveImage", images=["1", 0], filename_prefix="x"),
    }
    types = [
        error["type"]
        for entry in refused(keyless, graph)["node_errors"].values()
        for error in entry["errors"]
    ]
    assert types == ["return_type_mismatch"] * 2


# Runs


def test_a_saved_image_can_be_used_further(comfyui: Emulator, keyless: httpx.Client) -> None:
    graph = plain() | {"3": node("PreviewImage", images=["2", 0])}
    outputs = run(comfyui, keyless, graph)["outputs"]
    assert [len(outputs[node_id]["images"]) for node_id in ("2", "3")] == [1, 1]


def test_a_failure_lists_all_nodes_as_current_outputs(comfyui: Emulator, keyless: httpx.Client) -> None:
    comfyui.jobs.fail_next("ValueError")
    graph = text_to_image()
    event, data = run(comfyui, keyless, graph)["status"]["messages"][-1]
    assert (event, sorted(data["current_outputs"])) == ("execution_error", sorted(graph))


def test_progress_is_counted_in_floats(comfyui: Emulator, keyless: httpx.Client) -> None:
    url = comfyui.url.replace("http", "ws", 1) + "/ws?clientId=me"
    with open_socket(url, proxy=None) as socket:

        def states() -> list[Json]:
            """The entries of nodes in the progress messages of one run."""
            submit(keyless, client_id="me")
            comfyui.time.advance(60)
            found: list[Json] = []
            while True:
                message = json.loads(socket.recv(timeout=PATIENCE))
                if message["type"] == "progress_state":
                    found += message["data"]["nodes"].values()
                if message["type"] == "executing" and message["data"]["node"] is None:
                    return found

        first, cached = states(), states()
    assert {type(entry[name]) for entry in first for name in ("value", "max")} == {float}
    assert [(entry["node_id"], entry["state"], entry["value"]) for entry in cached] == [("2", "finished", 1)]


# Personal files


def test_personal_files_are_sent_like_other_files(comfyui: Emulator, keyless: httpx.Client) -> None:
    path = "/api/userdata/a%2Fb.json"
    keyless.post(path, content=b"0123456789")
    whole = keyless.get(path)
    assert (whole.content, whole.headers["content-disposition"]) == (b"0123456789", "attachment")
    assert whole.headers["accept-ranges"] == "bytes"
    assert "last-modified" in whole.headers
    part = keyless.get(path, headers={"range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert keyless.get(path, headers={"if-none-match": whole.headers["etag"]}).status_code == 304
    keyless.post(path, content=b"other")
    comfyui.time.advance(1)
    assert keyless.get(path, headers={"if-none-match": whole.headers["etag"]}).status_code == 200


Connect = Callable[[Emulator], httpx.Client]


def test_the_older_version_stays_as_it_was(comfyui: Emulator, connect: Connect) -> None:
    with Emulator(quirks="comfyui") as older:
        client = connect(older)
        assert set(client.get("/api/features").json()) == {"supports_preview_metadata", "max_upload_size"}
        save = client.get("/api/object_info/SaveImage").json()["SaveImage"]
        assert (save["output"], "is_input_list" in save) == ([], False)
        client.post("/api/userdata/a.json", content=b"{}")
        assert "etag" not in client.get("/api/userdata/a.json").headers
        assert refused(client, {"nodes": []})["error"]["type"] == "invalid_prompt"
