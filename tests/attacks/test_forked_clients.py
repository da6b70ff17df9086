"""A client that was used before a fork: parent and child each receive their own responses only.

`python -m tests.attacks.forked_clients` tries more of it, with more processes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.forked_clients import CHILDREN, REQUESTS
from tests.forking import Forking


@pytest.fixture(scope="module")
def forking() -> Iterator[Forking]:
    """Starts processes without threads at little cost."""
    forking = Forking("tests.attacks.forked_clients")
    yield forking
    forking.stop()


def run(
    forking: Forking, folder: Path, trial: str, children: int = CHILDREN, requests: int = REQUESTS
) -> list[str]:
    """What did not hold in a trial."""
    code, output, errors = forking.start(folder, trial, str(children), str(requests)).wait()
    assert code == 0, errors
    problems: list[str] = json.loads(output)
    return [*problems, *([errors[-2000:]] if problems else [])]


@pytest.mark.parametrize(
    "trial",
    ["sync tls", "sync files", "httpx files", "aiohttp tls", "open file tls", "locks", "own client"],
)
def test_a_process_and_its_child_use_one_client(forking: Forking, tmp_path: Path, trial: str) -> None:
    assert run(forking, tmp_path, trial, children=1, requests=2) == []


@pytest.mark.parametrize("trial", ["websocket tls", "async websocket"])
def test_a_websocket_stays_with_the_parent(forking: Forking, tmp_path: Path, trial: str) -> None:
    assert run(forking, tmp_path, trial) == []
