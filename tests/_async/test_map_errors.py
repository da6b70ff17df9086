"""Errors that stop a map, and errors that pass: rejections, a full queue, an outage."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    AsyncMapResult,
    ConfigurationError,
    ConnectionFailed,
    Forbidden,
    NotSupported,
    PaymentRequired,
    RateLimited,
    ServerError,
    Unauthorized,
    UnexpectedResponse,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, posts
from .maps import collect, color_inputs, executed_once, results
from .test_submission import DOT

Start = Callable[..., Emulator]
DETAIL = "/api/jobs/*"


# Errors for all variants


def refusal(status: int, type: str = "X") -> Fault:
    body = {"error": {"type": type, "message": "no"}}
    return Fault.status_burst(status, times=None, method="POST", path="/api/prompt", body=body, after=2)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (refusal(401), Unauthorized),
        (refusal(402, "PAYMENT_REQUIRED"), PaymentRequired),
        (refusal(403), Forbidden),
        (refusal(405), NotSupported),
        (Fault.html(302, method="POST", path="/api/prompt", times=None, after=2), UnexpectedResponse),
    ],
)
async def test_an_error_for_all_variants_stops_the_map_after_the_running_jobs(
    start_emulator: Start,
    time: FakeTime,
    fault: Fault,
    error: type[Exception],
    caplog: pytest.LogCaptureFixture,
) -> None:
    emulator = start_emulator(tier="pro")
    emulator.faults.add(fault)
    given: list[AsyncMapResult] = []
    async with client(emulator, time, api="v1") as cloud:
        with caplog.at_level(logging.WARNING, "comfy_cloud"), pytest.raises(error):
            await collect(cloud.map(IMAGE_GRAPH, color_inputs(9)), given)
    assert sorted(result.index for result in given) == [0, 1]
    assert all(result.is_completed for result in given)
    assert posts(emulator) == 3
    assert "the map submits nothing more" in caplog.text


async def test_a_key_that_is_revoked_during_the_map(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(tier="creator")
    given: list[AsyncMapResult] = []
    async with client(emulator, time) as cloud:
        refused = Fault.status_burst(401, times=None)
        with pytest.raises(Unauthorized):
            await collect(
                cloud.map(IMAGE_GRAPH, color_inputs(9)),
                given,
                lambda count: emulator.faults.add(refused) if count == 2 else None,
            )
    errors = [type(result.error) for result in given]
    assert set(errors) == {type(None), Unauthorized}
    assert errors[-1] is Unauthorized
    assert len(given) == len(emulator.submissions)


async def test_a_job_that_may_not_be_read_concerns_only_its_variant(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    empty_emulator.faults.add(Fault.status_burst(403, path=DETAIL))
    found = await results(cloud.map(IMAGE_GRAPH, color_inputs(3)))
    assert sorted(str(type(result.error).__name__) for result in found) == [
        "Forbidden",
        "NoneType",
        "NoneType",
    ]


async def test_a_rejected_key_is_tried_once(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time, api_key="comfyui-wrong-key") as cloud:
        with pytest.raises(Unauthorized):
            await results(cloud.map(IMAGE_GRAPH, color_inputs(3)))
    assert posts(empty_emulator) == 1
    assert empty_emulator.submissions == []


@pytest.mark.parametrize(
    ("workflow", "options", "match"),
    [
        ({}, {}, "is empty"),
        ("nowhere.json", {}, "neither JSON nor a file"),
        (IMAGE_GRAPH, {"partial_execution_targets": "2"}, "list of node ids"),
        (IMAGE_GRAPH, {"partner_nodes": True, "api_key": None}, "partner_api_key"),
    ],
)
async def test_shared_options_are_checked_before_anything_is_sent(
    empty_emulator: Emulator, time: FakeTime, workflow: Any, options: dict[str, Any], match: str
) -> None:
    options = dict(options)
    settings = {"api_key": options.pop("api_key")} if "api_key" in options else {}
    async with client(empty_emulator, time, **settings) as cloud:
        with pytest.raises(ConfigurationError, match=match):
            await results(cloud.map(workflow, color_inputs(3), **options))
    assert empty_emulator.requests == []


async def test_arguments_are_checked_at_once(cloud: AsyncComfyCloud) -> None:
    with pytest.raises(ConfigurationError, match="many variants"):
        cloud.map(IMAGE_GRAPH, {"1.color": 1})  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="concurrency"):
        cloud.map(IMAGE_GRAPH, color_inputs(2), concurrency=0)


# Errors that pass


async def test_a_full_queue_is_waited_for_as_long_as_it_takes(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime
) -> None:
    full = {"error": {"type": "QUEUE_LIMIT", "message": "full"}}
    empty_emulator.faults.add(
        Fault.status_burst(
            429, times=60, method="POST", path="/api/prompt", body=full, retry_after=40, after=1
        )
    )
    found = await results(cloud.map(IMAGE_GRAPH, color_inputs(3)))
    assert all(result.is_completed for result in found)
    assert time.monotonic() > 60 * 40
    executed_once(empty_emulator, 3)


async def test_the_others_are_read_while_the_queue_is_full(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(tier="creator")
    full = {"error": {"type": "QUEUE_LIMIT", "message": "full"}}
    emulator.faults.add(
        Fault.status_burst(
            429, times=9, method="POST", path="/api/prompt", body=full, retry_after=20, after=2
        )
    )
    async with client(emulator, time) as cloud:
        instants = [time.monotonic() async for _ in cloud.map(IMAGE_GRAPH, color_inputs(3))]
    assert instants[1] < 10 < 150 < instants[2]


async def test_a_service_that_is_too_busy_for_too_long_stops_the_map(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime
) -> None:
    busy = {"error": {"type": "BILLING_UNAVAILABLE", "message": "busy"}}
    empty_emulator.faults.add(
        Fault.status_burst(429, times=None, method="POST", path="/api/prompt", body=busy)
    )
    with pytest.raises(RateLimited):
        await results(cloud.map(IMAGE_GRAPH, color_inputs(3)))
    assert 600 <= time.monotonic() < 700


async def test_an_outage_of_minutes_during_a_map(
    start_emulator: Start, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every request fails for five minutes: nothing is lost, and nothing is sent twice."""
    emulator = start_emulator(tier="creator")
    async with client(emulator, time) as cloud:
        given = []
        down_at = None
        async for result in cloud.map(IMAGE_GRAPH, color_inputs(10)):
            given.append(result)
            if len(given) == 3:
                down_at = time.monotonic()
                emulator.faults.add(Fault.status_burst(503, times=None))
                sleep, heal = time.sleep, down_at + 300

                def wait(seconds: float, sleep: Any = sleep, heal: float = heal) -> None:
                    if time.monotonic() + seconds > heal:
                        emulator.faults.clear()
                    sleep(seconds)

                monkeypatch.setattr(time, "sleep", wait)
    assert down_at is not None
    assert time.monotonic() > down_at + 300
    assert sorted(result.index for result in given) == list(range(10))
    assert all(result.is_completed for result in given)
    executed_once(emulator, 10)


