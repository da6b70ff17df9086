"""Drive a real self-hosted ComfyUI with both forms of the client, and print a table.

`make drive URL=http://127.0.0.1:8188` tries what an app does: submit, follow, list, cancel, upload,
view, save. It needs no models. It leaves images, jobs and files on the server, and is not part of
the test suite, which uses no other server. Steps about assets run where the server has them, and a
server in multi-user mode needs `USER_ID=...`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import steps_assets, steps_files, steps_jobs
from .forms import Step, in_async_form, in_sync_form

_FAILED = "FAILED: "


def steps() -> list[Step]:
    """Every step, in order."""
    return [*steps_jobs.STEPS, *steps_files.STEPS, *steps_assets.STEPS]


def tried(run: Callable[[], str], *, is_verbose: bool) -> str:
    """What a step reports, or how it failed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return run()
    except Exception as error:  # noqa: BLE001 - whatever goes wrong belongs into the table
        if is_verbose:
            traceback.print_exc()
        return f"{_FAILED}{type(error).__name__}: {error}"


def main() -> int:
    """Print the table; return 1 if a step failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.live.drive", description=__doc__)
    parser.add_argument("url", help="base URL of the ComfyUI, such as http://127.0.0.1:8188")
    parser.add_argument("--only", default="", help="run only the steps whose name contains this")
    parser.add_argument("--user", help="the id of a user, for a server in multi-user mode")
    parser.add_argument("--verbose", action="store_true", help="print tracebacks")
    given = parser.parse_args()
    failures = 0
    print("tried | sync | async")
    print("---|---|---")
    options = {} if given.user is None else {"comfy_user": given.user}
    for step in steps():
        name = step.__name__.replace("_", " ")
        if given.only not in name:
            continue
        results = []
        for run_in in (in_sync_form, in_async_form):
            with tempfile.TemporaryDirectory() as folder:

                def run(form: Any = run_in, path: Path = Path(folder), step: Step = step) -> str:
                    return str(form(given.url, path, step, **options))

                results.append(tried(run, is_verbose=given.verbose))
        failures += sum(result.startswith(_FAILED) for result in results)
        print(f"{name} | {results[0]} | {results[1]}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
