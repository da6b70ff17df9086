"""Scripted faults from Python: each kind on the wire, and which requests they hit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud_emulator import Emulator, Fault, FaultScript, Store

Connect = Callable[[Emulator], httpx.Client]
USER = "/api/user"


def statuses(client: httpx.Client, count: int, path: str = USER) -> list[int]:
    return [client.get(path).status_code for _ in range(count)]


def test_a_burst_of_statuses_ends(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.status_burst(503, times=2, path=USER))
    assert statuses(client, 3) == [503, 503, 200]
    assert [(request.status, request.fault) for request in emulator.requests] == [
        (503, "status"),
        (503, "status"),
        (200, None),
    ]


def test_a_status_has_an_error_object(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(
        Fault("status"), Fault("status", status=429, retry_after=7), Fault("status", status=418)
    )
    for status, code, retry_after in ((500, "INTERNAL_SERVER_ERROR", None), (429, "RATE_LIMITED", "7")):
        response = client.get(USER)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response.json()["message"]
        assert response.headers.get("retry-after") == retry_after
    assert client.get(USER).json()["code"] == "HTTP_418"


@pytest.mark.parametrize(
    ("body", "content_type", "content", "sent_type"),
    [
        ({"error": "x"}, None, b'{"error":"x"}', "application/json"),
        (["x"], None, b'["x"]', "application/json"),
        ("upstream connect error", None, b"upstream connect error", "text/plain; charset=utf-8"),
        (b"\x00", None, b"\x00", "application/octet-stream"),
        ("", "text/html", b"", "text/html"),
    ],
)
def test_a_status_may_have_any_body(
    emulator: Emulator,
    client: httpx.Client,
    body: Any,
    content_type: str | None,
    content: bytes,
    sent_type: str,
) -> None:
    emulator.faults.add(Fault("status", status=502, body=body, content_type=content_type))
    response = client.get(USER)
    assert (response.status_code, response.content, response.headers["content-type"]) == (
        502,
        content,
        sent_type,
    )


def test_retry_after_may_be_a_date(emulator: Emulator, client: httpx.Client) -> None:
    date = "Mon, 23 Nov 2026 10:00:00 GMT"
    emulator.faults.add(Fault.status_burst(503, retry_after=date))
    assert client.get(USER).headers["retry-after"] == date


def test_a_reset_breaks_the_connection_before_any_response(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.reset())
    with pytest.raises(httpx.ReadError, match="reset"):
        client.post("/api/queue", json={"clear": True})
    assert client.get(USER).status_code == 200
    first = emulator.requests[0]
    assert (first.status, first.fault, first.body) == (None, "reset", b'{"clear":true}')


@pytest.mark.parametrize(("at_bytes", "received"), [(None, None), (0, 0), (5, 5), (10**9, -1)])
def test_a_cut_body_is_shorter_than_announced(
    emulator: Emulator, client: httpx.Client, at_bytes: int | None, received: int | None
) -> None:
    whole = client.get(USER).content
    expected = len(whole) // 2 if received is None else len(whole) - 1 if received < 0 else received
    emulator.faults.add(Fault.cut(at_bytes))
    got = bytearray()

    def read(response: httpx.Response) -> None:
        for chunk in response.iter_raw():
            got.extend(chunk)

    with client.stream("GET", USER) as response:
        assert response.status_code == 200
        assert int(response.headers["content-length"]) == len(whole)
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
            read(response)
    assert bytes(got) == whole[:expected]
    assert client.get(USER).content == whole


def test_even_an_empty_body_can_be_cut(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.cut())
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/api/history", json={})
    assert client.post("/api/history", json={}).status_code == 200


def test_a_cut_of_a_large_page(emulator: Emulator, client: httpx.Client) -> None:
    for _ in range(500):
        emulator.store.add_job()
    emulator.faults.add(Fault.cut(path="/api/history_v2"))
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/api/history_v2")
    assert len(client.get("/api/history_v2").json()["history"]) == 500


def test_an_html_page(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.html(), Fault.html(200, body="<html>the app</html>"))
    response = client.get(USER)
    assert response.status_code == 502
    assert response.headers["content-type"].startswith("text/html")
    assert response.text.startswith("<!DOCTYPE html>")
    response = client.get(USER)
    assert (response.status_code, response.text) == (200, "<html>the app</html>")
    assert response.headers["content-type"].startswith("text/html")


def test_garbage_claims_to_be_json(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.garbage())
    response = client.get(USER)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError):
        response.json()


def test_a_delay_uses_the_given_sleep(connect: Connect) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with Emulator(seed_data=None, sleep=sleep) as emulator:
        client = connect(emulator)
        emulator.faults.add(Fault.delay(3600, path=USER), Fault.status_burst(500, seconds=60))
        assert statuses(client, 3) == [200, 500, 200]
    assert slept == [3600, 60]


def test_stopping_does_not_wait_for_a_delay(connect: Connect) -> None:
    with Emulator(seed_data=None) as emulator:
        client = connect(emulator)
        emulator.faults.add(Fault.delay(3600))
        with pytest.raises(httpx.ReadTimeout):
            client.get(USER, timeout=0.05)


def test_drift_changes_the_state_before_the_response(emulator: Emulator, client: httpx.Client) -> None:
    def history() -> list[str]:
        return [entry["prompt_id"] for entry in client.get("/api/history_v2").json()["history"]]

    one, two, three = (
        emulator.store.add_job(create_time=emulator.store.now() + step).id for step in (7, 8, 9)
    )
    emulator.faults.add(Fault.drift(delete=1), Fault.drift(insert=2))
    assert history() == [two, one]
    newest, newer, *rest = history()
    assert rest == [two, one]
    assert not {newest, newer} & {one, two, three}

    def forget_one(store: Store) -> None:
        store.delete(one)

    emulator.faults.add(Fault.drift(mutate=forget_one))
    assert history() == [newest, newer, two]


def test_drift_can_insert_and_delete_together(emulator: Emulator, client: httpx.Client) -> None:
    old = [emulator.store.add_job().id for _ in range(3)]
    emulator.faults.add(Fault.drift(insert=1, delete=2))
    data = client.get("/api/history_v2").json()
    # Deletes the new one first, then the former newest one.
    assert [entry["prompt_id"] for entry in data["history"]] == [old[1], old[0]]


@pytest.mark.parametrize("status", [404, 405, 410, 501])
def test_a_retired_path_stays_retired(emulator: Emulator, client: httpx.Client, status: int) -> None:
    emulator.faults.add(Fault.retired("/api/history_v2*", status))
    assert statuses(client, 3, "/api/history_v2") == [status] * 3
    assert client.get("/api/history_v2/x").json()["code"]
    assert statuses(client, 1) == [200]
    emulator.faults.clear()
    assert statuses(client, 1, "/api/history_v2") == [200]


def test_a_fault_precedes_the_key_check(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.status_burst(503))
    assert client.get(USER, headers={"X-API-Key": "wrong"}).status_code == 503


def test_faults_leave_other_requests_alone(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.status_burst(500, path="/api/jobs/*", method="get", times=None))
    assert statuses(client, 1, "/api/jobs") == [200]
    assert client.post("/api/jobs/x").status_code == 405
    assert statuses(client, 2, "/api/jobs/x") == [500, 500]
    assert len(emulator.faults) == 1


def test_faults_are_used_in_order_one_per_request(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.status_burst(500), Fault.status_burst(503, times=2), Fault.status_burst(502))
    assert statuses(client, 5) == [500, 503, 503, 502, 200]
    assert emulator.faults.pending() == []


def test_a_fault_can_skip_requests_first(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.status_burst(500, after=2, path=USER), Fault.status_burst(503, path=USER))
    # The first request passes the first fault and gets the second.
    assert statuses(client, 4) == [503, 200, 500, 200]


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 3), st.none() | st.integers(1, 3)),
        max_size=5,
    ),
    st.lists(st.sampled_from(["a", "b"]), max_size=20),
)
def test_a_script_hits_exactly_as_scripted(
    wanted: list[tuple[str | None, int, int | None]], paths: list[str]
) -> None:
    script = FaultScript()
    faults = [Fault("status", path=path, after=after, times=times) for path, after, times in wanted]
    for fault in faults:
        script.add(fault)
    # By identity: two faults of a script may be equal.
    hits = [0] * len(faults)
    seen = [0] * len(faults)
    for path in paths:
        hit = script.take("GET", path)
        for index, fault in enumerate(faults):
            if not fault.matches("GET", path) or (fault.times is not None and hits[index] >= fault.times):
                continue
            seen[index] += 1
            if seen[index] > fault.after:
                assert hit is fault
                hits[index] += 1
                break
        else:
            assert hit is None
    spent = [
        fault.times is not None and count >= fault.times for fault, count in zip(faults, hits, strict=True)
    ]
    assert script.pending() == [fault for fault, over in zip(faults, spent, strict=True) if not over]


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"kind": "explosion"}, "use one of: status, reset"),
        ({"kind": "status", "status": 99}, "from 200 to 599"),
        ({"kind": "status", "status": 600}, "from 200 to 599"),
        ({"kind": "retired", "status": 500}, "404, 405, 410, 501"),
        ({"kind": "delay"}, "seconds above zero"),
        ({"kind": "drift"}, "insert, delete or mutate"),
        ({"kind": "status", "times": 0}, "times"),
        ({"kind": "status", "method": "GTE"}, "method: expected one of GET, HEAD, POST"),
        ({"kind": "status", "after": -1}, "after must not be negative"),
        ({"kind": "cut", "at_bytes": -1}, "at_bytes must not be negative"),
        ({"kind": "status", "seconds": -1}, "seconds must not be negative"),
        ({"kind": "drift", "insert": 10**9}, "insert: expected at most 10000 jobs"),
        ({"kind": "drift", "delete": 2**63}, "delete: expected at most 10000 jobs"),
        ({"kind": "status", "retry_after": "1\r\nx: y"}, "retry_after: expected text that a header"),
        ({"kind": "status", "content_type": "\u2028"}, "content_type: expected text that a header"),
        ({"kind": "status", "content_type": " text/plain"}, "content_type: expected text that a header"),
    ],
)
def test_invalid_faults_are_refused(fields: dict[str, Any], hint: str) -> None:
    kind = fields.pop("kind")
    with pytest.raises(ValueError, match=hint):
        Fault(kind, **fields)
