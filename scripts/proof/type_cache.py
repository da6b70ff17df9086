"""The cache of one run of mypy. Runs that share a folder at the same time mix what they know."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path


class TypeCache:
    """A copy of a shared cache, which takes its place if the run says so.

    Attributes:
        path: The folder for mypy's `--cache-dir`.
    """

    def __init__(self, shared: Path) -> None:
        shared.parent.mkdir(parents=True, exist_ok=True)
        self._shared = shared
        self._folder = tempfile.TemporaryDirectory(
            prefix=f"{shared.name}-", dir=shared.parent, ignore_cleanup_errors=True
        )
        self.path = Path(self._folder.name, "own")
        try:
            shutil.copytree(shared, self.path)
        except (OSError, shutil.Error):  # there is none yet, or another run has just replaced it
            shutil.rmtree(self.path, ignore_errors=True)

    def keep(self) -> None:
        """Put the cache in the place of the shared one, for the next run. The last one wins."""
        with suppress(OSError):
            if self._shared.exists():
                self._shared.rename(Path(self._folder.name, "old"))
            os.rename(self.path, self._shared)

    def close(self) -> None:
        """Remove what is left of it."""
        self._folder.cleanup()
