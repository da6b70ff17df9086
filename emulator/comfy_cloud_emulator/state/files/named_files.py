"""Files by name: the folders input, output and temp of a self-hosted ComfyUI, with subfolders.

A name refers to content in `file_store`; the same content may have several names. Callers decide
which names are allowed, and what happens when a name is taken.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, get_args

from comfy_cloud_emulator.state.database import Database

from .file_store import FileKind

KINDS: Final[tuple[FileKind, ...]] = get_args(FileKind)
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

    def now(self) -> int:
        """The current instant in Unix milliseconds."""
        return self._now()

    def has_folder(self, kind: FileKind, folder: str) -> bool:
        """Whether there is a folder of this path: one with a file in it, or below it."""
        return not folder or bool(
            self._database.read(
                "SELECT 1 FROM named_files WHERE kind = ? AND substr(subfolder || '/', 1, ?) = ? LIMIT 1",
                (kind, len(folder) + 1, f"{folder}/"),
            )
        )

    def annotated(self, text: str) -> NamedFile | None:
        """The file that a graph names: a path in input, or in the folder in brackets behind it."""
        path, kind = without_annotation(text)
        inside = path_inside(kind or "input", path)
        if inside is None:
            return None
        subfolder, _, name = inside.rpartition("/")
        return self.get(kind or "input", subfolder, name)


def without_annotation(text: str) -> tuple[str, FileKind | None]:
    """A name without the folder in brackets behind it, and that folder.

    The character before the bracket is dropped whatever it is, as the server does.
    """
    for kind in KINDS:
        if text.endswith(f"[{kind}]"):
            return text[: -len(kind) - 3], kind
    return text, None


def path_inside(kind: FileKind, path: str) -> str | None:
    """A path in a folder in its shortest form, "" for the folder itself; None if it is outside."""
    root = f"/{kind}"
    found = posixpath.normpath(posixpath.join(root, path))
    if found == root:
        return ""
    return found.removeprefix(f"{root}/") if found.startswith(f"{root}/") else None
