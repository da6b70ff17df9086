"""Files that only their owner can read, and that nobody else could have written. I/O.

Who owns a file, and who can write to it, is only checked on POSIX systems.
"""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path
from typing import IO

from .._files.whole_file import write_whole
from ..errors import ConfigurationError
from .user_folders import CONFIG_VARIABLE

_TRUSTED_OWNERS = (0,)
"""The user ids that may own any file that is read: root."""


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step. Only its owner can read it, from the first byte on.

    Raises ConfigurationError if that is not possible, or other users can write to its folder.
    """
    try:
        make_private_folder(path.parent)
        refuse_open_folder(path)
        write_whole(path, text.encode(), overwrite=True, is_private=True)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}. Set {CONFIG_VARIABLE} to a folder of yours."
        ) from None


def make_private_folder(folder: Path) -> None:
    """Create a folder and those above it that are missing, for this user alone.

    The umask does not matter. A folder that exists stays as it is.
    """
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        if folder.parent == folder:
            break
        folder = folder.parent
    for each in reversed(missing):
        try:
            each.mkdir(mode=0o700)  # never more than this, also for a moment
        except FileExistsError:
            if not each.is_dir():
                raise
        else:
            each.chmod(0o700)  # the umask may have taken something away


def read_key_file(path: Path) -> str | None:
    """The key in a file, or None.

    Raises ConfigurationError when other users can read the file, or could have written it.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            refuse_foreign_file(path, file)
            text = file.read().decode().strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"The key file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:  # which quotes the text
        raise ConfigurationError(f"The key file {path} does not contain text. Log in again.") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ConfigurationError(f"Other users can read the key file {path}. Run: chmod 600 {path}")
    return text or None


def refuse_foreign_file(path: Path, file: IO[bytes] | int) -> None:
    """Raise ConfigurationError if another user could have written an open file.

    It must belong to this user or to root, and nobody else may write to its folder. Raises OSError
    if that cannot be found out.
    """
    if os.name != "posix":
        return
    refuse_open_folder(path)
    refuse_foreign_owner(path, os.fstat(file if isinstance(file, int) else file.fileno()).st_uid)


def refuse_foreign_owner(path: Path, owner: int) -> None:
    """Raise ConfigurationError if the owner of a file is neither this user nor root."""
    if os.name == "posix" and owner not in (*_TRUSTED_OWNERS, os.geteuid()):
        raise ConfigurationError(
            f"{path} belongs to another user (id {owner}). If you trust what it contains, run: "
            f"chown {os.geteuid()} {shlex.quote(str(path))}"
        )


def refuse_open_folder(path: Path) -> None:
    """Raise ConfigurationError if all users can replace the files in the folder of a path.

    In a folder with the sticky bit, such as /tmp, they cannot. A symbolic link is followed.
    """
    if os.name != "posix":
        return
    for folder in {
        Path(os.path.realpath(each)) for each in (path.parent, os.path.dirname(os.path.realpath(path)))
    }:
        mode = folder.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise ConfigurationError(
                f"All users can write to the folder {folder}, and so replace {path.name}. Run: "
                f"chmod o-w {shlex.quote(str(folder))}"
            )
