"""`history sync`: what it reports, and which file it writes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from comfy_cloud._sync.mirror import SyncedMirror
from comfy_cloud.mirror.sync_state import SyncResult
from comfy_cloud_emulator import Emulator, Fault

from .conftest import Run

BROKEN = SyncResult(failures=["no network"], is_broken=True)


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


def test_a_sync_that_ends_early_says_what_it_has(cloud: Emulator, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    cloud.faults.add(Fault.status_burst(403, path="/api/history_v2/*", after=70, times=None))
    result = run("history", "sync", "--database", str(path))
    assert result.code != 0
    said, error = result.err.splitlines()[:2]
    assert re.fullmatch(
        r"the mirror has 2\d\d jobs, \d+ of them with details; the next sync goes on .*", said
    )
    assert error.startswith("error:")


def test_watching_until_ctrl_c(
    empty_cloud: Emulator, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs = iter([SyncResult(), SyncResult(added=2, total=2), BROKEN, BROKEN, SyncResult(total=2)])

    def watch(mirror: object) -> Iterator[SyncResult]:
        yield from syncs
        raise KeyboardInterrupt

    monkeypatch.setattr(SyncedMirror, "watch", watch)
    result = run("history", "sync", "--watch", "--database", str(tmp_path / "m.sqlite"), "-o", "json")
    assert result.code == 130
    assert result.err.splitlines() == [
        "watching; stop it by Ctrl-C",
        "warning: no network",
        "trying again until the server responds",
        "the mirror has 0 jobs, 0 of them with details; the next sync goes on from there",
        "interrupted",
    ]
    assert result.out.count('"added"') == 3  # the first sync, the new jobs, and the server's return


def test_files_are_saved_without_the_extra_as_well(
    cloud: Emulator, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    result = run("history", "download", "--limit", "1", "-d", str(tmp_path / "out"))
    assert (result.code, result.err) == (0, "")
    assert all(Path(path).is_file() for path in result.out.splitlines())
    assert not (tmp_path / "data").exists()
    refused = run("history", "download", "-d", str(tmp_path), "--database", str(tmp_path / "m.sqlite"))
    assert refused.code == 2
    assert "pip install 'comfy-cloud[mirror]'" in refused.err


@pytest.mark.parametrize("words", [("report", "-o", "report.html"), ("browse",)])
def test_the_extra_that_is_needed_is_named(
    words: tuple[str, ...], cloud: Emulator, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    monkeypatch.delitem(sys.modules, "comfy_cloud.mirror.report.page_data", raising=False)
    refused = run("history", *words)
    assert refused.code == 2
    assert (
        refused.err == "error: The mirror needs the package sqlalchemy: pip install 'comfy-cloud[mirror]'\n"
    )
