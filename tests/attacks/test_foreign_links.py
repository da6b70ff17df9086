"""A server of API v2 whose responses name other hosts, and ids that are paths: the key stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from comfy_cloud import ComfyCloud, ComfyCloudError

KEY = "comfyui-0123456789abcdef"
OTHER = "https://other.example"
WHEN = "2026-11-01T00:00:00Z"
IDS = [
    "11111111-1111-4111-8111-111111111111", "../../x", "//other.example/x", "@other.example", "?x=1", "a/b",
    "..", "%2e%2e", "a#b", "https://other.example/", "\r\nX-Other: 1", "a b", "\u00e9",
]  # fmt: skip


def job(id: str) -> dict[str, Any]:
    links = {name: f"{OTHER}/{name}" for name in ("self", "cancel", "workflow", "events")}
    outputs = [
        {
            "id": one,
            "name": "../../a.png",
            "url": f"{OTHER}/file",
            "content_url": f"{OTHER}/file",
            "url_expires_at": WHEN,
        }
        for one in IDS
    ]
    return {
        "id": id,
        "status": "completed",
        "created_at": WHEN,
        "urls": links,
        "links": links,
        "outputs": outputs,
    }


def respond(request: httpx.Request) -> httpx.Response:
    path = request.url.path
    if path.endswith("/content"):
        return httpx.Response(302, headers={"location": f"{OTHER}/file"})
    if path == "/api/v2/jobs" and request.method == "GET":
        return httpx.Response(200, json={"jobs": [job(id) for id in IDS], "next_cursor": None})
    if path == "/api/v2/jobs":
        return httpx.Response(201, json=job(IDS[0]), headers={"location": f"{OTHER}/job"})
    return httpx.Response(200, json=job(path.rpartition("/")[2]))


def test_the_key_goes_to_its_own_server_only() -> None:
    seen: list[httpx.Request] = []

    def record(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return respond(request)

    http = httpx.Client(transport=httpx.MockTransport(record))
    with ComfyCloud(api_key=KEY, api="v2", http_client=http) as cloud:
        cloud.submit({"1": {"class_type": "A", "inputs": {}}})
        assert len(list(cloud.jobs.list())) == len(IDS)
        outputs = cloud.jobs.get(IDS[0]).outputs
        assert len(outputs) == len(IDS)
        calls: list[Callable[[], object]] = []
        for id in IDS:
            calls += [lambda id=id: cloud.jobs.get(id), lambda id=id: cloud.jobs.cancel(id)]  # type: ignore[misc]
        for output in outputs:
            calls.append(lambda output=output: cloud.files.signed_url(output))  # type: ignore[misc]
        for call in calls:
            with suppress(ComfyCloudError):
                call()
    assert len(seen) > 2 * len(IDS)
    for request in seen:
        assert request.url.host == "cloud.comfy.org"
        assert request.url.raw_path.startswith((b"/api/v2/jobs", b"/api/v2/assets/"))
        assert "x-other" not in request.headers
    assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in seen)
