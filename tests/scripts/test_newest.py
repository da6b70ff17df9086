"""How `make test-newest` finds Pythons, and what it does without any."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts import newest


def command(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose Pythons are below a folder."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'first'}:{tmp_path / 'second'}")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    return tmp_path


def test_commands_that_only_stand_for_a_python_are_passed_over(machine: Path) -> None:
    command(machine / "first" / "python3.13", "echo 'not set up'; exit 127")
    assert newest.interpreter("3.13") is None
    command(machine / "second" / "python3.13", "echo 3.12; echo /wrong")
    assert newest.interpreter("3.13") is None
    command(machine / "pyenv" / "versions" / "3.13.1" / "bin" / "python", "echo 3.13; echo /right")
    assert newest.interpreter("3.13") == "/right"


def test_what_is_not_here_is_named(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert newest.main(["--python", "3.13,3.14"]) == 2
    shown = capsys.readouterr()
    for version in ("3.13", "3.14"):
        assert f"Python {version}: not tested: there is no such Python here" in shown.out
    assert "none of Python 3.13, 3.14 is here; install one of them" in shown.err


def test_all_extras_are_installed() -> None:
    assert {"cli", "contract", "emulator", "fast", "keyring", "fsspec"} <= set(newest.extras())
