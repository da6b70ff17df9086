"""The page's live updates: over real sockets, and update by update without any."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from websockets.sync.client import connect as connect_socket

from comfy_cloud_emulator import Emulator, Fault
from comfy_cloud_emulator.page.feed import Feed
from comfy_cloud_emulator.page.overview import Overview

from ..workflows import plain, submit, text_to_image

STREAM = "/_emulator/page/stream"
SECTIONS = {"account", "time", "faults", "jobs", "files", "progress", "requests"}
HOSTILE = '<img src=x onerror="alert(1)">\n\nevent: jobs\ndata: {}\n\n</script>\u2028'

Json = dict[str, Any]


@pytest.fixture
def emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """An emulator whose time stands still, with a "creator" account."""
    return start_emulator(time="virtual", tier="creator")


@pytest.fixture
def client(emulator: Emulator, connect: Callable[[Emulator], httpx.Client]) -> httpx.Client:
    return connect(emulator)


@contextmanager
def stream(emulator: Emulator) -> Iterator[Iterator[tuple[str, Any]]]:
    """The events of the page's stream as (section, value), over a separate connection."""
    with httpx.stream(
        "GET", f"{emulator.url}{STREAM}", timeout=30, trust_env=False, verify=False
    ) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        yield events(response.iter_lines())


def events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    for line in lines:
        assert line.startswith("event: ")
        data = next(lines)
        assert data.startswith("data: ")
        assert next(lines) == ""
        yield line.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def until(updates: Iterator[tuple[str, Any]], section: str, is_it: Callable[[Any], object]) -> Any:
    """The first value of a section that meets a condition."""
    return next(value for name, value in updates if name == section and is_it(value))


def section_updates(feed: Feed) -> dict[str, Any]:
    return {news.section: json.loads(news.value) for news in feed.updates()}


@pytest.fixture
def overview(emulator: Emulator) -> Overview:
    """The overview that the page reads."""
    tenants = emulator.accounts
    return Overview(
        emulator.store,
        tenants.default._engine,
        emulator.time,
        emulator.faults,
        tenants.request_log,
        keys=[emulator.key],
    )


# Over real sockets


def test_it_begins_with_every_section(emulator: Emulator, client: httpx.Client) -> None:
    id = submit(client, text_to_image(text="a lighthouse"))
    emulator.faults.add(Fault.status_burst(503, times=2, path="/api/user"))
    with stream(emulator) as updates:
        first = dict(next(updates) for _ in SECTIONS)
    assert set(first) == SECTIONS
    assert [(job["id"], job["words"], job["status"]) for job in first["jobs"]["jobs"]] == [
        (id, "a lighthouse", "pending")
    ]
    assert (first["jobs"]["places"], first["jobs"]["counts"]) == (3, {"pending": 1})
    assert first["faults"]["faults"][0]["hits_left"] == 2
    assert (first["account"]["tier"], first["time"]["kind"]) == ("creator", "virtual")
    assert [(row["method"], row["path"], row["status"]) for row in first["requests"]["rows"]] == [
        ("POST", "/api/prompt", 200)
    ]


def test_a_job_is_followed_to_its_end(emulator: Emulator, client: httpx.Client) -> None:
    with stream(emulator) as updates:
        until(updates, "progress", lambda value: value == {})
        id = submit(client, text_to_image(text="a lighthouse", steps=20))
        until(updates, "jobs", lambda value: value["jobs"])
        emulator.time.advance(4.0)
        jobs = until(updates, "jobs", lambda value: value["jobs"][0]["status"] == "in_progress")
        assert (jobs["places_taken"], jobs["jobs"][0]["names"]["3"], jobs["jobs"][0]["moves"]) == (
            1,
            "KSampler",
            True,
        )
        at = until(updates, "progress", lambda value: value.get(id, {}).get("picture"))[id]
        assert (at["node"], at["max"], at["finished"]) == ("3", 20, 4)
        assert 0 < at["value"] < 20
        image = httpx.get(f"{emulator.url}/_emulator/page/progress/{id}")
        assert (image.headers["content-type"], image.content[:2]) == ("image/jpeg", b"\xff\xd8")
        emulator.time.advance(60)
        (job,) = until(updates, "jobs", lambda value: value["jobs"][0]["status"] == "completed")["jobs"]
        assert (job["kind"], job["outputs"], job["ended"] > job["started"]) == ("image", 1, True)
        # An image that the page is about to fetch still exists.
        assert httpx.get(f"{emulator.url}/_emulator/page/progress/{id}").status_code == 200
        shown = httpx.get(f"{emulator.url}/_emulator/page/thumbnails/{job['file']}")
        assert shown.headers["content-type"] == "image/jpeg"


