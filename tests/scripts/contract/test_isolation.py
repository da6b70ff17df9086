"""New code runs without network, keys, home and other processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts.contract.isolation import isolated_environment, prove_by_import, run_tests
from scripts.project.checkout import Checkout


def test_our_own_code_is_imported() -> None:
    generated = Checkout().generated
    count = len(list(generated.rglob("*.py")))
    assert f"\n{count} modules are imported" in prove_by_import(generated)


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
        ("import os\nos.posix_spawn('/bin/true', ['true'], {})", "may not use os.posix_spawn"),
        ("import os\nos.fork()", "may not use os.fork"),
        ("import os\nos.kill(os.getppid(), 0)", "may not use os.kill"),
        ("import _posixsubprocess\n_posixsubprocess.fork_exec()", "may not start a process"),
        ("import ctypes\nctypes.CDLL(None)", "may not use ctypes.dlopen"),
        (f"open({__file__!r}, 'a')", "may not write to"),
        ("import os\nos.mkdir('/tmp/of-generated-code')", "may not write to '/tmp/of-generated-code'"),
        ("import os\nos.rename('/etc/hostname', 'mine')", "may not write to '/etc/hostname'"),
        ("import os\nos.symlink('/etc', 'link')", "may not write to '/etc'"),
        ("open('large', 'wb').write(bytes(2**29))", "File too large"),
        ("x = bytearray(2**33)", "MemoryError"),
    ],
)
def test_what_it_may_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "secret")
    (tmp_path / "module.py").write_text(code, encoding="utf-8")
    with pytest.raises(ContractError, match=f"nothing is changed: .*{reason}"):
        prove_by_import(tmp_path)


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos._exit(0)",
        "raise SystemExit(0)",
        "raise SystemExit",
        "import os, sys\nprint('1 modules are imported', flush=True)\nos._exit(0)",
    ],
)
def test_leaving_early_proves_nothing(tmp_path: Path, code: str) -> None:
    (tmp_path / "module.py").write_text(code, encoding="utf-8")
    with pytest.raises(ContractError, match="ended its process before the proof did, so nothing is changed"):
        prove_by_import(tmp_path)


def test_it_may_write_in_its_working_folder_which_is_gone_afterwards(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, tempfile\n"
        "pathlib.Path('note').write_text('x')\n"
        "tempfile.NamedTemporaryFile().close()\n"
        "print(os.getcwd())\n"
    )
    (tmp_path / "module.py").write_text(code, encoding="utf-8")
    (folder,) = [line for line in prove_by_import(tmp_path).splitlines() if line.startswith("/")]
    assert not Path(folder).exists()


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


TESTS = """
import os, socket, subprocess, sys, pytest

def test_loopback_works():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    assert socket.getaddrinfo("localhost", 80)

@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.com"])
def test_nothing_else_does(host):
    with pytest.raises(OSError, match="no network here"):
        socket.create_connection((host, 80), timeout=5)

def test_processes_may_be_started_and_see_no_key():
    code = "import os; print('COMFY_CLOUD_API_KEY' in os.environ)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).stdout.split() == [b"False"]
    assert os.listdir(os.path.expanduser("~")) == []
"""


@pytest.mark.slow
def test_the_tests_have_loopback_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "secret")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(TESTS, encoding="utf-8")
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert run_tests(tmp_path) == 0
    output = capfd.readouterr().out
    assert "5 passed" in output
    assert "bringing up nodes" in output  # each of them is guarded


def test_one_file_is_run_in_one_process_and_its_failure_is_the_result(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = "import socket\ndef test_it(): socket.create_connection(('192.0.2.1', 80), timeout=5)\n"
    (tmp_path / "test_it.py").write_text(code, encoding="utf-8")
    assert run_tests(tmp_path, ["test_it.py"]) == 1
    output = capfd.readouterr().out
    assert "there is no network here" in output
    assert "bringing up nodes" not in output
