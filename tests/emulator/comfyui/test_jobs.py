"""/api/jobs of a newer self-hosted ComfyUI: orders, unlimited pages, errors, cancelling."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator

from ..workflows import Json, plain, submit, text_to_image

pytestmark = pytest.mark.parametrize("comfyui", ["comfyui_new"], indirect=True)
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def listed(client: httpx.Client, **query: Any) -> Json:
    data: Json = client.get("/api/jobs", params=query).json()
    return data


def ids(data: Json) -> list[str]:
    return [job["id"] for job in data["jobs"]]


def test_pages_and_orders(comfyui: Emulator, keyless: httpx.Client) -> None:
    quick = submit(keyless, plain(), extra_data={"extra_pnginfo": {"workflow": {"id": "w-1"}}})
    comfyui.time.advance(60)
    slow = submit(keyless, text_to_image())
    comfyui.time.advance(60)
    waiting = submit(keyless, plain(2))
    data = listed(keyless)
    assert ids(data) == [waiting, slow, quick]
    assert data["pagination"] == {"offset": 0, "limit": None, "total": 3, "has_more": False}
    assert ids(listed(keyless, sort_order="asc")) == [quick, slow, waiting]
    assert ids(listed(keyless, sort_by="execution_duration")) == [slow, quick, waiting]
    page = listed(keyless, limit=1, offset=1)
    assert (ids(page), page["pagination"]["has_more"]) == ([slow], True)
    assert ids(listed(keyless, status="pending, in_progress")) == [waiting]
    assert ids(listed(keyless, workflow_id="w-1")) == [quick]
    assert ids(listed(keyless, output_type="audio")) == [waiting, slow, quick]
    entry = data["jobs"][0]
    assert set(entry) == {
        "id",
        "status",
        "priority",
        "create_time",
        "outputs_count",
        "previewable_outputs_count",
    }
    assert (entry["priority"], entry["create_time"]) == (2, int(comfyui.time.now() * 1000))


@pytest.mark.parametrize(
    "query",
    [
        {"sort_by": "create_time"}, {"sort_order": "up"}, {"status": "done"}, {"limit": "0"},
        {"limit": "many"}, {"offset": "x"},
    ],
)  # fmt: skip
def test_refusals_have_a_json_body(keyless: httpx.Client, query: dict[str, str]) -> None:
    response = keyless.get("/api/jobs", params=query)
    assert response.status_code == 400
    assert list(response.json()) == ["error"]


def test_one_job(comfyui: Emulator, keyless: httpx.Client) -> None:
    comfyui.jobs.fail_next("ValueError")
    id = submit(keyless, text_to_image())
    waiting = keyless.get(f"/api/jobs/{id}").json()
    assert waiting["workflow"]["prompt"] == text_to_image()
    assert "outputs" not in waiting
    comfyui.time.advance(60)
    job = keyless.get(f"/api/jobs/{id}").json()
    assert job["status"] == "failed"
    assert isinstance(job["execution_error"]["current_outputs"], list)
    assert job["execution_error"]["prompt_id"] == id
    assert job["execution_status"]["messages"][-1][0] == "execution_error"
    assert not {"update_time", "execution_meta", "queue_position"} & set(job)
    response = keyless.get(f"/api/jobs/{UNKNOWN_ID}")
    assert (response.status_code, list(response.json())) == (404, ["error"])


def test_cancelling_never_fails(comfyui: Emulator, keyless: httpx.Client) -> None:
    running, waiting, other = (submit(keyless, text_to_image(seed)) for seed in range(3))
    comfyui.time.advance(2)

    def cancel(path: str, **body: Any) -> tuple[int, Json]:
        response = keyless.post(f"/api/jobs/{path}", json=body or None)
        return response.status_code, response.json()

    assert cancel(f"{waiting}/cancel") == (200, {"cancelled": True})
    assert cancel(f"{UNKNOWN_ID}/cancel") == (200, {"cancelled": False})
    assert cancel("cancel", job_ids=[UNKNOWN_ID, running]) == (200, {"cancelled": True})
    assert cancel("cancel", job_ids=[running]) == (200, {"cancelled": False})
    assert cancel("cancel", job_ids=["x", UNKNOWN_ID])[0] == 400
    assert cancel("cancel", ids=[])[0] == 400
    comfyui.time.advance(60)
    assert {job["id"]: job["status"] for job in listed(keyless)["jobs"]} == {
        running: "cancelled",
        other: "completed",
    }
