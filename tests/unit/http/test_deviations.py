"""The list of what a client tolerated: counts, examples, limits, and what is never in it."""

from __future__ import annotations

import json
import threading
from typing import Any

import httpx
import pytest

from comfy_cloud import Deviation, Deviations
from comfy_cloud_api.api.asset import check_asset_by_hash
from comfy_cloud_api.api.file import view_file
from comfy_cloud_api.api.job import list_jobs
from comfy_cloud_api.api.model import get_model_folders
from comfy_cloud_api.api.user import get_user
from comfy_cloud_api.types import Operation

JOB = {"id": "0b7e7a4c-4a7e-4f0e-9b1e-1f2f3a4b5c6d", "status": "completed", "create_time": 1_780_000_000_000}
PAGE = {"offset": 0, "limit": 100, "total": 1, "has_more": False}


def reply(
    status: int = 200, body: object = b"", content_type: str | None = "application/json"
) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.Response(
        status, headers={"content-type": content_type} if content_type else {}, content=content
    )


def seen(found: Deviations) -> list[tuple[str, str, str, str, str, int]]:
    return [(d.operation, d.path, d.kind, d.expected, d.seen, d.count) for d in found]


def jobs(*changes: dict[str, Any]) -> Deviations:
    found = Deviations()
    value = {"jobs": [{**JOB, **change} for change in changes], "pagination": PAGE}
    found.look_at_status(list_jobs.OPERATION, reply())
    found.look_at(list_jobs.OPERATION, reply(body=value), value)
    return found


def test_an_unknown_word_is_counted_with_its_path() -> None:
    found = jobs({"status": "success"}, {}, {"status": "odd"})
    words = "one of cancelled, completed, failed, in_progress, pending"
    assert seen(found) == [("GET /api/jobs", "jobs[].status", "unknown word", words, "'success'", 2)]
    assert found.counts() == {("GET /api/jobs", "jobs[].status", "unknown word"): 2}
    assert str(found[0]) == f"GET /api/jobs jobs[].status: expected {words}; seen 'success' (2 times)"
    assert repr(found) == f"<1 deviations in 1 responses, 0 unknown fields>\n  {found[0]}"


@pytest.mark.parametrize(
    ("change", "path", "kind", "expected", "described"),
    [
        ({"create_time": None}, "jobs[].create_time", "null", "a whole number", "null"),
        ({"create_time": "secret plan"}, "jobs[].create_time", "type", "a whole number", "text"),
        ({"create_time": 1.5}, "jobs[].create_time", "type", "a whole number", "a number with a fraction"),
        ({"preview_output": []}, "jobs[].preview_output", "type", "an object", "a list"),
        (
            {"execution_error": {"traceback": "x"}},
            "jobs[].execution_error.traceback",
            "type",
            "a list",
            "text",
        ),
    ],
)
def test_what_users_wrote_is_not_kept(
    change: dict[str, Any], path: str, kind: str, expected: str, described: str
) -> None:
    found = [item for item in seen(jobs(change)) if item[2] != "missing field"]
    assert found == [("GET /api/jobs", path, kind, expected, described, 1)]


def test_a_missing_field() -> None:
    value = {"jobs": [{"id": "x"}], "pagination": PAGE}
    found = Deviations()
    found.look_at(list_jobs.OPERATION, reply(body=value), value)
    assert seen(found) == [
        ("GET /api/jobs", "jobs[].status", "missing field", "a field that is always there", "nothing", 1)
    ]


def test_unknown_fields_are_listed_separately() -> None:
    found = jobs({"queue_reason": "capacity"}, {"queue_reason": None, "words of a user": 1})
    assert (len(found), list(found), bool(found)) == (0, [], False)
    assert [(d.path, d.kind, d.seen, d.count) for d in found.unknown_fields] == [
        ("jobs[].queue_reason", "unknown field", "one", 2),
        ("jobs[].?", "unknown field", "one", 1),
    ]
    assert "2 unknown fields" in repr(found)


def test_what_looks_like_a_key_is_not_kept() -> None:
    key = "comfyui-0123456789abcdef"
    found = jobs({"status": key, key: 1})
    assert key not in repr(found) + repr(found.unknown_fields)
    assert found[0].seen == "'[REDACTED]'"


