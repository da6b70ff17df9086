"""Copy a file of this machine to where a download would write it. I/O.

Like a download, the copy appears whole under its name, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .._errors.file_errors import file_errors
from .background_writer import BackgroundWriter
from .destinations import Destination
from .download_options import SavedPath

_PIECE = 1024 * 1024


def copy_file(
    source: Path,
    destination: Destination,
    expected_hash: str,
    check: Callable[[], object],
    *,
    overwrite: bool,
    rename: bool,
) -> SavedPath | None:
    """Copy a file; returns its path, or None if the content of `source` has another hash.

    `check` may raise an exception to stop. Raises FileExistsError as a download does, and OSError
    if the source cannot be read.
    """
    writer = BackgroundWriter(
        lambda: destination.new_partial_file(overwrite=overwrite, rename=rename), is_hashed=True, check=check
    )
    try:
        with source.open("rb", buffering=0) as file:
            writer.open()
            offset = 0
            while piece := _read(file.read):
                check()
                if not writer.put(offset, piece):
                    writer.make_room()
                offset += len(piece)
            return writer.finish(expected_hash)
    finally:
        if not writer.is_done:
            writer.close()


def _read(read: Callable[[int], bytes | None]) -> bytes | None:
    with file_errors():
        return read(_PIECE)
