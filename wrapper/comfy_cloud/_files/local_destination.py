"""Saving to this machine's disk: a file gets its final name when it is complete.

Guarantees: a name appears with its whole content or not at all. An existing file is replaced only
if that was allowed, even if it appears while the download runs. Nothing is written through a
symbolic link that leads out of the folder. A drive without hard links is the only exception: there
a new name is an empty file for a moment, so that no two programs take the same.

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
import stat
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import IO, Any

from .._errors.file_errors import file_error
from ..hashing import hash_file
from .file_types import numbered_name

FILE_SCHEME = "file://"
# A file system that has every name would be asked forever.
MOST_NUMBERS = 10_000
_MOST_FOLDER_ATTEMPTS = 20
NOT_A_FILE = "is not a file, or its size is not known"
FOLDER_IN_THE_WAY = (
    'A folder has this name; choose another name, pass if_exists="rename", or rename the folder'
)


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
        raise folder_in_the_way(str(path)) if path.is_dir() else already_exists(str(path))


def folder_in_the_way(path: str) -> OSError:
    """The error for a folder where a file should be saved, which nothing can overwrite.

    It is a FileExistsError of this package.
    """
    return file_error(FileExistsError(errno.EEXIST, FOLDER_IN_THE_WAY, path))


def already_exists(path: str, difference: str | None = None) -> OSError:
    """The error for a destination that exists already, or with other content than it should.

    It is a FileExistsError of this package.
    """
    if difference is None:
        reason, last = "The file already exists", '"skip" if it may be the same'
    else:
        reason, last = f"The file exists, and {difference}", "choose another name"
    fix = f'pass if_exists="overwrite" to replace it, "rename" to keep both, or {last}'
    return file_error(FileExistsError(errno.EEXIST, f"{reason}; {fix}", path))


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

    @property
    def saved_path(self) -> Path | str:
        """How the file is reported: its path, or its URL."""
        return _url_of(self._path) if self._is_url else self._path

    def existing_size(self) -> int | None:
        """The size of the file that is there; None if it is something other than a file.

        Raises PermissionError if a symbolic link leads out of the folder, and FileExistsError if a
        folder is there.
        """
        if self._within is not None:
            _refuse_leaving(self._path, self._path, self._within)
        try:
            found = os.stat(self._path)
        except FileNotFoundError:  # a link to nothing
            return None
        if stat.S_ISDIR(found.st_mode):
            raise folder_in_the_way(str(self._path))
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def existing_hash(self, check: Callable[[], object]) -> str:
        """The hash of the file that is there. `check` may raise an exception to stop.

        Raises FileExistsError for what is no file or changes meanwhile, and PermissionError if a
        symbolic link leads out of the folder.
        """
        with open(self._path, "rb", buffering=0, opener=_open_at_once) as file:
            opened = os.fstat(file.fileno())
            if not stat.S_ISREG(opened.st_mode):
                raise already_exists(str(self._path), NOT_A_FILE)
            # Now that it is open: whatever the path leads to later is not read.
            if self._within is not None:
                _refuse_leaving(self._path, self._path, self._within)

            def check_file() -> None:
                check()
                if os.fstat(file.fileno()).st_size != opened.st_size:
                    raise already_exists(str(self._path), "changes while it is compared")

            if not os.path.samestat(opened, os.stat(self._path)):
                raise already_exists(str(self._path), "was replaced while it was compared")
            return hash_file(file, check_file)

    def new_partial_file(
        self, *, overwrite: bool, rename: bool = False
    ) -> LocalPartialFile | _PartialFileByUrl:
        """A file with a temporary name, not created yet."""
        file = LocalPartialFile(self._path, overwrite=overwrite, rename=rename, within=self._within)
        return _PartialFileByUrl(file) if self._is_url else file


class LocalPartialFile:
    """A file that is being written: `.comfy-XXXX.part` in the folder of `path`, until `publish`.

    Its name is known before it is created, so that `discard` can delete it whenever Ctrl-C comes. A
    context manager, which creates it, and deletes what was not published.

    If it `is_private`, only its owner can read it, from the first byte on. To `rename` means to
    take the first name with a number that is free, where `path` exists: `a_2.png`.

    Unless it is renamed, FileExistsError is raised at once if `path` exists and `overwrite` is
    false. Raises IsADirectoryError if a folder would be overwritten, and PermissionError if a
    symbolic link leads out of the folder `within`.
    """

    def __init__(
        self,
        path: Path,
        *,
        overwrite: bool,
        rename: bool = False,
        within: Path | None = None,
        is_private: bool = False,
    ) -> None:
        self.path = path
        self._rename = rename
        self._is_private = is_private
        self.position = 0
        self._overwrite = overwrite
        self._within = within
        if not overwrite and not rename:
            refuse_existing(path)
        elif overwrite and path.is_dir():
            raise IsADirectoryError(errno.EISDIR, FOLDER_IN_THE_WAY, str(path))
        self._part = path.parent / partial_name()
        self._folder: tuple[int, int] | None = None
        self._created_folders: list[Path] = []
        self._file: IO[bytes] | None = None
        self._refuse_leaving()

    def create(self) -> None:
        """Create the file, and the folders that are missing."""
        self._refuse_leaving()  # before a folder is created at the other end of a link
        for attempt in count(1):
            try:
                self._create_in_folder()
            except FileNotFoundError:
                # Another download has deleted the folder that it had created for nothing.
                if attempt == _MOST_FOLDER_ATTEMPTS:
                    raise
            else:
                return

    def _create_in_folder(self) -> None:
        _create_folder(self.path.parent, self._created_folders)
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
        path = self.path
        for number in count(2):
            try:
                self._take_name(path)
            except FileExistsError:
                if not self._rename:
                    refuse_existing(path)
                if number > MOST_NUMBERS:
                    raise already_exists(str(path)) from None
                path = self.path.with_name(numbered_name(self.path.name, number))
            else:
                break
        return path

    def discard(self) -> None:
        """Close the file, and delete what was not published. May be called again.

        Folders that were created for it are deleted too, unless something is in them.
        """
        try:
            if self._file is not None:
                self._file.close()  # a network drive may report only here that it is full
        finally:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                self._part.unlink()
            while self._created_folders:
                with contextlib.suppress(OSError):
                    self._created_folders.pop().rmdir()

    def _take_name(self, path: Path) -> None:
        """Give the file a name that is free. Raises FileExistsError if it is not."""
        try:
            os.link(self._part, path)  # unlike a rename, it never replaces anything
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))  # nobody else gets the name
            try:
                os.replace(self._part, path)
            except BaseException:
                path.unlink(missing_ok=True)
                raise

    def _refuse_leaving(self) -> None:
        if self._within is not None:
            _refuse_leaving(self.path, self.path.parent, self._within)

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
        return _url_of(self._file.publish())


def _url_of(path: Path) -> str:
    return FILE_SCHEME + path.absolute().as_posix()


def _refuse_leaving(path: Path, part: Path, within: Path) -> None:
    """Raise PermissionError if this part of the path leads out of the folder."""
    # resolve() follows links and keeps parts that do not exist yet, so it works for new folders.
    if not part.resolve().is_relative_to(within.resolve()):
        raise _redirected(path, f"is a symbolic link that leads out of {within}")


def _open_at_once(path: str, flags: int) -> int:
    """Open a file, or whatever has replaced it: a named pipe waits for a writer otherwise."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _create_folder(folder: Path, created: list[Path]) -> None:
    """Create the folder and those above it that are missing, and append what was created.

    Raises NotADirectoryError if a part of the path is a file.
    """
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        if os.path.lexists(folder) or folder.parent == folder:
            break
        folder = folder.parent
    for each in reversed(missing):
        try:
            each.mkdir()
        except FileExistsError:
            if not each.is_dir():
                message = "This is a file, so nothing can be saved in it; give the path of a folder"
                raise NotADirectoryError(errno.ENOTDIR, message, str(each)) from None
        else:
            created.append(each)


def _identity(folder: Path) -> tuple[int, int]:
    found = os.stat(folder)
    return found.st_dev, found.st_ino


def _redirected(path: Path, reason: str) -> PermissionError:
    return PermissionError(errno.EPERM, f"The folder of this file {reason}; nothing was saved", str(path))
