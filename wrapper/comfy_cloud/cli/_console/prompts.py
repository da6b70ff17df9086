"""Questions to the person at the terminal, on stderr."""

from __future__ import annotations

import sys

import click

from .exits import CommandError
from .streams import on_terminal


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
    if not click.confirm(question, err=True):
        raise CommandError(otherwise)