def test_changes_are_sent(emulator: Emulator, client: httpx.Client) -> None:
    with stream(emulator) as updates:
        for _ in SECTIONS:
            next(updates)
        emulator.faults.add(Fault.reset(path="/api/user"))
        (fault,) = until(updates, "faults", lambda value: value["count"])["faults"]
        assert httpx.delete(f"{emulator.url}/_emulator/faults/{fault['id']}").status_code == 204
        until(updates, "faults", lambda value: not value["count"])
        assert httpx.delete(f"{emulator.url}/_emulator/faults/{fault['id']}").status_code == 404
        emulator.account.tier = "pro"
        until(updates, "account", lambda value: value["tier"] == "pro")
        emulator.time.advance(3600)
        until(updates, "time", lambda value: value["now"] == int(emulator.time.now()))
        name = emulator.files.put(b"x", "txt", "a.txt", "input")
        record = emulator.files.record(name)
        assert record is not None
        emulator.store.assets.add(record, tags=["input"])
        (file,) = until(updates, "files", lambda value: value["count"])["files"]
        assert (file["name"], file["size"], file["filename"]) == ("a.txt", 1, name)


def test_previews_are_made_only_while_it_is_open(emulator: Emulator, client: httpx.Client) -> None:
    hub = emulator.events
    assert len(hub) == 0
    with stream(emulator) as updates, stream(emulator) as other:
        next(updates)
        next(other)
        assert len(hub) == 1
    with stream(emulator) as updates:
        next(updates)
    # A reset waits for the end of all earlier requests.
    emulator.reset()
    assert len(hub) == 0


def test_a_reset_ends_it_and_the_next_stream_shows_the_new_cloud(
    emulator: Emulator, client: httpx.Client
) -> None:
    submit(client, plain())
    with stream(emulator) as updates:
        assert until(updates, "jobs", lambda value: value["jobs"])
        emulator.reset()
        with pytest.raises(httpx.TransportError):
            list(updates)
    with stream(emulator) as updates:
        assert until(updates, "jobs", lambda value: True)["jobs"] == []


