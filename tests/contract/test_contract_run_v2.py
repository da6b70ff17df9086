"""Contract runs over API v2: clean over an honest server; deviations, endless streams, keys."""

from __future__ import annotations

import contextlib
import http.server
import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud.contract import Report, merged_contract
from comfy_cloud.contract._documents.release import api_of
from comfy_cloud.contract._run.event_stream import events_in
from comfy_cloud_emulator import Emulator

from .deviating_server import Asked, Reply, Tamper, tampered
from .runs import run

# A run asks for missing things, and with wrong keys: the suite's checker would report its requests.
pytestmark = pytest.mark.beyond_contract

EVERYTHING: dict[str, Any] = {
    "api": "v2", "read_only": False, "submit": True, "sleep": lambda seconds: None,
}  # fmt: skip


@pytest.fixture
def quick() -> Iterator[Emulator]:
    """An emulator whose jobs end while their streams of events are read."""
    with Emulator(speed=200) as emulator:
        yield emulator


# An honest server


def test_reading_an_honest_server(demo: Emulator) -> None:
    before = (len(demo.store), len(demo.files))
    report = run(demo, api="v2")
    assert report, str(report)
    assert report.api == "v2"
    assert len(report.checked) == 7
    assert {request.method for request in demo.requests} == {"GET", "HEAD"}
    assert all(request.path.startswith("/api/v2/") for request in demo.requests)
    assert not any("x-api-key" in request.headers for request in demo.requests)
    assert {request.headers.get("authorization") for request in demo.requests} == {
        f"Bearer {demo.key}",
        "Bearer comfyui-contract-run-wrong-key",
        None,
    }
    assert (len(demo.store), len(demo.files)) == before
    assert not demo.leaks


def assets_of(emulator: Emulator) -> list[str]:
    with httpx.Client(base_url=emulator.url, headers={"X-API-Key": emulator.key}, trust_env=False) as http:
        listed = http.get("/api/assets", params={"limit": 500, "include_public": "false"}).json()
    return sorted(asset["id"] for asset in listed["assets"])


def test_writing_leaves_no_asset_and_submits_nothing(demo: Emulator) -> None:
    before = assets_of(demo)
    report = run(demo, api="v2", read_only=False)
    assert report, str(report)
    assert len(report.checked) == 10
    assert not demo.submissions
    assert assets_of(demo) == before
    reasons = {found.operation: found.reason for found in report.unchecked}
    assert "submit=True" in reasons["POST /api/v2/jobs"]
    assert reasons["POST /api/v2/jobs/{id}/cancel"].endswith("the server responded with 404")


def test_submitting_asks_for_every_operation(quick: Emulator) -> None:
    report = run(quick, **EVERYTHING)
    assert report, str(report)
    assert report.unchecked == ()
    assert len(report.checked) == 12
    assert len(quick.store) == 1


def test_without_lists_of_jobs_nothing_leads_to_one(demo: Emulator) -> None:
    def lack(asked: Asked, reply: Reply) -> None:
        if asked.path == "/api/v2/jobs" and asked.method == "GET":
            reply.status = 501
            reply.json = {"error": {"code": "not_implemented", "message": "no lists"}}

    with tampered(demo, lack) as server:
        report = run(demo, server.url, api="v2")
    assert report, str(report)
    reasons = {found.operation: found.reason for found in report.unchecked}
    assert reasons["GET /api/v2/jobs"] == "the server returned 501"
    assert reasons["GET /api/v2/jobs/{id}"].endswith("lists what it needs, and the server returned 501")


# Which API


