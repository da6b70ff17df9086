"""Contract runs over servers that break the contract: each deviation is found, with its path."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from comfy_cloud import Deviation
from comfy_cloud_emulator import Emulator, Fault

from .deviating_server import Asked, Reply, Tamper, tampered
from .runs import run

# A run asks for missing things, and with wrong keys: the suite's checker would report its requests.
pytestmark = pytest.mark.beyond_contract


def at(path: str, change: Callable[[Any], object], method: str = "GET") -> Tamper:
    """Change the JSON of good responses to a path, or to all that begin so if it ends with *."""

    def tamper(asked: Asked, reply: Reply) -> None:
        fits = asked.path.startswith(path[:-1]) if path.endswith("*") else asked.path == path
        if fits and asked.method == method and reply.status < 300:
            value = reply.json
            changed = change(value)
            reply.json = value if changed is None else changed

    return tamper


def reply_to(path: str, **changes: Any) -> Tamper:
    """Change status, headers or content of good responses to a path."""

    def tamper(asked: Asked, reply: Reply) -> None:
        if asked.path == path and reply.status < 400:
            for name, value in changes.items():
                setattr(reply, name, value(reply) if callable(value) else value)

    return tamper


def some_quick(names: Iterable[str]) -> list[Any]:
    """Every third case is quick: each is a run over a whole server."""
    return [
        pytest.param(name, marks=[pytest.mark.slow] if place % 3 else []) for place, name in enumerate(names)
    ]


def let_in(asked: Asked, reply: Reply) -> None:
    if reply.status == 401 and asked.path == "/api/user":
        reply.status, reply.content = 200, b'{"status": "active"}'


def let_wrong_key_in(asked: Asked, reply: Reply) -> None:
    if "x-api-key" in asked.headers:
        let_in(asked, reply)


def found_all(asked: Asked, reply: Reply) -> None:
    if reply.status == 404 and asked.path.startswith("/api/jobs/") and asked.path.count("/") == 3:
        reply.status, reply.content = (
            200,
            json.dumps({"id": asked.path.rpartition("/")[2], "status": "pending"}).encode(),
        )


def to_itself(asked: Asked, reply: Reply) -> None:
    if "location" in reply.headers:
        reply.headers["location"] = "/api/user"


def without_location(asked: Asked, reply: Reply) -> None:
    reply.headers.pop("location", None)


def lost_content(asked: Asked, reply: Reply) -> None:
    if asked.method == "HEAD" and reply.status == 200:
        reply.status = 404


def endless(asked: Asked, reply: Reply) -> None:
    if asked.path == "/api/history_v2" and "offset=100000000" in asked.target:
        reply.json = {"history": [{"prompt_id": "x"}]}


def deaf_to_offset(asked: Asked, reply: Reply) -> None:
    if asked.path == "/api/jobs" and asked.target.endswith("limit=1&offset=1"):
        reply.json = {
            **reply.json,
            "jobs": [{"id": "0b7e7a4c-4a7e-4f0e-9b1e-1f2f3a4b5c6d", "status": "completed"}],
        }


WORDS = "one of pending, in_progress, completed, failed, cancelled"


def of_first(path: str, name: str, **changes: Any) -> Tamper:
    """Change fields of the first item of a list."""
    return at(path, lambda value: value[name][0].update(changes))


def without_first_id(value: Any) -> None:
    del value["jobs"][0]["id"]


def in_seconds(value: Any) -> None:
    for job in value["jobs"]:
        job["create_time"] //= 1000


DEVIATING: dict[str, tuple[Tamper, tuple[str, str, str, str]]] = {
    "an unknown enum value": (
        of_first("/api/jobs", "jobs", status="success"),
        ("GET /api/jobs", "jobs[].status", WORDS, "'success'"),
    ),
    "a missing field": (
        at("/api/jobs", without_first_id),
        ("GET /api/jobs", "jobs[].id", "a field that is always there", "nothing"),
    ),
    "a null": (
        of_first("/api/jobs", "jobs", create_time=None),
        ("GET /api/jobs", "jobs[].create_time", "a whole number", "null"),
    ),
    "another type": (
        of_first("/api/history_v2", "history", outputs=[]),
        ("GET /api/history_v2", "history[].outputs", "an object", "a list"),
    ),
    "text instead of a number": (
        at("/api/prompt", lambda value: {"exec_info": {"queue_remaining": "my secret plan"}}),
        ("GET /api/prompt", "exec_info.queue_remaining", "a whole number", "text"),
    ),
    "an instant in another form": (
        at("/api/job/*", lambda value: value.update(created_at="2026-11-23 12:00")),
        (
            "GET /api/job/{job_id}/status",
            "created_at",
            "an instant as in RFC 3339",
            "text like '9999-99-99 99:99'",
        ),
    ),
    "an id that is not a UUID": (
        of_first("/api/jobs", "jobs", id="job 7"),
        ("GET /api/jobs", "jobs[].id", "a UUID", "text like 'aaa 9'"),
    ),
    "seconds": (
        at("/api/jobs", in_seconds),
        ("GET /api/jobs", "jobs[].create_time", "milliseconds since 1970", "a number of seconds"),
    ),
    "the oldest first": (
        at("/api/history_v2", lambda value: {"history": value["history"][::-1]}),
        ("GET /api/history_v2", "history[].create_time order", "newest first", "another order"),
    ),
    "a wrong has_more": (
        at("/api/jobs", lambda value: value["pagination"].update(has_more=False)),
        (
            "GET /api/jobs",
            "pagination.has_more",
            "whether there is more than this page",
            "false, with 5 of 300",
        ),
    ),
    "a wrong limit": (
        at("/api/jobs", lambda value: value["pagination"].update(limit=100)),
        ("GET /api/jobs", "pagination.limit", "5, as asked for", "100"),
    ),
    "a page that is too long": (
        at(
            "/api/tags",
            lambda value: value.update(
                tags=[{"name": str(n), "count": 1, "type": "user"} for n in range(9)], total=9
            ),
        ),
        ("GET /api/tags", "tags length", "5 at most, as asked for", "9"),
    ),
    "a list without end": (
        endless,
        ("GET /api/history_v2", "history length", "0 behind the end of the list", "1"),
    ),
    "an offset that is ignored": (
        deaf_to_offset,
        ("GET /api/jobs", "jobs[].id with offset", "the second element with offset=1", "another one"),
    ),
    "another job than the one asked for": (
        at("/api/jobs/*", lambda value: value.update(id="0b7e7a4c-4a7e-4f0e-9b1e-1f2f3a4b5c6d")),
        ("GET /api/jobs/{job_id}", "id", "the id that was asked for", "another one"),
    ),
    "missing jobs that are found": (
        found_all,
        ("GET /api/jobs/{job_id}", "status", "404 for an id that does not exist", "200"),
    ),
    "no key needed": (let_in, ("GET /api/user", "status", "401 without a key", "200")),
    "a wrong key accepted": (let_wrong_key_in, ("GET /api/user", "status", "401 with a wrong key", "200")),
    "a redirect to itself": (
        to_itself,
        ("GET /api/view", "header Location", "an address of another origin", "one of the server itself"),
    ),
    "a redirect without Location": (
        without_location,
        ("GET /api/view", "header Location", "a header that is always there", "nothing"),
    ),
    "missing content": (
        lost_content,
        ("HEAD /api/assets/hash/{hash}", "status", "what a list has shown", "404"),
    ),
    "an undocumented status": (
        reply_to("/api/user", status=418),
        ("GET /api/user", "status", "200 or 401", "418"),
    ),
    "JSON with another Content-Type": (
        reply_to("/api/user", headers={"content-type": "text/html"}),
        ("GET /api/user", "header Content-Type", "application/json", "text/html"),
    ),
    "JSON that is cut off": (
        reply_to("/api/queue", content=lambda reply: reply.content[:13]),
        ("GET /api/queue", "body", "JSON", "13 bytes that are not JSON"),
    ),
    "JSON that is nested too deeply": (
        reply_to("/api/queue", content=b"[" * 100_000),
        ("GET /api/queue", "body", "JSON", "100000 bytes that are not JSON"),
    ),
}


def batches() -> list[list[str]]:
    """The deviations, shared out among few runs: those of one operation are in different ones."""
    found: list[list[str]] = []
    for name, (_, expected) in DEVIATING.items():
        for batch in found:
            if expected[0] not in {DEVIATING[other][1][0] for other in batch}:
                batch.append(name)
                break
        else:
            found.append([name])
    return found


@pytest.mark.parametrize("names", batches(), ids=lambda names: names[0])
def test_deviations_are_found(names: list[str], shared: Emulator) -> None:
    def tamper(asked: Asked, reply: Reply) -> None:
        for name in names:
            DEVIATING[name][0](asked, reply)

    with tampered(shared, tamper) as server:
        report = run(shared, server.url, sleep=lambda seconds: None)
    found = {(d.operation, d.path, d.expected, d.seen) for d in report}
    assert not report
    for name in names:
        expected = DEVIATING[name][1]
        assert expected in found, f"{name}: {report}"
        assert f"{expected[0]} {expected[1]}: expected {expected[2]}; seen {expected[3]}" in str(report)
    assert "secret plan" not in str(report)


def test_equal_times_are_in_order(shared: Emulator) -> None:
    def at_once(value: Any) -> None:
        for job in value["jobs"]:
            job["create_time"] = 1_795_000_000_000

    with tampered(shared, at("/api/jobs", at_once)) as server:
        report = run(shared, server.url)
    assert [d.path for d in report if d.path.endswith("order")] == []


def test_a_list_that_shifts_during_the_run_does_not_deviate(shared: Emulator) -> None:
    """A job that arrives between two requests is not a deviation: they are sent once more."""
    shifts: list[Asked] = []

    def shift_once(asked: Asked, reply: Reply) -> None:
        if not shifts and asked.target == "/api/jobs?limit=1&offset=1":
            deaf_to_offset(asked, reply)
            shifts.append(asked)

    with tampered(shared, shift_once) as server:
        report = run(shared, server.url)
    assert len(shifts) == 1
    assert report, str(report)


def test_a_job_that_does_not_end_is_cancelled(empty: Emulator) -> None:
    def never_end(asked: Asked, reply: Reply) -> None:
        if asked.method == "GET" and asked.path.startswith("/api/jobs/") and reply.status == 200:
            reply.json = {**reply.json, "status": "in_progress"}

    waits: list[float] = []
    with tampered(empty, never_end) as server:
        report = run(empty, server.url, read_only=False, submit=True, sleep=waits.append)
        cancelled = [a for a in server.asked if a.method == "POST" and a.path.endswith("/cancel")]
    assert sum(waits) == 300
    assert ("an ended job within 300 seconds", "in_progress") in {(d.expected, d.seen) for d in report}
    (job,) = empty.submissions
    assert f"/api/jobs/{job.prompt_id}/cancel" in [asked.path for asked in cancelled]


def changed_if(fits: Callable[[Asked, Reply], bool], **changes: Any) -> Tamper:
    """Change the responses that a condition chooses."""

    def tamper(asked: Asked, reply: Reply) -> None:
        if fits(asked, reply):
            for name, value in changes.items():
                setattr(reply, name, value)

    return tamper


def is_written_file(asked: Asked, reply: Reply) -> bool:
    return asked.method == "GET" and asked.path.startswith("/api/userdata/contract-run")


WRITTEN: dict[str, tuple[Tamper, tuple[str, str]]] = {
    "an asset that is not deleted": (
        changed_if(
            lambda asked, reply: asked.method == "DELETE" and "/assets/" in asked.path,
            status=204,
            content=b"",
        ),
        ("GET /api/assets/{id}", "status"),
    ),
    "a name that is not changed": (
        at("/api/assets/*", lambda value: value.update(name="old")),
        ("PUT /api/assets/{id}", "name"),
    ),
    "a file that is overwritten": (
        changed_if(
            lambda asked, reply: reply.status == 409,
            status=200,
            json="a.json",
            headers={"content-type": "application/json"},
        ),
        ("POST /api/userdata/{file}", "status"),
    ),
    "other bytes than were written": (
        changed_if(is_written_file, content=b"x"),
        ("GET /api/userdata/{file}", "body"),
    ),
    "a tag that is lost": (
        at(
            "/api/assets/*",
            lambda value: value.update(total_tags=[]) if "total_tags" in value else None,
            "POST",
        ),
        ("POST /api/assets/{id}/tags", "total_tags"),
    ),
    "content that is not known again": (
        at("/api/assets", lambda value: value.update(created_new=True), "POST"),
        ("POST /api/assets", "created_new"),
    ),
}


@pytest.mark.parametrize("name", some_quick(WRITTEN))
def test_a_deviation_of_a_write(name: str, demo: Emulator) -> None:
    tamper, expected = WRITTEN[name]
    if name == "an asset that is not deleted":
        # The emulator must not delete it either.
        demo.faults.add(Fault("status", status=500, method="DELETE", path="/api/assets/*", times=None))
    with tampered(demo, tamper) as server:
        report = run(demo, server.url, read_only=False, sleep=lambda seconds: None)
    assert expected in {(d.operation, d.path) for d in report}, str(report)


def test_other_content_behind_a_signed_address(demo: Emulator) -> None:
    demo.file_faults.add(Fault("garbage", body=b"other content", times=None))
    report = run(demo, read_only=False)
    assert ("GET /api/view", "body") in {(d.operation, d.path) for d in report}


def test_a_storage_that_refuses(demo: Emulator) -> None:
    demo.file_faults.add(Fault("status", status=403, times=None))
    report = run(demo)
    found = [(d.operation, d.path, d.expected, d.seen) for d in report]
    assert found == [
        (f"GET {path}", "storage status", "200 or 206 without any key", "403")
        for path in ("/api/assets/{id}/content", "/api/view")
    ]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("http://[", "an http(s) address"),
        ("ftp://127.0.0.1/x", "an http(s) address"),
        ("http://127.0.0.1:99999/", "an http(s) address"),
        # httpx itself stumbles over these two.
        ("http://127.0.0.1:x/", "an http(s) address"),
        ("http://xn--/", "a response without any key"),
    ],
)
def test_a_redirect_to_an_unusable_address(location: str, expected: str, shared: Emulator) -> None:
    def mislead(asked: Asked, reply: Reply) -> None:
        if "location" in reply.headers:
            reply.headers["location"] = location

    with tampered(shared, mislead) as server:
        report = run(shared, server.url)
    found = {(d.operation, d.expected) for d in report}
    assert ("GET /api/view", expected) in found
    assert "GET /api/view" in report.checked


def test_the_same_deviation_is_counted(demo: Emulator) -> None:
    def tamper(asked: Asked, reply: Reply) -> None:
        if asked.path == "/api/jobs" and reply.status == 200:
            reply.json = {**reply.json, "jobs": [{**job, "status": "odd"} for job in reply.json["jobs"]]}

    with tampered(demo, tamper) as server:
        report = run(demo, server.url)
    (found,) = [d for d in report if d.kind == "unknown word"]
    assert isinstance(found, Deviation)
    assert found.count > 10
