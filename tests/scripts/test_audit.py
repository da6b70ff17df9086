"""What `make audit` makes of pip-audit's output."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scripts.audit import report


def output(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


CLEAN = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "not found"}
BAD = {"name": "c", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["3"], "aliases": []}]}


def test_nothing_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(output(CLEAN, SKIPPED), "", "pypi") == 0
    assert capsys.readouterr().out == (
        "not audited, since the service does not know them: b\n1 packages audited, 0 advisories\n"
    )


def test_an_advisory(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(output(CLEAN, BAD), "", "pypi") == 1
    assert capsys.readouterr().out == "c 2: X-1, fixed in 3\n2 packages audited, 1 advisories\n"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "ConnectionError: refused"),
        ("{", "ConnectionError: refused"),
        (output(), "ConnectionError: refused"),
        (output(SKIPPED, SKIPPED), "it knows none of 2 packages"),
    ],
)
def test_an_audit_of_nothing_is_no_success(
    given: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(given, "warning\nConnectionError: refused\n", "osv") == 2
    shown = capsys.readouterr().err
    assert f"nothing was audited; the service osv cannot be reached: {reason}" in shown
    assert "make audit SERVICE=osv" in shown
