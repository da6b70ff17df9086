"""The command in a process that is forked, for tests that start it many times."""

from __future__ import annotations

import json
import os
import sys

from comfy_cloud.cli import main as run


def main(environment: str, *arguments: str) -> int:
    """Run the command with this environment, a JSON object, and return its exit code."""
    os.environ.clear()
    os.environ.update(json.loads(environment))
    sys.argv = ["comfy-cloud", *arguments]
    return run()
