"""Writing a whole file in one step: it has its old content or the new one, never a part. I/O.

A full disk, an error and Ctrl-C leave what was there, and no temporary file.
"""

from __future__ import annotations

import os
from pathlib import Path

from .local_destination import LocalPartialFile


def write_whole(
    path: Path, content: bytes, *, overwrite: bool, is_private: bool = False, modified: float | None = None
) -> None:
    """Write a file under a temporary name in its folder, and rename it once it is complete.

    If it `is_private`, only its owner can read it, from the first byte on. `modified` dates it, in
    epoch seconds.

    Raises FileExistsError if there is something and `overwrite` is false, and OSError if the folder
    does not exist or the file cannot be written.
    """
    os.stat(path.parent)  # a misspelt folder is not created
    with LocalPartialFile(path, overwrite=overwrite, is_private=is_private) as partial:
        partial.write_at(0, content)
        partial.publish(modified)
