"""Ctrl-C while several files are downloaded from a server that has fallen silent.

This module starts processes.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.project.checkout import ROOT
from tests.attacks.slow_server import Kind, slow_server

PROGRAM = """
import sys
from comfy_cloud import ComfyCloud

with ComfyCloud(api_key="k", base_url=sys.argv[1], timeout=60) as cloud:
    print("ready", flush=True)
    outputs = [cloud.files.output({"filename": f"{number}.png", "type": "output"}) for number in range(4)]
    cloud.files.download_all(outputs, sys.argv[2])
"""
# Far less than the timeout of the client, and enough for a busy machine.
LONGEST = 15


@pytest.mark.parametrize(("kind", "redirects"), [("silent", False), ("silent", True), ("slow body", False)])
def test_ctrl_c_ends_downloads_from_a_silent_server_at_once(
    kind: Kind, redirects: bool, tmp_path: Path
) -> None:
    with (
        slow_server(kind, redirects=redirects) as server,
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, server.url, str(tmp_path)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as program,
    ):  # fmt: skip
        assert program.stdout is not None
        assert program.stdout.readline().strip() == "ready"
        server.wait_for_requests(8 if redirects else 4)
        program.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, errors = program.communicate(timeout=120)
        seconds = time.monotonic() - began
    assert program.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in errors
    assert seconds < LONGEST
