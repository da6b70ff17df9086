"""Saving to any fsspec file system: a file gets its final name when it is complete.

It is written under a temporary name, and moved when complete.

Where the file system can move files, that is one step; on an object store it is a copy inside the
store. If anything fails, the temporary file is deleted. Whether the destination exists is checked
before the first byte, and again before the move. A file that someone else creates between that
check and the move could be replaced: fsspec offers no "only if it does not exist" of object stores.

These calls wait for the network, so a worker thread makes them. fsspec is imported only when
needed.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from itertools import count
from pathlib import PurePath
from typing import Any

from ..errors import ConfigurationError
from ..hashing import hash_file
from .file_types import numbered_name
from .fsspec_urls import resolved
from .local_destination import (
    FOLDER_IN_THE_WAY,
    MOST_NUMBERS,
    already_exists,
    folder_in_the_way,
    partial_name,
)

# The size of the parts that a file is sent in. Object stores require 5 MiB or more for all but the
# last.
_PART_SIZE = 8 * 1024 * 1024

# The URLs that files of a process (its id) are being moved to, each with its partial file. A forked
# child has a copy.
_claims: dict[tuple[int, str], FsspecPartialFile] = {}


class FsspecDestination:
    """A path on a file system of fsspec.

    Its `str()` is the URL, without the file system's credentials.
    """

    is_remote = True

    def __init__(self, filesystem: Any, path: str) -> None:
        self._fs = filesystem
        self._path = path

    @property
    def name(self) -> str:
        """The name of the file."""
        return self._path.rpartition("/")[2]

    @classmethod
    def of(cls, target: str, filesystem: Any = None) -> FsspecDestination:
        """The destination for a URL, or for a path on `filesystem`.

        Raises ConfigurationError if fsspec cannot use the URL, or `filesystem` is not one of
        fsspec's.
        """
        if filesystem is None:
            filesystem, target = resolved(target)
        elif not hasattr(filesystem, "unstrip_protocol"):
            raise ConfigurationError(
                "filesystem= takes a file system of fsspec, such as fsspec.filesystem('s3'), not "
                f"{type(filesystem).__name__}"
            )
        else:
            target = filesystem._strip_protocol(target)
        return cls(filesystem, target)

    def file(self, name: str, *, is_folder: bool) -> FsspecDestination:
        """This path itself; or `name` below it if it is an existing folder, or `is_folder`."""
        return self.below(PurePath(name)) if is_folder or self._fs.isdir(self._path) else self

    def below(self, path: PurePath) -> FsspecDestination:
        """A relative path below this one.

        Its parts are safe names; they become parts of one key.
        """
        return FsspecDestination(self._fs, "/".join([self._path.rstrip("/"), *path.parts]))

    def refuse_existing(self) -> None:
        """Raise FileExistsError if something is there already."""
        self._fs.invalidate_cache()  # fsspec caches listings
        if self._fs.exists(self._path):
            raise (folder_in_the_way if self._fs.isdir(self._path) else already_exists)(str(self))

    @property
    def saved_path(self) -> str:
        """The URL of the file."""
        return str(self)

    def existing_size(self) -> int | None:
        """The size of the file that is there; None if it is not a file, or if not reported.

        Raises FileExistsError if a folder is there.
        """
        found = self._fs.info(self._path)
        if found.get("type") == "directory":
            raise folder_in_the_way(str(self))
        size = found.get("size")
        return size if found.get("type") == "file" and isinstance(size, int) else None

    def existing_hash(self, check: Callable[[], object]) -> str:
        """The hash of the file that is there, which is read. `check` may raise to stop."""
        with self._fs.open(self._path, mode="rb") as file:
            return hash_file(file, check)

    def numbered(self, number: int) -> FsspecDestination:
        """The same with a number in its name."""
        folder, slash, name = self._path.rpartition("/")
        return FsspecDestination(self._fs, f"{folder}{slash}{numbered_name(name, number)}")

    def new_partial_file(self, *, overwrite: bool, rename: bool = False) -> FsspecPartialFile:
        """A file with a temporary name, not created yet."""
        return FsspecPartialFile(self._fs, self, self._path, overwrite=overwrite, rename=rename)

    def move_here(self, part: str, file: FsspecPartialFile, *, overwrite: bool) -> None:
        """Give a partial file this name.

        Raises FileExistsError if the name was taken in the meantime and `overwrite` is false.
        """
        if overwrite:
            _move(self._fs, part, self._path)
            return
        claim = (os.getpid(), str(self))
        try:
            if _claims.setdefault(claim, file) is not file:
                raise already_exists(str(self))
            self.refuse_existing()
            _move(self._fs, part, self._path)
        finally:
            if claim in _claims and _claims[claim] is file:  # no call, which could be interrupted
                del _claims[claim]

    def __str__(self) -> str:
        return str(self._fs.unstrip_protocol(self._path))


class FsspecPartialFile:
    """A file that is being written: `.comfy-XXXX.part` beside its destination, until `publish`.

    To `rename` means to take the first name with a number that is free, where the destination
    exists. Otherwise FileExistsError is raised at once if it exists and `overwrite` is false.
    Raises IsADirectoryError if a folder would be overwritten, and ConfigurationError if the file
    system cannot write or rename files.
    """

    def __init__(
        self,
        filesystem: Any,
        destination: FsspecDestination,
        path: str,
        *,
        overwrite: bool,
        rename: bool = False,
    ) -> None:
        self.position = 0
        self._fs = filesystem
        self._destination = destination
        self._overwrite = overwrite
        self._rename = rename
        if not overwrite and not rename:
            destination.refuse_existing()
        elif overwrite and filesystem.isdir(path):  # which some would move the file into
            raise IsADirectoryError(errno.EISDIR, FOLDER_IN_THE_WAY, str(destination))
        if not _can_move(filesystem):
            raise ConfigurationError(
                f"{destination}: this file system cannot rename files, so an incomplete file could appear "
                "there. "
                "Save to a local folder, and copy the files from there"
            )
        folder, slash, _ = path.rpartition("/")
        self._folder = folder
        self._part = f"{folder}{slash}{partial_name()}"
        self._is_created = False
        self._file: Any = None
        self.local: None = None  # an object store takes a file only from its start to its end

    def create(self) -> None:
        """Create the file under its temporary name."""
        self._is_created = True  # before it is: an interruption may come at any moment
        self._file = self._open()

    def write_at(self, offset: int, chunk: bytes) -> None:
        """Append a chunk.

        A chunk at 0 starts again, which is the only way back on an object store.
        """
        if offset == 0 and self.position:
            self._drop()
            self._file, self.position = self._open(), 0
        if offset != self.position:
            raise ValueError(f"a remote file of {self.position} bytes cannot be continued at {offset}")
        self._file.write(chunk)
        self.position += len(chunk)

    def publish(self) -> str:
        """Give the file its name; returns its URL.

        Raises FileExistsError if the name was taken in the meantime and `overwrite` is false, and
        OSError if the file system did not store all bytes.
        """
        self._file.close()
        self._fs.invalidate_cache()
        size = self._fs.info(self._part).get("size")
        if size is not None and size != self.position:
            raise OSError(f"{self._destination}: the file system stored {size} of {self.position} bytes")
        destination = self._destination
        for number in count(2):
            try:
                destination.move_here(self._part, self, overwrite=self._overwrite)
            except FileExistsError:
                if not self._rename or number > MOST_NUMBERS:
                    raise
                destination = self._destination.numbered(number)
            else:
                break
        self._fs.invalidate_cache()
        return str(destination)

    def discard(self) -> None:
        """Delete what was not published. May be called again, and never raises."""
        if self._is_created:
            self._drop()

    def _open(self) -> Any:
        arguments = {"mode": "wb", "block_size": _PART_SIZE}
        try:
            return self._fs.open(self._part, **arguments)
        except FileNotFoundError:
            # Not before: on an object store this would turn a misspelt name into a new bucket.
            self._fs.makedirs(self._folder, exist_ok=True)
            return self._fs.open(self._part, **arguments)
        except NotImplementedError:
            raise ConfigurationError(
                f"{self._destination}: this file system is read-only. Save to another one, or to a local "
                "folder"
            ) from None

    def _drop(self) -> None:
        # Closing may fail like the write before it, and the store may have deleted the file itself.
        with contextlib.suppress(Exception):
            self._file.close()
        with contextlib.suppress(Exception):
            self._fs.rm_file(self._part)


def _can_move(filesystem: Any) -> bool:
    from fsspec import AbstractFileSystem

    kind = type(filesystem)
    own = [name for name in ("mv", "cp_file", "_cp_file") if hasattr(kind, name)]
    return any(getattr(kind, name) is not getattr(AbstractFileSystem, name, None) for name in own)


def _move(filesystem: Any, source: str, target: str) -> None:
    from fsspec import AbstractFileSystem

    if type(filesystem).mv is AbstractFileSystem.mv:
        # Its default copy treats brackets in a name as a pattern; cp_file does not.
        filesystem.cp_file(source, target)
        filesystem.rm_file(source)
    else:
        filesystem.mv(source, target)
