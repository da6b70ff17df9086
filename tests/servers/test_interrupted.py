"""Ctrl-C, really: a signal to a program that waits. Its own jobs are cancelled, by the cancel route, and nobody else's."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator, Fault
from scripts.project.checkout import ROOT
from tests.servers.waiting_program import GRAPH


@pytest.fixture
def standing() -> Iterator[Emulator]:
    """Time stands still there: jobs wait until they are cancelled."""
    with Emulator(tier="pro", time="virtual") as emulator:
        yield emulator


@pytest.fixture
def other(standing: Emulator) -> str:
    """The job of another program of the same account."""
    with ComfyCloud(base_url=standing.url, api_key=standing.key) as cloud:
        return cloud.submit(GRAPH).id


def interrupted(
    emulator: Emulator,
    colour: str,
    what: str,
    how: str = "stay",
    *,
    at: list[str],
    when: threading.Event | None = None,
) -> tuple[int, str]:
    """Start the program, interrupt it once it has said these words and something else has happened, and wait for its end."""
    words = [colour, what, emulator.url, emulator.key, how]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.servers.waiting_program", *words],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        left = list(at)
        while left:
            word = program.stdout.readline().strip()
            assert word, program.communicate()[1]
            if word in left:
                left.remove(word)
        assert when is None or when.wait(60)
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=120)
    return program.returncode, errors


def statuses(emulator: Emulator) -> dict[str, str]:
    """How each submitted job stands, in the order of submission."""
    found = {
        submission.prompt_id: emulator.store.get(submission.prompt_id) for submission in emulator.submissions
    }
    return {job_id: job.status for job_id, job in found.items() if job is not None}


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize(("what", "count"), [("run", 1), ("map", 3)])
def test_an_interrupted_program_cancels_its_jobs_and_no_other(
    standing: Emulator, other: str, colour: str, what: str, count: int
) -> None:
    code, errors = interrupted(standing, colour, what, at=["sent"] * count + ["waiting"])
    assert code == -signal.SIGINT
    assert "KeyboardInterrupt" in errors
    found = statuses(standing)
    assert found.pop(other) == "pending"
    assert list(found.values()) == ["cancelled"] * count
    for job_id in found:
        assert job_id in errors
    assert "was cancelled" in errors or "3 of 3 jobs were cancelled" in errors
    paths = [request.path for request in standing.requests if request.method == "POST"]
    assert "/api/interrupt" not in paths
    assert "/api/queue" not in paths


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("what", ["run", "map"])
def test_a_detached_program_leaves_its_jobs(standing: Emulator, other: str, colour: str, what: str) -> None:
    code, errors = interrupted(standing, colour, what, "detach", at=["sent", "waiting"])
    assert code == -signal.SIGINT
    found = statuses(standing)
    assert len(found) >= 2
    assert set(found.values()) == {"pending"}
    assert "cancel" not in errors.partition("Traceback")[0]


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("what", ["run", "map"])
def test_a_program_that_is_interrupted_while_it_submits(
    standing: Emulator, other: str, colour: str, what: str
) -> None:
    """The service has accepted, and does not answer: the job is looked for, and cancelled."""
    standing.faults.add(Fault("accepted_then", then="silence"))
    accepted = threading.Event()
    standing.events.listen(lambda event: accepted.set() if len(standing.submissions) == 2 else None)
    code, errors = interrupted(standing, colour, what, at=["sent"], when=accepted)
    assert code == -signal.SIGINT
    found = statuses(standing)
    assert found.pop(other) == "pending"
    assert list(found.values()) == ["cancelled"]
    assert f"cancelling {'job' if what == 'run' else '1 jobs:'} {next(iter(found))}" in errors


@pytest.mark.beyond_contract  # which has these routes
def test_a_program_on_a_server_without_cancel_routes(other_server: Emulator) -> None:
    """Waiting jobs are taken out of the queue; nothing is interrupted."""
    with ComfyCloud(base_url=other_server.url, api_key=other_server.key) as cloud:
        other = cloud.submit(GRAPH).id
    code, _ = interrupted(other_server, "sync", "map", at=["sent"] * 3 + ["waiting"])
    assert code == -signal.SIGINT
    found = statuses(other_server)
    assert found.pop(other) == "pending"
    assert list(found.values()) == ["cancelled"] * 3
    paths = [request.path for request in other_server.requests if request.method == "POST"]
    assert "/api/queue" in paths
    assert "/api/interrupt" not in paths


@pytest.fixture
def other_server() -> Iterator[Emulator]:
    """A server that lacks the routes by which a single job is cancelled."""
    with Emulator(time="virtual", quirks=["no_cancel_routes", "queue_deletes_pending_only"]) as emulator:
        yield emulator
