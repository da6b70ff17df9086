"""Random faults over real sockets: no job runs twice, and no accepted job is reported as failed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from comfy_cloud import AsyncMapResult, ComfyCloudError, SubmissionUncertain
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, image_graph
from .maps import Interrupted, color_inputs, results
from .random_faults import add_random_faults

Start = Callable[..., Emulator]
RUNS = 25
VARIANTS = 16
TRANSPORTS = ["httpx", "aiohttp", None]  # None is that of the sync client


def jobs_of(emulator: Emulator, color: int) -> list[str]:
    """The ids of the jobs with this color."""
    return [each.prompt_id for each in emulator.submissions if each.graph["1"]["inputs"]["color"] == color]


async def test_submissions_under_random_faults(
    start_emulator: Start, time: FakeTime, transport: str | None
) -> None:
    """Some runs on one server, each with its own faults; other ones over each transport."""
    block = TRANSPORTS.index(transport)
    emulator = start_emulator(tier="pro")
    outcomes: dict[str, int] = {}
    async with client(emulator, time) as cloud:
        for run in range(block * RUNS, (block + 1) * RUNS):
            random = Random(run)
            emulator.faults.clear()
            add_random_faults(emulator, random, 3)
            cloud._session.runtime.random = random.random
            job_id, error = None, None
            try:
                job_id = (await cloud.submit(image_graph(run))).id
            except ComfyCloudError as caught:
                error = caught
            accepted = jobs_of(emulator, run)
            assert len(accepted) <= 1, run
            if job_id is not None:
                assert accepted == [job_id], run
            elif not isinstance(error, SubmissionUncertain):
                assert accepted == [], (run, error)
            outcomes[type(error).__name__] = outcomes.get(type(error).__name__, 0) + 1
            emulator.faults.clear()
            time.advance(60)
            await cloud.queue.get()
            assert [emulator.jobs.executed(each) for each in accepted] == [1] * len(accepted)
    assert outcomes["NoneType"] > RUNS // 2, outcomes


class RandomCrash:
    """A hook that simulates a crash at random."""

    def __init__(self, random: Random, share: float) -> None:
        self.random = random
        self.share = share

    def __call__(self, info: Any) -> None:
        if self.random.random() < self.share:
            raise Interrupted


@pytest.mark.parametrize("run", [0, pytest.param(1, marks=pytest.mark.slow)])
async def test_maps_under_random_faults_and_crashes(
    start_emulator: Start, time: FakeTime, tmp_path: Path, transport: str | None, run: int
) -> None:
    """A map that crashes repeatedly, on a server with all kinds of faults: others each time."""
    seed = 2 * TRANSPORTS.index(transport) + run
    random = Random(seed)
    emulator = start_emulator(tier=random.choice(["creator", "pro"]))
    journal = tmp_path / "map.jsonl"

    async def mapped(**hooks: Any) -> list[AsyncMapResult]:
        async with client(emulator, time, **hooks) as cloud:
            cloud._session.runtime.random = random.random
            return await results(cloud.map(IMAGE_GRAPH, color_inputs(VARIANTS), journal=journal, detach=True))

    for _ in range(4):
        emulator.faults.clear()
        add_random_faults(emulator, random, VARIANTS)
        found: list[AsyncMapResult] = []
        crash = RandomCrash(random, 0.02)
        with suppress(Interrupted, BaseExceptionGroup, ComfyCloudError):
            found = await mapped(on_request=crash, on_response=crash)
        for color in range(VARIANTS):
            assert len(jobs_of(emulator, color)) <= 1, (seed, color)
        for result in found:
            if result.error is not None and not isinstance(result.error, SubmissionUncertain):
                assert jobs_of(emulator, result.index) == [], (seed, result)
    # Without faults, every open submission is settled.
    emulator.faults.clear()
    found = await mapped()
    assert sorted(result.index for result in found) == list(range(VARIANTS))
    for result in found:
        assert result.error is None, (seed, result)
        assert jobs_of(emulator, result.index) == [result.unwrap().id], (seed, result)
        assert emulator.jobs.executed(result.unwrap().id) == 1
