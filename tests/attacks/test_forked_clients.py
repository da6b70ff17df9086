"""A client that was used before a fork: parent and child each receive their own responses only.

`python -m tests.attacks.forked_clients` tries more of it, with more processes.
"""

from __future__ import annotations

import pytest

from tests.attacks.forked_clients import run


@pytest.mark.parametrize(
    "trial",
    ["sync tls", "sync files", "httpx files", "aiohttp tls", "open file tls", "locks", "own client"],
)
def test_a_process_and_its_child_use_one_client(trial: str) -> None:
    assert run(trial, children=1, requests=2) == []


@pytest.mark.parametrize("trial", ["websocket tls", "async websocket"])
def test_a_websocket_stays_with_the_parent(trial: str) -> None:
    assert run(trial) == []
