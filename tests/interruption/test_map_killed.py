"""A map whose process is really killed: the next call resumes, and every variant runs once.

This module starts processes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator, Fault
from scripts.project.checkout import ROOT
from tests.clock import FakeTime
from tests.forking import Forking
from tests.interruption.crashing_map import GRAPH, POINTS, inputs

COUNT = 7


@pytest.fixture
def cloud_service() -> Iterator[Emulator]:
    """A server whose jobs advance with every request."""
    with Emulator(tier="creator", time="virtual", auto_advance=True) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def forking() -> Iterator[Forking]:
    """Starts maps at little cost."""
    forking = Forking("tests.interruption.crashing_map")
    yield forking
    forking.stop()


def arguments_of(
    emulator: Emulator, journal: Path, client_kind: str, point: str, at: int = 1
) -> tuple[str, ...]:
    return client_kind, emulator.url, emulator.key, str(journal), str(COUNT), point, str(at)


def check_resuming(emulator: Emulator, journal: Path) -> None:
    """Repeat the call in this process: every result is yielded, and every variant ran once."""
    with ComfyCloud(
        base_url=emulator.url, api_key=emulator.key, runtime=FakeTime(datetime.now(UTC)).runtime()
    ) as cloud:
        found = list(cloud.map(GRAPH, inputs(COUNT), journal=journal))
    assert sorted(result.index for result in found) == list(range(COUNT))
    assert all(result.is_completed for result in found)
    assert len({result.unwrap().id for result in found}) == COUNT
    submissions = emulator.submissions
    assert [emulator.jobs.executed(each.prompt_id) for each in submissions] == [1] * COUNT
    assert {each.graph["1"]["inputs"]["color"] for each in submissions} == set(range(COUNT))


@pytest.mark.parametrize("client_kind", ["sync", pytest.param("async", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "point", [POINTS[0], *(pytest.param(each, marks=pytest.mark.slow) for each in POINTS[1:-1])]
)
def test_a_killed_map_is_resumed(
    cloud_service: Emulator, forking: Forking, tmp_path: Path, point: str, client_kind: str
) -> None:
    journal = tmp_path / "map.jsonl"
    child = forking.start(tmp_path, *arguments_of(cloud_service, journal, client_kind, point, at=3))
    code, _, errors = child.wait()
    assert (code, errors) == (-signal.SIGKILL, "")
    submitted = len(cloud_service.submissions)
    assert submitted < COUNT
    if point == "recorded":
        # The point of this case: recorded, but not submitted.
        assert journal.read_text().count('"begin"') == submitted + 1
    if point in ("accepted", "torn id"):
        assert journal.read_text().count('"of"') < submitted + journal.read_text().count('"end"')
    check_resuming(cloud_service, journal)


@pytest.mark.parametrize("client_kind", ["sync", pytest.param("async", marks=pytest.mark.slow)])
def test_a_map_killed_during_a_submission_is_resumed(
    cloud_service: Emulator, forking: Forking, tmp_path: Path, client_kind: str
) -> None:
    """The service has accepted the job, and has not responded yet."""
    cloud_service.faults.add(Fault("accepted_then", then="silence", after=2))
    accepted = threading.Event()
    cloud_service.events.listen(lambda event: accepted.set() if len(cloud_service.submissions) == 3 else None)
    journal = tmp_path / "map.jsonl"
    child = forking.start(tmp_path, *arguments_of(cloud_service, journal, client_kind, "never"))
    assert accepted.wait(120)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert len(cloud_service.submissions) == 3
    assert journal.read_text().count('"begin"') == 3
    assert journal.read_text().count('"job"') == 2
    check_resuming(cloud_service, journal)


@pytest.mark.slow
def test_a_map_killed_repeatedly_is_resumed(
    cloud_service: Emulator, forking: Forking, tmp_path: Path
) -> None:
    journal = tmp_path / "map.jsonl"
    for number, point in enumerate(
        ["accepted", "torn record", "recorded", "torn id", "before the record", "accepted"]
    ):
        client_kind = "sync" if number % 2 else "async"
        child = forking.start(tmp_path, *arguments_of(cloud_service, journal, client_kind, point))
        assert child.wait()[0] == -signal.SIGKILL
    check_resuming(cloud_service, journal)


def test_a_program_that_is_not_killed_yields_every_result(cloud_service: Emulator, tmp_path: Path) -> None:
    journal = tmp_path / "map.jsonl"
    # This one is started as users start programs, and ends as theirs do.
    arguments = arguments_of(cloud_service, journal, "sync", "never")
    program = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.interruption.crashing_map", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert sorted(program.stdout.split()) == [str(number) for number in range(COUNT)]
    assert (program.returncode, program.stderr) == (0, "")
    check_resuming(cloud_service, journal)
