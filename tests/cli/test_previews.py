"""`--preview`: the images of a job on a terminal, and what is said of what cannot be shown."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import termios
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from comfy_cloud import ComfyCloud, ComfyCloudWarning, HistoryEntry
from comfy_cloud.cli._runs.preview_image import image_class_in_any_case, preview_image
from comfy_cloud_emulator import Emulator, Fault

from .conftest import HANG_TIMEOUT, PROGRAM, Run, program_environment, run_for_terminal, run_on_terminal

SIZE = (40, 120)
UPPER_HALF = "\N{UPPER HALF BLOCK}"


def an_entry(kind: str) -> HistoryEntry:
    with ComfyCloud() as cloud:
        entry = next(each for each in cloud.history.iter() if any(x.kind == kind for x in each.outputs))
        return cloud.history.get(entry.id)


@pytest.mark.parametrize("noun", ["history", "jobs"])
def test_images_are_shown_under_their_names(noun: str, cloud: Emulator) -> None:
    entry = an_entry("image")
    shown = run_on_terminal(noun, "show", entry.id, "--preview", environment={"NO_COLOR": "1"}, size=SIZE)
    assert shown.err == ""
    assert shown.code == 0
    before, name, after = shown.out.partition(f"\n{entry.outputs[0].display_name}\n")
    assert f"id        {entry.id}\n" in before
    assert name
    lines = [line for line in after.splitlines() if UPPER_HALF in line]
    assert 4 <= len(lines) <= 24
    assert "\x1b[" in after, "half blocks without color show nothing"
    assert ("res", "1024") in cloud.requests[-1].query


def test_a_self_hosted_server_has_no_smaller_copies(
    start_emulator: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = start_emulator(quirks="comfyui", seed_data="demo")
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
    with warnings.catch_warnings(action="ignore", category=ComfyCloudWarning):
        entry = an_entry("image")
    shown = run_on_terminal("history", "show", entry.id, "--preview", size=SIZE)
    assert shown.code == 0, shown.err
    assert UPPER_HALF in shown.out


def test_a_video_is_named_and_not_shown(cloud: Emulator) -> None:
    entry = an_entry("video")
    name = next(output.display_name for output in entry.outputs if output.kind == "video")
    shown = run_for_terminal("jobs", "show", entry.id, "--preview", size=SIZE)
    assert shown.code == 0
    assert f"not shown: {name} (video)" in shown.err
    assert f"to save the files: comfy-cloud jobs download {entry.id}" in shown.err
    assert not any(request.path == "/api/view" for request in cloud.requests)


def test_a_file_that_is_gone(cloud: Emulator) -> None:
    entry = an_entry("image")
    cloud.faults.add(Fault("status", status=404, times=None, path="/api/view"))
    shown = run_for_terminal("history", "show", entry.id, "--preview", size=SIZE)
    assert shown.code == 5
    assert f"error: no longer on the server: {entry.outputs[0].display_name}" in shown.err


def test_a_file_that_is_no_image(run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = an_entry("image")
    monkeypatch.setattr("comfy_cloud.cli._jobs.previews.can_redraw", lambda stream: True)
    monkeypatch.setattr("comfy_cloud.cli._jobs.previews._content", lambda *_: b"no image")
    shown = run("history", "show", entry.id, "--preview", "-o", "table")
    assert shown.code == 0
    assert f"not shown: {entry.outputs[0].display_name} (an image that is too large, or " in shown.err


def test_a_job_without_files(cloud: Emulator) -> None:
    with ComfyCloud() as client:
        entry = next(each for each in client.history.iter(status="failed") if not each.outputs)
    shown = run_for_terminal("history", "show", entry.id, "--preview", size=SIZE)
    assert (shown.code, shown.err) == (0, "the job has no files to show\n")


@pytest.mark.parametrize(
    ("arguments", "terminal", "message"),
    [
        ([], False, "--preview needs a terminal on stdout; to save the files, use comfy-cloud jobs download"),
        (["-o", "table"], False, "--preview needs a terminal on stdout"),
        (["--raw"], True, "--preview and --raw cannot be combined"),
        (["--jq", "."], True, "--preview and --jq cannot be combined"),
        (["-o", "yaml"], True, "--preview and --output yaml cannot be combined"),
    ],
)
@pytest.mark.parametrize("noun", ["history", "jobs"])
def test_where_nothing_can_be_shown(
    noun: str,
    arguments: list[str],
    terminal: bool,
    message: str,
    run: Run,
    cloud: Emulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("comfy_cloud.cli._jobs.previews.can_redraw", lambda stream: terminal)
    shown = run(noun, "show", "5f2a1c0e", "--preview", *arguments)
    assert (shown.code, shown.out) == (2, "")
    assert message in shown.err
    assert cloud.requests == []


def test_a_terminal_that_does_not_say_how_large_it_is(cloud: Emulator) -> None:
    shown = run_on_terminal("history", "show", "5f2a1c0e", "--preview", size=(0, 0))
    assert shown.code == 2
    assert "--preview needs a terminal that says how large it is" in shown.err
    assert cloud.requests == []


@pytest.mark.parametrize(("module", "package"), [("textual_image", "textual-image"), ("PIL", "pillow")])
def test_without_the_extra_it_says_what_to_install(
    module: str, package: str, run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comfy_cloud.cli._jobs.previews.can_redraw", lambda stream: True)
    monkeypatch.setattr("comfy_cloud.cli._jobs.previews.find_spec", lambda name: name != module or None)
    shown = run("history", "show", "5f2a1c0e", "--preview", "-o", "table")
    assert shown.code == 2
    assert f"needs the package {package}: pip install 'comfy-cloud[preview]'" in shown.err


def test_stdin_may_be_a_file(cloud: Emulator, tmp_path: Path) -> None:
    """What asks the terminal about images reads its answer from stdin."""
    controller, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, SIZE)
    with subprocess.Popen(
        [*PROGRAM, "history", "show", an_entry("image").id, "--preview"],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.PIPE,
        env=program_environment(),
        start_new_session=True,
    ) as process:
        os.close(terminal)
        out = b""
        while part := _read(controller):
            out += part
        _, err = process.communicate(timeout=HANG_TIMEOUT)
    os.close(controller)
    assert err == b""
    assert process.returncode == 0
    assert UPPER_HALF in out.decode()


def _read(end: int) -> bytes:
    try:
        return os.read(end, 65_536)
    except OSError:  # the other end is closed
        return b""


def test_an_image_is_not_distorted_to_fit() -> None:
    content = io.BytesIO()
    Image.new("RGB", (400, 100), "red").save(content, "PNG")
    console = Console(file=io.StringIO(), width=20, height=24, legacy_windows=False)
    before = sys.__stdin__
    with console.capture() as captured:
        console.print(preview_image(content.getvalue(), image_class_in_any_case(), height=16))
    lines = captured.get().splitlines()
    assert max(map(len, lines)) == 20
    assert len(lines) in (2, 3), "20 cells are 200 pixels wide, 50 pixels are two or three lines"
    assert sys.__stdin__ is before
