"""Questions to the person at the terminal, on stderr."""

from __future__ import annotations

import os
import sys

import click

from .exits import CommandError
from .streams import on_terminal, write_message


def confirm_deletion(question: str, yes: bool) -> None:
    """Ask before something is deleted; see `confirm`."""
    confirm(question, yes, doing="deleting", otherwise="nothing was deleted")


def confirm(question: str, yes: bool, *, doing: str, otherwise: str) -> None:
    """Ask, unless `yes` (the option --yes) is set.

    Raises CommandError when the answer is no, or when stdin is not a terminal.
    """
    if yes:
        return
    if not on_terminal(sys.stdin):
        raise CommandError(f"{doing} needs --yes when there is no terminal to ask on")
    if not _is_confirmed(question):
        raise CommandError(otherwise)


def _is_confirmed(question: str) -> bool:
    """Ask until the answer is yes or no; nothing is no. Raises click.Abort at the end of input."""
    while True:
        sys.stderr.write(f"{question} [y/N]: ")
        sys.stderr.flush()
        _wait_for_line()
        line = sys.stdin.readline()
        if not line:
            raise click.Abort
        answer = line.strip().lower()
        if answer in ("y", "yes", "n", "no", ""):
            return answer in ("y", "yes")
        write_message("please answer y or n")


def hidden_line(question: str) -> str:
    """Ask for a line that is not shown while it is typed. Raises click.Abort at its end."""
    if os.name != "posix":
        return str(click.prompt(question, hide_input=True, err=True, default="", show_default=False))
    import termios

    terminal = sys.stdin.fileno()
    former = termios.tcgetattr(terminal)
    hidden = [*former]
    hidden[3] &= ~termios.ECHO
    try:
        # What was typed before was shown, so it is no secret, and is dropped.
        termios.tcsetattr(terminal, termios.TCSAFLUSH, hidden)
        sys.stderr.write(f"{question}: ")
        sys.stderr.flush()
        _wait_for_line()
        line = sys.stdin.readline()
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, former)
        sys.stderr.write("\n")
        sys.stderr.flush()
    if not line:
        raise click.Abort
    return line.rstrip("\r\n")


def _wait_for_line() -> None:
    """Wait until a line was typed. Raises KeyboardInterrupt at Ctrl-C, whenever it comes.

    Python looks for signals before it reads. One that comes after that, but before the system call
    begins, does not end the read: `click.confirm` loses a Ctrl-C that comes at once in most cases.
    So signals are written to a pipe, on which `select` waits too.
    """
    if os.name != "posix":
        return
    import select
    import signal

    reader, writer = os.pipe()
    try:
        os.set_blocking(writer, False)
        try:
            former = signal.set_wakeup_fd(writer)
        except ValueError:  # not the main thread, which alone gets signals
            return
        try:
            while sys.stdin not in select.select([sys.stdin, reader], [], [])[0]:
                os.read(reader, 64)
        finally:
            signal.set_wakeup_fd(former)
    finally:
        os.close(reader)
        os.close(writer)
