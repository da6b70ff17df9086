"""Each kind of slow server against one of the calls with a time limit, over each transport.

`python -m tests.attacks.slow_responses` tries every combination.
"""

from __future__ import annotations

import pytest

from tests.attacks.slow_responses import attack
from tests.attacks.slow_server import Kind
from tests.attacks.trials import TRANSPORTS

# Two calls for each kind of server, with each call at least once.
CHOSEN: dict[Kind, tuple[str, str]] = {
    "silent": ("map", "run"),
    "slow head": ("one stored file", "tasks.wait"),
    "slow body": ("jobs.wait", "one request"),
    "no TLS": ("import_url", "one file"),
    "no connection": ("run with an upload", "one upload"),
    "pings": ("job.events", "job.wait"),
}


@pytest.mark.parametrize("kind", CHOSEN)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_call_ends_soon_after_its_time_limit(kind: Kind, transport: str) -> None:
    report = attack([kind], CHOSEN[kind], [transport])
    assert report.tries == 2
    assert report.failures == []
