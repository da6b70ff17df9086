"""What ComfyUI's own frontend asks for: blueprints, translations, logs and folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import httpx
import orjson
import pytest

from comfy_cloud_emulator import Emulator, Quirks

from ..workflows import plain

Connect = Callable[[Emulator], httpx.Client]
START = 1_780_000_000.0
WITH_ASSETS = replace(Quirks.preset("comfyui_new"), assets_disabled=False)


@pytest.fixture(params=["comfyui", "comfyui_new"])
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(time="virtual", clock=lambda: START, quirks=request.param) as emulator:
        yield emulator


def run(emulator: Emulator, client: httpx.Client, prefix: str = "own") -> str:
    graph = plain()
    graph["2"]["inputs"]["filename_prefix"] = prefix
    response = client.post("/api/prompt", json={"prompt": graph})
    emulator.time.advance(60)
    return str(response.json()["prompt_id"])


@pytest.mark.parametrize("quirks", ["live", "comfyui_new"])
def test_a_blueprint_is_a_whole_workflow(quirks: str, connect: Connect) -> None:
    with Emulator(quirks=quirks) as emulator:
        client = connect(emulator)
        listed = client.get("/api/global_subgraphs").json()
        for id, described in listed.items():
            found = client.get(f"/api/global_subgraphs/{id}").json()
            graph = orjson.loads(found.pop("data"))
            assert found == described
            (node,) = graph["nodes"]
            (definition,) = graph["definitions"]["subgraphs"]
            assert (node["type"], node["title"]) == (definition["id"], described["name"])
            assert all({"pos", "size", "inputs", "outputs"} <= each.keys() for each in definition["nodes"])
    assert len(listed) >= 2


def test_an_unknown_blueprint_and_what_only_newer_versions_have(
    emulator: Emulator, client: httpx.Client
) -> None:
    unknown = client.get("/api/global_subgraphs/none")
    replacements = client.get("/api/node_replacements")
    if emulator.quirks.newer_comfyui:
        assert (unknown.status_code, unknown.json()) == (200, None)
        assert (replacements.status_code, replacements.json()) == (200, {})
    else:
        assert (unknown.status_code, replacements.status_code) == (404, 404)


def test_translations_and_folders(client: httpx.Client) -> None:
    assert client.get("/api/i18n").json() == client.get("/i18n").json() == {}
    folders = client.get("/internal/folder_paths").json()
    listed = {each["name"]: each["folders"] for each in client.get("/api/experiment/models").json()}
    assert {name: listed[name] for name in folders} == folders
    assert "checkpoints" in folders


def test_the_log(emulator: Emulator, client: httpx.Client) -> None:
    assert client.get("/internal/logs").json() == ""
    run(emulator, client)
    raw = client.get("/internal/logs/raw").json()
    first, last = raw["entries"]
    assert raw["size"] == {"cols": 80, "rows": 24}
    assert first["m"] == "got prompt\n"
    assert last["m"].startswith("Prompt executed in ")
    assert datetime.fromisoformat(first["t"]) < datetime.fromisoformat(last["t"])
    lines = client.get("/internal/logs").json()
    assert lines == "".join(f"{entry['t']} - {entry['m']}" for entry in raw["entries"])
    assert client.get("/api/internal/logs").status_code == 404


def test_a_long_log_has_its_last_lines(connect: Connect) -> None:
    with Emulator(quirks="comfyui_new", seed_data="demo") as emulator:
        entries = connect(emulator).get("/internal/logs/raw").json()["entries"]
    assert len(entries) == 300
    assert [entry["t"] for entry in entries] == sorted(entry["t"] for entry in entries)


def test_subscribing_to_the_log(client: httpx.Client) -> None:
    path = "/internal/logs/subscribe"
    assert client.patch(path, json={"clientId": "one", "enabled": True}).status_code == 200
    assert client.patch(path, json={}).status_code == 500


def test_the_files_of_a_folder_newest_first(emulator: Emulator, client: httpx.Client) -> None:
    for prefix in ("first", "second", "below/third"):
        run(emulator, client, prefix)
    files = client.get("/internal/files/output").json()
    assert files == ["second_00001_.png [output]", "first_00001_.png [output]"]
    assert client.get("/internal/files/input").json() == []
    refused = client.get("/internal/files/elsewhere")
    assert (refused.status_code, list(refused.json())) == (400, ["error"])


def test_saved_files_are_assets(connect: Connect) -> None:
    with Emulator(time="virtual", clock=lambda: START, quirks=WITH_ASSETS) as emulator:
        client = connect(emulator)
        job_id = run(emulator, client, "below/own")
        graph = plain() | {"3": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}
        client.post("/api/prompt", json={"prompt": graph})
        emulator.time.advance(60)
        listed = client.get("/api/assets?include_tags=output").json()["assets"]
        everything = client.get("/api/assets").json()["assets"]
    own = next(asset for asset in listed if asset["job_id"] == job_id)
    assert (own["name"], own["tags"]) == ("own_00001_.png", ["output"])
    assert len(listed) == 2
    # What is only shown is no asset.
    assert not [asset for asset in everything if "temp" in asset["tags"]]