async def test_a_server_that_cannot_be_reached_for_too_long_stops_the_map(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime
) -> None:
    given: list[AsyncMapResult] = []
    with pytest.raises(ConnectionFailed) as caught:
        await collect(
            cloud.map(IMAGE_GRAPH, color_inputs(3)),
            given,
            lambda count: empty_emulator.stop() if count == 1 else None,
        )
    assert not caught.value.was_sent
    # The running job could not be followed to its end.
    assert [type(result.error) for result in given] == [type(None), ConnectionFailed]
    assert time.monotonic() > 600


async def test_uploads_that_fail_for_a_while(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    path = tmp_path / "dot.png"
    path.write_bytes(DOT)
    graph = {"1": {"class_type": "LoadImage", "inputs": {"image": "x"}}, "2": IMAGE_GRAPH["2"]}
    empty_emulator.faults.add(Fault.status_burst(503, times=20, path="/api/assets*"))
    async with client(empty_emulator, time) as cloud:
        (result,) = await results(cloud.map(graph, [{"1.image": path}]))
    assert result.is_completed
    empty_emulator.faults.add(Fault.status_burst(503, times=None, path="/api/assets*"))
    path.write_bytes(DOT + b"more")
    async with client(empty_emulator, time) as cloud:
        failed, fine = await results(cloud.map(graph, [{"1.image": path}, {}]))
    assert isinstance(failed.error, ServerError)
    assert failed.job is None
    assert fine.index == 1


async def test_a_lost_response_delays_the_next_submission_until_it_is_found(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator(tier="creator")
    emulator.faults.add(Fault.accepted_then(502, lag_seconds=9, after=1), Fault("refused", after=2))
    async with client(emulator, time) as cloud:
        found = await results(cloud.map(IMAGE_GRAPH, color_inputs(5)))
    assert all(result.is_completed for result in found)
    assert posts(emulator) == 6
    executed_once(emulator, 5)
    instants = [submission.create_time for submission in emulator.submissions]
    assert instants[2] - instants[1] >= 9000
