"""Programs that get a signal while they run."""

from __future__ import annotations

import signal
import subprocess

from .conftest import HANG_TIMEOUT, PROGRAM, Result, program_environment


def interrupted(*arguments: str, at: str, by: signal.Signals = signal.SIGINT) -> Result:
    """Run the program, and send it a signal once a line of stderr begins with `at`."""
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=program_environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(at):
            break
    process.send_signal(by)
    out, err = process.communicate(timeout=HANG_TIMEOUT)
    return Result(process.returncode, out, err)
