"""Files by name: the folders input, output and temp of a self-hosted ComfyUI, with subfolders.

A name refers to content in `file_store`; the same content may have several names. Callers decide
which names are allowed, and what happens when a name is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast, get_args

from comfy_cloud_emulator.state.database import Database

from .file_store import FileKind

KINDS: Final[tuple[FileKind, ...]] = get_args(FileKind)
_ANNOTATED: Final = re.compile(r"(?P<path>.*?)(?: \[(?P<kind>input|output|temp)\])?", re.DOTALL)
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS named_files (
    kind TEXT NOT NULL,
    subfolder TEXT NOT NULL,
    name TEXT NOT NULL,
    stored TEXT NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (kind, subfolder, name)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """One name: its folders, the stored name of its content, and its modification time.

    The time is in Unix milliseconds.
    """

    kind: FileKind
    subfolder: str
    name: str
    stored: str
    modified: int


class Folders:
    """Names by folder. `now` gives Unix milliseconds. Safe to use from any thread."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now
        database.create(_SCHEMA)

    def get(self, kind: FileKind, subfolder: str, name: str) -> NamedFile | None:
        """The file of this name, or None."""
        found = self._database.read(
            "SELECT kind, subfolder, name, stored, modified FROM named_files"
            " WHERE kind = ? AND subfolder = ? AND name = ?",
            (kind, subfolder, name),
        )
        return NamedFile(*found[0]) if found else None

    def put(self, kind: FileKind, subfolder: str, name: str, stored: str) -> NamedFile:
        """Give content a name, which may replace other content."""
        file = NamedFile(kind, subfolder, name, stored, self._now())
        with self._database.write() as database:
            database.execute(
                "REPLACE INTO named_files (kind, subfolder, name, stored, modified) VALUES (?, ?, ?, ?, ?)",
                (file.kind, file.subfolder, file.name, file.stored, file.modified),
            )
        return file

    def names(self, kind: FileKind, subfolder: str = "") -> list[str]:
        """The names in one folder, sorted."""
        found = self._database.read(
            "SELECT name FROM named_files WHERE kind = ? AND subfolder = ? ORDER BY name", (kind, subfolder)
        )
        return [name for (name,) in found]

    def newest_names(self, kind: FileKind) -> list[str]:
        """The names in a folder itself, without its subfolders, the last modified first."""
        found = self._database.read(
            "SELECT name FROM named_files WHERE kind = ? AND subfolder = ''"
            " ORDER BY modified DESC, name DESC",
            (kind,),
        )
        return [name for (name,) in found]

    def next_name(self, kind: FileKind, subfolder: str, prefix: str, extension: str) -> str:
        """The name for the next output with this prefix: one number above the highest."""
        pattern = re.compile(rf"{re.escape(prefix)}_(\d+)_.*", re.DOTALL)
        numbers = [
            int(found[1]) for name in self.names(kind, subfolder) if (found := pattern.fullmatch(name))
        ]
        return f"{prefix}_{max(numbers, default=0) + 1:05d}_.{extension}"

    def annotated(self, text: str) -> NamedFile | None:
        """The file that a graph names: a path in input, or in the folder in brackets behind it."""
        found = _ANNOTATED.fullmatch(text)
        if found is None:
            return None
        subfolder, _, name = found["path"].rpartition("/")
        return self.get(cast("FileKind", found["kind"] or "input"), subfolder, name)
