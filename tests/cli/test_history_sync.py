"""`history sync`: what it reports, and which file it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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


def test_downloads_are_recorded_and_not_repeated(
    cloud: Emulator, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    first = run("history", "download", "--limit", "3", "-d", "out")
    assert (first.code, first.err) == (0, "")
    paths = first.out.splitlines()
    assert paths
    assert all(path.startswith("out/") and Path(path).is_file() for path in paths)
    again = run("history", "download", "--limit", "3", "-d", "out")
    assert (again.code, again.out) == (0, first.out)
    assert again.err == f"{len(paths)} of these files were there already\n"
    sent = sum(request.path == "/api/view" for request in cloud.requests)
    elsewhere = run("history", "download", "--limit", "3", "-d", "elsewhere")
    assert "were copied from where they had been saved before" in elsewhere.err
    assert sum(request.path == "/api/view" for request in cloud.requests) == sent
    query = "SELECT count(*) AS n FROM outputs WHERE local_path LIKE '%/elsewhere/%' AND size > 0"
    assert json.loads(run("history", "query", query, "-o", "json").out) == [{"n": len(paths)}]


def test_files_are_saved_where_the_mirror_cannot_be_written(
    cloud: Emulator, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("COMFY_CLOUD_DATA_DIR", str(tmp_path / "file"))
    result = run("history", "download", "--limit", "1", "-d", str(tmp_path / "out"))
    assert result.code == 0
    assert "warning: what is saved is not recorded. The mirror" in result.err
    assert result.out
    refused = run("history", "download", "-d", str(tmp_path), "--database", str(tmp_path / "file" / "m"))
    assert refused.code == 2
    assert "--folder" not in refused.err
