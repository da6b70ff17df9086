"""Where a download goes: a local path, a URL for fsspec, or a path on an fsspec file system.

A `file://` URL is a local path, and is treated as one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePath
from typing import Any, Protocol

from .._errors.file_errors import file_errors
from .download_options import SavedPath, SavePath
from .fsspec_destination import FsspecDestination
from .fsspec_urls import is_url
from .local_destination import FILE_SCHEME, LocalDestination, LocalPartialFile, local_path

_WINDOWS_DRIVE = re.compile(r"/[A-Za-z]:")  # in file:///C:/folder


class PartialFile(Protocol):
    """A file that is being written, on any file system."""

    @property
    def local(self) -> LocalPartialFile | None:
        """The file on this machine's disk, which can be written in parts; None elsewhere."""
        ...

    def create(self) -> None:
        """Create the file under a temporary name."""

    def write_at(self, offset: int, chunk: bytes) -> None:
        """Write a chunk at its offset."""

    def publish(self) -> SavedPath:
        """Give the file its final name; returns its path or URL."""
        ...

    def discard(self) -> None:
        """Delete what was not published. May be called at any moment, also before `create`."""


class Destination(Protocol):
    """Where one file goes. If it `is_remote`, its methods wait for the network."""

    is_remote: bool

    @property
    def name(self) -> str:
        """The name of the file."""
        ...

    def refuse_existing(self) -> None:
        """Raise FileExistsError if something is there already."""

    @property
    def saved_path(self) -> SavedPath:
        """What a download returns for a file with this name."""
        ...

    def existing_size(self) -> int | None:
        """The size of the file that is there.

        None if it is something other than a file, or if the file system does not report sizes.
        """
        ...

    def existing_hash(self, check: Callable[[], object]) -> str:
        """The BLAKE3 hash of the file that is there. `check` may raise an exception to stop."""
        ...

    def new_partial_file(self, *, overwrite: bool, rename: bool = False) -> PartialFile:
        """A file with a temporary name, not created yet.

        To `rename` means to take another name, with a number, where this one is taken.
        """
        ...


def destination_for(target: SavePath, name: str, filesystem: Any = None) -> Destination:
    """The destination of one file: `target` itself, or `name` in it if it is a folder.

    Raises ConfigurationError if a URL or `filesystem` cannot be used.
    """
    with file_errors():
        if filesystem is None and not is_url(target):
            return LocalDestination(local_path(target, name))
        text = os.fspath(target)
        if filesystem is None and _is_file_url(text):
            return LocalDestination(local_path(_path_of_file_url(text), name), is_url=True)
    return FsspecDestination.of(text, filesystem).file(name, is_folder=text.endswith("/"))


def destinations_below(
    folder: SavePath, paths: Iterable[PurePath], filesystem: Any = None
) -> list[Destination]:
    """The destinations of several files below a folder, which no symbolic link in it leads out of.

    Raises ConfigurationError if a URL or `filesystem` cannot be used.
    """
    if filesystem is None and not is_url(folder):
        base = Path(folder)
        return [LocalDestination(base / path, base) for path in paths]
    text = os.fspath(folder)
    if filesystem is None and _is_file_url(text):
        base = Path(_path_of_file_url(text))
        return [LocalDestination(base / path, base, is_url=True) for path in paths]
    remote = FsspecDestination.of(text, filesystem)
    return [remote.below(path) for path in paths]


def _is_file_url(text: str) -> bool:
    return text.lower().startswith(FILE_SCHEME)


def _path_of_file_url(url: str) -> str:
    """The path in a `file://` URL. It is not percent-decoded: fsspec does not do that either."""
    path = url[len(FILE_SCHEME) :]
    return path[1:] if _WINDOWS_DRIVE.match(path) else path
