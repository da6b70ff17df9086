"""The files that an agent may name: those below the folders of `--folder`, links resolved. I/O."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .._console.exits import CommandError
from .._console.file_errors import reason_of, shown_path

_LARGEST = 512 * 1024 * 1024


class Folders:
    """Folders below which files may be read and written.

    A relative path is below the first of them. Links are followed before a path is judged, so none
    leads out. Raises CommandError if one of them is not a folder.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.paths: list[Path] = []
        for folder in folders:
            try:
                resolved = folder.expanduser().resolve(strict=True)
            except (OSError, RuntimeError) as error:
                reason = reason_of(error) if isinstance(error, OSError) else error
                raise CommandError(f"--folder {shown_path(folder)}: {reason}") from None
            if not resolved.is_dir():
                raise CommandError(f"--folder {shown_path(folder)} is not a folder")
            self.paths.append(resolved)

    def file(self, given: str) -> Path:
        """The existing file that a path means. Raises CommandError if it may not be read."""
        path = self._within(given)
        try:
            is_file, exists = path.is_file(), path.exists()
            size = path.stat().st_size if is_file else 0
        except OSError as error:
            raise CommandError(f"{shown_path(given)} cannot be read: {reason_of(error)}") from None
        if not is_file:
            what = "is not a file" if exists else "does not exist"
            raise CommandError(f"{shown_path(given)} {what}; paths are relative to {self.paths[0]}")
        if size > _LARGEST:
            raise CommandError(f"{shown_path(given)} has {size} bytes; at most {_LARGEST} are read")
        return path

    def new_file(self, given: str) -> Path:
        """The path of a file to be written. Raises CommandError if it exists or may not be."""
        path = self._within(given)
        if path.exists():
            raise CommandError(f"{shown_path(given)} already exists and is kept; choose another name")
        if not path.parent.is_dir():
            raise CommandError(f"the folder of {shown_path(given)} does not exist; choose one that does")
        return path

    def folder(self, given: str) -> Path:
        """The path of a folder to save into, which may be new. Raises CommandError otherwise."""
        path = self._within(given)
        if path.exists() and not path.is_dir():
            raise CommandError(f"{shown_path(given)} is not a folder; choose another name")
        return path

    def _within(self, given: str) -> Path:
        try:
            path = (self.paths[0] / given).resolve()
        except (OSError, RuntimeError, ValueError):
            raise CommandError(f"{given!r:.200} is not the path of a file") from None
        if not any(path.is_relative_to(folder) for folder in self.paths):
            allowed = ", ".join(map(str, self.paths))
            raise CommandError(
                f"{shown_path(given)} is outside of the allowed folders ({allowed}). Use a file in them, "
                "or the person who starts the server adds its folder: comfy-cloud mcp --folder FOLDER"
            )
        return path