def test_a_stop_does_not_wait_for_it(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    with stream(emulator) as updates:
        next(updates)
        emulator.stop()
        with pytest.raises(httpx.TransportError):
            list(updates)
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_the_number_of_open_streams_is_limited(emulator: Emulator) -> None:
    address = f"{emulator.url}{STREAM}"
    with httpx.Client(limits=httpx.Limits(max_connections=36), trust_env=False) as browser:
        opened = [browser.send(browser.build_request("GET", address), stream=True) for _ in range(32)]
        # Kept, because a stream is closed when its reader is garbage collected.
        readers = [response.iter_raw() for response in opened]
        for reader in readers:
            assert next(reader).startswith(b"event: ")
        refused = browser.get(address)
        assert (refused.status_code, "close some" in refused.text) == (503, True)
        for response in opened:
            response.close()
        # The server notices the disconnects in its own time.
        statuses: list[int] = []
        while 200 not in statuses and len(statuses) < 1000:
            with browser.stream("GET", address) as response:
                statuses.append(response.status_code)
        assert statuses[-1] == 200


def test_a_head_request_opens_nothing(emulator: Emulator) -> None:
    with httpx.Client(base_url=emulator.url, trust_env=False) as browser:
        for _ in range(2):  # the second uses the same connection, so it waits for the end of the first
            response = browser.head(STREAM)
            assert (response.status_code, response.content) == (200, b"")
    assert len(emulator.events) == 0


# Update by update


def test_nothing_is_sent_without_changes(overview: Overview, emulator: Emulator) -> None:
    feed = Feed(overview)
    assert set(section_updates(feed)) == SECTIONS
    assert section_updates(feed) == {}
    # Rewritten, but with the same visible content.
    emulator.store.userdata.write("note", b"x")
    assert section_updates(feed) == {}


def test_a_thousand_requests_are_one_update_of_limited_length(
    overview: Overview, emulator: Emulator, client: httpx.Client
) -> None:
    feed = Feed(overview)
    section_updates(feed)
    for turn in range(300):
        client.get("/api/features", params={"turn": turn})
    (updates,) = section_updates(feed).values()
    assert (updates["count"], len(updates["rows"]), len(updates["ids"])) == (300, 100, 100)
    assert updates["rows"][0]["path"] == "/api/features?turn=299"
    assert len(feed._requests) == 100
    client.get("/api/features")
    (updates,) = section_updates(feed).values()
    assert [row["path"] for row in updates["rows"]] == ["/api/features"]
    assert len(updates["ids"]) == 100
    emulator.clear_requests()
    assert section_updates(feed)["requests"] == {"count": 301, "ids": [], "rows": []}


def test_the_number_of_rows_is_limited(overview: Overview, emulator: Emulator) -> None:
    for turn in range(65):
        emulator.store.add_job()
        emulator.store.assets.add(_stored(emulator, f"{turn}.txt"))
    for _ in range(105):
        emulator.faults.add(Fault.reset(path="/" + "x" * 9000))
    first = section_updates(Feed(overview))
    assert len(first["jobs"]["jobs"]) == 60
    assert first["jobs"]["counts"] == {"completed": 65}
    assert (len(first["files"]["files"]), first["files"]["count"]) == (60, 65)
    assert (len(first["faults"]["faults"]), first["faults"]["count"]) == (100, 105)
    assert len(json.dumps(first["faults"])) < 60_000


def _stored(emulator: Emulator, name: str) -> Any:
    return emulator.files.record(emulator.files.put(name.encode(), "txt", name, "input"))


@pytest.mark.beyond_contract
def test_hostile_texts_stay_values_in_one_line(
    overview: Overview, emulator: Emulator, client: httpx.Client
) -> None:
    """They reach the page as JSON without line breaks, and the page shows them as text."""
    graph = text_to_image(text=HOSTILE)
    graph["3"]["_meta"] = {"title": HOSTILE}
    client.post("/api/prompt", json={"prompt": graph, "extra_data": {HOSTILE: HOSTILE}})
    client.get(f"/api/{quote(HOSTILE)}", params={HOSTILE: HOSTILE})
    emulator.store.assets.add(_stored(emulator, HOSTILE), tags=[HOSTILE])
    emulator.faults.add(Fault.status_burst(body=HOSTILE * 900, path=HOSTILE))
    news = list(Feed(overview).updates())
    assert all(b"\n" not in each.value and b"\r" not in each.value for each in news)
    updates = {each.section: json.loads(each.value) for each in news}
    assert "<img src=x onerror=" in updates["jobs"]["jobs"][0]["words"]
    assert "<img src=x onerror=" in updates["files"]["files"][0]["name"]
    assert len(updates["faults"]["faults"][0]["fault"]["body"]) <= 160
    with stream(emulator) as events:
        assert set(dict(next(events) for _ in SECTIONS)) == SECTIONS


@pytest.mark.beyond_contract
def test_keys_are_redacted(overview: Overview, emulator: Emulator, client: httpx.Client) -> None:
    client.get(f"/api/jobs/{emulator.key}")
    client.get("/api/user", params={"token": "secret-1", "a": emulator.key})
    with connect_socket(
        f"{emulator.url.replace('http', 'ws')}/ws?token={emulator.key}", proxy=None
    ) as socket:
        socket.recv(timeout=30)
        rows = section_updates(Feed(overview))["requests"]["rows"]
    assert [row["path"] for row in rows] == [
        "/ws?token=[REDACTED]",
        "/api/user?token=[REDACTED]&a=[REDACTED]",
        "/api/jobs/[REDACTED]",
    ]
    assert (rows[0]["status"], rows[0]["seconds"]) == (101, None)


def test_graphs_may_be_anything(overview: Overview, emulator: Emulator) -> None:
    for graph in ({}, {"1": 3}, {"1": {"class_type": 4, "inputs": [1]}}, {"1": {"_meta": {"title": 5}}}):
        emulator.store.add_job("in_progress", graph=graph)
    jobs = section_updates(Feed(overview))["jobs"]["jobs"]
    assert [job["words"] for job in reversed(jobs)] == ["", "?", "4", "?"]
    assert not any(job["moves"] for job in jobs)


def test_failed_jobs_show_the_error(overview: Overview, emulator: Emulator) -> None:
    emulator.store.add_job("failed")
    (job,) = section_updates(Feed(overview))["jobs"]["jobs"]
    assert job["error"] == {
        "type": "ValueError",
        "message": "width and height must be positive",
        "node_id": "1",
        "node_type": "EmptyImage",
    }


def test_the_duration_is_known_before_the_response_ends(
    start_emulator: Callable[..., Emulator], connect: Callable[[Emulator], httpx.Client]
) -> None:
    known: list[bool] = []
    emulator = start_emulator(on_exchange=lambda request, *_: known.append(request.seconds is not None))
    connect(emulator).get("/api/features")
    assert known == [True]


def test_requests_have_a_duration(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.reset(path="/api/queue"))
    client.get("/api/user")
    with pytest.raises(httpx.TransportError):
        client.get("/api/queue")
    client.get("/api/features")
    handled, broken, _ = emulator.requests
    assert handled.seconds is not None
    assert (broken.status, broken.seconds is None) == (None, False)
    assert 0 < handled.seconds < 60
    assert handled.started <= broken.started
    shown = client.get("/_emulator/requests").json()["requests"][0]
    assert (shown["started"], shown["seconds"]) == (handled.started, handled.seconds)
