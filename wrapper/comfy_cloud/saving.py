"""Writing a file under a temporary name beside its target, and giving it its name when it is whole.

Disk only. A write of one network chunk goes to the operating system's cache, so both clients do it in place; hashing and
whatever else takes long is for a worker thread, which the caller provides.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path
from typing import IO


def refuse_existing(target: Path) -> None:
    """Raise FileExistsError when there is a file already."""
    if os.path.lexists(target):
        raise _exists(target)


def target_path(target: str | os.PathLike[str], name: str) -> Path:
    """Where to save: `target` itself, or `name` in it when it is a folder (there, or written with a slash at its end)."""
    text = os.fspath(target)
    path = Path(text)
    is_folder = path.is_dir() or text.endswith(("/", os.sep))
    return path / name if is_folder else path


class PartialFile:
    """A file in the making: `.comfy-XXXX.part` in the folder of `target`, gone unless `publish` was called.

    A context manager. Raises FileExistsError at once when the target is there and `overwrite` is false.
    """

    def __init__(self, target: Path, *, overwrite: bool) -> None:
        self.target = target
        self.position = 0
        self._overwrite = overwrite
        if not overwrite:
            refuse_existing(target)
        elif target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "This is a folder; name a file", str(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        self._path = target.parent / f".comfy-{secrets.token_hex(6)}.part"
        # Unbuffered: the chunks of the network are large enough. "x": it is surely a new file, and no link to another.
        self._file = open(self._path, "x+b", buffering=0)  # noqa: SIM115 - closed by __exit__

    def write_at(self, offset: int, chunk: bytes) -> None:
        """Put a chunk where it belongs; what was written behind that place is dropped."""
        if offset != self.position:
            self._file.seek(offset)
            self._file.truncate()
        view = memoryview(chunk)
        while view:
            view = view[self._file.write(view) :]
        self.position = offset + len(chunk)

    @property
    def file(self) -> IO[bytes]:
        """The file itself, to be read back."""
        return self._file

    def publish(self) -> Path:
        """Give it its name. Raises FileExistsError when somebody else made the target meanwhile and it may not go."""
        self._file.close()
        if self._overwrite:
            os.replace(self._path, self.target)
            return self.target
        try:
            os.link(self._path, self.target)  # unlike a rename, it never replaces anything
        except FileExistsError:
            raise _exists(self.target) from None
        except OSError:  # a file system without links
            refuse_existing(self.target)
            os.rename(self._path, self.target)
        return self.target

    def __enter__(self) -> PartialFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()


def _exists(target: Path) -> FileExistsError:
    return FileExistsError(
        errno.EEXIST, "There is such a file already; pass overwrite=True to replace it", str(target)
    )
