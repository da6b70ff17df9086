"""`cloud.map` with a journal: a later call resumes, and nothing is submitted twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import (
    InvalidWorkflow,
    JobCancelled,
    JobFailed,
    JobStatus,
    JobSubmitted,
    NotFound,
    Retry,
    SubmissionUncertain,
    WaitTimeout,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, posts
from .maps import CrashAt, Interrupted, color_inputs, executed_once, results, resume, run_until_crash
from .test_job_events import SAMPLER_GRAPH

ONE_TRANSPORT = True  # a crash ends the map above the transport

Start = Callable[..., Emulator]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "map.jsonl"


# Resuming


async def test_finished_variants_come_from_the_journal_and_do_not_rerun(
    start_emulator: Start, time: FakeTime, path: Path
) -> None:
    emulator = start_emulator(tier="creator")
    first = await resume(emulator, time, path, 12)
    emulator.clear_requests()
    again = await resume(emulator, time, path, 12)
    assert posts(emulator) == 0
    assert {request.path for request in emulator.requests} == {
        "/api/features",
        *(f"/api/jobs/{result.unwrap().id}" for result in first.values()),
    }
    assert len(emulator.requests) == 13
    for index, result in again.items():
        assert result.from_journal
        assert not first[index].from_journal
        assert result.inputs == {"1.color": index}
        assert result.unwrap() == first[index].unwrap() or result.unwrap().id == first[index].unwrap().id
        assert result.unwrap().outputs
        assert result.unwrap().status is JobStatus.COMPLETED
    executed_once(emulator, 12)


@pytest.mark.parametrize("at", [1, 2, 5])
@pytest.mark.parametrize(
    ("hook", "operation"),
    [
        ("on_request", "executePrompt"),  # recorded, but not sent
        ("on_response", "executePrompt"),  # accepted, but its id not recorded
        ("on_request", "getJobDetail"),  # submitted, and running
        ("on_response", "getJobDetail"),
    ],
)
async def test_a_crash_at_any_point_loses_and_doubles_nothing(
    start_emulator: Start, time: FakeTime, path: Path, hook: str, operation: str, at: int
) -> None:
    emulator = start_emulator(tier="creator")
    await run_until_crash(emulator, time, path, **{hook: CrashAt(operation, at)})
    found = await resume(emulator, time, path)
    assert all(result.is_completed for result in found.values())
    executed_once(emulator, 5)
    assert {submission.graph["1"]["inputs"]["color"] for submission in emulator.submissions} == set(range(5))


async def test_repeated_crashes(start_emulator: Start, time: FakeTime, path: Path) -> None:
    emulator = start_emulator(tier="creator")
    for hook, operation in [("on_request", "executePrompt"), ("on_response", "executePrompt")] * 4:
        await run_until_crash(emulator, time, path, 12, **{hook: CrashAt(operation, 2)})
    found = await resume(emulator, time, path, 12)
    assert all(result.is_completed for result in found.values())
    executed_once(emulator, 12)


async def test_running_jobs_are_resumed_and_reported(
    start_emulator: Start, time: FakeTime, path: Path
) -> None:
    emulator = start_emulator(tier="creator")
    await run_until_crash(emulator, time, path, on_request=CrashAt("getJobDetail"))
    seen: list[Any] = []
    found = await resume(emulator, time, path, on_event=seen.append)
    submitted = {event.index: event.job_id for event in seen if isinstance(event, JobSubmitted)}
    assert submitted == {index: result.unwrap().id for index, result in found.items()}
    assert [found[index].from_journal for index in range(5)] == [True, True, True, False, False]
    executed_once(emulator, 5)


@pytest.mark.parametrize("lag", [0, 9])
async def test_an_open_submission_is_searched_for_by_its_nonce(
    empty_emulator: Emulator, time: FakeTime, path: Path, lag: float
) -> None:
    if lag:
        empty_emulator.faults.add(Fault.lagging(seconds=lag))
    await run_until_crash(empty_emulator, time, path, on_response=CrashAt("executePrompt"))
    found = await resume(empty_emulator, time, path, 2)
    assert [found[0].from_journal, found[1].from_journal] == [True, False]
    assert posts(empty_emulator) == 2
    executed_once(empty_emulator, 2)


async def test_an_unsent_submission_is_sent_once_that_is_proved(
    empty_emulator: Emulator, time: FakeTime, path: Path
) -> None:
    await run_until_crash(empty_emulator, time, path, on_request=CrashAt("executePrompt"))
    assert empty_emulator.submissions == []
    nonce = json.loads(path.read_text().splitlines()[-1])["begin"]
    began = time.monotonic()
    found = await resume(empty_emulator, time, path, 1)
    assert not found[0].from_journal
    assert time.monotonic() - began >= 15
    (submission,) = empty_emulator.submissions
    assert submission.extra_data["comfy_cloud_nonce"] == nonce


async def test_an_uncertain_submission_is_never_sent_again(
    start_emulator: Start, time: FakeTime, path: Path
) -> None:
    emulator = start_emulator(quirks=["drop_extra_data"])
    await run_until_crash(emulator, time, path, on_response=CrashAt("executePrompt", 2))
    for _ in range(2):
        found = await resume(emulator, time, path, 3)
        assert [type(found[index].error) for index in range(3)] == [
            type(None),
            SubmissionUncertain,
            type(None),
        ]
    assert posts(emulator) == 3
    executed_once(emulator, 3)


async def test_an_uncertain_submission_is_settled_when_the_lists_are_back(
    empty_emulator: Emulator, time: FakeTime, path: Path
) -> None:
    empty_emulator.faults.add(Fault.accepted_then(500), Fault.status_burst(500, times=None, method="GET"))
    async with client(empty_emulator, time, retry=Retry(attempts=2, budget=5)) as cloud:
        (doubtful,) = await results(cloud.map(IMAGE_GRAPH, color_inputs(1), journal=path, concurrency=1))
    assert isinstance(doubtful.error, SubmissionUncertain)
    empty_emulator.faults.clear()
    found = await resume(empty_emulator, time, path, 1)
    assert found[0].is_completed
    assert found[0].from_journal
    executed_once(empty_emulator, 1)


async def test_drawn_seeds_are_kept_on_resuming(empty_emulator: Emulator, time: FakeTime, path: Path) -> None:
    async def mapped(**hooks: Any) -> Any:
        async with client(empty_emulator, time, **hooks) as cloud:
            return await results(
                cloud.map(SAMPLER_GRAPH, [{}, {}], journal=path, randomise_seeds=True, detach=True)
            )

    time.chance = 0.3
    with pytest.raises(Interrupted):
        await mapped(on_request=CrashAt("executePrompt", 2))
    time.chance = 0.6
    found = {result.index: result.unwrap() for result in await mapped()}
    sent = [submission.graph["4"]["inputs"]["seed"] for submission in empty_emulator.submissions]
    assert sent[0] == sent[1] == int(0.3 * 2**31)
    assert [found[index].seeds for index in range(2)] == [{"4.seed": sent[0]}, {"4.seed": sent[0]}]


# Leaving and resuming


async def test_variants_cancelled_by_leaving_run_again(
    start_emulator: Start, time: FakeTime, path: Path
) -> None:
    emulator = start_emulator(tier="creator")
    async with client(emulator, time) as cloud:
        async with aclosing(cloud.map(IMAGE_GRAPH, color_inputs(6), journal=path)) as mapped:
            async for _ in mapped:
                break
    first = [submission.prompt_id for submission in emulator.submissions]
    found = await resume(emulator, time, path, 6)
    assert all(result.is_completed for result in found.values())
    completed = {result.unwrap().id for result in found.values()}
    cancelled = set(first) - completed
    assert 0 < len(cancelled) <= 3
    assert len(emulator.submissions) == 6 + len(cancelled)
    assert {emulator.jobs.executed(job_id) for job_id in completed} == {1}


async def test_variants_that_timed_out_are_waited_for(
    empty_emulator: Emulator, time: FakeTime, path: Path
) -> None:
    found = await resume(empty_emulator, time, path, 1, timeout=0.1)
    assert isinstance(found[0].error, WaitTimeout)
    found = await resume(empty_emulator, time, path, 1)
    assert found[0].is_completed
    assert found[0].from_journal
    executed_once(empty_emulator, 1)


# Failed, rejected and deleted jobs


async def test_failed_and_cancelled_variants_rerun_only_on_request(
    start_emulator: Start, time: FakeTime, path: Path
) -> None:
    emulator = start_emulator()
    emulator.jobs.fail_next("OOMError", node="2")

    def cancel(event: Any) -> None:
        if isinstance(event, JobSubmitted) and event.index == 1 and event.job_id is not None:
            emulator.jobs.cancel(event.job_id)

    await resume(emulator, time, path, 3, on_event=cancel)
    again = await resume(emulator, time, path, 3)
    assert [type(again[index].error) for index in range(3)] == [JobFailed, JobCancelled, type(None)]
    assert "OOMError" in str(again[0].error)
    assert len(emulator.submissions) == 3
    retried = await resume(emulator, time, path, 3, retry_failed=True)
    assert all(result.is_completed for result in retried.values())
    assert [retried[index].from_journal for index in range(3)] == [False, False, True]
    last = await resume(emulator, time, path, 3)
    assert all(result.from_journal and result.is_completed for result in last.values())
    assert len(emulator.submissions) == 5


async def test_rejected_variants_are_submitted_again(
    start_emulator: Start, time: FakeTime, path: Path
) -> None:
    emulator = start_emulator(quirks=["validate_at_submit"])
    inputs = [{"1.width": "wide"}, {"1.color": 1}]
    for count in (1, 2):
        async with client(emulator, time) as cloud:
            found = await results(cloud.map(IMAGE_GRAPH, inputs, journal=path))
        assert {result.index: type(result.error) for result in found} == {0: InvalidWorkflow, 1: type(None)}
        assert posts(emulator) == 1 + count
        # Nothing was accepted, so there is nothing to search for.
        assert "/api/queue" not in {request.path for request in emulator.requests}


async def test_a_job_that_is_gone(empty_emulator: Emulator, time: FakeTime, path: Path) -> None:
    await run_until_crash(empty_emulator, time, path, on_request=CrashAt("getJobDetail"))
    (submission,) = empty_emulator.submissions
    empty_emulator.store.delete(submission.prompt_id)
    for _ in range(2):
        found = await resume(empty_emulator, time, path, 1)
        assert isinstance(found[0].error, NotFound)
    assert len(empty_emulator.submissions) == 1
    assert (await resume(empty_emulator, time, path, 1, retry_failed=True))[0].is_completed


async def test_a_finished_job_that_was_deleted_since(
    empty_emulator: Emulator, time: FakeTime, path: Path
) -> None:
    empty_emulator.jobs.fail_next("OOMError", node="2")
    first = await resume(empty_emulator, time, path, 2)
    for result in first.values():
        assert result.job is not None
        empty_emulator.store.delete(result.job.id)
    began = time.monotonic()
    found = await resume(empty_emulator, time, path, 2)
    assert isinstance(found[0].error, JobFailed)
    assert found[1].is_completed
    assert found[1].unwrap().status is JobStatus.COMPLETED
    assert found[1].unwrap().outputs == []
    assert time.monotonic() - began < 1
    assert len(empty_emulator.submissions) == 2


async def test_finished_variants_are_not_read_far_ahead(
    start_emulator: Start, time: FakeTime, path: Path
) -> None:
    emulator = start_emulator(tier="creator")
    await resume(emulator, time, path, 30)
    read: list[int] = []

    def inputs() -> Iterator[dict[str, Any]]:
        for number in range(30):
            read.append(number)
            yield {"1.color": number}

    yielded = 0
    async with client(emulator, time) as cloud:
        async for _ in cloud.map(IMAGE_GRAPH, inputs(), journal=path, concurrency=2):
            yielded += 1
            # Two slots, eight jobs that are read at the same time, and the one just yielded.
            assert len(read) <= yielded + 2 + 8
    assert yielded == len(read) == 30
