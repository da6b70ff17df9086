"""The copy of a server's node catalogue on disk.

The response to GET /api/object_info is several megabytes and changes only when the service is
updated, so it is worth keeping. The copy only saves time: nothing fails if it cannot be read or
written.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from .._files.whole_file import write_whole
from .._settings.private_files import make_private_folder
from .._settings.user_folders import cache_path


class CatalogueFile:
    """The copy for one server.

    Its file name contains nothing about the account: the catalogue is public.
    """

    def __init__(self, base_url: str) -> None:
        digest = hashlib.sha256(base_url.encode()).hexdigest()[:16]
        self.path = cache_folder() / f"object_info-{digest}.json"

    def read(self) -> tuple[bytes, float] | None:
        """The copy, and when it was written in epoch seconds; None if there is no copy."""
        try:
            return self.path.read_bytes(), self.path.stat().st_mtime
        except OSError:
            return None

    def write(self, content: bytes, now: float) -> None:
        """Write a copy, dated `now` in epoch seconds. Does nothing if that is not possible."""
        with suppress(OSError):
            make_private_folder(self.path.parent)
            write_whole(self.path, content, overwrite=True, modified=now)


def cache_folder() -> Path:
    """The folder of the copies: COMFY_CLOUD_CACHE_DIR, else the platform's cache folder."""
    return Path(cache_path())
