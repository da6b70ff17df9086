"""Idempotency keys over real sockets: who gets which job, and what reaches the server."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloud,
    ConfigurationError,
    IdempotencyConflict,
    JobFailed,
    JobStatus,
    RequestTimeout,
    SQLiteIdempotencyStore,
    WaitTimeout,
    Workflow,
)
from comfy_cloud._submission.idempotency_keys import nonce_of
from comfy_cloud._submission.key_records import KeyRecord, decoded, encoded
from comfy_cloud._submission.variant_digests import VariantDigests
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, image_graph, posts, sampler_graph
from .maps import Interrupted, color_inputs, results

Start = Callable[..., Emulator]
KEY = "order-17 of Ms Miller"


@pytest.fixture
def store(tmp_path: Path, time: FakeTime) -> SQLiteIdempotencyStore:
    """A store that everybody uses, in fake time."""
    return SQLiteIdempotencyStore(tmp_path / "keys.sqlite", is_shared=True, clock=time.monotonic)


def sent_bodies(emulator: Emulator) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in emulator.requests if each.path == "/api/prompt" and each.body]


def submitted_elsewhere(emulator: Emulator, time: FakeTime, graph: dict[str, Any], store: Any) -> str:
    """Submit with the key from another thread, which shares no deadline; the id of the job."""

    def submit() -> str:
        with ComfyCloud(
            api_key=emulator.key, base_url=emulator.url, runtime=time.runtime(), idempotency_store=store
        ) as other:
            return other.submit(graph, idempotency_key=KEY).id

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(submit).result()


async def test_a_second_call_gets_the_job_of_the_first(
    empty_emulator: Emulator, time: FakeTime, store: SQLiteIdempotencyStore
) -> None:
    emulator = empty_emulator
    async with client(emulator, time, idempotency_store=store) as cloud:
        first = await cloud.submit(IMAGE_GRAPH, idempotency_key=KEY)
        assert [each.path for each in emulator.requests] == ["/api/prompt"]  # nothing beside it
        run = await cloud.run(IMAGE_GRAPH, idempotency_key=KEY)
        assert run.status is JobStatus.COMPLETED
    async with client(emulator, time, idempotency_store=store) as cloud:
        second = await cloud.submit(IMAGE_GRAPH, idempotency_key=KEY)
    assert first.id == run.id == second.id
    assert second.status is JobStatus.COMPLETED
    assert posts(emulator) == 1


async def test_what_the_server_and_the_store_see_of_a_key(
    empty_emulator: Emulator, time: FakeTime, store: SQLiteIdempotencyStore
) -> None:
    async with client(empty_emulator, time, idempotency_store=store) as cloud:
        await cloud.submit(image_graph(77), idempotency_key=KEY)
    (body,) = sent_bodies(empty_emulator)
    assert "order" not in json.dumps(body)
    assert len(body["extra_data"]["comfy_cloud_nonce"]) == 32
    content = store.path.read_bytes()
    for secret in ("order", "Miller", empty_emulator.key, "EmptyImage"):
        assert secret.encode() not in content


async def test_something_else_with_the_same_key_is_a_conflict(
    empty_emulator: Emulator, time: FakeTime, store: SQLiteIdempotencyStore
) -> None:
    async with client(empty_emulator, time, idempotency_store=store) as cloud:
        job = await cloud.submit(IMAGE_GRAPH, {"1.color": 1}, idempotency_key=KEY)
        for inputs, options in [
            ({"1.color": 2}, {}),
            ({"1.color": 1}, {"partial_execution_targets": ["2"]}),
            ({"1.color": 1}, {"randomise_seeds": True}),
        ]:
            with pytest.raises(IdempotencyConflict, match=job.id) as caught:
                await cloud.submit(IMAGE_GRAPH, inputs, idempotency_key=KEY, **options)
            assert caught.value.job_id == job.id
        # The same graph in other words.
        again = await cloud.submit(image_graph(1), idempotency_key=KEY)
        assert again.id == job.id
    assert posts(empty_emulator) == 1


async def test_a_failed_job_stays_the_job_of_its_key(
    empty_emulator: Emulator, time: FakeTime, store: SQLiteIdempotencyStore
) -> None:
    empty_emulator.jobs.fail_next("OOMError")
    async with client(empty_emulator, time, idempotency_store=store) as cloud:
        for _ in range(2):
            with pytest.raises(JobFailed):
                await cloud.run(IMAGE_GRAPH, idempotency_key=KEY)
        assert (await cloud.run(IMAGE_GRAPH, idempotency_key="order-18")).status is JobStatus.COMPLETED
    assert posts(empty_emulator) == 2


async def test_drawn_seeds_are_those_of_the_first_call(
    empty_emulator: Emulator, time: FakeTime, store: SQLiteIdempotencyStore
) -> None:
    async with client(empty_emulator, time, idempotency_store=store) as cloud:
        first = await cloud.submit(sampler_graph(1), randomise_seeds=True, idempotency_key=KEY)
        time.chance = 0.25
        second = await cloud.submit(sampler_graph(1), randomise_seeds=True, idempotency_key=KEY)
    assert first.seeds
    assert (second.id, second.seeds) == (first.id, first.seeds)


async def test_what_was_never_sent_is_sent_with_the_seeds_that_were_recorded(
    empty_emulator: Emulator, time: FakeTime, store: SQLiteIdempotencyStore
) -> None:
    """A program was killed between the two, so a later one searches in vain, and sends it."""
    graph = sampler_graph(1)
    request = VariantDigests().of(Workflow(graph), [None, None, True])
    seeds = {"4.seed": 12345}
    at = datetime.now(UTC)
    record = KeyRecord(request=request, was_sent=True, begun_at=at, graph="?", seeds=seeds)
    async with client(empty_emulator, time, idempotency_store=store) as cloud:
        store.update(nonce_of(KEY, cloud.settings), lambda content, now: encoded(record))
        job = await cloud.submit(graph, randomise_seeds=True, idempotency_key=KEY)
    (body,) = sent_bodies(empty_emulator)
    assert body["prompt"]["4"]["inputs"]["seed"] == 12345
    assert job.seeds == seeds


async def test_an_interrupted_caller_leaves_the_job_of_another_one_alone(
    start_emulator: Start, time: FakeTime, store: SQLiteIdempotencyStore, caplog: pytest.LogCaptureFixture
) -> None:
    emulator = start_emulator()
    graph = sampler_graph(3, steps=200)

    def interrupt(info: Any) -> None:
        if info.operation == "getJobDetail":
            raise Interrupted

    async with client(emulator, time, idempotency_store=store) as first:
        job = await first.submit(graph, idempotency_key=KEY)
        with caplog.at_level(logging.WARNING), pytest.raises(Interrupted):
            async with client(emulator, time, idempotency_store=store, on_request=interrupt) as second:
                await second.run(graph, idempotency_key=KEY)
        assert f"interrupted: job {job.id} continues" in caplog.text
        assert not (await job.refresh()).status.is_terminal


async def test_a_program_that_stood_still_before_sending_sends_nothing(
    empty_emulator: Emulator, time: FakeTime, store: SQLiteIdempotencyStore
) -> None:
    """It may hold the key no more, and another one has sent meanwhile."""
    ids: list[str] = []

    def stand_still(info: Any) -> None:
        if info.operation == "executePrompt" and not ids:
            time.advance(100)
            ids.append(submitted_elsewhere(empty_emulator, time, IMAGE_GRAPH, store))

    async with client(empty_emulator, time, idempotency_store=store, on_request=stand_still) as cloud:
        with pytest.raises(RequestTimeout, match="not sent"):
            await cloud.submit(IMAGE_GRAPH, idempotency_key=KEY)
        assert (await cloud.submit(IMAGE_GRAPH, idempotency_key=KEY)).id == ids[0]
    assert posts(empty_emulator) == 1


async def test_a_program_that_stood_still_while_sending_cancels_its_own_job(
    start_emulator: Start, time: FakeTime, store: SQLiteIdempotencyStore
) -> None:
    """Another one got hold of the key, and has recorded a job when this one wants to."""
    emulator = start_emulator()
    ids: list[str] = []

    class LateStore(SQLiteIdempotencyStore):
        """Finds the job of another caller when that of this one is recorded."""

        uses = 0

        def update(self, name: str, change: Any) -> None:
            self.uses += 1
            if self.uses == 3:
                ids.append(submitted_elsewhere(emulator, time, sampler_graph(3, steps=200), "none"))
                super().update(name, lambda content, now: with_job(content or b"", ids[0]))
            super().update(name, change)

    late = LateStore(store.path, is_shared=True, clock=time.monotonic)
    async with client(emulator, time, idempotency_store=late) as cloud:
        job = await cloud.submit(sampler_graph(4, steps=200), idempotency_key="order-18")
        assert [job.id] == ids
        ids_of_all = [each.prompt_id for each in emulator.submissions]
        statuses = {each: (await cloud.jobs.get(each)).status for each in ids_of_all}
    assert len(statuses) == 2
    assert statuses.pop(job.id) is not JobStatus.CANCELLED
    assert list(statuses.values()) == [JobStatus.CANCELLED]


def with_job(content: bytes, job_id: str) -> bytes:
    return encoded(replace(decoded(content), job_id=job_id))


# Without a store that everybody uses


async def test_at_the_same_instant_the_older_job_stays(
    start_emulator: Start, time: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    emulator = start_emulator()
    graph = sampler_graph(3, steps=200)
    ids: list[str] = []

    def other_machine(info: Any) -> None:
        if info.operation == "executePrompt" and not ids:
            ids.append("")
            ids[0] = submitted_elsewhere(emulator, time, graph, "none")
            time.advance(1)

    async with client(emulator, time, idempotency_store="none", on_request=other_machine) as cloud:
        job = await cloud.submit(graph, idempotency_key=KEY)
        assert job.id == ids[0]
        assert len(emulator.submissions) == 2
        younger = emulator.submissions[1].prompt_id
        assert (await cloud.jobs.get(younger)).status is JobStatus.CANCELLED
        assert not (await job.refresh()).status.is_terminal
    assert emulator.jobs.executed(younger) == 0
    assert f"job {job.id} stays" in caplog.text


async def test_a_job_of_another_machine_is_found_and_remembered(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    found = []
    for number in range(3):
        path = tmp_path / f"{number // 2}.sqlite"  # the third call has the file of the second machine
        async with client(empty_emulator, time, idempotency_store=path) as cloud:
            found.append((await cloud.run(IMAGE_GRAPH, idempotency_key=KEY)).id)
    assert len(set(found)) == 1
    assert posts(empty_emulator) == 1


async def test_seeds_that_another_machine_has_drawn_are_not_known(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    jobs = []
    for number in range(2):
        async with client(empty_emulator, time, idempotency_store=tmp_path / str(number)) as cloud:
            jobs.append(await cloud.submit(sampler_graph(1), randomise_seeds=True, idempotency_key=KEY))
    first, second = jobs
    assert first.id == second.id
    assert first.seeds
    assert second.seeds == {}


async def test_a_server_that_drops_nonces_is_warned_of(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(quirks=["drop_extra_data"])
    async with client(emulator, time, idempotency_store="none") as cloud:
        with pytest.warns(UserWarning, match="do not recognise an idempotency key"):
            await cloud.submit(IMAGE_GRAPH, idempotency_key=KEY)


async def test_the_time_of_run_counts_while_another_caller_holds_the_key(
    empty_emulator: Emulator, time: FakeTime, store: SQLiteIdempotencyStore
) -> None:
    from comfy_cloud._submission.key_records import encoded

    async with client(empty_emulator, time, idempotency_store=store) as cloud:
        request = VariantDigests().of(Workflow.load(IMAGE_GRAPH), [None, None, False])
        record = encoded(KeyRecord(request=request, owner="another", holder=1, until=1000.0))
        store.update(nonce_of(KEY, cloud.settings), lambda content, now: record)
        with pytest.raises(WaitTimeout, match="was not submitted within 5 s"):
            await cloud.run(IMAGE_GRAPH, idempotency_key=KEY, timeout=5)
    assert posts(empty_emulator) == 0


# Maps


async def test_a_map_runs_each_variant_once_in_any_order(
    empty_emulator: Emulator, time: FakeTime, store: SQLiteIdempotencyStore
) -> None:
    async def mapped(inputs: list[dict[str, Any]], cloud: AsyncComfyCloud) -> dict[int, str]:
        found = await results(cloud.map(IMAGE_GRAPH, inputs, idempotency_key=KEY, concurrency=3))
        return {each.inputs["1.color"]: each.unwrap().id for each in found}

    async with client(empty_emulator, time, idempotency_store=store) as cloud:
        first = await mapped(color_inputs(4), cloud)
    async with client(empty_emulator, time, idempotency_store=store) as cloud:
        second = await mapped(color_inputs(6)[::-1], cloud)
        assert first.items() <= second.items()
        assert posts(empty_emulator) == 6
        began = time.now()
        assert await mapped(color_inputs(6), cloud) == second
        assert time.now() == began  # jobs that ended long ago are not waited for
        # Equal variants are different ones, each with its own key.
        await mapped([{"1.color": 1}, {"1.color": 1}], cloud)
        assert posts(empty_emulator) == 7
        with pytest.raises(IdempotencyConflict):
            await results(cloud.map(image_graph(9), color_inputs(1), idempotency_key=KEY))
        with pytest.raises(ConfigurationError, match="rules out"):
            cloud.map(IMAGE_GRAPH, [], idempotency_key=KEY, retry_failed=True)
    assert posts(empty_emulator) == 7


async def test_a_map_reads_the_lists_once_for_all_variants(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    for number in range(2):
        async with client(empty_emulator, time, idempotency_store=tmp_path / str(number)) as cloud:
            found = await results(
                cloud.map(
                    IMAGE_GRAPH, color_inputs(3), idempotency_key=KEY, journal=tmp_path / f"{number}.jsonl"
                )
            )
        assert [each.ok for each in found] == [True] * 3
    assert posts(empty_emulator) == 3


async def test_a_map_with_a_journal_goes_on_with_its_keys(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, store: SQLiteIdempotencyStore
) -> None:
    empty_emulator.faults.add(Fault.accepted_then(500))
    for _ in range(2):
        async with client(empty_emulator, time, idempotency_store=store) as cloud:
            found = await results(
                cloud.map(IMAGE_GRAPH, color_inputs(3), idempotency_key=KEY, journal=tmp_path / "map.jsonl")
            )
        assert [each.ok for each in found] == [True] * 3
    assert posts(empty_emulator) == 3


async def test_a_store_that_cannot_be_used_stops_everything(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    path = tmp_path / "keys.sqlite"
    path.write_text("something else entirely")
    async with client(empty_emulator, time, idempotency_store=path) as cloud:
        with pytest.raises(ConfigurationError, match="nothing more was sent"):
            await cloud.submit(IMAGE_GRAPH, idempotency_key=KEY)
        with pytest.raises(ConfigurationError, match="nothing more was sent"):
            await results(cloud.map(IMAGE_GRAPH, color_inputs(2), idempotency_key=KEY))
        with pytest.raises(ConfigurationError, match="idempotency_key"):
            await cloud.submit(IMAGE_GRAPH, idempotency_key=" ")
    assert posts(empty_emulator) == 0
    assert path.read_text() == "something else entirely"


# API v2


async def test_by_api_v2_the_server_knows_a_key(
    start_emulator: Start, time: FakeTime, tmp_path: Path
) -> None:
    """Two machines, each with a store of its own."""
    emulator = start_emulator()
    found = []
    for number in range(2):
        async with client(emulator, time, api="v2", idempotency_store=tmp_path / str(number)) as cloud:
            found.append((await cloud.submit(IMAGE_GRAPH, idempotency_key=KEY)).id)
    assert found[0] == found[1]
    assert len(emulator.submissions) == 1
    async with client(emulator, time, api="v2", idempotency_store="none") as cloud:
        with pytest.raises(IdempotencyConflict):
            await cloud.submit(image_graph(9), idempotency_key=KEY)
    assert len(emulator.submissions) == 1
