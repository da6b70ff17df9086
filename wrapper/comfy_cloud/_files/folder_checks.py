"""The folder that a file is saved in: it is created, and no link may lead out of it. I/O."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def refuse_leaving(path: Path, part: Path, within: Path) -> None:
    """Raise PermissionError if this part of the path leads out of the folder."""
    # resolve() follows links and keeps parts that do not exist yet, so it works for new folders.
    if not part.resolve().is_relative_to(within.resolve()):
        raise redirected(path, f"is a symbolic link that leads out of {within}")


def create_folder(folder: Path, created: list[Path]) -> None:
    """Create the folder and those above it that are missing, and append what was created.

    Raises NotADirectoryError if a part of the path is a file.
    """
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        if os.path.lexists(folder) or folder.parent == folder:
            break
        folder = folder.parent
    for each in reversed(missing):
        try:
            each.mkdir()
        except FileExistsError:
            if not each.is_dir():
                message = "This is a file, so nothing can be saved in it; give the path of a folder"
                raise NotADirectoryError(errno.ENOTDIR, message, str(each)) from None
        else:
            created.append(each)


def identity(folder: Path) -> tuple[int, int]:
    """What tells a folder from another one that replaces it."""
    found = os.stat(folder)
    return found.st_dev, found.st_ino


def redirected(path: Path, reason: str) -> PermissionError:
    """The error for a file whose folder is not the one that was meant."""
    return PermissionError(errno.EPERM, f"The folder of this file {reason}; nothing was saved", str(path))
