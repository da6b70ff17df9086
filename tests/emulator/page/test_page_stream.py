"""What the page is told, live: over real sockets, and look by look without any."""

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
from comfy_cloud_emulator.page import overview as page_overview
from comfy_cloud_emulator.page.feed import Feed
from comfy_cloud_emulator.page.overview import Overview
from comfy_cloud_emulator.page.routes import MOST_STREAMS

from ..workflows import picture, plain, submit

STREAM = "/_emulator/page/stream"
SECTIONS = {"account", "time", "faults", "jobs", "files", "progress", "requests"}
HOSTILE = '<img src=x onerror="alert(1)">\n\nevent: jobs\ndata: {}\n\n</script>\u2028'

Json = dict[str, Any]


@pytest.fixture
def emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """One whose time stands still, on a "creator" account."""
    return start_emulator(time="virtual", tier="creator")


@pytest.fixture
def client(emulator: Emulator, connect: Callable[[Emulator], httpx.Client]) -> httpx.Client:
    return connect(emulator)


@contextmanager
def stream(emulator: Emulator) -> Iterator[Iterator[tuple[str, Any]]]:
    """The events of the page's stream as (section, value), over a connection of its own."""
    with httpx.stream("GET", f"{emulator.url}{STREAM}", timeout=30, trust_env=False, verify=False) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        yield events(answer.iter_lines())


def events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    for line in lines:
        assert line.startswith("event: ")
        data = next(lines)
        assert data.startswith("data: ")
        assert next(lines) == ""
        yield line.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def until(told: Iterator[tuple[str, Any]], section: str, is_it: Callable[[Any], object]) -> Any:
    """The first value of a section that is as wished."""
    return next(value for name, value in told if name == section and is_it(value))


def look(feed: Feed) -> dict[str, Any]:
    return {news.section: json.loads(news.value) for news in feed.updates()}


@pytest.fixture
def overview(emulator: Emulator) -> Overview:
    """What the page would look at."""
    tenants = emulator.accounts
    return Overview(
        emulator.store,
        tenants.default._engine,
        emulator.time,
        emulator.faults,
        tenants.request_log,
        key=emulator.key,
    )


# Over real sockets


def test_it_begins_with_everything_there_is(emulator: Emulator, client: httpx.Client) -> None:
    id = submit(client, picture(text="a lighthouse"))
    emulator.faults.add(Fault.status_burst(503, times=2, path="/api/user"))
    with stream(emulator) as told:
        first = dict(next(told) for _ in SECTIONS)
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
    with stream(emulator) as told:
        until(told, "progress", lambda value: value == {})
        id = submit(client, picture(text="a lighthouse", steps=20))
        until(told, "jobs", lambda value: value["jobs"])
        emulator.time.advance(4.0)
        jobs = until(told, "jobs", lambda value: value["jobs"][0]["status"] == "in_progress")
        assert (jobs["places_taken"], jobs["jobs"][0]["names"]["3"], jobs["jobs"][0]["moves"]) == (
            1,
            "KSampler",
            True,
        )
        at = until(told, "progress", lambda value: value.get(id, {}).get("picture"))[id]
        assert (at["node"], at["max"], at["finished"]) == ("3", 20, 4)
        assert 0 < at["value"] < 20
        image = httpx.get(f"{emulator.url}/_emulator/page/progress/{id}")
        assert (image.headers["content-type"], image.content[:2]) == ("image/jpeg", b"\xff\xd8")
        emulator.time.advance(60)
        (job,) = until(told, "jobs", lambda value: value["jobs"][0]["status"] == "completed")["jobs"]
        assert (job["kind"], job["outputs"], job["ended"] > job["started"]) == ("image", 1, True)
        # A picture that the page is about to ask for is still there.
        assert httpx.get(f"{emulator.url}/_emulator/page/progress/{id}").status_code == 200
        shown = httpx.get(f"{emulator.url}/_emulator/page/thumbnails/{job['file']}")
        assert shown.headers["content-type"] == "image/jpeg"


def test_what_happens_is_told(emulator: Emulator, client: httpx.Client) -> None:
    with stream(emulator) as told:
        for _ in SECTIONS:
            next(told)
        emulator.faults.add(Fault.reset(path="/api/user"))
        (fault,) = until(told, "faults", lambda value: value["count"])["faults"]
        assert httpx.delete(f"{emulator.url}/_emulator/faults/{fault['id']}").status_code == 204
        until(told, "faults", lambda value: not value["count"])
        assert httpx.delete(f"{emulator.url}/_emulator/faults/{fault['id']}").status_code == 404
        emulator.account.tier = "pro"
        until(told, "account", lambda value: value["tier"] == "pro")
        emulator.time.advance(3600)
        until(told, "time", lambda value: value["now"] == int(emulator.time.now()))
        name = emulator.files.put(b"x", "txt", "a.txt", "input")
        record = emulator.files.record(name)
        assert record is not None
        emulator.store.assets.add(record, tags=["input"])
        (file,) = until(told, "files", lambda value: value["count"])["files"]
        assert (file["name"], file["size"], file["filename"]) == ("a.txt", 1, name)


