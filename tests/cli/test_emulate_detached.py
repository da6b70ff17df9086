"""`emulate --detach` and its verbs: emulators that outlive the command that starts them."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud.cli._emulate import instances as instances_module
from comfy_cloud.cli._emulate import shells
from comfy_cloud.cli._emulate.instances import Instance, end, instances, process_start, registered
from comfy_cloud.cli._emulate.shells import current_shell, export_text
from comfy_cloud_emulator import Emulator

from .conftest import HANG_TIMEOUT, PROGRAM, Run, program_environment, run_for_terminal, run_program

START = ("emulate", "--detach", "--port", "0", "--seed-data", "3")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The state folder of a test; what still runs there is ended."""
    path = tmp_path / "state"
    monkeypatch.setenv("COMFY_CLOUD_STATE_DIR", str(path))
    yield path
    for each in instances(path):
        end(path, each)


def an_instance(port: int = 8189, pid: int | None = None) -> Instance:
    pid = os.getpid() if pid is None else pid
    return Instance(
        port=port,
        url=f"http://127.0.0.1:{port}",
        key="some-key",
        pid=pid,
        process_start=process_start(pid),
        started="2026-11-23T12:00:00+00:00",
        server="Comfy Cloud",
        log="emulator.log",
        accounts={},
    )


