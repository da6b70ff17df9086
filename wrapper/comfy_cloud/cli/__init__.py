"""The `comfy-cloud` command: starts it, or says what to install if click is missing.

Imports only the standard library until `main` is called, so that this message can be shown.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

MISSING_CLICK = "comfy-cloud: the command line needs more packages; run: pip install 'comfy-cloud[cli]'"
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (default: `sys.argv`) and return its exit code."""
    try:
        import click  # noqa: F401 - only to see whether it is installed

        from .app import run

        return run(arguments)
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        print(MISSING_CLICK, file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while the command was still being imported, or after its end
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED
