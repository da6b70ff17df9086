"""The account's personal files, such as saved workflows, by path.

Small files in the database; a path is text with slashes and never touches the disk. This module
decides which paths are allowed, the routes what a refused one gets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from comfy_cloud_emulator.state.database import Database

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS userdata (
    path TEXT PRIMARY KEY,
    content BLOB NOT NULL,
    modified INTEGER NOT NULL
) WITHOUT ROWID;
"""


_NEVER_IN_NAMES: Final = re.compile(r"[\x00-\x1f\x7f\\]")


class PathRefused(ValueError):
    """The path is empty, leads out of the folder, or contains characters of no file name."""


@dataclass(frozen=True, slots=True)
class UserFile:
    """A listed file: path, size in bytes, and modification time in Unix milliseconds."""

    path: str
    size: int
    modified: int


class UserData:
    """Personal files by path. `now` gives Unix milliseconds. Safe to use from any thread."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now
        database.create(_SCHEMA)

    def list(self, folder: str = "", *, recurse: bool = True) -> list[UserFile]:
        """Files below a folder sorted by path, with paths relative to it.

        `folder` is empty for everything, or ends with a slash. Without `recurse` only the folder's
        own files are listed. Raises PathRefused.
        """
        prefix = f"{checked(folder)}/" if folder.strip("/") else ""
        # substr, because LIKE would read % and _ in names as patterns.
        rows = self._database.read(
            "SELECT path, length(content), modified FROM userdata WHERE substr(path, 1, ?) = ? ORDER BY path",
            (len(prefix), prefix),
        )
        found = [UserFile(path[len(prefix) :], size, modified) for path, size, modified in rows]
        return found if recurse else [file for file in found if "/" not in file.path]

    def read(self, path: str) -> bytes | None:
        """The content, or None when there is no such file. Raises PathRefused."""
        found = self._database.read("SELECT content FROM userdata WHERE path = ?", (checked(path),))
        return None if not found else bytes(found[0][0])

    def entry(self, path: str) -> UserFile | None:
        """The entry of a file, or None when there is no such file. Raises PathRefused."""
        found = self._database.read(
            "SELECT path, length(content), modified FROM userdata WHERE path = ?", (checked(path),)
        )
        return UserFile(*found[0]) if found else None

    def write(self, path: str, content: bytes, *, overwrite: bool = True) -> UserFile | None:
        """Write a file and return its entry; None when it exists and `overwrite` is off.

        Raises PathRefused.
        """
        path, now = checked(path), self._now()
        with self._database.write() as database:
            if not overwrite and self.read(path) is not None:
                return None
            database.execute(
                "REPLACE INTO userdata (path, content, modified) VALUES (?, ?, ?)", (path, content, now)
            )
        return UserFile(path, len(content), now)

    def delete(self, path: str) -> bool:
        """Delete a file. False when there is none. Raises PathRefused."""
        with self._database.write() as database:
            return database.execute("DELETE FROM userdata WHERE path = ?", (checked(path),)).rowcount > 0


def checked(path: str) -> str:
    """The path without a trailing slash. Raises PathRefused when it is not allowed."""
    segments = path.removesuffix("/").split("/")
    if _NEVER_IN_NAMES.search(path):
        raise PathRefused("the path contains a character that no file name has")
    if not all(segment.strip(".") for segment in segments):
        raise PathRefused("the path has a segment that is empty or has dots only")
    return "/".join(segments)
