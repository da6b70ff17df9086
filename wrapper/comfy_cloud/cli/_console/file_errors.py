"""Errors of the user's own files, in words: what cannot be done with which file, and why. I/O."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeGuard

from .exits import CommandError

if TYPE_CHECKING:
    from pathlib import Path

NOT_REPLACED: Final = "is a device, a pipe or a socket, which no file replaces"
_LONGEST_PATH = 100


def is_of_a_file(error: BaseException) -> TypeGuard[OSError]:
    """Whether it is about a file or stdout, and not about a connection."""
    return isinstance(error, OSError) and error.errno is not None


def reason_of(error: OSError) -> str:
    """Why, without the number and the path: "Permission denied", "File name too long"."""
    return error.strerror or str(error) or type(error).__name__


def message_of(error: OSError) -> str:
    """One line about an error of a file, or of stdout, which has no name."""
    if isinstance(error.filename, (str, bytes)):
        return f"{shown_path(os.fsdecode(error.filename))} cannot be used: {reason_of(error)}"
    return f"the output or a file cannot be written or read: {reason_of(error)}"


def shown_path(path: str | Path) -> str:
    """The path; of a very long one, the beginning."""
    text = str(path)
    return text if len(text) <= _LONGEST_PATH else f"{text[:_LONGEST_PATH]}..."


def cannot_write(path: Path, error: OSError) -> CommandError:
    """The error for an output file that was not written, in words of the command's options."""
    if is_special(path):
        return CommandError(f"{shown_path(path)} {NOT_REPLACED}; choose another FILE")
    if isinstance(error, FileExistsError):
        import click

        context = click.get_current_context(silent=True)
        options = context.command.params if context is not None else []
        fix = ", or add --overwrite" if any(each.name == "overwrite" for each in options) else ""
        return CommandError(f"{shown_path(path)} already exists; choose another FILE{fix}")
    return CommandError(
        f"{shown_path(path)} cannot be written: {reason_of(error)}. Nothing was saved; choose another FILE"
    )


def is_special(path: Path) -> bool:
    """Whether there is something that is neither a file nor a folder."""
    with suppress(OSError, ValueError):  # not a name that a file can have
        return path.exists() and not path.is_file() and not path.is_dir()
    return False


def refuse_unwritable(path: Path) -> None:
    """Raise CommandError for an output file that exists, or whose name or folder cannot be used.

    Called before a request is sent, so that its response is not lost.
    """
    is_there = False
    try:
        os.stat(path.parent)
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        with suppress(FileNotFoundError):
            os.lstat(path)
            is_there = True
    except OSError as error:
        raise cannot_write(path, error) from None
    if is_there:
        raise CommandError(f"{shown_path(path)} already exists; choose another name or delete it")