def test_the_contract_decides_which_api_is_asked(demo: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(demo, contract=merged_contract("v2")).api == "v2"
    assert run(demo, contract=merged_contract("v1")).api == "v1"
    assert api_of({"paths": {}}) == "v1"
    monkeypatch.setenv("COMFY_CLOUD_API", "v2")
    assert run(demo).api == "v2"
    assert run(demo, api="v1").api == "v1"
    with pytest.raises(ConfigurationError, match="remote_url is for version 1"):
        run(demo, api="v2", remote_url="https://example.com/a")


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_a_contract_of_one_operation(demo: Emulator, api: Any) -> None:
    contract = merged_contract(api)
    path = {"v1": "/api/user", "v2": "/api/v2/jobs"}[api]
    contract["paths"] = {path: contract["paths"][path]}
    report = run(demo, contract=contract, api=api, read_only=False)
    assert report, str(report)
    assert report.checked == (f"GET {path}",)


# Servers that break the contract


def at(method: str, path: str, change: Callable[[Any], object]) -> Tamper:
    def tamper(asked: Asked, reply: Reply) -> None:
        ends = asked.path.endswith(path[1:]) if path.startswith("*") else asked.path == path
        if ends and asked.method == method and reply.status < 300:
            value = reply.json
            change(value)
            reply.json = value

    return tamper


class KeyTaker:
    """A server that takes an Idempotency-Key any number of times."""

    def __init__(self, path: str, status: int, code: str = "") -> None:
        self._path, self._status, self._code = path, status, code
        self._first: dict[str, bytes] = {}

    def __call__(self, asked: Asked, reply: Reply) -> None:
        key = asked.headers.get("idempotency-key")
        if asked.path != self._path or asked.method != "POST" or key is None:
            return
        if reply.status < 300:
            self._first[key] = reply.content
        elif reply.json["error"]["code"] == "idempotency_key_reuse":
            reply.status = self._status
            if self._code:
                reply.json = {"error": {"code": self._code, "message": "used"}}
            else:
                reply.content = self._first[key]


@pytest.mark.parametrize(
    ("tamper", "operation", "path", "seen"),
    [
        (KeyTaker("/api/v2/jobs", 201), "POST /api/v2/jobs", "status", "201"),
        (KeyTaker("/api/v2/assets", 200), "POST /api/v2/assets", "status", "200"),
        (KeyTaker("/api/v2/jobs", 422, "conflict"), "POST /api/v2/jobs", "422 error.code", "conflict"),
        (at("POST", "/api/v2/assets", lambda asset: asset.update(created_new=True)),
         "POST /api/v2/assets", "created_new", "another response"),
        (at("GET", "/api/v2/jobs", lambda page: page["jobs"].clear()),
         "GET /api/v2/jobs", "jobs[].id", "nothing of it"),
        (at("POST", "*/cancel", lambda job: job.update(status="canceled")),
         "POST /api/v2/jobs/{id}/cancel", "status", "another one"),
        (at("GET", "*/workflow", lambda found: found["workflow"].clear()),
         "GET /api/v2/jobs/{id}/workflow", "workflow", "nothing of it"),
    ],
)  # fmt: skip
def test_deviations_are_found(tamper: Tamper, operation: str, path: str, seen: str, quick: Emulator) -> None:
    with tampered(quick, tamper) as server:
        report = run(quick, server.url, **EVERYTHING)
    assert (operation, path, seen) in {(found.operation, found.path, found.seen) for found in report}, report


# Events


def events(*parts: tuple[str, object]) -> bytes:
    return b"".join(b"event: %b\ndata: %b\n\n" % (n.encode(), json.dumps(v).encode()) for n, v in parts)


DONE = ("status", {"status": "succeeded"})
RUNNING = ("status", {"status": "running"})
AHEAD = ("progress", {"value": 2, "nodes_done": 1, "nodes_total": 1})


@pytest.mark.parametrize(
    ("content", "path", "seen"),
    [
        (events(DONE), None, None),
        (events(DONE, RUNNING), "event status status", "another one"),
        (b"", "event status status", "nothing"),
        (events(("rumour", {}), DONE), "event rumour", "rumour"),
        (events(AHEAD, DONE), "event progress value", "the number 2"),
        (events(("progress", {"value": 1, "nodes_total": 1}), DONE), "event progress nodes_done", "nothing"),
        (b"event: output\ndata: {\n\n" + events(DONE), "event output", "1 bytes that are not JSON"),
        (b": hello\r\rdata: \xff\n\n" + events(DONE), "event message", "message"),
    ],
)  # fmt: skip
def test_events_are_held_to_the_contract(
    demo: Emulator, content: bytes, path: str | None, seen: str | None
) -> None:
    def tamper(asked: Asked, reply: Reply) -> None:
        if asked.path.endswith("/events") and reply.status == 200:
            reply.content = content

    def is_done(asked: Asked, reply: Reply) -> None:
        tamper(asked, reply)
        if asked.path == "/api/v2/jobs" and reply.status == 200:
            reply.json = {"jobs": [job for job in reply.json["jobs"] if job["status"] == "succeeded"]}

    with tampered(demo, is_done) as server:
        report = run(demo, server.url, api="v2")
    found = {(each.path, each.seen) for each in report if each.operation.endswith("/events")}
    assert found == (set() if path is None else {(path, seen)})


def test_events_are_read_as_the_standard_has_them() -> None:
    content = b": c\r\nevent: a\r\ndata:1\r\ndata: 2\r\n\r\ndata: x\n\nevent: b\n\nevent: cut\ndata: 3\n"
    assert list(events_in(content)) == [("a", "1\n2"), ("message", "x")]


@contextlib.contextmanager
def endless(emulator: Emulator, piece: bytes, pause: float) -> Iterator[str]:
    """A server of one ended job, whose stream of events does not end."""
    stop = threading.Event()
    (id, *_), *_ = emulator.store.read("SELECT id FROM jobs WHERE status = 'completed'", [])

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_stream = self.path.endswith(f"{id}/events")
            listed = {"jobs": [{"id": id, "status": "succeeded"}]}
            job = {"id": id, "status": "succeeded"}
            found: dict[str, Any] = listed if self.path.startswith("/api/v2/jobs?") else job
            known = is_stream or id in self.path or found is listed
            found = found if known else {"error": {"code": "not_found", "message": "none"}}
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "text/event-stream" if is_stream else "application/json")
            self.end_headers()
            if not is_stream:
                self.wfile.write(json.dumps(found).encode())
                return
            with contextlib.suppress(OSError):
                while not stop.is_set():
                    self.wfile.write(piece)
                    self.wfile.flush()
                    stop.wait(pause)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the terminal."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            stop.set()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("piece", "pause"),
    [(b": still here\n\n" * 1000, 0.0), (b": still here\n\n", 0.05), (b"", 5.0)],
    ids=["flood", "trickle", "silence"],
)
def test_a_stream_that_does_not_end(demo: Emulator, piece: bytes, pause: float) -> None:
    with endless(demo, piece, pause) as url:
        report = run(demo, url, api="v2", timeout=0.5, sleep=lambda seconds: None)
    found = {(each.path, each.seen) for each in report if each.operation.endswith("/events")}
    assert found == {("stream", "more than was read")}
    assert "GET /api/v2/jobs/{id}/events" in report.checked


