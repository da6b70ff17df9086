"""`history sync`: what it reports, and which file it writes."""

from __future__ import annotations

import json
from pathlib import Path

from comfy_cloud_emulator import Emulator

from .conftest import Run


def test_it_reports_what_is_new(cloud: Emulator, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    first = run("history", "sync", "--database", str(path), "-o", "json")
    assert (first.code, first.err) == (0, "")
    found = json.loads(first.out)
    assert found["mirror"] == str(path)
    assert found["added"] == found["details"] == found["total"] > 250
    again = json.loads(run("history", "sync", "--database", str(path), "-o", "json").out)
    assert (again["added"], again["total"]) == (0, found["total"])


def test_a_file_that_is_no_mirror_is_refused(cloud: Emulator, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("not a database " * 20)
    result = run("history", "sync", "--database", str(path))
    assert result.code != 0
    assert "is not a database; it was not changed" in result.err
