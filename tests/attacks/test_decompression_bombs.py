"""Bodies without an end stay within the limit of memory: one of each family, with one transport.

`python -m tests.attacks.decompression_bombs` tries every kind over every transport.
"""

from __future__ import annotations

import pytest

from tests.attacks.decompression_bombs import attack
from tests.attacks.endless_server import endless_server


@pytest.mark.parametrize(
    ("kind", "transport", "error"),
    [
        ("endless, in chunks", "httpx", "UnexpectedResponse"),
        ("gzip", "sync", "UnexpectedResponse"),
        ("zstd", "aiohttp", "UnexpectedResponse"),
        ("file: gzip that was not requested", "httpx", "UnexpectedResponse"),
    ],
)
def test_a_bomb(kind: str, transport: str, error: str) -> None:
    with endless_server() as server:
        outcome = attack(server, kind, transport)
    assert outcome.held, outcome
    assert outcome.error.startswith(error)
