"""`cloud.map` over real sockets: bounded concurrency, order of results, isolated failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    AsyncMapFailure,
    AsyncMapResult,
    AsyncMapSuccess,
    ComfyCloudWarning,
    ConfigurationError,
    Event,
    InvalidWorkflow,
    JobCancelled,
    JobFailed,
    JobStatus,
    JobSubmitted,
    NotFound,
    Retry,
    SubmissionUncertain,
    UnexpectedResponse,
    WaitTimeout,
)
from comfy_cloud._async._submission.map_variant import AsyncVariant
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, image_graph, posts
from .maps import collect, color_inputs, color_of, executed_once, results
from .test_job_events import SAMPLER_GRAPH
from .test_submission import DOT

Start = Callable[..., Emulator]


# Concurrency and order


async def test_every_variant_runs_once_and_has_its_inputs(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(tier="creator")
    inputs = color_inputs(8)
    async with client(emulator, time) as cloud:
        found = await results(cloud.map(IMAGE_GRAPH, inputs))
    assert sorted(result.index for result in found) == list(range(8))
    for result in found:
        assert result.inputs is inputs[result.index]
        assert result.is_completed
        assert not result.from_journal
        assert result.unwrap() is result.job
        assert result.job is not None
        assert result.job.status is JobStatus.COMPLETED
        assert result.job.outputs
        assert color_of(result) == result.index
    executed_once(emulator, 8)
    assert "inputs" not in repr(found[0])


@pytest.mark.parametrize(("tier", "most"), [("standard", 1), ("creator", 3), ("pro", 5)])
async def test_as_many_jobs_run_as_the_account_allows(
    start_emulator: Start, time: FakeTime, tier: str, most: int
) -> None:
    emulator = start_emulator(tier=tier)
    running: list[int] = []

    def inputs() -> Iterator[dict[str, Any]]:
        for number in range(12):
            # Read when a slot is free.
            running.append(emulator.store.count("pending", "in_progress"))
            yield {"1.color": number}

    async with client(emulator, time) as cloud:
        found = await results(cloud.map(IMAGE_GRAPH, inputs()))
    assert len(found) == 12
    assert max(running) == most - 1
    assert sum(request.path == "/api/features" for request in emulator.requests) == 1


async def test_the_concurrency_can_be_set(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(tier="pro")
    waiting: list[int] = []

    def count_jobs(info: object) -> None:
        waiting.append(emulator.store.count("pending", "in_progress"))

    async with client(emulator, time, on_request=count_jobs) as cloud:
        await results(cloud.map(IMAGE_GRAPH, color_inputs(9), concurrency=2))
    assert max(waiting) == 2
    assert "/api/features" not in {request.path for request in emulator.requests}


async def test_endless_inputs_are_read_only_as_slots_become_free(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator(tier="creator")
    read: list[int] = []

    def endless() -> Iterator[dict[str, Any]]:
        while True:
            read.append(len(read))
            yield {"1.color": read[-1]}

    given: list[AsyncMapResult] = []
    async with client(emulator, time) as cloud:
        async with aclosing(cloud.map(IMAGE_GRAPH, endless(), concurrency=3)) as mapped:
            async for result in mapped:
                given.append(result)
                # The yielded ones, and at most three more.
                assert len(emulator.submissions) <= len(read) <= len(given) + 3
                if len(given) == 7:
                    break
    assert len(emulator.submissions) <= 10


async def test_invalid_inputs_are_not_read_ahead_either(empty_emulator: Emulator, time: FakeTime) -> None:
    read: list[int] = []

    def endless() -> Iterator[dict[str, Any]]:
        while True:
            read.append(len(read))
            yield {"9.color": 1}

    given: list[AsyncMapResult] = []
    async with client(empty_emulator, time) as cloud:
        async with aclosing(cloud.map(IMAGE_GRAPH, endless(), concurrency=3)) as mapped:
            async for result in mapped:
                given.append(result)
                assert len(read) <= len(given) + 3
                if len(given) == 20:
                    break
    assert empty_emulator.submissions == []


async def test_a_quick_variant_does_not_wait_for_a_slow_one(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(tier="creator")
    inputs = [{"4.steps": steps} for steps in (150, 2, 3)]
    async with client(emulator, time) as cloud:
        found = await results(cloud.map(SAMPLER_GRAPH, inputs))
    assert [result.index for result in found] == [1, 2, 0]


async def test_the_service_has_work_while_a_result_is_handled(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    counts: list[int] = []
    await collect(
        cloud.map(IMAGE_GRAPH, color_inputs(4)),
        [],
        lambda given: counts.append(len(empty_emulator.submissions)),
    )
    assert counts == [2, 3, 4, 4]


async def test_the_tier_decides_when_the_limit_is_missing_and_else_one_job(
    empty_emulator: Emulator, time: FakeTime
) -> None:
    async def most_waiting(features: Fault) -> int:
        waiting: list[int] = []
        empty_emulator.faults.clear()
        empty_emulator.faults.add(features)
        store = empty_emulator.store
        hook = lambda info: waiting.append(store.count("pending", "in_progress"))  # noqa: E731
        async with client(empty_emulator, time, on_request=hook, retry=Retry.none()) as cloud:
            assert len(await results(cloud.map(IMAGE_GRAPH, color_inputs(5)))) == 5
        return max(waiting)

    path = "/api/features"
    assert (
        await most_waiting(Fault("status", status=200, body={"subscription_tier": "Creator"}, path=path)) == 3
    )
    assert await most_waiting(Fault("status", status=200, body={}, path=path)) == 1
    assert await most_waiting(Fault.retired(path)) == 1
    assert await most_waiting(Fault.status_burst(503, path=path)) == 1


async def test_nothing_to_do(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    assert await results(cloud.map(IMAGE_GRAPH, [])) == []
    (result,) = await results(cloud.map(IMAGE_GRAPH, [None]))
    (empty,) = await results(cloud.map(image_graph(3), [{}]))
    assert result.is_completed
    assert empty.is_completed
    assert len(empty_emulator.submissions) == 2


async def test_seeds_are_drawn_for_each_variant_and_options_passed_on(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    graph = {**IMAGE_GRAPH, "3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 1}}}
    chances = iter([0.1, 0.2, 0.3])
    draw = cloud._session.runtime.random
    cloud._session.runtime.random = lambda: next(chances, draw())
    found = await results(
        cloud.map(
            graph,
            [{"1.color": 1}, {"1.color": 2}, {"3.seed": 7}],
            randomise_seeds=True,
            extra_data={"note": "mine"},
            partial_execution_targets=iter(["2"]),
            workflow_id="w-1",
            client_id="me",
        )
    )
    seeds = [submission.graph["3"]["inputs"]["seed"] for submission in empty_emulator.submissions]
    assert len(set(seeds)) == 3
    assert seeds[2] == 7
    by_index = {result.index: result.unwrap().seeds for result in found}
    assert [by_index[index] for index in range(3)] == [{"3.seed": seeds[0]}, {"3.seed": seeds[1]}, {}]
    for submission in empty_emulator.submissions:
        assert submission.extra_data["note"] == "mine"
        assert submission.partial_execution_targets == ("2",)
        assert (submission.workflow_id, submission.client_id) == ("w-1", "me")


async def test_a_local_file_of_many_variants_is_uploaded_once(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "dot.png"
    path.write_bytes(DOT)
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "x"}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    inputs = [{"1.image": path, "2.filename_prefix": f"p{number}"} for number in range(4)]
    found = await results(cloud.map(graph, inputs))
    assert all(result.is_completed for result in found)
    assert (
        sum(request.path.startswith("/api/assets") for request in empty_emulator.requests) == 2
    )  # looked up, sent


# Isolated failures


async def test_each_failure_is_the_result_of_its_variant(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(tier="creator", quirks=["validate_at_submit"])
    emulator.jobs.fail_next("OOMError", node="2")
    inputs: list[Any] = [
        {"1.color": 1},  # fails when it runs
        {"9.color": 1},  # no such node
        {"1.width": "wide"},  # rejected by the server
        ["1.color"],  # no inputs at all
        {"1.color": 5},
    ]
    async with client(emulator, time) as cloud:
        found = {result.index: result for result in await results(cloud.map(IMAGE_GRAPH, inputs))}
    assert [type(found[index].error) for index in range(5)] == [
        JobFailed,
        ConfigurationError,
        InvalidWorkflow,
        ConfigurationError,
        type(None),
    ]
    assert found[0].job is not None
    assert found[0].job.status is JobStatus.FAILED
    assert all(found[index].job is None for index in (1, 2, 3))
    with pytest.raises(JobFailed, match="OOMError"):
        found[0].unwrap()
    with pytest.raises(ConfigurationError, match="No node is called '9'"):
        found[1].unwrap()
    assert len(emulator.submissions) == 2


async def test_a_result_is_a_success_or_a_failure(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    empty_emulator.jobs.fail_next("OOMError")
    failed, completed = await results(cloud.map(IMAGE_GRAPH, color_inputs(2), concurrency=1))
    without_either = AsyncVariant(0, {}).result(cloud._parts.job_operations, None)
    assert isinstance(completed, AsyncMapSuccess)
    assert isinstance(failed, AsyncMapFailure)
    assert isinstance(failed, AsyncMapResult)
    assert (completed.ok, completed.is_completed, completed.error) == (True, True, None)
    assert completed.unwrap() is completed.job
    assert (failed.ok, failed.is_completed) == (False, False)
    with pytest.raises(JobFailed):
        failed.unwrap()
    with pytest.raises(UnexpectedResponse, match="neither a job nor an error"):
        without_either.unwrap()


async def test_a_foreign_cancellation_is_the_result_of_its_variant(
    empty_emulator: Emulator, time: FakeTime
) -> None:
    def cancel(event: Event) -> None:
        if isinstance(event, JobSubmitted) and event.index == 1 and event.job_id is not None:
            empty_emulator.jobs.cancel(event.job_id)

    async with client(empty_emulator, time) as cloud:
        found = {
            result.index: result
            for result in await results(cloud.map(IMAGE_GRAPH, color_inputs(3), on_event=cancel))
        }
    assert [type(found[index].error) for index in range(3)] == [type(None), JobCancelled, type(None)]


async def test_a_job_that_takes_too_long_continues_and_so_does_the_map(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    found = await results(
        cloud.map(SAMPLER_GRAPH, [{"4.steps": 100}, {"4.steps": 1}], timeout=8, concurrency=1)
    )
    late = found[0].error
    assert isinstance(late, WaitTimeout)
    assert (late.timeout, late.status) == (8, "in_progress")
    assert found[0].job is not None
    await found[0].job.wait()
    assert found[0].job.status is JobStatus.COMPLETED
    assert not posts(empty_emulator, f"/api/jobs/{found[0].job.id}/cancel")
    assert len(found) == 2


async def test_an_uncertain_submission_is_the_result_of_its_variant(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator(quirks=["drop_extra_data"])
    emulator.faults.add(Fault.accepted_then(500, after=1))
    async with client(emulator, time) as cloud:
        found = {result.index: result for result in await results(cloud.map(IMAGE_GRAPH, color_inputs(4)))}
    assert [type(found[index].error) for index in range(4)] == [
        type(None),
        SubmissionUncertain,
        *[type(None)] * 2,
    ]
    assert found[1].job is None
    assert posts(emulator) == 4
    executed_once(emulator, 4)


async def test_a_job_that_is_gone_is_the_result_of_its_variant(
    empty_emulator: Emulator, time: FakeTime
) -> None:
    def delete(event: Event) -> None:
        if isinstance(event, JobSubmitted) and event.index == 0 and event.job_id is not None:
            empty_emulator.store.delete(event.job_id)

    async with client(empty_emulator, time) as cloud:
        found = {
            result.index: result
            for result in await results(cloud.map(IMAGE_GRAPH, color_inputs(2), on_event=delete))
        }
    assert isinstance(found[0].error, NotFound)
    assert found[1].is_completed


async def test_a_partly_accepted_graph_warns(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(quirks=["validate_at_submit"])
    half = {**IMAGE_GRAPH, "3": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}}
    async with client(emulator, time) as cloud:
        with pytest.warns(ComfyCloudWarning, match="in node 3"):
            (result,) = await results(cloud.map(half, [{}]))
    assert result.is_completed
    assert list(result.unwrap().node_errors) == ["3"]
