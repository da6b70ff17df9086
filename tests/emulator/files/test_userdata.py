"""Personal files, models, subgraphs, templates, and the balance."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import resources
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from comfy_cloud_emulator import Emulator, Store
from comfy_cloud_emulator.state.assets.models import MODELS
from comfy_cloud_emulator.state.files.userdata import PathRefused, checked

Connect = Callable[[Emulator], httpx.Client]


def write(client: httpx.Client, path: str, content: bytes = b"{}", **params: str) -> httpx.Response:
    headers = {"Content-Type": "application/octet-stream"}
    return client.post(f"/api/userdata/{path}", content=content, params=params, headers=headers)


def listed(client: httpx.Client, **params: Any) -> list[str]:
    response = client.get("/api/userdata", params=params)
    assert response.status_code == 200, response.text
    return [file["path"] for file in response.json()]


def test_a_file_reads_as_it_was_written(client: httpx.Client, now: float) -> None:
    content = b"\0\xff{}"
    response = write(client, "workflows%2Fa%20b.json", content)
    assert response.json() == "workflows/a b.json"
    full = write(client, "workflows%2Fa%20b.json", content, full_info="true").json()
    assert full == {"path": "workflows/a b.json", "size": 4, "modified": int(now * 1000)}
    read = client.get("/api/userdata/workflows%2Fa%20b.json")
    assert read.content == content
    assert read.headers["content-type"] == "application/octet-stream"
    assert client.delete("/api/userdata/workflows%2Fa%20b.json").status_code == 204
    assert client.get("/api/userdata/workflows%2Fa%20b.json").status_code == 404
    assert client.delete("/api/userdata/workflows%2Fa%20b.json").status_code == 404


def test_a_file_is_overwritten_unless_told_otherwise(client: httpx.Client) -> None:
    write(client, "a.json", b"1")
    refused = write(client, "a.json", b"2", overwrite="false")
    assert refused.status_code == 409
    assert refused.headers["content-type"].startswith("text/plain")
    assert client.get("/api/userdata/a.json").content == b"1"
    assert write(client, "a.json", b"3", overwrite="true").status_code == 200
    assert client.get("/api/userdata/a.json").content == b"3"
    assert write(client, "b.json", b"", overwrite="false").status_code == 200


def test_an_empty_file_differs_from_a_forgotten_body(client: httpx.Client) -> None:
    forgotten = client.post("/api/userdata/empty")
    assert (forgotten.status_code, "application/octet-stream" in forgotten.text) == (400, True)
    assert write(client, "empty", b"").status_code == 200
    assert client.get("/api/userdata/empty").content == b""


def test_folders_are_listed(client: httpx.Client, now: float) -> None:
    for path in ("top.json", "workflows%2Fb.json", "workflows%2Fa.json", "workflows%2Fdeep%2Fc.json"):
        write(client, path)
    write(client, "workflows_old%2Fd.json")
    assert listed(client, dir="workflows/") == ["a.json", "b.json"]
    assert listed(client, dir="workflows/", recurse="true") == ["a.json", "b.json", "deep/c.json"]
    assert listed(client, dir="workflows/deep/") == ["c.json"]
    assert listed(client, dir="/") == ["top.json"]
    assert listed(client, dir="none/") == []
    first = client.get("/api/userdata?dir=workflows/&split=true&full_info=true").json()[0]
    assert first == {"path": "a.json", "size": 2, "modified": int(now * 1000)}


@pytest.mark.parametrize(
    "path",
    [
        "..%2Fsecret",
        "a%2F..%2F..%2Fb",
        "%2Fetc%2Fpasswd",
        "a%2F%2Fb",
        "a%5Cb",
        "a%00b",
        "a%0Ab",
        "a%0A",
        "%2E",
        "..."[:2],
    ],
)
def test_paths_out_of_the_folder_are_refused(client: httpx.Client, path: str) -> None:
    # httpx would resolve plain dots, so they are sent encoded.
    path = path.replace("..", "%2E%2E")
    responses = {
        403: write(client, path),
        400: client.get(f"/api/userdata/{path}"),
        404: client.delete(f"/api/userdata/{path}"),
    }
    for status, response in responses.items():
        assert response.status_code == status
        assert response.headers["content-type"].startswith("text/plain")
        assert "the path" in response.text


def test_a_path_is_one_segment(client: httpx.Client) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = client.request(method, "/api/userdata/workflows/a.json")
        assert response.status_code == 404
        assert "%2F" in response.text


@pytest.mark.parametrize("query", ["", "?dir=", "?dir=a/&recurse=x"])
def test_errors_are_plain_text(client: httpx.Client, query: str) -> None:
    response = client.get(f"/api/userdata{query}")
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/plain")
    assert client.get("/api/userdata?dir=../").status_code == 404


def test_without_a_key_the_response_is_text(client: httpx.Client) -> None:
    del client.headers["X-API-Key"]
    for path in ("/api/userdata?dir=a/", "/api/userdata/a.json"):
        response = client.get(path)
        assert response.status_code == 401
        assert response.headers["content-type"].startswith("text/plain")


@given(st.text(max_size=30), st.binary(max_size=20))
def test_any_path_is_refused_or_kept(path: str, content: bytes) -> None:
    path = path.encode("utf-8", "replace").decode()
    store = Store(None, lambda: 0.0)
    try:
        written = store.userdata.write(path, content)
    except PathRefused:
        with pytest.raises(PathRefused):
            checked(path)
    else:
        assert written is not None
        assert ".." not in written.path.split("/")
        assert store.userdata.read(path) == content
        assert [file.path for file in store.userdata.list()] == [written.path]
        assert store.userdata.delete(path)
        assert store.userdata.list() == []
    finally:
        store.close()


def test_everything_survives_a_restart(tmp_path: Any, connect: Connect, now: float) -> None:
    with Emulator(data=tmp_path, clock=lambda: now) as emulator:
        client = connect(emulator)
        write(client, "a.json", b"kept")
        asset = client.post("/api/assets", files={"file": ("a.txt", b"text")}).json()
        total = client.get("/api/assets").json()["total"]
    with Emulator(data=tmp_path, clock=lambda: now) as emulator:
        client = connect(emulator)
        assert client.get("/api/userdata/a.json").content == b"kept"
        assert client.get(f"/api/assets/{asset['id']}").json()["name"] == "a.txt"
        assert client.get("/api/assets").json()["total"] == total
        url = client.get(f"/api/assets/{asset['id']}/content").headers["location"]
        assert httpx.get(url, verify=False, trust_env=False).content == b"text"


# Models and other public operations


def test_the_models_by_folder(client: httpx.Client) -> None:
    del client.headers["X-API-Key"]
    folders = client.get("/api/experiment/models").json()
    assert {"name": "loras", "folders": ["loras"]} in folders
    checkpoints = client.get("/api/experiment/models/checkpoints").json()
    assert {"name": "sd_xl_base_1.0.safetensors", "pathIndex": 0} in checkpoints
    for old, new in (("unet", "diffusion_models"), ("clip", "text_encoders")):
        found = client.get(f"/api/experiment/models/{old}")
        assert found.json() == client.get(f"/api/experiment/models/{new}").json() != []


def test_the_loaders_offer_the_same_models() -> None:
    data = orjson.loads(resources.files("comfy_cloud_emulator.nodes").joinpath("catalogue.json").read_bytes())
    offered = {folder: tuple(names) for folder, names in data["files"].items() if folder != "input"}
    assert offered == {folder: names for folder, names in MODELS.items() if names}


@pytest.mark.parametrize("folder", ["embeddings", "sofas"])
def test_a_missing_or_empty_folder(client: httpx.Client, folder: str) -> None:
    response = client.get(f"/api/experiment/models/{folder}")
    assert (response.status_code, response.json()["code"]) == (404, "folder_not_found")


def test_the_previews_of_models(client: httpx.Client) -> None:
    path = "/api/experiment/models/preview/checkpoints/0/sd_xl_base_1.0.safetensors"
    response = client.get(path)
    assert response.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(response.content)).format == "WEBP"
    for other in (path.replace("/0/", "/1/"), path.replace("sd_", "no_"), path.replace("checkpoints", "vae")):
        assert client.get(other).status_code == 404


def test_subgraphs_and_templates(client: httpx.Client) -> None:
    del client.headers["X-API-Key"]
    data = client.get("/api/global_subgraphs").json()
    assert len(data) >= 2
    for id, shown in data.items():
        assert "data" not in shown
        whole = client.get(f"/api/global_subgraphs/{id}").json()
        assert (whole["name"], whole["source"]) == (shown["name"], "templates")
        assert orjson.loads(whole["data"])["definitions"]["subgraphs"][0]["name"] == shown["name"]
    assert client.get("/api/global_subgraphs/none").status_code == 404
    assert client.get("/api/workflow_templates").json() == {}


def test_the_balance_follows_the_credits(connect: Connect, now: float) -> None:
    with Emulator(clock=lambda: now, credits=211) as emulator:
        balance = connect(emulator).get("/api/billing/balance").json()
        assert balance["effective_balance_micros"] == 1_000_000
        assert balance["currency"] == "usd"
    with Emulator(clock=lambda: now) as emulator:
        assert connect(emulator).get("/api/billing/balance").json()["effective_balance_micros"] == 20_000_000
