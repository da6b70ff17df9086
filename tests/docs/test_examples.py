"""The examples run as a reader would run them: in a separate process, with warnings as errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..contract.watched import WATCHED

ROOT = Path(__file__).parents[2]
APP = ROOT / "examples/app_with_tests"
TESTS_OF_THE_APP = 5


def test_the_spans_of_a_job_are_printed() -> None:
    program = [sys.executable, "-W", "error", str(ROOT / "examples/tracing.py")]
    done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "comfy_cloud.node SaveImage" in done.stdout
    assert "'comfy_cloud.job.status': 'completed'" in done.stdout
    assert done.stdout.splitlines()[-1].split()[2:] == ["a", "whole", "evening", "{}"]


@pytest.mark.slow
def test_the_app_passes_its_tests() -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    # `-c` keeps this project's settings out; `-p comfy_cloud` loads the plugin by its entry point.
    settings = ["-c", os.devnull, "--rootdir", str(APP), "-W", "error", "--strict-markers", *WATCHED]
    plugins = ["-p", "comfy_cloud", "-p", "no:cacheprovider"]
    program = [sys.executable, "-m", "tests.contract.watched", "-m", "pytest", "-q"]
    done = subprocess.run(
        [*program, *settings, *plugins, str(APP)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{TESTS_OF_THE_APP} passed" in done.stdout
    assert done.stderr == ""
