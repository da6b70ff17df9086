"""Running a program with the address and key of a server on this machine, or waiting for Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from .._console.exits import CommandError
from .._console.sanitizing import safe_line

_OTHER_SERVERS = ("COMFY_API_KEY", "COMFY_CLOUD_PROFILE")
"""Variables that would lead a program elsewhere, or give it the real key."""
_LOOPBACK = "127.0.0.1,localhost"


def run_program(words: Sequence[str], url: str, key: str | None) -> int:
    """Run a program until it ends, and return its exit code.

    Ctrl-C is for the program; SIGTERM is passed on to it. Raises CommandError if it cannot be
    started.
    """
    try:
        process = subprocess.Popen(words, env=_environment(url, key))  # noqa: S603 - the user's own words
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CommandError(f"{safe_line(words[0])} cannot be started: {reason}") from None
    with process, _signals_for(process):
        code = process.wait()
    return 128 - code if code < 0 else code


def serve_until_signal(announce: Callable[[], object]) -> None:
    """Call `announce`, and wait for Ctrl-C or SIGTERM, which may come before it is done."""
    from comfy_cloud_emulator.server.signals import StopRequested, StopSignals

    with StopSignals():
        try:
            announce()
            threading.Event().wait()
        except StopRequested:
            return


def variables(url: str, key: str | None) -> dict[str, str]:
    """The variables that lead a program to a server."""
    return {"COMFY_CLOUD_BASE_URL": url} | ({} if key is None else {"COMFY_CLOUD_API_KEY": key})


def _environment(url: str, key: str | None) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in _OTHER_SERVERS}
    if key is None:
        inherited.pop("COMFY_CLOUD_API_KEY", None)
    # Other clients would reach this machine by way of a proxy.
    for name in ("NO_PROXY", "no_proxy"):
        inherited[name] = ",".join(filter(None, (inherited.get(name), _LOOPBACK)))
    return inherited | variables(url, key)


@contextmanager
def _signals_for(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """While entered, SIGINT is left to the program, which gets it too, and SIGTERM passed on."""

    def leave(*_: object) -> None:
        return

    def pass_on(*_: object) -> None:
        process.terminate()

    former = [
        (signal.SIGINT, signal.signal(signal.SIGINT, leave)),
        (signal.SIGTERM, signal.signal(signal.SIGTERM, pass_on)),
    ]
    try:
        yield
    finally:
        for number, handler in former:
            signal.signal(number, handler)
