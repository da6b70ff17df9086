"""A real Ctrl-C: SIGINT to a program that waits. Its own jobs are cancelled, and no others.

This module starts processes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator, Fault
from scripts.project.checkout import ROOT
from tests.forking import Forking
from tests.interruption.waiting_program import GRAPH


@pytest.fixture
def frozen() -> Iterator[Emulator]:
    """A server whose time stands still: jobs wait until they are cancelled."""
    with Emulator(tier="pro", time="virtual") as emulator:
        yield emulator


@pytest.fixture
def other(frozen: Emulator) -> str:
    """The job of another program of the same account."""
    with ComfyCloud(base_url=frozen.url, api_key=frozen.key) as cloud:
        return cloud.submit(GRAPH).id


def run_and_interrupt(
    emulator: Emulator,
    client_kind: str,
    method: str,
    mode: str = "stay",
    *,
    at: list[str],
    when: threading.Event | None = None,
) -> tuple[int, str]:
    """Start the program, interrupt it once it has printed `at` and `when` is set, and wait."""
    arguments = [client_kind, method, emulator.url, emulator.key, mode]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.interruption.waiting_program", *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        wait_until(at, when, program.stdout)
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=120)
    return program.returncode, errors


def wait_until(at: list[str], when: threading.Event | None, output: IO[str]) -> None:
    """Wait until the program has printed these words, and `when` is set."""
    left = list(at)
    while left:
        word = output.readline().strip()
        assert word, f"the program ended before it printed {left}"
        if word in left:
            left.remove(word)
    assert when is None or when.wait(60)


Interrupted = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def forking() -> Iterator[Forking]:
    """Starts the program at little cost."""
    forking = Forking("tests.interruption.waiting_program")
    yield forking
    forking.stop()


@pytest.fixture
def fork_and_interrupt(forking: Forking, tmp_path: Path) -> Interrupted:
    """Like `run_and_interrupt`, but the program is forked."""

    def run(
        emulator: Emulator,
        client_kind: str,
        method: str,
        mode: str = "stay",
        *,
        at: list[str],
        when: threading.Event | None = None,
    ) -> tuple[int, str]:
        os.mkfifo(tmp_path / "output")
        program = forking.start(tmp_path, client_kind, method, emulator.url, emulator.key, mode)
        with (tmp_path / "output").open() as output:
            how = signal.SIGKILL
            try:
                wait_until(at, when, output)
                how = signal.SIGINT
            finally:
                os.kill(program.pid, how)
                code, _, errors = program.wait()
        return code, errors

    return run


def statuses(emulator: Emulator) -> dict[str, str]:
    """The status of each submitted job, in the order of submission."""
    found = {
        submission.prompt_id: emulator.store.get(submission.prompt_id) for submission in emulator.submissions
    }
    return {job_id: job.status for job_id, job in found.items() if job is not None}


SLOW_SYNC, SLOW_ASYNC, SLOW_MAP = (
    pytest.param(kind, marks=pytest.mark.slow) for kind in ("sync", "async", "map")
)


@pytest.mark.parametrize("client_kind", ["sync", SLOW_ASYNC])
@pytest.mark.parametrize(("method", "count"), [("run", 1), ("map", 3)])
def test_an_interrupted_program_cancels_its_jobs_and_no_other(
    frozen: Emulator, other: str, client_kind: str, method: str, count: int
) -> None:
    code, errors = run_and_interrupt(frozen, client_kind, method, at=["sent"] * count + ["waiting"])
    assert code == -signal.SIGINT
    assert "KeyboardInterrupt" in errors
    found = statuses(frozen)
    assert found.pop(other) == "pending"
    assert list(found.values()) == ["cancelled"] * count
    for job_id in found:
        assert job_id in errors
    assert "was cancelled" in errors or "3 of 3 jobs cancelled" in errors
    paths = [request.path for request in frozen.requests if request.method == "POST"]
    assert "/api/interrupt" not in paths
    assert "/api/queue" not in paths


@pytest.mark.parametrize("client_kind", ["sync", SLOW_ASYNC])
@pytest.mark.parametrize("method", ["run", SLOW_MAP])
def test_a_detached_program_leaves_its_jobs(
    frozen: Emulator, other: str, fork_and_interrupt: Interrupted, client_kind: str, method: str
) -> None:
    code, errors = fork_and_interrupt(frozen, client_kind, method, "detach", at=["sent", "waiting"])
    assert code == -signal.SIGINT
    found = statuses(frozen)
    assert len(found) >= 2
    assert set(found.values()) == {"pending"}
    assert "cancel" not in errors.partition("Traceback")[0]


@pytest.mark.parametrize("client_kind", [SLOW_SYNC, "async"])
@pytest.mark.parametrize("method", ["run", SLOW_MAP])
def test_a_program_that_is_interrupted_while_it_submits(
    frozen: Emulator, other: str, fork_and_interrupt: Interrupted, client_kind: str, method: str
) -> None:
    """The service accepts the job but does not respond: the job is searched for and cancelled."""
    frozen.faults.add(Fault("accepted_then", then="silence"))
    accepted = threading.Event()
    frozen.events.listen(lambda event: accepted.set() if len(frozen.submissions) == 2 else None)
    code, errors = fork_and_interrupt(frozen, client_kind, method, at=["sent"], when=accepted)
    assert code == -signal.SIGINT
    found = statuses(frozen)
    assert found.pop(other) == "pending"
    assert list(found.values()) == ["cancelled"]
    assert f"cancelling {'job' if method == 'run' else '1 job:'} {next(iter(found))}" in errors


@pytest.mark.beyond_contract  # the contract has these routes
def test_a_program_on_a_server_without_cancel_routes(other_server: Emulator) -> None:
    """Waiting jobs are removed from the queue; nothing is interrupted."""
    with ComfyCloud(base_url=other_server.url, api_key=other_server.key) as cloud:
        other = cloud.submit(GRAPH).id
    # A forked program would make an error of the warning.
    code, errors = run_and_interrupt(other_server, "sync", "map", at=["sent"] * 3 + ["waiting"])
    assert code == -signal.SIGINT
    found = statuses(other_server)
    assert found.pop(other) == "pending"
    assert list(found.values()) == ["cancelled"] * 3, errors
    paths = [request.path for request in other_server.requests if request.method == "POST"]
    assert "/api/queue" in paths
    assert "/api/interrupt" not in paths


@pytest.fixture
def other_server() -> Iterator[Emulator]:
    """A server without routes for cancelling a single job."""
    with Emulator(time="virtual", quirks=["no_cancel_routes", "queue_deletes_pending_only"]) as emulator:
        yield emulator