# Statuses, media types, errors


@pytest.mark.parametrize(
    ("operation", "status", "kind"),
    [
        (list_jobs.OPERATION, 502, "status"),
        (list_jobs.OPERATION, 204, "status"),
        (list_jobs.OPERATION, 302, "redirect"),
        (check_asset_by_hash.OPERATION, 410, "status"),
    ],
)
def test_a_status_that_is_not_documented(operation: Operation, status: int, kind: str) -> None:
    found = Deviations()
    found.look_at_status(operation, reply(status))
    (deviation,) = found
    assert (deviation.path, deviation.kind, deviation.seen) == ("status", kind, str(status))
    assert deviation.expected.startswith("200 or ")


@pytest.mark.parametrize(
    ("operation", "status"),
    [(view_file.OPERATION, 302), (list_jobs.OPERATION, 200), (check_asset_by_hash.OPERATION, 404)],
)
def test_a_status_that_is_documented(operation: Operation, status: int) -> None:
    found = Deviations()
    found.look_at_status(operation, reply(status, content_type=None))
    assert not found
    assert found.answers == 1


def test_calls_outside_of_the_contract_are_counted_but_not_checked() -> None:
    found = Deviations()
    operation = Operation("request", "GET", "/api/anything", "optional")
    found.look_at_status(operation, reply(418))
    found.look_at(operation, reply(), {"x": 1})
    assert (len(found), found.answers) == (0, 1)


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (reply(401, {"code": "UNAUTHORIZED", "message": "No."}), []),
        (reply(401, {"message": "No."}), [("401 body.code", "missing field", "nothing")]),
        (reply(401, {"code": 3, "message": "No."}), [("401 body.code", "type", "a whole number")]),
        (reply(401, [1]), [("401 body", "type", "a list")]),
        (reply(401, b"{"), [("401 body", "type", "not JSON")]),
        (
            reply(401, b"no", "text/plain; charset=utf-8"),
            [("header Content-Type", "content type", "text/plain")],
        ),
        (reply(401, b"no", None), [("header Content-Type", "content type", "none")]),
    ],
)
def test_error_bodies_of_another_shape(
    response: httpx.Response, expected: list[tuple[str, str, str]]
) -> None:
    found = Deviations()
    found.look_at_status(get_user.OPERATION, response)
    assert [(d.path, d.kind, d.seen) for d in found] == expected


def test_json_with_another_media_type() -> None:
    found = Deviations()
    found.look_at(get_user.OPERATION, reply(content_type="text/html"), {"status": "active"})
    assert [(d.path, d.kind, d.seen) for d in found] == [("header Content-Type", "content type", "text/html")]


# The list


def test_it_reads_like_a_list_and_can_be_cleared() -> None:
    found = jobs({"status": "a", "create_time": None})
    assert [d.kind for d in found[:]] == ["unknown word", "null"]
    assert found[-1].kind == "null"
    assert found[0] in found
    assert isinstance(found[0], Deviation)
    copy = list(found)
    found.clear()
    assert (len(found), found.answers, found.unknown_fields, len(copy)) == (0, 0, [], 2)


def test_it_keeps_a_thousand_and_counts_the_rest() -> None:
    found = jobs({f"field_{number}": 1 for number in range(1005)})
    assert len(found.unknown_fields) == 1000
    assert found.dropped == 5


def test_threads_share_it() -> None:
    found = Deviations()
    value = {"jobs": [{**JOB, "status": "new"}], "pagination": PAGE}
    barrier = threading.Barrier(8)

    def check() -> None:
        barrier.wait()
        for _ in range(200):
            found.look_at_status(list_jobs.OPERATION, reply())
            found.look_at(list_jobs.OPERATION, reply(), value)

    threads = [threading.Thread(target=check) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found.answers, found[0].count) == (1600, 1600)


def test_the_whole_body_has_a_name() -> None:
    found = Deviations()
    found.look_at(get_model_folders.OPERATION, reply(), {})
    found.look_at(get_model_folders.OPERATION, reply(), [{"name": "a", "folders": []}, 3])
    assert [(d.path, d.kind, d.seen) for d in found] == [
        ("body", "type", "an object"),
        ("[]", "type", "a whole number"),
    ]
