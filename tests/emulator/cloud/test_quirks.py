"""The quirks between the published contract and the live service that no other test covers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from comfy_cloud_emulator import Emulator

Connect = Callable[[Emulator], httpx.Client]
MODEL = "https://huggingface.co/owner/models/resolve/main/loras/shiny.safetensors"


@pytest.fixture
def published(connect: Connect) -> Iterator[httpx.Client]:
    """A client of the published contract, with some jobs."""
    with Emulator(quirks="published", seed_data="demo") as emulator:
        yield connect(emulator)


def test_an_asset_is_created_from_a_url(published: httpx.Client) -> None:
    body = {"url": MODEL, "name": "shiny.safetensors", "tags": ["models", "loras"], "user_metadata": {"a": 1}}
    response = published.post("/api/assets", json=body)
    assert response.status_code == 201
    asset = response.json()
    assert (asset["name"], asset["tags"], asset["user_metadata"]) == (body["name"], body["tags"], {"a": 1})
    assert published.head(f"/api/assets/hash/{asset['asset_hash']}").status_code == 200
    again = published.post("/api/assets", json=body)
    assert (again.status_code, again.json()["id"], again.json()["created_new"]) == (200, asset["id"], False)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"url": MODEL}, 400),
        ({"url": "nowhere", "name": "a"}, 400),
        ({"url": "https://example.org/a", "name": "a"}, 400),
        ({"url": MODEL.replace("shiny", "missing"), "name": "a"}, 404),
        ({"url": MODEL.replace("shiny", "gated"), "name": "a"}, 403),
        ({"url": MODEL.replace("shiny", "huge"), "name": "a"}, 413),
        ({"url": MODEL, "name": "a", "user_metadata": []}, 400),
        ({"url": MODEL, "name": "a", "tags": ["models", "nothing-known"]}, 422),
    ],
)
def test_unusable_urls_are_refused(published: httpx.Client, body: object, status: int) -> None:
    response = published.post("/api/assets", json=body)
    assert response.status_code == status
    assert response.json()["message"]


def test_the_live_service_takes_no_url(client: httpx.Client) -> None:
    response = client.post("/api/assets", json={"url": MODEL, "name": "a"})
    assert (response.status_code, response.json()["code"]) == (400, "UNSUPPORTED_SOURCE")


@pytest.mark.parametrize(("quirks", "tags"), [("live", ["input"]), ("published", ["a", "b"])])
def test_tags_by_put(connect: Connect, quirks: str, tags: list[str]) -> None:
    with Emulator(quirks=quirks) as emulator:
        client = connect(emulator)
        form = {"tags": '["input"]'}
        id = client.post("/api/assets", files={"file": ("a.txt", b"text")}, data=form).json()["id"]
        changed = client.put(f"/api/assets/{id}", json={"name": "b.txt", "tags": ["a", "b", "a"]})
        assert changed.status_code == 200
        assert client.get(f"/api/assets/{id}").json()["tags"] == tags
        only_tags = client.put(f"/api/assets/{id}", json={"tags": tags})
        assert only_tags.status_code == (200 if quirks == "published" else 400)


def test_the_published_jobs_list(published: httpx.Client) -> None:
    first = published.get("/api/jobs?limit=2").json()
    assert first["pagination"]["has_more"]
    assert "next_cursor" not in first["pagination"]
    # An unknown parameter has no effect.
    assert published.get("/api/jobs?limit=2&after=anything").json()["jobs"] == first["jobs"]
    assert published.get("/api/jobs?output_type=video").status_code == 200


def test_the_published_jobs_list_has_no_3d_models(connect: Connect) -> None:
    with Emulator(quirks=["no_3d_output_type"]) as emulator:
        assert connect(emulator).get("/api/jobs?output_type=3d").status_code == 400


def test_the_live_jobs_list(demo_client: httpx.Client) -> None:
    assert demo_client.get("/api/jobs?limit=2").json()["pagination"]["next_cursor"]
    assert demo_client.get("/api/jobs?output_type=3d").json()["jobs"]
    assert demo_client.get("/api/jobs?after=anything").status_code == 400
