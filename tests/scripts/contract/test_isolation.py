"""New code runs without network, keys, home and other processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts.contract.isolation import isolated_environment, prove_by_import
from scripts.project.checkout import Checkout


def test_our_own_code_is_imported() -> None:
    assert "189 modules are imported" in prove_by_import(Checkout().generated)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))", "may not use socket"),
        ("import socket\nsocket.getaddrinfo('example.com', 80)", "no network here"),
        ("import os\nos.system('true')", "may not use os.system"),
        ("import subprocess\nsubprocess.run(['true'])", "may not use subprocess.Popen"),
        ("import os, pathlib\nraise SystemExit(f'{os.listdir(pathlib.Path.home())}')", r"\[\]"),
        ("import os\nraise SystemExit(str('COMFY_CLOUD_API_KEY' in os.environ))", "False"),
        ("x = 1 / 0", "ZeroDivisionError"),
    ],
)
def test_what_it_may_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "secret")
    (tmp_path / "module.py").write_text(code, encoding="utf-8")
    with pytest.raises(ContractError, match=f"nothing is changed: .*{reason}"):
        prove_by_import(tmp_path)


def test_only_listed_variables_are_passed_on() -> None:
    given = {
        "PATH": "/bin",
        "LANG": "C",
        "HOME": "/me",
        "GITHUB_TOKEN": "t",
        "HTTPS_PROXY": "p",
        "PYTHONPATH": "x",
    }
    found = isolated_environment(given, "/empty")
    assert {name: value for name, value in found.items() if value != "/empty"} == {
        "PATH": "/bin",
        "LANG": "C",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    assert found["HOME"] == "/empty"
