"""Saving to this machine's disk: a file gets its final name when it is complete.

Guarantees: a name appears with its whole content or not at all. An existing file is replaced only
if that was allowed, even if it appears while the download runs. Nothing is written through a
symbolic link that leads out of the folder.

The path to the file is checked before the first byte, and again before the rename. Someone who can
write to that folder and swaps a part of the path between that check and the rename could still
redirect the file: no file system lets a program rule that out everywhere.

When to write is decided by `background_writer`, which does it in a thread.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path
from typing import IO, Any

from .._errors.file_errors import file_error

FILE_SCHEME = "file://"


def local_path(target: str | os.PathLike[str], name: str) -> Path:
    """Where to save: `target` itself, or `name` in it if it is a folder.

    A folder exists already, or is written with a slash at its end.
    """
    text = os.fspath(target)
    path = Path(text)
    is_folder = path.is_dir() or text.endswith(("/", os.sep))
    return path / name if is_folder else path


def refuse_existing(path: Path) -> None:
    """Raise FileExistsError if there is a file, a folder or a symbolic link."""
    if os.path.lexists(path):
        raise already_exists(str(path))


def already_exists(path: str) -> OSError:
    """The error for a destination that exists already: a FileExistsError of this package."""
    reason = "The file already exists; pass overwrite=True to replace it"
    return file_error(FileExistsError(errno.EEXIST, reason, path))


def partial_name() -> str:
    """A new name for a file that is not complete: `.comfy-XXXX.part`."""
    return f".comfy-{secrets.token_hex(6)}.part"


class LocalDestination:
    """A path on this machine.

    No symbolic link may lead out of the folder `within`. If it was given as a `file://` URL
    (`is_url`), the saved file is reported as one too.
    """

    is_remote = False

    def __init__(self, path: Path, within: Path | None = None, *, is_url: bool = False) -> None:
        self._path = path
        self._within = within
        self._is_url = is_url

    @property
    def name(self) -> str:
        """The name of the file."""
        return self._path.name

    def refuse_existing(self) -> None:
        """Raise FileExistsError if something is there already."""
        refuse_existing(self._path)

    def new_partial_file(self, *, overwrite: bool) -> LocalPartialFile | _PartialFileByUrl:
        """A file with a temporary name, not created yet."""
        file = LocalPartialFile(self._path, overwrite=overwrite, within=self._within)
        return _PartialFileByUrl(file) if self._is_url else file


class LocalPartialFile:
    """A file that is being written: `.comfy-XXXX.part` in the folder of `path`, until `publish`.

    Its name is known before it is created, so that `discard` can delete it whenever Ctrl-C comes. A
    context manager, which creates it, and deletes what was not published.

    If it `is_private`, only its owner can read it, from the first byte on.

    Raises FileExistsError at once if `path` exists and `overwrite` is false, IsADirectoryError if
    it is a folder, and PermissionError if a symbolic link leads out of the folder `within`.
    """

    def __init__(
        self, path: Path, *, overwrite: bool, within: Path | None = None, is_private: bool = False
    ) -> None:
        self.path = path
        self._is_private = is_private
        self.position = 0
        self._overwrite = overwrite
        self._within = within
        if not overwrite:
            refuse_existing(path)
        elif path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "This is a folder; give the path of a file", str(path))
        self._part = path.parent / partial_name()
        self._folder: tuple[int, int] | None = None
        self._file: IO[bytes] | None = None
        self._refuse_leaving()

    def create(self) -> None:
        """Create the file, and the folders that are missing."""
        self._refuse_leaving()  # before a folder is created at the other end of a link
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            reason, folder = "A file is where a folder should be", str(self.path.parent)
            raise NotADirectoryError(errno.ENOTDIR, reason, folder) from None
        self._folder = _identity(self.path.parent)
        # Unbuffered: chunks from the network are large. "x": it is a new file, and no link to
        # another.
        options: dict[str, Any] = {"opener": _open_private} if self._is_private else {}
        self._file = open(self._part, "xb", buffering=0, **options)  # noqa: SIM115 - closed by discard

    def write_at(self, offset: int, chunk: bytes) -> None:
        """Write a chunk at its offset. What was written behind the offset is dropped."""
        assert self._file is not None  # noqa: S101 - create() has opened it
        if offset != self.position:
            self._file.seek(offset)
            self._file.truncate()
        view = memoryview(chunk)
        while view:
            view = view[self._file.write(view) :]
        self.position = offset + len(chunk)

    def publish(self, modified: float | None = None) -> Path:
        """Give the file its name; returns its path. `modified` dates it, in epoch seconds.

        Raises FileExistsError if the name was taken in the meantime and `overwrite` is false.
        """
        assert self._file is not None  # noqa: S101 - create() has opened it
        self._file.close()
        if modified is not None:
            os.utime(self._part, (modified, modified))
        self._refuse_leaving()
        if _identity(self.path.parent) != self._folder:
            raise _redirected(self.path, "was replaced by another folder during the download")
        if self._overwrite:
            os.replace(self._part, self.path)
            return self.path
        try:
            os.link(self._part, self.path)  # unlike a rename, it never replaces anything
        except FileExistsError:
            raise already_exists(str(self.path)) from None
        except OSError:  # a file system without hard links
            refuse_existing(self.path)
            os.rename(self._part, self.path)
        return self.path

    def discard(self) -> None:
        """Close the file, and delete what was not published. May be called again."""
        try:
            if self._file is not None:
                self._file.close()  # a network drive may report only here that it is full
        finally:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                self._part.unlink()

    def _refuse_leaving(self) -> None:
        if self._within is None:
            return
        # resolve() follows links and keeps parts that do not exist yet, so it works for new
        # folders.
        if not self.path.parent.resolve().is_relative_to(self._within.resolve()):
            raise _redirected(self.path, f"is a symbolic link that leads out of {self._within}")

    def __enter__(self) -> LocalPartialFile:
        try:
            self.create()
        except BaseException:
            self.discard()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()


class _PartialFileByUrl:
    """A local file whose destination was given as a URL, and which is reported by its URL."""

    def __init__(self, file: LocalPartialFile) -> None:
        self.create = file.create
        self.write_at = file.write_at
        self.discard = file.discard
        self._file = file

    def publish(self) -> str:
        return FILE_SCHEME + self._file.publish().absolute().as_posix()


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _identity(folder: Path) -> tuple[int, int]:
    found = os.stat(folder)
    return found.st_dev, found.st_ino


def _redirected(path: Path, reason: str) -> PermissionError:
    return PermissionError(errno.EPERM, f"The folder of this file {reason}; nothing was saved", str(path))
