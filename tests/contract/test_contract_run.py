"""Contract runs: clean over an honest server, deviations found, no user data shown or harmed."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud.contract._documents.release import merged_contract
from comfy_cloud_emulator import Emulator

from .runs import run

# A run asks for missing things, and with wrong keys: the suite's checker would report its requests.
pytestmark = pytest.mark.beyond_contract


# An honest server


def test_reading_an_honest_server(demo: Emulator) -> None:
    before = (len(demo.store), len(demo.files))
    report = run(demo)
    assert report, str(report)
    assert (report.deviations, list(report)) == ((), [])
    assert len(report.checked) >= 28
    assert len(report.checked) + len(report.unchecked) == len(merged_contract_operations())
    assert {request.method for request in demo.requests} == {"GET", "HEAD"}
    assert {request.headers["user-agent"] for request in demo.requests} == {"comfy-cloud-python"}
    assert report.requests == len(demo.requests) + len(demo.file_requests)
    assert not demo.leaks
    assert (len(demo.store), len(demo.files)) == before


def merged_contract_operations() -> list[str]:
    methods = {"get", "post", "put", "delete", "head"}
    return [
        f"{method.upper()} {path}"
        for path, item in merged_contract()["paths"].items()
        for method in item
        if method in methods
    ]


def test_operations_that_nothing_leads_to_have_not_passed(empty: Emulator) -> None:
    report = run(empty)
    assert report, str(report)
    reasons = {found.operation: found.reason for found in report.unchecked}
    assert reasons["GET /api/jobs/{job_id}"] == "there are no jobs"
    assert reasons["GET /api/view"] == "no finished job has a file"
    assert reasons["GET /api/history_v2/{prompt_id}"] == "the history is empty"
    assert reasons["GET /api/history"] == "the server returned 404"
    assert reasons["POST /api/prompt"].startswith("it writes")
    assert reasons["GET /api/assets/remote-metadata"].endswith("(remote_url)")
    assert not reasons.keys() & set(report.checked)


def test_writing_leaves_no_trace_and_submits_nothing(demo: Emulator) -> None:
    def state() -> dict[str, Any]:
        import httpx

        with httpx.Client(base_url=demo.url, headers={"X-API-Key": demo.key}) as http:
            assets = http.get("/api/assets", params={"limit": 500, "include_public": "false"}).json()
            files = http.get("/api/userdata", params={"dir": "/", "recurse": "true"})
            return {
                "assets": sorted(asset["id"] for asset in assets["assets"]),
                "total": assets["total"],
                "files": files.text,
                "jobs": http.get("/api/jobs", params={"limit": 1000}).json()["jobs"],
                "queue": http.get("/api/queue").json(),
            }

    before = state()
    sent = len(demo.requests)
    report = run(demo, read_only=False)
    paths = {(request.method, request.path) for request in demo.requests[sent:]}
    assert state() == before
    assert report, str(report)
    assert len(report.checked) >= 41
    assert ("POST", "/api/prompt") not in paths
    assert ("POST", "/api/interrupt") not in paths
    assert not demo.submissions
    reasons = {found.operation: found.reason for found in report.unchecked}
    assert "submit=True" in reasons["POST /api/prompt"]
    assert "all running jobs" in reasons["POST /api/interrupt"]
    assert reasons["POST /api/jobs/{job_id}/cancel"].startswith(
        "only asked for something that does not exist"
    )


def test_submitting_follows_a_job_and_removes_it(empty: Emulator) -> None:
    report = run(empty, read_only=False, submit=True, sleep=lambda seconds: None)
    assert report, str(report)
    assert {"POST /api/prompt", "DELETE /api/jobs/{job_id}", "GET /api/view"} <= set(report.checked)
    assert len(empty.submissions) == 1
    assert len(empty.store) == 0


def test_a_remote_address_is_asked_for_when_it_is_given(demo: Emulator) -> None:
    report = run(demo, remote_url="https://huggingface.co/a/b/resolve/main/model.safetensors")
    asked = [request for request in demo.requests if request.path == "/api/assets/remote-metadata"]
    assert [request.query[0][0] for request in asked if "x-api-key" in request.headers] == ["url"]
    assert report, str(report)


# The quirks of the published contract


def test_the_published_contract_deviates(empty: Emulator) -> None:
    with Emulator(seed_data="demo", quirks="published") as emulator:
        report = run(emulator, read_only=False)
    assert [(found.operation, found.path, found.seen) for found in report] == [
        ("GET /api/history", "status", "405"),
        ("GET /api/jobs", "jobs[].create_time", "a number of seconds"),
        ("GET /api/jobs/{job_id}", "create_time", "a number of seconds"),
        ("GET /api/assets/{id}/content", "status", "404"),
        ("GET /api/tasks", "status", "404"),
        ("POST /api/jobs/cancel", "status", "405"),
        ("DELETE /api/jobs/{job_id}", "status", "405"),
    ]
