"""Assets of API v2: uploaded, made of known content, used by a job, downloaded and deleted."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from blake3 import blake3
from PIL import Image

from comfy_cloud_emulator import Emulator
from tests.images import png

from .test_jobs import GRAPH, client, code, submit


@pytest.fixture
def cloud(start_emulator: Callable[..., Emulator]) -> Emulator:
    return start_emulator(time="virtual")


def upload(http: httpx.Client, content: bytes, *, key: str | None = None, **fields: Any) -> httpx.Response:
    form = {"content_type": "image/png", "file_path": "in/photo.png", **fields}
    headers = {} if key is None else {"Idempotency-Key": key}
    return http.post("/api/v2/assets", files={"file": ("x", content)}, data=form, headers=headers)


def hash_of(content: bytes) -> str:
    return f"blake3:{blake3(content).hexdigest()}"


def test_equal_content_is_stored_once(cloud: Emulator) -> None:
    with client(cloud) as http:
        first = upload(http, png(), expected_hash=hash_of(png()), tags=["input", "red"])
        second = upload(http, png())
        assert (first.status_code, second.status_code) == (201, 200)
        one, other = first.json(), second.json()
        assert one["hash"] == other["hash"] == hash_of(png())
        assert one["id"] != other["id"]
        assert (one["created_new"], other["created_new"]) == (True, False)
        assert (one["file_path"], one["content_type"]) == ("in/photo.png", "image/png")
        assert http.get(f"/api/assets/{one['id']}").json()["tags"] == ["input", "red"]


def test_what_is_refused(cloud: Emulator) -> None:
    with client(cloud) as http:
        assert code(upload(http, png(), expected_hash=hash_of(b""))) == (409, "hash_mismatch")
        assert code(upload(http, png(), expected_hash="sha256:00")) == (422, "invalid_request")
        assert code(upload(http, png(), expires_in="59")) == (422, "invalid_request")
        assert code(upload(http, png(), content_type="")) == (422, "invalid_request")
        assert code(http.post("/api/v2/assets", json={})) == (422, "invalid_request")
        assert upload(http, png(), key="a").status_code in (200, 201)
        assert code(upload(http, png(), key="a")) == (422, "idempotency_key_reuse")


def test_an_asset_of_content_that_is_there(cloud: Emulator) -> None:
    with client(cloud) as http:
        body = {"hash": hash_of(png()), "file_path": "b.png"}
        assert http.head(f"/api/v2/assets/by-hash/{body['hash']}").status_code == 404
        assert code(http.post("/api/v2/assets/from-hash", json=body)) == (404, "blob_not_found")
        upload(http, png())
        assert http.head(f"/api/v2/assets/by-hash/{body['hash']}").status_code == 200
        made = http.post("/api/v2/assets/from-hash", json=body)
        again = http.post("/api/v2/assets/from-hash", json=body)
        assert (made.status_code, again.status_code) == (201, 200)
        assert made.json()["id"] == again.json()["id"]
        assert code(http.post("/api/v2/assets/from-hash", json={"hash": 1})) == (422, "invalid_request")


def test_content_is_at_a_signed_address(cloud: Emulator) -> None:
    with client(cloud) as http:
        asset = upload(http, png()).json()
        redirect = http.get(f"/api/v2/assets/{asset['id']}/content")
        assert redirect.status_code == 302
        for address in (redirect.headers["location"], asset["url"]):
            assert httpx.get(address).content == png()
        part = httpx.get(asset["url"], headers={"Range": "bytes=1-3"})
        assert (part.status_code, part.content) == (206, b"PNG")


def test_an_asset_is_the_input_of_a_job(cloud: Emulator) -> None:
    with client(cloud) as http:
        asset = upload(http, png("blue")).json()
        reference = {"__type": "core/ASSET", "info": {"id": asset["id"]}}
        graph = {
            "1": {"class_type": "LoadImage", "inputs": {"image": reference}},
            "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
        }
        job = submit(http, graph).json()
        submitted = http.get(f"/api/v2/jobs/{job['id']}/workflow").json()
        assert submitted == {"workflow": graph, "format": "api"}
        assert code(http.delete(f"/api/v2/assets/{asset['id']}")) == (409, "asset_in_use")
        cloud.time.advance(60)
        done = http.get(job["urls"]["self"]).json()
        assert done["status"] == "succeeded"
        with Image.open(io.BytesIO(httpx.get(done["outputs"][0]["url"]).content)) as image:
            assert image.convert("RGB").getpixel((0, 0)) == (0, 0, 255)


def test_deleting(cloud: Emulator) -> None:
    with client(cloud) as http:
        asset, other = upload(http, png()).json(), upload(http, png()).json()
        assert http.delete(f"/api/v2/assets/{asset['id']}").status_code == 204
        assert code(http.delete(f"/api/v2/assets/{asset['id']}")) == (404, "not_found")
        assert httpx.get(http.get(f"/api/v2/assets/{other['id']}").json()["url"]).content == png()
        job = submit(http, GRAPH).json()
        cloud.time.advance(60)
        (output,) = http.get(job["urls"]["self"]).json()["outputs"]
        assert http.get(f"/api/v2/assets/{output['id']}").json()["job_id"] == job["id"]
        assert code(http.delete(f"/api/v2/assets/{output['id']}")) == (409, "asset_in_use")


def test_an_asset_expires(cloud: Emulator) -> None:
    with client(cloud) as http:
        asset = upload(http, png(), expires_in="60").json()
        cloud.time.advance(59)
        assert http.get(f"/api/v2/assets/{asset['id']}").status_code == 200
        cloud.time.advance(1)
        assert code(http.get(f"/api/v2/assets/{asset['id']}")) == (404, "not_found")
