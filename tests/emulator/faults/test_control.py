"""The emulator's own routes: scripting faults and reading requests over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator, Fault

FAULTS = "/_emulator/faults"
REQUESTS = "/_emulator/requests"


@pytest.fixture
def outside(client: httpx.Client) -> httpx.Client:
    """A client without a key."""
    del client.headers["X-API-Key"]
    return client


def test_faults_are_added_and_removed(emulator: Emulator, outside: httpx.Client) -> None:
    data: list[dict[str, Any]] = [
        {
            "kind": "status",
            "status": 503,
            "times": 2,
            "path": "/api/*",
            "retry_after": 1,
            "body": {"error": "x"},
        },
        {"kind": "retired", "path": "/api/jobs", "status": 410},
    ]
    response = outside.post(FAULTS, json=data)
    assert (response.status_code, response.json()) == (201, {"added": 2, "ids": [1, 2]})
    # A retired path has times null: no limit.
    assert outside.get(FAULTS).json() == {
        "faults": [data[0], data[1] | {"times": None}],
        "pending": [
            {"id": 1, "skips_left": 0, "hits_left": 2},
            {"id": 2, "skips_left": 0, "hits_left": None},
        ],
    }
    assert [outside.get("/api/jobs").status_code for _ in range(3)] == [503, 503, 410]
    assert outside.delete(FAULTS).status_code == 204
    assert outside.get(FAULTS).json() == {"faults": [], "pending": []}
    assert outside.get("/api/jobs").status_code == 401


def test_a_single_fault_needs_no_list(emulator: Emulator, outside: httpx.Client) -> None:
    assert outside.post(FAULTS, json={"kind": "drift", "insert": 2}).json() == {"added": 1, "ids": [1]}
    assert emulator.faults.pending() == [Fault.drift(insert=2)]


def test_faults_may_be_text_as_in_the_command(emulator: Emulator, outside: httpx.Client) -> None:
    assert outside.post(FAULTS, json="503 x2 GET /api/jobs retry-after=5").status_code == 201
    assert outside.post(FAULTS, json=["reset", {"kind": "cut"}]).json()["added"] == 2
    assert emulator.faults.pending() == [
        Fault.status_burst(503, times=2, method="GET", path="/api/jobs", retry_after=5),
        Fault.reset(),
        Fault.cut(),
    ]
    refused = outside.post(FAULTS, json="reset sometimes")
    assert (refused.status_code, len(emulator.faults)) == (400, 3)
    assert "'sometimes' is not valid in a fault" in refused.json()["message"]
    for twice, name in (("reset x1 x2", "times"), ("delay 1s 2s", "seconds"), ("503 504", "status")):
        refused = outside.post(FAULTS, json=twice)
        assert (refused.status_code, len(emulator.faults)) == (400, 3)
        assert f"gives {name} twice" in refused.json()["message"]


def test_faults_of_the_storage(emulator: Emulator, outside: httpx.Client) -> None:
    assert outside.post("/_emulator/file_faults", json="403 x1").status_code == 201
    assert emulator.file_faults.pending() == [Fault.status_burst(403)]
    assert len(emulator.faults) == 0
    assert outside.delete("/_emulator/file_faults/1").status_code == 204


def test_listed_faults_can_be_added_again(emulator: Emulator, outside: httpx.Client) -> None:
    faults = [
        Fault.status_burst(502, times=None, method="POST", body="text", content_type="text/plain"),
        Fault.delay(1.5, after=3),
        Fault.cut(10),
        Fault.html(200),
        Fault.garbage(),
        Fault.reset(path="/api/jobs/*"),
        Fault.retired("/x", 501),
    ]
    emulator.faults.add(*faults)
    data = outside.get(FAULTS).json()["faults"]
    emulator.faults.clear()
    assert outside.post(FAULTS, json=data).status_code == 201
    assert emulator.faults.pending() == faults


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (b"{", "unexpected end"),
        (b"3", "kind"),
        (b"{}", "kind"),
        (b'{"kind": "explosion"}', "use one of"),
        (b'{"kind": "status", "staus": 1}', "known fields"),
        (b'{"kind": "status", "status": "500"}', "status: wrong type str"),
        (b'{"kind": "status", "times": true}', "times: wrong type bool"),
        (b'{"kind": "drift", "mutate": "x"}', "unknown field 'mutate'"),
        (b'[{"kind": "reset"}, {"kind": "drift"}]', "insert, delete or mutate"),
    ],
)
def test_invalid_faults_are_refused_and_none_is_added(
    emulator: Emulator, outside: httpx.Client, body: bytes, hint: str
) -> None:
    response = outside.post(FAULTS, content=body)
    assert response.status_code == 400
    assert hint in response.json()["message"]
    assert len(emulator.faults) == 0


def test_faults_do_not_hit_the_control_routes(emulator: Emulator, outside: httpx.Client) -> None:
    emulator.faults.add(Fault.status_burst(500, times=None))
    assert outside.get(FAULTS).status_code == 200


@pytest.mark.beyond_contract
def test_requests_are_listed_without_secrets(emulator: Emulator, client: httpx.Client) -> None:
    client.post("/api/queue?token=secret-1&a=1", json={"clear": True}, headers={"Cookie": "id=secret-2"})
    client.get("/api/user", headers={"Authorization": "Bearer secret-3"})
    response = client.get(REQUESTS)
    first, second = response.json()["requests"]
    assert (first["method"], first["path"], first["status"], first["fault"]) == (
        "POST",
        "/api/queue",
        200,
        None,
    )
    assert first["query"] == [["token", "[REDACTED]"], ["a", "1"]]
    assert first["body"] == '{"clear":true}'
    assert first["headers"]["x-api-key"] == second["headers"]["authorization"] == "[REDACTED]"
    assert emulator.key not in response.text
    assert "secret" not in response.text
    assert client.delete(REQUESTS).status_code == 204
    assert client.get(REQUESTS).json() == {"requests": []}
    assert emulator.requests == []


def test_unknown_control_routes_respond_in_json(outside: httpx.Client) -> None:
    assert outside.get("/_emulator/nothing").json()["code"] == "NOT_FOUND"
    assert outside.put(FAULTS).status_code == 405
