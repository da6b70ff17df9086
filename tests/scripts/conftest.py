from __future__ import annotations

from pathlib import Path

import pytest

from scripts.project.checkout import Checkout

from .copies import copied


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return copied(tmp_path / "project")
