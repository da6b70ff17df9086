"""Contract runs and trouble: keys never leak; servers are slow, silent, gone, or send nonsense."""

from __future__ import annotations

import random
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, ConnectionFailed
from comfy_cloud.contract import run_contract
from comfy_cloud.contract._documents.release import merged_contract
from comfy_cloud_emulator import Emulator, Fault

from .deviating_server import Asked, Reply, tampered
from .runs import run

# A run asks for missing things, and with wrong keys: the suite's checker would report its requests.
pytestmark = pytest.mark.beyond_contract


# Keys


KEY = "comfyui-0123456789abcdef-secret"


@pytest.mark.parametrize("secret", [KEY, "a-key-of-another-form-01"])
def test_the_key_goes_to_its_own_origin_and_into_no_report(secret: str) -> None:
    def echo(asked: Asked, reply: Reply) -> None:
        key = asked.headers.get("x-api-key", "none")
        if asked.path == "/api/user":
            reply.json = {"status": key, key: key}
        elif asked.path == "/api/queue":
            reply.headers["content-type"] = f"application/{key}"
        elif asked.path == "/api/jobs":
            reply.json = {"jobs": [{"id": key, "status": key}], "pagination": {key: key}}
        elif "location" in reply.headers:
            reply.headers["location"] += f"&key={key}"

    with Emulator(key=secret, seed_data="demo") as emulator, tampered(emulator, echo) as server:
        report = run(emulator, server.url)
        leaks = emulator.leaks
    assert not report
    assert secret not in str(report) + repr(report)
    assert ("GET /api/assets/{id}/content", "an address without the key") in {
        (d.operation, d.expected) for d in report
    }
    assert not leaks
    assert {asked.headers.get("x-api-key") for asked in server.asked} == {
        secret,
        None,
        "comfyui-contract-run-wrong-key",
    }
    public = [asked for asked in server.asked if asked.path in ("/api/system_stats", "/api/global_subgraphs")]
    assert public
    assert all("x-api-key" not in asked.headers for asked in public)


def test_without_a_key_what_needs_one_is_not_checked(demo: Emulator) -> None:
    report = run(demo, api_key=None)
    assert report, str(report)
    assert not report.was_let_in
    statuses = {found.operation: found.status for found in report.unchecked}
    assert statuses["GET /api/user"] == 401
    assert "GET /api/system_stats" in report.checked
    assert all("x-api-key" not in request.headers for request in demo.requests)


# Servers in trouble


@pytest.mark.parametrize("status", [500, 503])
def test_a_failed_request_is_retried_and_its_response_is_checked(demo: Emulator, status: int) -> None:
    waits: list[float] = []
    demo.faults.add(Fault("status", status=status, retry_after=3, path="/api/user", times=1))
    report = run(demo, sleep=waits.append)
    assert waits == [3.0]
    assert [(d.path, d.seen) for d in report] == [("status", str(status))]
    assert "GET /api/user" in report.checked


def test_a_request_is_sent_three_times_at_most(demo: Emulator) -> None:
    waits: list[float] = []
    demo.faults.add(Fault("status", status=503, path="/api/user", times=None))
    report = run(demo, sleep=waits.append)
    assert len([request for request in demo.requests if request.path == "/api/user"]) == 3
    assert len(waits) == 2
    assert all(0 <= wait <= 1 for wait in waits)
    assert [(d.path, d.seen, d.count) for d in report] == [("status", "503", 3)]


@pytest.mark.parametrize(("status", "times"), [(429, 2), (503, 1)])
def test_a_post_is_repeated_only_if_the_server_surely_refused_it(
    demo: Emulator, status: int, times: int
) -> None:
    demo.faults.add(Fault("status", status=status, method="POST", path="/api/upload/image", times=1))
    run(demo, read_only=False, sleep=lambda seconds: None)
    assert len([request for request in demo.requests if request.path == "/api/upload/image"]) == times


def test_a_long_retry_after_is_not_waited_for(demo: Emulator) -> None:
    demo.faults.add(Fault("status", status=503, retry_after=16, path="/api/user", times=None))
    report = run(demo)
    reasons = {found.operation: found.reason for found in report.unchecked}
    assert reasons["GET /api/user"] == "the server returned 503"


def address(emulator: Emulator) -> str:
    return emulator.url.removeprefix("http://")


