"""`make packages`: every extra is tried, and what a command lacks must be said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts import package_table
from scripts.package_table import FIRST, NONE, Row, extras_of_project


def test_every_extra_is_tried() -> None:
    assert set(FIRST) == {NONE} | extras_of_project()


def test_every_program_compiles() -> None:
    for first in FIRST.values():
        compile(first.program, "program", "exec")


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("pass", "`comfy-cloud -c {}`: works"),
        (
            "import sys; print('run: pip install \\'comfy-cloud[cli]\\'', file=sys.stderr); sys.exit(2)",
            "`comfy-cloud -c {}`: says `pip install 'comfy-cloud[cli]'`",
        ),
        ("raise SystemExit('broken')", "fails (1): `comfy-cloud -c {}`: broken"),
    ],
)
def test_a_command_works_or_says_what_to_install(code: str, result: str, tmp_path: Path) -> None:
    found = package_table._of_command([sys.executable, "-c", code], tmp_path)
    assert found == result.format(code)
    assert Row("cli", 1.0, 1.0, 1, "works", found).is_good == (not found.startswith("fails"))


def test_settings_of_this_machine_are_not_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "comfyui-mine")
    code = "import os; raise SystemExit('mine' in os.environ['COMFY_CLOUD_API_KEY'])"
    assert package_table._outcome([sys.executable, "-c", code], tmp_path) == "works"


def test_the_page_has_every_extra_and_none_fails() -> None:
    rows = package_table.PAGE.read_text(encoding="utf-8").splitlines()[8:]
    assert [row.split("`")[1] for row in rows] == list(FIRST)
    assert all("| works |" in row and "fails" not in row for row in rows)
