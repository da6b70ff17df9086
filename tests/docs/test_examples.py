"""The examples run as a reader would run them: in a process of their own, with warnings as errors."""

from __future__ import annotations

import os
import subprocess
import sys

from scripts.project.checkout import ROOT

from ..contract.watched import WATCHED

APP = ROOT / "examples/app_with_tests"
TESTS_OF_THE_APP = 5


def test_the_app_passes_its_tests() -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    # An ini file of its own, so that this project's settings do not count; `-p` loads the plugin by its entry point.
    options = [
        "-c",
        os.devnull,
        "--rootdir",
        str(APP),
        "-p",
        "comfy_cloud",
        "-p",
        "no:cacheprovider",
        "-W",
        "error",
        *WATCHED,
    ]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.contract.watched",
            "-m",
            "pytest",
            "-q",
            "--strict-markers",
            *options,
            str(APP),
        ],
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
