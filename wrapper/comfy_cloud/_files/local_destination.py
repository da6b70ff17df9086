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
import operator
import os
import re
import secrets
import stat
import threading
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import IO, Any

from .._errors.file_errors import file_error
from ..hashing import hash_file
from .file_types import numbered_name
from .folder_checks import create_folder, identity, redirected, refuse_leaving

FILE_SCHEME = "file://"
# A file system that has every name would be asked forever.
MOST_NUMBERS = 10_000
_MOST_FOLDER_ATTEMPTS = 20
_PARTIAL_NAME = re.compile(r"\.comfy-[0-9a-f]{12}\.part")
_BLOCK = 1024 * 1024
NOT_A_FILE = "is not a file, or its size is not known"
_DEVICE_IN_THE_WAY = "This is a device, a pipe or a socket, which no file replaces; choose another name"
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


def is_partial_name(name: object) -> bool:
    """Whether this is a name that `partial_name` makes."""
    return isinstance(name, str) and _PARTIAL_NAME.fullmatch(name) is not None


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
            refuse_leaving(self._path, self._path, self._within)
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
                refuse_leaving(self._path, self._path, self._within)

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
    false, and for a device or a pipe always. Raises IsADirectoryError if a folder would be
    overwritten, and PermissionError if a symbolic link leads out of the folder `within`.
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
        elif overwrite and path.exists() and not path.is_file():
            raise file_error(FileExistsError(errno.EEXIST, _DEVICE_IN_THE_WAY, str(path)))
        self._part = path.parent / partial_name()
        self._folder: tuple[int, int] | None = None
        self._created_folders: list[Path] = []
        self._file: IO[bytes] | None = None
        self._opened: list[IO[bytes]] = []  # what discard() closes
        self._writing = threading.Lock()  # of parts, which several threads receive
        self._refuse_leaving()

    @property
    def local(self) -> LocalPartialFile:
        """This file, which can be written in parts."""
        return self

    @property
    def part_name(self) -> str:
        """The temporary name."""
        return self._part.name

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
        create_folder(self.path.parent, self._created_folders)
        self._folder = identity(self.path.parent)
        # Unbuffered: chunks from the network are large. "x": it is a new file, and no link to
        # another.
        options: dict[str, Any] = {"opener": _open_private} if self._is_private else {}
        self._file = self._open(partial(open, self._part, "x+b", buffering=0, **options))

    def _open(self, opening: Callable[[], Any]) -> IO[bytes]:
        # In one call, which Ctrl-C cannot leave between the opening and the list.
        self._opened.extend(map(operator.call, (opening,)))
        return self._opened[-1]

    def resume(self, part_name: str) -> bool:
        """Take an earlier partial file in the same folder instead of creating one.

        False if there is none, or if this user did not make it.
        """
        part = self.path.parent / part_name
        try:
            self._folder = identity(self.path.parent)
            opened = self._open(partial(open, part, "r+b", buffering=0, opener=_open_no_link))
        except OSError:
            return False
        found = os.fstat(opened.fileno())
        is_ours = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or not is_ours:
            opened.close()
            return False
        self._part, self._file = part, opened
        return True

    def write_part(self, offset: int, pieces: list[bytes]) -> None:
        """Write pieces at an offset, beside what other threads write elsewhere.

        Raises ValueError once the file is closed.
        """
        assert self._file is not None  # noqa: S101 - create() has opened it
        with self._writing:
            self._file.seek(offset)
            for piece in pieces:
                view = memoryview(piece)
                while view:
                    view = view[self._file.write(view) :]

    def blocks(self, start: int, end: int) -> Iterator[bytes]:
        """What has been written from `start` to `end`; less where the file is shorter."""
        assert self._file is not None  # noqa: S101 - create() has opened it
        while start < end:
            with self._writing:
                self._file.seek(start)
                block = self._file.read(min(_BLOCK, end - start))
            if not block:
                return
            start += len(block)
            yield block

    def cut_to(self, size: int) -> None:
        """Give the file this size: what is missing is written later, what is behind is dropped."""
        assert self._file is not None  # noqa: S101 - create() has opened it
        self._file.truncate(size)

    def keep(self) -> None:
        """Close the file, and leave it under its temporary name: `resume` continues with it."""
        if self._file is not None:
            with self._writing:
                self._file.close()
        self._created_folders.clear()

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
        if identity(self.path.parent) != self._folder:
            raise redirected(self.path, "was replaced by another folder during the download")
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
            with self._writing:  # nothing may be written to a descriptor that is used anew
                for file in self._opened:
                    file.close()  # a network drive may report only here that it is full
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
            refuse_leaving(self.path, self.path.parent, self._within)

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
        self.local = file
        self._file = file

    def publish(self) -> str:
        return _url_of(self._file.publish())


def _url_of(path: Path) -> str:
    return FILE_SCHEME + path.absolute().as_posix()


def _open_at_once(path: str, flags: int) -> int:
    """Open a file, or whatever has replaced it: a named pipe waits for a writer otherwise."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _open_no_link(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
