"""SIGTERM while a command uses a server: it ends like Ctrl-C, with nothing left half done."""

from __future__ import annotations

import signal
from typing import NoReturn

import click

from .exits import Terminated


def take_as_interruption() -> None:
    """Until the command ends, let SIGTERM raise Terminated where Ctrl-C raises KeyboardInterrupt.

    By default it would end Python at once, with partial files, a hidden cursor, and a job that
    nobody waits for. A signal that is ignored, or has a handler, stays as it is.
    """
    context = click.get_current_context(silent=True)
    if context is None or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return
    try:
        former = signal.signal(signal.SIGTERM, _terminate)
    except ValueError:  # not the main thread, which alone handles signals
        return
    context.find_root().call_on_close(lambda: signal.signal(signal.SIGTERM, former))


def _terminate(*_: object) -> NoReturn:
    raise Terminated
