"""The table of updates: what each row says, and what counts as right."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts import update_table
from scripts.project.checkout import Checkout

from .copies import contract_of, written
from .newcomers import a_newer_version
from .small import small_project


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    checkout = small_project(tmp_path / "small")
    monkeypatch.setattr(update_table, "ROOT", checkout.root)
    monkeypatch.setattr(update_table, "Checkout", lambda: checkout)
    subprocess.run(["git", "init", "-q", str(checkout.root)], check=True, capture_output=True)
    return checkout


def rows_of(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *runs: Any
) -> tuple[int, list[str]]:
    """The result and the rows, without the seconds, when updates end as the runs do."""
    left = list(runs)

    def updated(source: Path, copy: Path, options: list[str]) -> subprocess.CompletedProcess[str]:
        code, output, error, change = left.pop(0)
        if change is not None:
            written(copy / "openapi-cloud.yaml", change)
        return subprocess.CompletedProcess(options, code, output, error)

    monkeypatch.setattr(update_table, "_update", updated)
    code = update_table.main([str(source), "--no-tests"])
    assert left == []
    lines = capsys.readouterr().out.splitlines()[2:]
    return code, [re.sub(r"\| (\d+) \| \d+ \|", r"| \1 |", line) for line in lines]


def test_the_advice_is_followed_and_the_interface_compared(
    small: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = contract_of(small)
    a_newer_version(newer)
    source = written(tmp_path / "newer.yaml", newer)
    advice = f"error: it is odd:\n  make update-spec FROM={source} PRUNE=1 YES=1\n"
    code, rows = rows_of(
        source, monkeypatch, capsys, (1, "Breaking (1):\n", advice, None), (0, "3 passed in 1s\n", "", newer)
    )
    assert code == 0
    assert rows == [
        "| newer.yaml | YES=1 NO_TESTS=1 | 1 | Breaking (1):; error: it is odd: | yes |",
        "| newer.yaml | PRUNE=1 YES=1 | 0 | 3 passed in 1s | yes |",
    ]


@pytest.mark.parametrize(
    ("code", "changed", "reason"),
    [
        (0, False, "no: the interface is not that of the file"),
        (1, True, "no: exit 1, and openapi-cloud.yaml changed"),
    ],
)
def test_what_is_wrong_is_said(
    small: Checkout,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: int,
    changed: bool,
    reason: str,
) -> None:
    newer = contract_of(small)
    a_newer_version(newer)
    source = written(tmp_path / "newer.yaml", newer)
    result, (row,) = rows_of(source, monkeypatch, capsys, (code, "", "", newer if changed else None))
    assert result == 1
    assert row.endswith(f"| {reason} |")