# Keys


SECRET = "a+key/of-another=form"
ENCODED = "a%2Bkey%2Fof-another%3Dform"
IN_BASE64 = "a2V5LW9mLWFub3RoZXItZm9ybQ=="


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "apiKey", "in": "query", "name": "code"},
        {"type": "apiKey", "in": "cookie", "name": "session"},
        {"type": "apiKey", "in": "header", "name": "X-Studio-Key"},
        {"type": "http", "scheme": "basic"},
    ],
)
def test_the_key_is_where_the_contract_wants_it_and_never_shown(
    scheme: dict[str, Any], demo: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Asked] = []
    contract = merged_contract()
    contract["components"]["securitySchemes"] = {"own": scheme}
    contract["security"] = [{"own": []}]
    for item in contract["paths"].values():
        for entry in item.values():
            if isinstance(entry, dict) and entry.get("security"):
                entry["security"] = [{"own": []}]

    def echo(request: Asked, reply: Reply) -> None:
        asked.append(request)
        reply.status, reply.headers = 302, {"location": f"https://files.example{request.target}"}
        reply.json = {"sent": request.target, "key": SECRET}

    caplog.set_level(logging.DEBUG)
    key = SECRET if scheme.get("in") == "query" else "key-of-another-form"
    with tampered(demo, echo) as server:
        report: Report = run(demo, server.url, api_key=key, contract=contract)
    (user, *_) = (request for request in asked if request.path == "/api/user")
    sent = {
        "query": user.target,
        "cookie": user.headers.get("cookie", ""),
        "header": user.headers.get("x-studio-key", ""),
        "": user.headers.get("authorization", ""),
    }[scheme.get("in", "")]
    assert sent in (f"/api/user?code={ENCODED}", f"session={key}", key, f"Basic {IN_BASE64}")
    assert all("x-api-key" not in request.headers for request in asked)
    # The emulator logs what it received, as servers do.
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    shown = "".join((str(report), repr(report), *ours))
    assert "HTTP Request: GET" in shown
    for form in (key, ENCODED, IN_BASE64):
        assert form not in shown
