"""Malformed HTTP becomes exceptions of the library, each kind with one call over each transport.

`python -m tests.attacks.garbled_http` tries every combination.
"""

from __future__ import annotations

import pytest

from tests.attacks.garbled_http import CALLS, attack
from tests.attacks.garbled_responses import KINDS
from tests.attacks.trials import TRANSPORTS


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("first", range(len(CALLS)))
def test_each_kind_of_malformed_response_with_one_of_the_calls(transport: str, first: int) -> None:
    shift = TRANSPORTS.index(transport)
    kinds = list(KINDS)[first :: len(CALLS)]
    report = attack(kinds, [CALLS[(first + shift) % len(CALLS)]], [transport], attempts=2)
    assert report.tries == len(kinds) >= 14
    assert report.failures == []


@pytest.mark.parametrize("kind", ["no status line", "header without a colon", "bad size of a chunk"])
def test_over_aiohttp_a_submission_with_a_malformed_response_is_searched_for(kind: str) -> None:
    report = attack([kind], ["submit"], ["aiohttp"])
    assert report.failures == []
