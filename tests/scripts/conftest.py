from __future__ import annotations

from pathlib import Path

import pytest

from scripts import unasync, update_spec
from scripts.contract import update_report
from scripts.generator import tree
from scripts.project.checkout import Checkout

from .copies import copied
from .small import small_project


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A copy of the project, but for what is made by word replacement."""
    return copied(tmp_path / "project", ("generated", "wrapper/comfy_cloud"), without=("_sync",))


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A project of one operation, in which nothing is generated or translated."""
    checkout = small_project(tmp_path / "small")
    monkeypatch.setattr(tree, "make", lambda *_, **__: checkout.generated)
    monkeypatch.setattr(unasync, "made_files", lambda _: {})
    monkeypatch.setattr(update_spec, "prove_made", lambda *_: "")
    monkeypatch.setattr(update_report, "type_errors", lambda *_: [])
    return checkout
