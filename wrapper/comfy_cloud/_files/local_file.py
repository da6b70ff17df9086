"""Writing a file under a temporary name beside its target, and giving it its name when it is whole.

This machine's disk only; other file systems are in `remote_saving`. Nothing here decides when to write: that is for `_writing`,
which does it in a thread.

What holds: a name appears whole or not at all; what is there is replaced only when that was allowed, also when it appeared
meanwhile; nothing is written through a link below the folder that leads out of it. The way to the target is looked at before
the first byte and again before the file gets its name. Somebody who may write in that folder and swaps a part of the way in the
very moment between look and rename could still lead it astray: no file system lets a program rule that out everywhere.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path


def refuse_existing(target: Path) -> None:
    """Raise FileExistsError when there is a file, a folder, or a link to whatever."""
    if os.path.lexists(target):
        raise exists_error(str(target))


def exists_error(target: str) -> FileExistsError:
    """The error for a target that is there already."""
    return FileExistsError(
        errno.EEXIST, "There is such a file already; pass overwrite=True to replace it", target
    )


def target_path(target: str | os.PathLike[str], name: str) -> Path:
    """Where to save: `target` itself, or `name` in it when it is a folder (there, or written with a slash at its end)."""
    text = os.fspath(target)
    path = Path(text)
    is_folder = path.is_dir() or text.endswith(("/", os.sep))
    return path / name if is_folder else path


class PartialFile:
    """A file in the making: `.comfy-XXXX.part` in the folder of `target`, gone unless `publish` was called.

    A context manager. Raises FileExistsError at once when the target is there and `overwrite` is false, and PermissionError
    when links lead out of the folder `within`.
    """

    def __init__(self, target: Path, *, overwrite: bool, within: Path | None = None) -> None:
        self.target = target
        self.position = 0
        self._overwrite = overwrite
        self._within = within
        if not overwrite:
            refuse_existing(target)
        elif target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "This is a folder; name a file", str(target))
        self._refuse_leaving()  # before any folder is made at the other end of a link
        target.parent.mkdir(parents=True, exist_ok=True)
        self._folder = _identity(target.parent)
        self._path = target.parent / f".comfy-{secrets.token_hex(6)}.part"
        # Unbuffered: the chunks of the network are large enough. "x": it is surely a new file, and no link to another.
        self._file = open(self._path, "xb", buffering=0)  # noqa: SIM115 - closed by discard

    def write_at(self, offset: int, chunk: bytes) -> None:
        """Put a chunk where it belongs; what was written behind that place is dropped."""
        if offset != self.position:
            self._file.seek(offset)
            self._file.truncate()
        view = memoryview(chunk)
        while view:
            view = view[self._file.write(view) :]
        self.position = offset + len(chunk)

    def publish(self) -> Path:
        """Give it its name. Raises FileExistsError when somebody else made the target meanwhile and it may not go."""
        self._file.close()
        self._refuse_leaving()
        if _identity(self.target.parent) != self._folder:
            raise _astray(self.target, "was replaced by another folder meanwhile")
        if self._overwrite:
            os.replace(self._path, self.target)
            return self.target
        try:
            os.link(self._path, self.target)  # unlike a rename, it never replaces anything
        except FileExistsError:
            raise exists_error(str(self.target)) from None
        except OSError:  # a file system without links
            refuse_existing(self.target)
            os.rename(self._path, self.target)
        return self.target

    def discard(self) -> None:
        """Close it, and take away what was not published. May be called again."""
        self._file.close()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            self._path.unlink()

    def _refuse_leaving(self) -> None:
        if self._within is None:
            return
        # What is not there yet stays as it is written, links before it are followed: so this can be asked of new folders.
        if not self.target.parent.resolve().is_relative_to(self._within.resolve()):
            raise _astray(self.target, f"is a link that leads out of {self._within}")

    def __enter__(self) -> PartialFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()


def _identity(folder: Path) -> tuple[int, int]:
    found = os.stat(folder)
    return found.st_dev, found.st_ino


def _astray(target: Path, reason: str) -> PermissionError:
    return PermissionError(errno.EPERM, f"The folder of this file {reason}; nothing was saved", str(target))
