"""Ending jobs: cancelling, interrupting, deleting."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from comfy_cloud_emulator import Emulator
from tests.contract.exchanges import check_exchange

from ..workflows import Json, job, plain, raw_state, submit, text_to_image

Connect = Callable[[Emulator], httpx.Client]
UNKNOWN = "0f3b6a52-6a57-4d6e-8a1e-5f2a1c1d9e10"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(time="virtual", on_exchange=check_exchange) as emulator:
        yield emulator


@pytest.fixture
def two(emulator: Emulator, client: httpx.Client) -> tuple[str, str]:
    """A job running at its sampler, and one waiting for it."""
    running, waiting = submit(client, text_to_image(1)), submit(client, text_to_image(2))
    emulator.time.advance(4)
    assert [job(client, id)["status"] for id in (running, waiting)] == ["in_progress", "pending"]
    return running, waiting


def cancel(client: httpx.Client, id: str) -> bool:
    response = client.post(f"/api/jobs/{id}/cancel")
    assert response.status_code == 200, response.text
    data: Json = response.json()
    return bool(data["cancelled"])


def messages(client: httpx.Client, id: str) -> list[tuple[str, Json]]:
    entry = client.get(f"/api/history_v2/{id}").json()[id]
    assert entry["status"]["status_str"] == "error"
    return [(event, data) for event, data in entry["status"]["messages"]]


def test_a_running_job(emulator: Emulator, client: httpx.Client, two: tuple[str, str]) -> None:
    running, waiting = two
    assert cancel(client, running) is True
    assert raw_state(client, running) == "cancelled"
    events = messages(client, running)
    assert [event for event, _ in events] == ["execution_start", "execution_cached", "execution_interrupted"]
    interrupted = events[-1][1]
    assert (interrupted["node_id"], interrupted["node_type"]) == ("3", "KSampler")
    assert interrupted["executed"] == ["4", "5", "6", "7"]
    assert cancel(client, running) is False, "it is over"
    emulator.time.advance(60)
    assert job(client, running)["status"] == "cancelled", "nothing goes on"
    assert job(client, waiting)["status"] == "completed", "its slot was not freed"


def test_a_waiting_job(emulator: Emulator, client: httpx.Client, two: tuple[str, str]) -> None:
    running, waiting = two
    assert cancel(client, waiting) is True
    ((event, data),) = messages(client, waiting)
    assert event == "execution_interrupted"
    assert "node_id" not in data
    emulator.time.advance(60)
    assert job(client, running)["status"] == "completed"
    assert emulator.jobs.executed(waiting) == 0


def test_a_finished_job_stays_as_it_is(emulator: Emulator, client: httpx.Client) -> None:
    id = submit(client)
    emulator.time.advance(60)
    assert cancel(client, id) is False
    assert job(client, id)["status"] == "completed"


def test_unknown_jobs(client: httpx.Client) -> None:
    assert client.post(f"/api/jobs/{UNKNOWN}/cancel").status_code == 404
    assert client.post("/api/jobs/7/cancel").status_code == 400


def test_several_at_once(client: httpx.Client, two: tuple[str, str]) -> None:
    running, waiting = two
    response = client.post("/api/jobs/cancel", json={"job_ids": [waiting, running, waiting]})
    assert response.json() == {"cancelled": [waiting, running]}
    again = client.post("/api/jobs/cancel", json={"job_ids": [waiting]})
    assert again.json() == {"cancelled": []}


def test_several_are_cancelled_or_none(client: httpx.Client, two: tuple[str, str]) -> None:
    response = client.post("/api/jobs/cancel", json={"job_ids": [*two, UNKNOWN]})
    assert response.status_code == 404
    assert [job(client, id)["status"] for id in two] == ["in_progress", "pending"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"job_ids": []},
        {"job_ids": UNKNOWN},
        {"job_ids": ["7"]},
        {"job_ids": [UNKNOWN], "force": True},
        {"job_ids": [f"{number:08d}-0000-4000-8000-000000000000" for number in range(101)]},
    ],
)
def test_invalid_requests_are_refused(client: httpx.Client, body: Json) -> None:
    assert client.post("/api/jobs/cancel", json=body).status_code == 400


def test_deleting_from_the_queue_cancels_both(client: httpx.Client, two: tuple[str, str]) -> None:
    running, waiting = two
    response = client.post("/api/queue", json={"delete": [running, waiting, UNKNOWN]})
    assert response.json() == {"deleted": [running, waiting], "cleared": False}
    assert messages(client, running)[-1][1]["node_id"] == "3"


def test_clearing_the_queue_leaves_running_jobs(
    emulator: Emulator, client: httpx.Client, two: tuple[str, str]
) -> None:
    running, _waiting = two
    assert client.post("/api/queue", json={"clear": True}).json()["cleared"] is True
    assert [job(client, id)["status"] for id in two] == ["in_progress", "cancelled"]
    emulator.time.advance(60)
    assert job(client, running)["status"] == "completed"


def test_interrupting_ends_one_job(client: httpx.Client, two: tuple[str, str]) -> None:
    _running, waiting = two
    assert client.post("/api/interrupt").content == b""
    assert [job(client, id)["status"] for id in two] == ["cancelled", "pending"]
    assert client.post("/api/interrupt", content=b"no json").status_code == 200
    assert job(client, waiting)["status"] == "cancelled", "without a running job the oldest waiting one ends"
    assert client.post("/api/interrupt").status_code == 200, "idle is no error"


def test_interrupting_by_id(client: httpx.Client, two: tuple[str, str]) -> None:
    _running, waiting = two
    assert client.post("/api/interrupt", json={"prompt_id": waiting}).status_code == 200
    assert [job(client, id)["status"] for id in two] == ["in_progress", "cancelled"]
    assert client.post("/api/interrupt", json={"prompt_id": UNKNOWN}).status_code == 404


def test_deleting_a_job_deletes_its_files(emulator: Emulator, client: httpx.Client) -> None:
    id = submit(client)
    emulator.time.advance(60)
    assert len(emulator.store.assets.of_job(id)) == 1
    assert client.delete(f"/api/jobs/{id}").status_code == 204
    assert client.get(f"/api/jobs/{id}").status_code == 404
    assert emulator.store.assets.of_job(id) == []
    assert client.delete(f"/api/jobs/{id}").status_code == 404


def test_an_unfinished_job_is_not_deleted(client: httpx.Client, two: tuple[str, str]) -> None:
    for id in two:
        assert client.delete(f"/api/jobs/{id}").status_code == 204
        assert job(client, id)["status"] in ("pending", "in_progress")


# The published contract


@pytest.fixture
def published(connect: Connect) -> Iterator[tuple[Emulator, httpx.Client]]:
    with Emulator(time="virtual", tier="creator", quirks="published") as emulator:
        yield emulator, connect(emulator)


@pytest.mark.beyond_contract
def test_without_cancel_routes(published: tuple[Emulator, httpx.Client]) -> None:
    _, client = published
    id = submit(client)
    assert client.post(f"/api/jobs/{id}/cancel").status_code == 404
    assert client.post("/api/jobs/cancel", json={"job_ids": [id]}).status_code == 405
    assert client.delete(f"/api/jobs/{id}").status_code == 405


def test_the_published_queue_and_interrupt(
    published: tuple[Emulator, httpx.Client],
) -> None:
    emulator, client = published
    ids = [submit(client, plain(color)) for color in range(5)]
    emulator.time.advance(0.5)
    response = client.post("/api/queue", json={"delete": [ids[0], ids[4]]})
    assert response.json()["deleted"] == [ids[4]]
    client.post("/api/interrupt")
    states = [job(client, id)["status"] for id in ids]
    assert states == ["cancelled", "cancelled", "cancelled", "pending", "cancelled"]


def test_published_times_and_states(published: tuple[Emulator, httpx.Client]) -> None:
    emulator, client = published
    id = submit(client, text_to_image())
    assert raw_state(client, id) == "waiting_to_dispatch"
    emulator.time.advance(0.3)
    assert raw_state(client, id) == "pending"
    emulator.time.advance(2)
    assert raw_state(client, id) == "in_progress"
    emulator.time.advance(60)
    assert raw_state(client, id) == "completed"
    now = emulator.store.now()
    (entry,) = client.get("/api/jobs").json()["jobs"]
    detail = job(client, id)
    assert entry["create_time"] == detail["create_time"] == (now - 62_300) // 1000
    assert now - 70_000 < entry["execution_end_time"] < now
    emulator.jobs.fail_next()
    failed = submit(client)
    emulator.time.advance(60)
    assert raw_state(client, failed) == "error"
