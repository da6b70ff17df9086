# Made from tests/_async/test_v2_outcomes.py by `make unasync`. Do not edit.
"""What became of a submission by API v2: after a lost response, a crash, or an interruption."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from comfy_cloud import ComfyCloud, InvalidWorkflow, JobStatus, SubmissionUncertain
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, posts
from .maps import CrashAt, Interrupted, color_inputs, results, resume, run_until_crash

pytestmark = [pytest.mark.beyond_contract, pytest.mark.filterwarnings("ignore:This server has no version 1")]

Start = Callable[..., Emulator]
JOBS = "/api/v2/jobs"


@pytest.fixture
def gone(start_emulator: Start) -> Emulator:
    """A cloud without version 1."""
    return start_emulator(quirks=["v1_gone"], auto_advance=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "map.jsonl"


def keys(emulator: Emulator) -> list[str]:
    """The Idempotency-Key of each submission that was sent, in order."""
    return [
        request.headers["idempotency-key"]
        for request in emulator.requests
        if (request.method, request.path) == ("POST", JOBS)
    ]


def colors(emulator: Emulator) -> list[int]:
    return sorted(job.graph["1"]["inputs"]["color"] for job in emulator.store.jobs())


# Maps


@pytest.mark.parametrize("then", ["reset", "status", "silence"])
def test_a_map_gets_the_job_whose_response_was_lost(
    gone: Emulator, time: FakeTime, then: Literal["reset", "status", "silence"]
) -> None:
    gone.faults.add(Fault("accepted_then", then=then, path=JOBS, after=1))
    with client(gone, time, timeout=0.5) as cloud:
        found = results(cloud.map(IMAGE_GRAPH, color_inputs(3), concurrency=1))
    assert {each.unwrap().id for each in found} == {job.id for job in gone.store.jobs()}
    assert colors(gone) == [0, 1, 2]
    assert len(keys(gone)) == 4
    assert len(set(keys(gone))) == 3


@pytest.mark.parametrize("hook", ["on_request", "on_response"])
@pytest.mark.parametrize("at", [1, 2])
def test_a_crash_sends_again_with_the_same_key(
    gone: Emulator, time: FakeTime, path: Path, hook: str, at: int
) -> None:
    run_until_crash(gone, time, path, 3, **{hook: CrashAt("v2.postJobs", at)})
    nonce = json.loads(path.read_text().splitlines()[-1])["begin"]
    before = len(keys(gone))
    assert len(gone.store) == (at - 1 if hook == "on_request" else at)
    found = resume(gone, time, path, 3)
    assert keys(gone)[before].replace("-", "") == nonce
    if hook == "on_response":
        assert keys(gone)[before] == keys(gone)[before - 1]
    assert {each.unwrap().id for each in found.values()} == {job.id for job in gone.store.jobs()}
    assert colors(gone) == [0, 1, 2]


def test_the_journal_records_the_api_before_anything_is_sent_by_it(
    gone: Emulator, time: FakeTime, path: Path
) -> None:
    run_until_crash(gone, time, path, 1, on_request=CrashAt("executePrompt"))
    assert "api" not in json.loads(path.read_text().splitlines()[-1])
    path.unlink()
    run_until_crash(gone, time, path, 1, on_request=CrashAt("v2.postJobs"))
    assert json.loads(path.read_text().splitlines()[-1])["api"] == "v2"


def test_a_submission_by_version_1_is_never_sent_again_by_v2(
    start_emulator: Start, time: FakeTime, path: Path
) -> None:
    emulator = start_emulator(auto_advance=True)
    run_until_crash(emulator, time, path, 1, on_response=CrashAt("executePrompt"))
    for pattern in ("/api/prompt", "/api/jobs*", "/api/history*", "/api/queue"):
        emulator.faults.add(Fault("status", status=410, body=b"gone", path=pattern, times=None))
    found = resume(emulator, time, path, 1)
    assert isinstance(found[0].error, SubmissionUncertain)
    assert keys(emulator) == []
    assert len(emulator.store) == 1


def test_a_key_that_may_be_forgotten_is_not_sent(gone: Emulator, time: FakeTime, path: Path) -> None:
    run_until_crash(gone, time, path, 1, on_response=CrashAt("v2.postJobs"))
    lines = path.read_text().splitlines()
    sent = json.loads(lines[-1])
    for name in ("at", "server_at"):
        earlier = time.runtime().now() - timedelta(hours=23, minutes=30)
        sent[name] = earlier.isoformat()
    path.write_text("\n".join([*lines[:-1], json.dumps(sent)]) + "\n")
    before = len(keys(gone))
    found = resume(gone, time, path, 1)
    assert isinstance(found[0].error, SubmissionUncertain)
    assert len(keys(gone)) == before
    assert len(gone.store) == 1


def test_a_graph_that_is_refused_later_has_no_job(gone: Emulator, time: FakeTime, path: Path) -> None:
    run_until_crash(gone, time, path, 1, on_request=CrashAt("v2.postJobs"))
    body = {"error": {"code": "invalid_workflow", "message": "Node 1: no", "details": None}}
    gone.faults.add(Fault("status", status=422, body=body, path=JOBS))
    found = resume(gone, time, path, 1)
    assert isinstance(found[0].error, InvalidWorkflow)
    found = resume(gone, time, path, 1)
    assert found[0].error is None
    assert len(gone.store) == 1


def test_an_equal_job_of_another_program_is_not_taken_for_it(
    gone: Emulator, time: FakeTime, path: Path
) -> None:
    run_until_crash(gone, time, path, 1, on_response=CrashAt("v2.postJobs"))
    with client(gone, time, api="v2") as other:
        other.submit({**IMAGE_GRAPH, "1": {**IMAGE_GRAPH["1"], "inputs": {
            **IMAGE_GRAPH["1"]["inputs"], "color": 0,
        }}})  # fmt: skip
    found = resume(gone, time, path, 1)
    assert isinstance(found[0].error, SubmissionUncertain)
    assert len(found[0].error.evidence["jobs"]) == 2
    assert len(gone.store) == 2


# Interruptions


@pytest.mark.parametrize("hook", ["on_request", "on_response"])
@pytest.mark.parametrize("how", ["submit", "run", "map"])
def test_an_interrupted_submission_leaves_no_job_running(
    start_emulator: Start, time: FakeTime, caplog: pytest.LogCaptureFixture, how: str, hook: str
) -> None:
    emulator = start_emulator(quirks=["v1_gone"])
    caplog.set_level(logging.WARNING, "comfy_cloud")

    def use(cloud: ComfyCloud) -> None:
        if how == "map":
            results(cloud.map(IMAGE_GRAPH, color_inputs(1)))
        elif how == "run":
            cloud.run(IMAGE_GRAPH)
        else:
            cloud.submit(IMAGE_GRAPH)

    crash: dict[str, Any] = {hook: CrashAt("v2.postJobs")}
    with client(emulator, time, **crash) as cloud:
        with pytest.raises(Interrupted):
            use(cloud)
        (job,) = emulator.store.jobs()
        assert (cloud.jobs.get(job.id)).status is JobStatus.CANCELLED
    assert len(set(keys(emulator))) == 1
    assert "cancelled" in caplog.text
    assert posts(emulator, f"{JOBS}/{job.id}/cancel") == 1


def test_an_outcome_that_stays_open_names_the_key(
    gone: Emulator, time: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "comfy_cloud")
    with client(gone, time, api="v2", on_response=CrashAt("v2.postJobs")) as cloud:
        gone.faults.add(Fault("accepted_then", then="reset", path=JOBS))
        gone.faults.add(Fault("status", status=503, path=f"{JOBS}*", times=None))
        with pytest.raises(Interrupted):
            cloud.submit(IMAGE_GRAPH)
    assert "a job may still be running" in caplog.text
    assert keys(gone)[0].replace("-", "") in caplog.text
