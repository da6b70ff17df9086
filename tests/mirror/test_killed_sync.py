"""A sync that is killed at any moment loses and doubles nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from .killed_sync import kill_and_compare


@pytest.mark.slow
@pytest.mark.beyond_contract
def test_killed_syncs_lose_and_double_nothing(tmp_path: Path) -> None:
    assert kill_and_compare(4, tmp_path) > 0
