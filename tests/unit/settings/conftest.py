"""Shared by the tests of settings: a folder for profiles, and no keyring of this machine."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the profiles, not made yet."""
    monkeypatch.setenv("COMFY_CLOUD_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture(autouse=True)
def _no_real_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backends.fail import Keyring

    monkeypatch.setattr(keyring, "get_keyring", Keyring)