def test_it_serves_after_the_command_has_ended(run: Run, folder: Path) -> None:
    shown = run(*START, "--key", "it's-mine", "--account", "k2-of-second tier=pro name=second")
    assert shown.code == 0, shown.err
    assert re.fullmatch(
        r"export COMFY_CLOUD_BASE_URL=http://127.0.0.1:\d+;\n"
        r"""export COMFY_CLOUD_API_KEY='it'"'"'s-mine';\n""",
        shown.out,
    )
    (instance,) = instances(folder)
    assert shown.err.splitlines()[1] == "  account second: pro; uses the key you gave it"
    log, record = folder / f"emulator-{instance.port}.log", folder / f"emulator-{instance.port}.json"
    assert sorted(folder.iterdir()) == [record, log]
    for path, mode in ((folder, 0o700), (log, 0o600), (record, 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode
    with ComfyCloud(base_url=instance.url, api_key="it's-mine") as cloud:
        assert len(cloud.history.list()) == 3
        cloud.user.get()
    assert os.getsid(instance.pid) == instance.pid, "the end of the shell's session would reach it"
    if Path("/proc").is_dir():
        line = Path(f"/proc/{instance.pid}/cmdline").read_text()
        assert "daemon" in line
        assert "mine" not in line
        assert "k2-of" not in line

    (row,) = json.loads(run("emulate", "status").out)
    assert (row["url"], row["pid"], row["log"]) == (instance.url, instance.pid, str(log))
    assert run("emulate", "env", "--shell", "bash").out == shown.out

    assert run("emulate", "stop").err == f"stopped Comfy Cloud at {instance.url}\n"
    assert list(folder.iterdir()) == [log]
    assert "GET /api/history_v2?max_items=" in log.read_text()
    assert "mine" not in log.read_text()
    shown = run("emulate", "stop")
    assert (shown.code, shown.err) == (
        5,
        "error: no emulator runs in the background; comfy-cloud emulate --detach starts one\n",
    )
    assert run("emulate", "status").out == "[]\n"


def test_a_shell_evaluates_what_it_prints(folder: Path) -> None:
    program = " ".join(f"'{word}'" for word in (*PROGRAM, *START))
    script = f'eval "$({program})"; echo "$COMFY_CLOUD_BASE_URL" "$(printenv COMFY_CLOUD_API_KEY)"'
    environment = program_environment()
    environment.pop("COMFY_CLOUD_API_KEY", None)
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment, timeout=HANG_TIMEOUT
    )
    (instance,) = instances(folder)
    assert done.stdout == f"{instance.url} comfyui-local-key\n", done.stderr
    with ComfyCloud(base_url=instance.url, api_key="comfyui-local-key") as cloud:
        assert len(cloud.history.list()) == 3


def test_a_terminal_is_told_that_lines_have_to_be_evaluated(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    with registered(folder, an_instance()):
        shown = run_for_terminal("emulate", "env", "--shell", "bash")
        assert shown.out.startswith("export COMFY_CLOUD_BASE_URL=")
        assert shown.err.splitlines()[-1] == '  eval "$(comfy-cloud emulate env --port 8189)"'
        assert run_for_terminal("emulate", "env", "--shell", "powershell").err == ""


def test_several_and_one_without_a_key(run: Run, folder: Path) -> None:
    first = json.loads(run(*START, "--json").out)
    assert first.keys() == {"url", "key", "port", "pid", "started", "log"}
    second = json.loads(run(*START, "--quirks", "comfyui", "--json").out)
    assert (first["key"], second["key"]) == ("comfyui-local-key", None)
    ports = sorted([first["port"], second["port"]])
    shown = run("emulate", "stop")
    assert shown.code == 2
    assert f"on ports {ports[0]}, {ports[1]}; say which one with --port" in shown.err
    assert run("emulate", "env", "--port", str(second["port"]), "--shell", "fish").out == (
        f"set -gx COMFY_CLOUD_BASE_URL '{second['url']}';\n"
    )
    shown = run("emulate", "--detach", "--port", str(first["port"]))
    assert (shown.code, shown.out) == (2, "")
    assert f"Comfy Cloud is emulated at {first['url']} already" in shown.err
    shown = run("emulate", "stop", "--port", str(second["port"]))
    assert shown.err == f"stopped a self-hosted ComfyUI at {second['url']}\n"
    assert run("emulate", "stop", "--port", str(second["port"])).code == 5
    assert run("emulate", "stop", "--all").err == f"stopped Comfy Cloud at {first['url']}\n"
    assert run("emulate", "stop", "--all").code == 5


def test_paths_are_those_of_the_shell(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program in the background has another working folder, and no modules from this one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "comfy_cloud").mkdir()
    (tmp_path / "comfy_cloud" / "__init__.py").write_text("raise RuntimeError('not ours')")
    (tmp_path / "theirs.json").write_text('{"Own": {"input": {"required": {}}, "output": ["IMAGE"]}}')
    shown = run(*START, "--data", "kept", "--object-info", "theirs.json")
    assert shown.code == 0, shown.err
    assert (tmp_path / "kept" / "emulator.lock").exists()
    (instance,) = instances(folder)
    with ComfyCloud(base_url=instance.url, api_key=instance.key or "") as cloud:
        assert list(cloud.nodes.all()) == ["Own"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--quirks", "lively"], "unknown quirk 'lively'"),
        (["--fault", "sometimes"], "unknown kind of fault 'sometimes'"),
        (["--object-info", "none.json"], "cannot read the node classes in "),
        (["--shell", "fish", "--json"], "--shell and --json cannot be combined"),
    ],
)
def test_what_prevents_the_start_is_one_line(
    arguments: list[str], message: str, run: Run, folder: Path
) -> None:
    shown = run(*START, *arguments)
    assert (shown.code, shown.out) == (2, "")
    assert message in shown.err
    assert shown.err.count("\n") == 1
    assert list(folder.glob("*")) == []


def test_a_port_that_another_program_has(run: Run, folder: Path, empty_emulator: Emulator) -> None:
    port = empty_emulator.url.rpartition(":")[2]
    shown = run("emulate", "--detach", "--port", port)
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith(f"error: port {port} of 127.0.0.1 is not free; choose another with --port N")


def test_without_the_extra_it_says_what_to_install(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError('no', name='uvicorn')")
    paths = f"{tmp_path}{os.pathsep}{program_environment()['PYTHONPATH']}"
    shown = run_program(*START, PYTHONPATH=paths)
    assert (shown.code, shown.out) == (2, "")
    assert shown.err == "error: this needs the package uvicorn: pip install 'comfy-cloud[emulator]'\n"


def test_a_program_that_ends_at_once(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = folder.parent / "python"
    broken.write_text("#!/bin/sh\necho oh dear >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    shown = run(*START)
    assert (shown.code, shown.out) == (1, "")
    assert shown.err.startswith(f"error: the emulator did not start: oh dear (all of it: {folder}/")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--json"], "--json needs --detach"),
        (["--shell", "zsh"], "--shell needs --detach"),
        (["--port", "1", "stop"], "--port before 'stop' has no effect"),
        (["stop", "--port", "1", "--all"], "--port and --all cannot be combined"),
        (["stp"], "did you mean 'stop'?"),
    ],
)
def test_options_that_do_not_go_together(arguments: list[str], message: str, run: Run, folder: Path) -> None:
    shown = run("emulate", *arguments)
    assert (shown.code, shown.out) == (2, "")
    assert message in shown.err


def test_a_state_folder_that_cannot_be_made(run: Run, folder: Path) -> None:
    folder.write_text("")
    shown = run(*START)
    assert shown.code == 2
    assert "Set COMFY_CLOUD_STATE_DIR to a folder of yours" in shown.err
    folder.unlink()


# Records and processes


@pytest.mark.parametrize("content", ["a record", "", "[]", "{"])
def test_a_stale_record_kills_nobody(run: Run, folder: Path, content: str) -> None:
    """The process with its number, here the one that runs the tests, is another one."""
    folder.mkdir(mode=0o700)
    path = folder / "emulator-8189.json"
    with registered(folder, an_instance()):
        record = path.read_text()
        assert instances(folder) == [an_instance()]
    assert not path.exists()
    path.write_text(record if content == "a record" else content)
    assert run("emulate", "stop").code == 5
    assert not path.exists()


def test_a_process_of_another_container(run: Run, folder: Path) -> None:
    folder.mkdir()
    with registered(folder, replace(an_instance(), process_start="1")):
        shown = run("emulate", "stop")
    assert shown.code == 1
    assert "is served by a process in another container, or on another machine" in shown.err


STUBBORN = """
import json, signal, sys, time
from pathlib import Path
from comfy_cloud.cli._emulate.instances import Instance, process_start, registered
import os
signal.signal(signal.SIGTERM, signal.SIG_IGN)
record = {**json.loads(sys.argv[2]), "pid": os.getpid(), "process_start": process_start(os.getpid())}
with registered(Path(sys.argv[1]), Instance(**record)):
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_one_that_does_not_stop_is_killed(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    monkeypatch.setattr(instances_module, "STOP_SECONDS", 0.2)
    record = {name: getattr(an_instance(), name) for name in Instance.__slots__}
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN, str(folder), json.dumps(record)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=program_environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        shown = run("emulate", "stop")
        assert process.wait(HANG_TIMEOUT) == -signal.SIGKILL
    assert (shown.code, shown.err) == (0, "killed Comfy Cloud at http://127.0.0.1:8189\n")


def test_a_long_log_begins_anew(run: Run, folder: Path) -> None:
    run(*START)
    (instance,) = instances(folder)
    with open(instance.log, "r+b") as log:
        log.truncate(20_000_000)
    with ComfyCloud(base_url=instance.url, api_key=instance.key or "") as cloud:
        cloud.user.get()
        cloud.user.get()  # the first one is in the log by now
    run("emulate", "stop")
    assert Path(instance.log).read_text().startswith("GET /api/user -> 200")


# Shells


@pytest.mark.parametrize(
    ("shell", "text"),
    [
        ("bash", "export A=http://a;\nexport B='it'\"'\"'s \\ $x';\n"),
        ("zsh", "export A=http://a;\nexport B='it'\"'\"'s \\ $x';\n"),
        ("fish", "set -gx A 'http://a';\nset -gx B 'it\\'s \\\\ $x';\n"),
        ("powershell", "$env:A = 'http://a';\n$env:B = 'it''s \\ $x';\n"),
    ],
)
def test_commands_of_each_shell(shell: str, text: str) -> None:
    assert export_text({"A": "http://a", "B": "it's \\ $x"}, shell) == text


@pytest.mark.parametrize(
    ("parent", "login", "shell"),
    [
        ("fish", "/bin/bash", "fish"),
        ("zsh", "/bin/bash", "zsh"),
        ("dash", "/usr/bin/fish", "bash"),
        ("python", "/usr/bin/fish", "fish"),
        ("python", "/usr/bin/pwsh", "powershell"),
        ("python", "/bin/tcsh", "bash"),
        (None, "", "bash"),
    ],
)
def test_which_shell_calls(
    parent: str | None, login: str, shell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: str, **_: object) -> io.StringIO:
        assert path == f"/proc/{os.getppid()}/comm"
        if parent is None:
            raise FileNotFoundError(path)
        return io.StringIO(f"{parent}\n")

    monkeypatch.setattr(shells, "open", opened, raising=False)
    monkeypatch.setenv("SHELL", login)
    assert current_shell() == shell
