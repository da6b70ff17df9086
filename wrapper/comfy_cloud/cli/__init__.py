"""The `comfy-cloud` command. This module only starts it, and says what is missing when click is not installed.

It imports nothing but the standard library until it is called, so that the message can be given.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

MISSING_CLICK = "comfy-cloud: the command line needs more packages; run: pip install 'comfy-cloud[cli]'"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (default: the process's own) and return its exit code."""
    try:
        import click  # noqa: F401 - only whether it is there
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        print(MISSING_CLICK, file=sys.stderr)
        return 2
    from .app import run

    return run(arguments)
