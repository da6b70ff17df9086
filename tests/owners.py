"""Files that seem to belong to another user, for tests that may not run as root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def owned_by(monkeypatch: pytest.MonkeyPatch, path: Path, owner: int) -> None:
    """Make `os.fstat` report this owner of a file."""
    inode = path.stat().st_ino
    fstat = os.fstat

    def reported(descriptor: int) -> os.stat_result:
        found = fstat(descriptor)
        if found.st_ino != inode:
            return found
        fields = list(found)
        fields[4] = owner
        return os.stat_result(fields)

    monkeypatch.setattr(os, "fstat", reported)
