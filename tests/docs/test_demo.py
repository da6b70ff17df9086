"""`comfy-cloud demo` and `make demo` as a person sees them; nothing is left running or behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_demo_shows_a_history_and_a_run_and_leaves_nothing_running() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMFY_CLOUD_")}
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "comfy_cloud.cli", "demo"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "2 requests failed with a 500 and were repeated" in done.stdout
    assert done.stdout.count("completed  20") >= 5
    assert "The job failed." in done.stdout
    assert "Try:" in done.stdout
    assert "completed\n" in done.stderr + done.stdout
    assert "sunset_00001_.png" in done.stdout
    assert done.stderr.count("-> 500") == 2
    assert "Traceback" not in done.stderr
    assert "comfyui-local-key" not in done.stdout + done.stderr
    assert {process.pid for process in psutil.Process().children(recursive=True)} <= before
