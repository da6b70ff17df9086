"""`record` and `replay`: a program in any language, run against a server and against the file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from comfy_cloud.cli._record import program
from comfy_cloud_emulator import Emulator

from .conftest import HANG_TIMEOUT, PROGRAM, Run, program_environment

# No package of ours: what any program does that knows the address.
ASKS = """
import json, os, sys, urllib.request
url = os.environ["COMFY_CLOUD_BASE_URL"] + sys.argv[1]
key = os.environ["COMFY_CLOUD_API_KEY"]
assert "COMFY_API_KEY" not in os.environ
request = urllib.request.Request(url, headers={"X-API-Key": key})
found = json.load(urllib.request.urlopen(request))["id"]
if sys.argv[2:]:
    open(sys.argv[2], "w").write(found)
"""


def asking(path: str = "/api/user", *to: str) -> list[str]:
    return ["--", sys.executable, "-I", "-S", "-c", ASKS, path, *to]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "session.comfycloud"


def test_a_program_is_recorded_and_played(
    run: Run, empty_cloud: Emulator, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFY_API_KEY", "comfyui-a-key-that-no-program-may-see")
    recorded = run("record", "-o", str(file), *asking("/api/user", str(tmp_path / "first")))
    assert (recorded.code, recorded.err.split(" in ")[0]) == (
        0,
        "recorded 1 request and 0 websocket messages",
    )
    count = len(empty_cloud.requests)
    played = run("replay", str(file), "--all", *asking("/api/user", str(tmp_path / "second")))
    assert (played.code, played.err) == (0, "")
    assert (tmp_path / "first").read_text() == (tmp_path / "second").read_text() != ""
    assert len(empty_cloud.requests) == count
    assert file.stat().st_mode & 0o077 == 0


def test_what_was_not_recorded_and_not_asked_for(run: Run, empty_cloud: Emulator, file: Path) -> None:
    assert run("record", "-o", str(file), *asking()).code == 0
    other = run("replay", str(file), "--", sys.executable, "-c", "")
    assert (other.code, other.err) == (0, "not asked for: GET /api/user\n")
    assert run("replay", str(file), "--all", "--", sys.executable, "-c", "").code == 1
    unknown = run("replay", str(file), *asking("/api/queue"))
    assert unknown.code == 1
    assert "not recorded: GET /api/queue is not in the recording; the nearest is GET /api/user" in unknown.err


def test_the_exit_code_is_that_of_the_program(run: Run, empty_cloud: Emulator, file: Path) -> None:
    done = run("record", "-o", str(file), "--", sys.executable, "-c", "raise SystemExit(7)")
    assert done.code == 7
    assert "it must use COMFY_CLOUD_BASE_URL" in done.err
    killed = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    assert run("replay", str(file), "--", *killed).code == 137


def test_a_program_that_does_not_start_leaves_no_file(run: Run, empty_cloud: Emulator, file: Path) -> None:
    done = run("record", "-o", str(file), "--", "no-such-program-here")
    assert (done.code, done.err) == (
        2, "error: no-such-program-here cannot be started: No such file or directory\n"
    )  # fmt: skip
    assert not file.exists()


def test_an_existing_file_needs_overwrite(run: Run, empty_cloud: Emulator, file: Path) -> None:
    file.write_text("mine")
    done = run("record", "-o", str(file), *asking())
    assert done.code == 2
    assert "use --overwrite to replace it" in done.err
    assert file.read_text() == "mine"
    assert run("record", "-o", str(file), "--overwrite", *asking()).code == 0
    assert file.read_bytes().startswith(b"PK")


def test_a_file_that_is_not_a_recording(run: Run, file: Path) -> None:
    file.write_text("mine")
    done = run("replay", str(file))
    assert (done.code, done.err) == (2, f"error: {file} is not a recording: it is not a ZIP file\n")


def test_without_a_key_for_the_service(run: Run, file: Path) -> None:
    done = run("--base-url", "https://cloud.comfy.org", "record", "-o", str(file))
    assert done.code == 4
    assert "no API key" in done.err


def test_without_a_program_it_serves_until_it_is_stopped(empty_cloud: Emulator, file: Path) -> None:
    """SIGTERM writes what was recorded until then."""
    process = subprocess.Popen(
        [*PROGRAM, "record", "-o", str(file)], stderr=subprocess.PIPE, env=program_environment(), text=True
    )
    assert process.stderr is not None
    with process:
        lines = [process.stderr.readline() for _ in range(3)]
        variables = dict(line.split("export ")[1].strip().split("=") for line in lines[1:])
        asked = subprocess.run(
            asking()[1:], env={**os.environ, **variables}, capture_output=True, timeout=HANG_TIMEOUT
        )
        assert asked.returncode == 0, asked.stderr
        process.send_signal(signal.SIGTERM)
        last = process.stderr.read()
    assert process.returncode == 0
    assert last.startswith("recorded 1 request")
    assert empty_cloud.key not in "".join(lines)


def test_a_key_of_another_server_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "comfyui-of-another-server")
    shows = "import os; raise SystemExit('COMFY_CLOUD_API_KEY' in os.environ)"
    assert program.run_program([sys.executable, "-c", shows], "http://127.0.0.1:1", None) == 0