def test_pictures_of_work_in_progress_are_made_only_while_it_is_open(
    emulator: Emulator, client: httpx.Client
) -> None:
    hub = emulator.events
    assert len(hub) == 0
    with stream(emulator) as told, stream(emulator) as other:
        next(told)
        next(other)
        assert len(hub) == 1
    with stream(emulator) as told:
        next(told)
    # A reset waits for the end of every request of before.
    emulator.reset()
    assert len(hub) == 0


def test_a_reset_ends_it_and_the_next_one_tells_of_the_new_cloud(
    emulator: Emulator, client: httpx.Client
) -> None:
    submit(client, plain())
    with stream(emulator) as told:
        assert until(told, "jobs", lambda value: value["jobs"])
        emulator.reset()
        with pytest.raises(httpx.TransportError):
            list(told)
    with stream(emulator) as told:
        assert until(told, "jobs", lambda value: True)["jobs"] == []


def test_a_stop_does_not_wait_for_it(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    with stream(emulator) as told:
        next(told)
        emulator.stop()
        with pytest.raises(httpx.TransportError):
            list(told)
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_so_many_may_be_open(emulator: Emulator) -> None:
    address = f"{emulator.url}{STREAM}"
    with httpx.Client(limits=httpx.Limits(max_connections=MOST_STREAMS + 4), trust_env=False) as browser:
        opened = [
            browser.send(browser.build_request("GET", address), stream=True) for _ in range(MOST_STREAMS)
        ]
        # Kept, since a stream is closed with whoever reads it.
        readers = [answer.iter_raw() for answer in opened]
        for reader in readers:
            assert next(reader).startswith(b"event: ")
        refused = browser.get(address)
        assert (refused.status_code, "close some" in refused.text) == (503, True)
        for answer in opened:
            answer.close()
        # The server notices that they left one after the other, in its own time.
        statuses: list[int] = []
        while 200 not in statuses and len(statuses) < 1000:
            with browser.stream("GET", address) as answer:
                statuses.append(answer.status_code)
        assert statuses[-1] == 200


def test_asking_for_its_head_opens_nothing(emulator: Emulator) -> None:
    with httpx.Client(base_url=emulator.url, trust_env=False) as browser:
        for _ in range(2):  # the second waits on the same connection for the end of the first
            answer = browser.head(STREAM)
            assert (answer.status_code, answer.content) == (200, b"")
    assert len(emulator.events) == 0


# Look by look


def test_nothing_new_is_nothing_told(overview: Overview, emulator: Emulator) -> None:
    feed = Feed(overview)
    assert set(look(feed)) == SECTIONS
    assert look(feed) == {}
    # Written anew, but the same to see.
    emulator.store.userdata.write("note", b"x")
    assert look(feed) == {}


def test_a_thousand_requests_are_one_word_of_bounded_length(
    overview: Overview, emulator: Emulator, client: httpx.Client
) -> None:
    feed = Feed(overview)
    look(feed)
    for turn in range(3 * page_overview.MOST_REQUESTS):
        client.get("/api/features", params={"turn": turn})
    (told,) = look(feed).values()
    count = 3 * page_overview.MOST_REQUESTS
    assert (told["count"], len(told["rows"]), len(told["ids"])) == (
        count,
        page_overview.MOST_REQUESTS,
        page_overview.MOST_REQUESTS,
    )
    assert told["rows"][0]["path"] == f"/api/features?turn={count - 1}"
    assert len(feed._requests) == page_overview.MOST_REQUESTS
    client.get("/api/features")
    (told,) = look(feed).values()
    assert [row["path"] for row in told["rows"]] == ["/api/features"]
    assert len(told["ids"]) == page_overview.MOST_REQUESTS
    emulator.clear_requests()
    assert look(feed)["requests"] == {"count": count + 1, "ids": [], "rows": []}


def test_rows_are_bounded_however_much_there_is(overview: Overview, emulator: Emulator) -> None:
    for turn in range(page_overview.MOST_JOBS + 5):
        emulator.store.add_job()
        emulator.store.assets.add(_stored(emulator, f"{turn}.txt"))
    for _ in range(page_overview.MOST_FAULTS + 5):
        emulator.faults.add(Fault.reset(path="/" + "x" * 9000))
    first = look(Feed(overview))
    assert len(first["jobs"]["jobs"]) == page_overview.MOST_JOBS
    assert first["jobs"]["counts"] == {"completed": page_overview.MOST_JOBS + 5}
    assert (len(first["files"]["files"]), first["files"]["count"]) == (
        page_overview.MOST_FILES,
        page_overview.MOST_FILES + 5,
    )
    assert (len(first["faults"]["faults"]), first["faults"]["count"]) == (
        page_overview.MOST_FAULTS,
        page_overview.MOST_FAULTS + 5,
    )
    assert len(json.dumps(first["faults"])) < 60_000


def _stored(emulator: Emulator, name: str) -> Any:
    return emulator.files.record(emulator.files.put(name.encode(), "txt", name, "input"))


@pytest.mark.beyond_contract
def test_hostile_words_stay_values_in_one_line(
    overview: Overview, emulator: Emulator, client: httpx.Client
) -> None:
    """They reach the page as JSON, which no line break in them can end; the page makes text of them."""
    graph = picture(text=HOSTILE)
    graph["3"]["_meta"] = {"title": HOSTILE}
    client.post("/api/prompt", json={"prompt": graph, "extra_data": {HOSTILE: HOSTILE}})
    client.get(f"/api/{quote(HOSTILE)}", params={HOSTILE: HOSTILE})
    emulator.store.assets.add(_stored(emulator, HOSTILE), tags=[HOSTILE])
    emulator.faults.add(Fault.status_burst(body=HOSTILE * 900, path=HOSTILE))
    news = list(Feed(overview).updates())
    assert all(b"\n" not in each.value and b"\r" not in each.value for each in news)
    told = {each.section: json.loads(each.value) for each in news}
    assert "<img src=x onerror=" in told["jobs"]["jobs"][0]["words"]
    assert "<img src=x onerror=" in told["files"]["files"][0]["name"]
    assert len(told["faults"]["faults"][0]["fault"]["body"]) <= 160
    with stream(emulator) as events:
        assert set(dict(next(events) for _ in SECTIONS)) == SECTIONS


@pytest.mark.beyond_contract
def test_keys_are_covered(overview: Overview, emulator: Emulator, client: httpx.Client) -> None:
    client.get(f"/api/jobs/{emulator.key}")
    client.get("/api/user", params={"token": "secret-1", "a": emulator.key})
    with connect_socket(
        f"{emulator.url.replace('http', 'ws')}/ws?token={emulator.key}", proxy=None
    ) as socket:
        socket.recv(timeout=30)
        rows = look(Feed(overview))["requests"]["rows"]
    assert [row["path"] for row in rows] == [
        "/ws?token=[REDACTED]",
        "/api/user?token=[REDACTED]&a=[REDACTED]",
        "/api/jobs/[REDACTED]",
    ]
    assert (rows[0]["status"], rows[0]["seconds"]) == (101, None)


def test_graphs_may_be_anything(overview: Overview, emulator: Emulator) -> None:
    for graph in ({}, {"1": 3}, {"1": {"class_type": 4, "inputs": [1]}}, {"1": {"_meta": {"title": 5}}}):
        emulator.store.add_job("in_progress", graph=graph)
    jobs = look(Feed(overview))["jobs"]["jobs"]
    assert [job["words"] for job in reversed(jobs)] == ["", "?", "4", "?"]
    assert not any(job["moves"] for job in jobs)


def test_what_failed_says_why(overview: Overview, emulator: Emulator) -> None:
    emulator.store.add_job("failed")
    (job,) = look(Feed(overview))["jobs"]["jobs"]
    assert job["error"] == {
        "type": "ValueError",
        "message": "width and height must be positive",
        "node_id": "1",
        "node_type": "EmptyImage",
    }


def test_how_long_a_request_took_is_known_before_its_answer_is_over(
    start_emulator: Callable[..., Emulator], connect: Callable[[Emulator], httpx.Client]
) -> None:
    known: list[bool] = []
    emulator = start_emulator(on_exchange=lambda request, *_: known.append(request.seconds is not None))
    connect(emulator).get("/api/features")
    assert known == [True]


def test_requests_carry_how_long_they_took(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.reset(path="/api/queue"))
    client.get("/api/user")
    with pytest.raises(httpx.TransportError):
        client.get("/api/queue")
    client.get("/api/features")
    answered, broken, _ = emulator.requests
    assert answered.seconds is not None
    assert (broken.status, broken.seconds is None) == (None, False)
    assert 0 < answered.seconds < 60
    assert answered.started <= broken.started
    shown = client.get("/_emulator/requests").json()["requests"][0]
    assert (shown["started"], shown["seconds"]) == (answered.started, answered.seconds)