def test_a_server_that_falls_silent(demo: Emulator) -> None:
    demo.faults.add(Fault("reset", after=1, times=None))
    report = run(demo, sleep=lambda seconds: None)
    reasons = [found.reason for found in report.unchecked]
    assert "the server has fallen silent" in reasons
    assert f"no response: the connection to {address(demo)} was lost: ReadError" in reasons
    assert len(demo.requests) == 7
    assert report.checked == ("GET /api/user",)


def test_a_server_that_is_silent_now_and_then(demo: Emulator) -> None:
    for path in ("/api/features", "/api/prompt", "/api/queue"):
        demo.faults.add(Fault("reset", path=path, times=None))
    report = run(demo, sleep=lambda seconds: None)
    assert "GET /api/jobs" in report.checked
    reasons = {found.operation: found.reason for found in report.unchecked}
    lost = f"no response: the connection to {address(demo)} was lost: ReadError"
    assert reasons["GET /api/queue"] == lost


def test_a_server_that_is_not_there() -> None:
    with Emulator() as emulator:
        url = emulator.url
    with pytest.raises(ConnectionFailed, match=f"{url} does not respond"):
        run_contract(url, sleep=lambda seconds: None)


def test_settings_that_are_not_valid() -> None:
    with pytest.raises(ConfigurationError, match="submit=True requires read_only=False"):
        run_contract("http://127.0.0.1:1", submit=True)
    with pytest.raises(ConfigurationError, match="unencrypted"):
        run_contract("http://example.com", api_key=KEY)


def test_another_contract(demo: Emulator) -> None:
    contract = merged_contract()
    contract["paths"]["/api/user"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {
        "type": "object", "required": ["shoe_size"],
    }  # fmt: skip
    report = run(demo, contract=contract)
    assert [(d.operation, d.path) for d in report] == [("GET /api/user", "shoe_size")]


@pytest.mark.parametrize(
    ("id", "reason"),
    [
        ("..", "what leads to it has no id"),
        ("\ud800", "what leads to it is not valid text"),
        ("x" * 70_000, "its address is not valid: URL too long"),
    ],
)
def test_an_id_that_no_request_can_have(id: str, reason: str, demo: Emulator) -> None:
    def tamper(asked: Asked, reply: Reply) -> None:
        if asked.path == "/api/jobs" and reply.status == 200:
            reply.json = {**reply.json, "jobs": [{**job, "id": id} for job in reply.json["jobs"]]}

    with tampered(demo, tamper) as server:
        report = run(demo, server.url)
    reasons = {found.operation: found.reason for found in report.unchecked}
    assert reasons["GET /api/jobs/{job_id}"] == reason


@pytest.mark.parametrize("seed", range(8))
def test_no_response_makes_a_run_fail(seed: int, empty: Emulator) -> None:
    chance = random.Random(seed)

    def value(depth: int = 0) -> Any:
        names = [
            "jobs", "history", "assets", "id", "prompt_id", "tags", "pagination", "name", "path", "total",
            "has_more", "next_cursor", "status", "hash", "outputs", "create_time", "filename", "tasks",
            "queue_running",
        ]  # fmt: skip
        kinds = (
            ["null", "number", "text", "word", "list", "object"] if depth < 4 else ["null", "number", "word"]
        )
        match chance.choice(kinds):
            case "null":
                return None
            case "number":
                return chance.choice([0, -1, 1.5, 2**70, True])
            case "text":
                return chance.choice(["", ".", "..", "a/b", "ü\u0000", "\ud800", "x" * 500])
            case "word":
                return chance.choice(
                    ["completed", "blake3:" + "0" * 64, "http://[", "0b7e7a4c-4a7e-4f0e-9b1e-1f2f3a4b5c6d"]
                )
            case "list":
                return [value(depth + 1) for _ in range(chance.randrange(4))]
            case _:
                return {name: value(depth + 1) for name in chance.sample(names, 6)}

    def tamper(asked: Asked, reply: Reply) -> None:
        reply.status = chance.choice([200, 200, 200, 302, 404, 500])
        reply.headers = {"content-type": chance.choice(["application/json", "text/html", "a" * 80])}
        if reply.status == 302 and chance.random() < 0.7:
            reply.headers["location"] = chance.choice(
                ["http://[", "ftp://x/", "//", "http://127.0.0.1:1/x", "http://x:y/", "http://xn--/", "\\"]
            )
        reply.json = value()

    with tampered(empty, tamper) as server:
        report = run(empty, server.url, read_only=False, submit=True, sleep=lambda seconds: None)
    assert not report
    assert all(d.expected and d.seen and "\n" not in str(d) for d in report)
