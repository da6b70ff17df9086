"""A map whose process is killed, really, in the middle: the next call goes on, and every variant runs exactly once."""

from __future__ import annotations

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
from tests.servers.dying_map import GRAPH, POINTS, inputs

COUNT = 7


@pytest.fixture
def cloud_service() -> Iterator[Emulator]:
    """Jobs move as somebody asks for them."""
    with Emulator(tier="creator", time="virtual", auto_advance=True) as emulator:
        yield emulator


def begun(emulator: Emulator, journal: Path, colour: str, point: str, at: int = 1) -> subprocess.Popen[str]:
    words = [colour, emulator.url, emulator.key, str(journal), str(COUNT), point, str(at)]
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.servers.dying_map", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def goes_on(emulator: Emulator, journal: Path) -> None:
    """The same call in this process: all are given, each ran once."""
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


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("point", POINTS[:-1])
def test_a_map_that_is_killed_goes_on(
    cloud_service: Emulator, tmp_path: Path, point: str, colour: str
) -> None:
    journal = tmp_path / "map.jsonl"
    child = begun(cloud_service, journal, colour, point, at=3)
    _, errors = child.communicate(timeout=120)
    assert (child.returncode, errors) == (-signal.SIGKILL, "")
    submitted = len(cloud_service.submissions)
    assert submitted < COUNT
    if point == "noted":
        # What it is about: noted, and not there.
        assert journal.read_text().count('"begin"') == submitted + 1
    if point in ("answered", "torn id"):
        assert journal.read_text().count('"of"') < submitted + journal.read_text().count('"end"')
    goes_on(cloud_service, journal)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_map_that_is_killed_while_its_submission_is_on_the_way(
    cloud_service: Emulator, tmp_path: Path, colour: str
) -> None:
    """The service has accepted, and has not answered yet."""
    cloud_service.faults.add(Fault("accepted_then", then="silence", after=2))
    accepted = threading.Event()
    cloud_service.events.listen(lambda event: accepted.set() if len(cloud_service.submissions) == 3 else None)
    journal = tmp_path / "map.jsonl"
    child = begun(cloud_service, journal, colour, "never")
    assert accepted.wait(120)
    child.kill()
    child.communicate()
    assert len(cloud_service.submissions) == 3
    assert journal.read_text().count('"begin"') == 3
    assert journal.read_text().count('"job"') == 2
    goes_on(cloud_service, journal)


def test_a_map_that_is_killed_again_and_again(cloud_service: Emulator, tmp_path: Path) -> None:
    journal = tmp_path / "map.jsonl"
    for place, point in enumerate(
        ["answered", "torn note", "noted", "torn id", "before the note", "answered"]
    ):
        child = begun(cloud_service, journal, "sync" if place % 2 else "async", point)
        child.communicate(timeout=120)
        assert child.returncode == -signal.SIGKILL
    goes_on(cloud_service, journal)


def test_a_program_that_is_not_killed_gives_all(cloud_service: Emulator, tmp_path: Path) -> None:
    journal = tmp_path / "map.jsonl"
    shown, errors = begun(cloud_service, journal, "sync", "never").communicate(timeout=120)
    assert (sorted(shown.split()), errors) == ([str(number) for number in range(COUNT)], "")
    goes_on(cloud_service, journal)
