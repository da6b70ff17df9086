# Made from wrapper/comfy_cloud/_async/_files/existing_file.py by `make unasync`. Do not edit.
"""Keep a file that exists where a download would write, if it is the same: `if_exists="skip"`.

A hash proves it. Where none is known, the sizes are compared, and the caller warns.
"""

from __future__ import annotations

import logging

from ..._errors.file_errors import file_errors
from ..._files.destinations import Destination
from ..._files.local_destination import already_exists
from ..._files.saved_files import Saved
from ..._http.concurrency import Halt, in_thread
from .transfer import Transfer

logger = logging.getLogger("comfy_cloud")


def keep_existing(transfer: Transfer, destination: Destination, expected_hash: str | None) -> Saved:
    """Skip the file that exists at a destination, if it is the same as the one to download.

    Raises FileExistsError if it is not, and PermissionError if a symbolic link leads out of the
    folder.
    """
    with file_errors():
        size = in_thread(destination.existing_size)
    if size is None:
        raise already_exists(str(destination.saved_path), "its size is not known")
    if expected_hash is not None:
        halt = Halt()
        with file_errors():
            found = in_thread(destination.existing_hash, halt.check, stop=halt.set)
        if found != expected_hash:
            raise already_exists(str(destination.saved_path), "has other content")
        logger.info("%s is skipped: it has the same content", destination.saved_path)
        return Saved(destination.saved_path, "skipped")
    if transfer.size is None:
        try:
            transfer.open()
        finally:
            transfer.close()
    if transfer.size is None:
        raise already_exists(
            str(destination.saved_path), "cannot be compared, since the server reports neither hash nor size"
        )
    if transfer.size != size:
        raise already_exists(str(destination.saved_path), f"has {size} bytes instead of {transfer.size}")
    logger.info("%s is skipped: it has the same size, %d bytes", destination.saved_path, size)
    return Saved(destination.saved_path, "skipped", is_by_size=True)
