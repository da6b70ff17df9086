"""docs/record-replay.md: its programs run, its options exist, its numbers are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud.cli import record, replay
from comfy_cloud_emulator import Emulator, Recorder
from comfy_cloud_emulator.recording import matching, proxy, records
from comfy_cloud_emulator.recording.file_writing import BODIES, HEAD, RECORDS
from scripts.project.checkout import ROOT

from .programs import blocks, run

PAGE = (ROOT / "docs/record-replay.md").read_text(encoding="utf-8")
TEST, PROGRAM = blocks(PAGE, "python")


def test_the_program_prints_the_same_twice(tmp_path: Path) -> None:
    first, second, rest = run("-c", PROGRAM, folder=tmp_path).splitlines()
    assert first == second
    assert first.count("-") == 8
    assert rest == "[] []"


def test_the_test_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    with Emulator(seed_data=None) as server:
        path = pytester.path / "session.comfycloud"
        with Recorder(path, base_url=server.url, api_key=server.key) as recorder:
            with ComfyCloud(base_url=recorder.url, api_key=recorder.key) as cloud:
                cloud.queue.remaining()
    pytester.makepyfile(TEST)
    ours = ("-p", "comfy_cloud", "-W", "error", "-W", "ignore:Module already imported")
    pytester.runpytest_inprocess(*ours).assert_outcomes(passed=1)


def test_the_options_exist() -> None:
    options = {name for each in (record, replay) for option in each.command.params for name in option.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) - {"--base-url", "--profile"}
    assert {"--ignore", "--all", "--overwrite", "--port"} <= named <= options


def test_the_names_and_numbers_are_those_of_the_code() -> None:
    assert {f"`{name}`" for name in (HEAD, RECORDS, f"{BODIES}SHA256")} <= set(re.findall(r"`[\w./]+`", PAGE))
    assert f"another\nversion than {records.VERSION} is refused" in PAGE
    assert f"{proxy.LARGEST_JSON >> 20} MiB with 413" in PAGE
    assert all(f"`{name}`" in PAGE for name in matching.VOLATILE - {"clientid"})
