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
    """A client that has no key."""
    del client.headers["X-API-Key"]
    return client


def test_faults_come_and_go(emulator: Emulator, outside: httpx.Client) -> None:
    told: list[dict[str, Any]] = [
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
    answer = outside.post(FAULTS, json=told)
    assert (answer.status_code, answer.json()) == (201, {"added": 2})
    # A retired path is told with times null: for good.
    assert outside.get(FAULTS).json() == {"faults": [told[0], told[1] | {"times": None}]}
    assert [outside.get("/api/jobs").status_code for _ in range(3)] == [503, 503, 410]
    assert outside.delete(FAULTS).status_code == 204
    assert outside.get(FAULTS).json() == {"faults": []}
    assert outside.get("/api/jobs").status_code == 401


def test_one_fault_needs_no_list(emulator: Emulator, outside: httpx.Client) -> None:
    assert outside.post(FAULTS, json={"kind": "drift", "insert": 2}).json() == {"added": 1}
    assert emulator.faults.pending() == [Fault.drift(insert=2)]


def test_what_is_told_can_be_added_again(emulator: Emulator, outside: httpx.Client) -> None:
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
    told = outside.get(FAULTS).json()["faults"]
    emulator.faults.clear()
    assert outside.post(FAULTS, json=told).status_code == 201
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
def test_senseless_faults_are_refused_and_none_is_added(
    emulator: Emulator, outside: httpx.Client, body: bytes, hint: str
) -> None:
    answer = outside.post(FAULTS, content=body)
    assert answer.status_code == 400
    assert hint in answer.json()["message"]
    assert len(emulator.faults) == 0


def test_faults_do_not_hit_the_control_routes(emulator: Emulator, outside: httpx.Client) -> None:
    emulator.faults.add(Fault.status_burst(500, times=None))
    assert outside.get(FAULTS).status_code == 200


@pytest.mark.beyond_contract
def test_requests_are_told_without_secrets(emulator: Emulator, client: httpx.Client) -> None:
    client.post("/api/queue?token=secret-1&a=1", json={"clear": True}, headers={"Cookie": "id=secret-2"})
    client.get("/api/user", headers={"Authorization": "Bearer secret-3"})
    answer = client.get(REQUESTS)
    first, second = answer.json()["requests"]
    assert (first["method"], first["path"], first["status"], first["fault"]) == (
        "POST",
        "/api/queue",
        200,
        None,
    )
    assert first["query"] == [["token", "[REDACTED]"], ["a", "1"]]
    assert first["body"] == '{"clear":true}'
    assert first["headers"]["x-api-key"] == second["headers"]["authorization"] == "[REDACTED]"
    assert emulator.key not in answer.text
    assert "secret" not in answer.text
    assert client.delete(REQUESTS).status_code == 204
    assert client.get(REQUESTS).json() == {"requests": []}
    assert emulator.requests == []


def test_unknown_control_routes_answer_in_json(outside: httpx.Client) -> None:
    assert outside.get("/_emulator/nothing").json()["code"] == "NOT_FOUND"
    assert outside.put(FAULTS).status_code == 405
