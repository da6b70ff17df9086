"""What the page shows of one job and of one request, and what its searches find."""

from __future__ import annotations

import json
import shlex
import socket
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from websockets.sync.client import connect

from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.http.request_log import BoundedLog, logged_request
from tests.images import png

JOBS = "/_emulator/page/jobs"
FILES = "/_emulator/page/files"
REQUESTS = "/_emulator/page/requests"
GRAPH = {"1": {"class_type": "Note", "inputs": {"text": 'a "quoted" lighthouse, 100% real'}}}


@pytest.fixture
def page(client: httpx.Client) -> httpx.Client:
    """A client without a key, like the page."""
    del client.headers["X-API-Key"]
    return client


def found(page: httpx.Client, path: str, search: str) -> list[str]:
    response = page.get(path, params={"search": search})
    assert response.status_code == 200
    (rows,) = (value for value in response.json().values() if isinstance(value, list))
    return [row["id"] for row in rows]


def details(page: httpx.Client, path: str, id: str) -> dict[str, Any]:
    response = page.get(f"{path}/{id}")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    document: dict[str, Any] = response.json()
    return document


# One job


def test_a_job_has_its_workflow_outputs_and_timeline(emulator: Emulator, page: httpx.Client) -> None:
    job = emulator.store.add_job(graph=GRAPH, workflow_id="w-1")
    shown = details(page, JOBS, job.id)
    assert (shown["id"], shown["status"], shown["workflow_id"]) == (job.id, "completed", "w-1")
    assert (shown["created"], shown["ended"]) == (job.create_time, job.end_time)
    assert json.loads(shown["graph"]["text"]) == GRAPH
    assert shown["outputs"] == [
        {"node": "9", "kind": "images", "file": job.outputs["9"]["images"][0]["filename"], "family": "image"}
    ]
    assert [event["name"] for event in shown["events"]] == [name for name, _ in job.messages]
    assert shown["error"] is None


def test_a_failed_job_has_its_whole_error(emulator: Emulator, page: httpx.Client) -> None:
    job = emulator.store.add_job("failed")
    error = json.loads(details(page, JOBS, job.id)["error"]["text"])
    assert error["exception_type"] == job.execution_error["exception_type"]  # type: ignore[index]
    assert "traceback" in error


def test_a_long_workflow_is_cut_and_says_so(emulator: Emulator, page: httpx.Client) -> None:
    job = emulator.store.add_job(graph={"1": {"class_type": "Note", "inputs": {"text": "x" * 300_000}}})
    graph = details(page, JOBS, job.id)["graph"]
    assert (len(graph["text"]), graph["is_cut"]) == (200_000, True)


def test_secrets_in_a_workflow_are_covered(emulator: Emulator, page: httpx.Client) -> None:
    graph = {"1": {"class_type": "Call", "inputs": {"api_key": "hunter2hunter2", "note": emulator.key}}}
    job = emulator.store.add_job(graph=graph)
    text = page.get(f"{JOBS}/{job.id}").text
    assert "hunter2" not in text
    assert emulator.key not in text


@pytest.mark.parametrize(
    "path", [f"{JOBS}/x", f"{REQUESTS}/r0", f"{REQUESTS}/r99", f"{REQUESTS}/x1", f"{REQUESTS}/r²"]
)
def test_what_is_not_there_is_not_found(page: httpx.Client, path: str) -> None:
    assert page.get(path).status_code == 404


# One request


def test_a_request_can_be_repeated_with_curl(emulator: Emulator, page: httpx.Client) -> None:
    body = {"prompt": GRAPH, "note": "it's `here` $(x)"}
    page.post("/api/prompt?a=b c&d='", json=body, headers={"X-API-Key": emulator.key, "X-Note": "a'b"})
    shown = details(page, REQUESTS, "r1")
    assert (shown["method"], shown["status"], shown["account"]) == ("POST", 200, "default")
    assert json.loads(shown["body"]["text"]) == body
    assert ["x-api-key", "[REDACTED]"] in shown["headers"]
    words = shlex.split(shown["curl"])
    assert words[:4] == ["curl", "-X", "POST", f"$COMFY_CLOUD_BASE_URL{shown['address']}"]
    headers = [words[index + 1] for index, word in enumerate(words) if word == "-H"]
    assert headers[0] == "X-API-Key: $COMFY_CLOUD_API_KEY"
    assert "x-note: a'b" in headers
    assert "content-type: application/json" in headers
    assert not [header for header in headers if header.startswith(("host", "content-length"))]
    assert json.loads(words[words.index("--data-raw") + 1]) == body
    assert emulator.key not in page.get(f"{REQUESTS}/r1").text


def test_what_a_client_sent_stays_quoted_in_the_command(emulator: Emulator, page: httpx.Client) -> None:
    hostile = "$(touch x)`touch y`\"'; touch z #\n"
    page.post(f"/api/{quote(hostile)}", content=hostile.encode() * 2)
    command = details(page, REQUESTS, "r1")["curl"]
    words = shlex.split(command)
    assert words[-2:] == ["--data-raw", hostile * 2]
    assert len(words) == 4 + words.count("-H") * 2 + 2


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\xff", b"a\0b", b"\x03\ntouch x\n", b"\x1b[201~", b"x" * 30_000]
)
def test_a_body_that_no_command_can_hold_is_left_out_and_named(page: httpx.Client, content: bytes) -> None:
    page.post("/api/upload/image", content=content)
    command = details(page, REQUESTS, "r1")["curl"]
    assert "--data" not in command
    assert command.endswith(f"  # without its body of {len(content)} bytes")


@pytest.mark.parametrize(
    "target", ["@evil.example/", "\\@evil.example/", ".evil.example/", "http://evil.example/", "*", "?a=b"]
)
def test_a_target_that_would_be_another_host_has_no_command(
    emulator: Emulator, page: httpx.Client, target: str
) -> None:
    port = int(emulator.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert b" 401 " in wire.recv(1000)
    assert details(page, REQUESTS, "r1")["curl"] is None


def test_keys_of_a_terminal_are_not_in_the_command(page: httpx.Client) -> None:
    page.get("/api/queue?a=[1-3]", headers={"X-Odd": "a\x1b[201~b", "X-Good": "c"})
    command = details(page, REQUESTS, "r1")["curl"]
    assert command.startswith("curl -g ")
    assert command.isprintable()
    assert "x-odd" not in command
    assert "x-good: c" in command


def test_a_websocket_has_details_and_no_command(emulator: Emulator, page: httpx.Client) -> None:
    address = f"{emulator.url.replace('http', 'ws', 1)}/ws?clientId=abc&token={emulator.key}"
    with connect(address, proxy=None):
        shown = details(page, REQUESTS, "w1")
    assert (shown["status"], shown["curl"]) == (101, None)
    assert shown["address"] == "/ws?clientId=abc&token=[REDACTED]"
    assert emulator.key not in json.dumps(shown)


def test_requests_keep_their_numbers_when_older_ones_are_forgotten() -> None:
    log = BoundedLog()
    scope = {"type": "http", "raw_path": b"/", "query_string": b"", "headers": [], "state": {}}
    records = [logged_request(scope | {"path": f"/{number}"}) for number in range(1, 6)]
    for record in records[:2]:
        log.add(record)
    log.clear()
    for record in records[2:]:
        log.add(record)
    assert [log.numbered(number) for number in range(7)] == [None, None, None, *records[2:], None]


# Searches


def test_a_search_finds_jobs_by_every_word(emulator: Emulator, page: httpx.Client) -> None:
    one = emulator.store.add_job(graph=GRAPH).id
    other = emulator.store.add_job("failed").id
    assert found(page, JOBS, "LIGHTHOUSE real") == [one]
    assert found(page, JOBS, "lighthouse failed") == []
    assert found(page, JOBS, "failed") == [other]
    assert found(page, JOBS, one[:13].upper()) == [one]
    assert found(page, JOBS, "100%") == [one]


@pytest.mark.parametrize("text", ["%", "_", "l%e", "l_ghthouse", "\\", "lighthouse' OR '1'='1"])
def test_signs_of_patterns_are_plain_characters(emulator: Emulator, page: httpx.Client, text: str) -> None:
    emulator.store.add_job(graph={"1": {"class_type": "Note", "inputs": {"text": "lighthouse"}}}, id="plain")
    assert "plain" not in found(page, JOBS, text) or text in ("_", "\\")
    assert found(page, JOBS, "lighthouse") == ["plain"]


def test_a_search_finds_older_jobs_than_the_list_shows(emulator: Emulator, page: httpx.Client) -> None:
    oldest = emulator.store.add_job(graph=GRAPH).id
    emulator.store.add_newest(70)
    assert found(page, JOBS, "lighthouse") == [oldest]
    response = page.get(JOBS, params={"search": "completed"}).json()
    assert (len(response["jobs"]), response["more"]) == (60, True)


def test_a_search_finds_files_by_name_tag_and_job(emulator: Emulator, page: httpx.Client) -> None:
    upload = {"image": ("lighthouse at night.png", png())}
    page.post("/api/upload/image", files=upload, headers={"X-API-Key": emulator.key}).raise_for_status()
    stored = emulator.files.record(emulator.files.put(b"a text", "txt"))
    assert stored is not None
    emulator.store.assets.add(stored, name="notes.txt", tags=["holiday"], job_id="job-7")
    for search in ("NIGHT png", "image/png lighthouse", "holiday", "job-7", "notes holiday"):
        assert len(found(page, FILES, search)) == 1
    assert found(page, FILES, "noon") == []


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ("", "say what to search for"),
        (" ", "say what to search for"),
        ("a " * 21, "at most 20 words"),
        ("x" * 501, "500 characters"),
    ],
)
def test_a_search_for_nothing_or_too_much_is_refused(page: httpx.Client, search: str, message: str) -> None:
    for path in (JOBS, FILES):
        response = page.get(path, params={"search": search})
        assert response.status_code == 400
        assert message in response.json()["message"]
