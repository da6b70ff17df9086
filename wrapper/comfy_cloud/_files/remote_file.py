"""Writing a file on any file system of fsspec, such as `s3://`, `gs://`, `sftp://` or `memory://`: the extra `fsspec`.

It is written under a temporary name beside its target, and moved there when it is whole and checked: where the file system
moves by itself that is one step, on an object store it is a copy inside the store. What fails is deleted again. Whether a
target is there is asked before the first byte and again before the move; between this and the move somebody else's new file
could be replaced, since object stores have no "only if it is not there" that fsspec hands on.

These calls wait for the network: a worker thread makes them. Everything of fsspec is imported here, and only when it is needed.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from pathlib import PurePath
from typing import IO, Any

from ..errors import ConfigurationError
from .local_file import exists_error

# At least two letters, so that C:\ and C:/ stay what they are; "::" chains file systems, as in simplecache::s3://.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:://|::.*://)")
# The pieces in which a remote file is sent. Object stores ask for 5 MiB or more of all but the last.
_BLOCK = 8 * 1024 * 1024


def is_url(target: object) -> bool:
    """Whether a target is an address for fsspec rather than a path of this machine."""
    return isinstance(target, str) and _URL.match(target) is not None


class RemotePlace:
    """A path on a file system of fsspec. `str()` of it is its URL, without whatever the file system keeps to itself."""

    is_remote = True

    def __init__(self, filesystem: Any, path: str) -> None:
        self._fs = filesystem
        self._path = path

    @property
    def name(self) -> str:
        """The name of the file."""
        return self._path.rpartition("/")[2]

    @classmethod
    def of(cls, target: str, filesystem: Any = None) -> RemotePlace:
        """The place that a URL names, or a path of `filesystem`. Raises ConfigurationError when there is no way to it."""
        if filesystem is None:
            filesystem, target = _open_url(target)
        elif not hasattr(filesystem, "unstrip_protocol"):
            raise ConfigurationError(
                f"filesystem= takes a file system of fsspec, such as fsspec.filesystem('s3'), not {type(filesystem).__name__}"
            )
        else:
            target = filesystem._strip_protocol(target)
        return cls(filesystem, target)

    def file(self, name: str, *, is_folder: bool) -> RemotePlace:
        """This place itself; or `name` below it, when it is a folder (there, or `is_folder`)."""
        return self.below(PurePath(name)) if is_folder or self._fs.isdir(self._path) else self

    def below(self, path: PurePath) -> RemotePlace:
        """A relative path below this place. Its steps are safe names; they become parts of one key."""
        return RemotePlace(self._fs, "/".join([self._path.rstrip("/"), *path.parts]))

    def refuse_existing(self) -> None:
        """Raise FileExistsError when there is something already."""
        self._fs.invalidate_cache()  # listings that fsspec remembers
        if self._fs.exists(self._path):
            raise exists_error(str(self))

    def partial(self, *, overwrite: bool) -> RemotePartial:
        """The file in the making."""
        return RemotePartial(self._fs, self, self._path, overwrite=overwrite)

    def __str__(self) -> str:
        return str(self._fs.unstrip_protocol(self._path))


class RemotePartial:
    """A remote file in the making: `.comfy-XXXX.part` beside its target, gone unless `publish` was called."""

    def __init__(self, filesystem: Any, place: RemotePlace, path: str, *, overwrite: bool) -> None:
        self.position = 0
        self._fs = filesystem
        self._place = place
        self._path = path
        self._overwrite = overwrite
        if not overwrite:
            place.refuse_existing()
        if not _can_move(filesystem):
            raise ConfigurationError(
                f"{place}: this file system cannot rename files, so a file could appear there before it is whole. "
                "Save to a local folder, and copy the files from there"
            )
        folder, slash, _ = path.rpartition("/")
        self._folder = folder
        self._part = f"{folder}{slash}.comfy-{secrets.token_hex(6)}.part"
        self._file: Any = self._open()

    def write_at(self, offset: int, chunk: bytes) -> None:
        """Put a chunk behind what was written; one at 0 begins anew, which is the only way back on an object store."""
        if offset == 0 and self.position:
            self._drop()
            self._file, self.position = self._open(), 0
        if offset != self.position:
            raise ValueError(f"a remote file of {self.position} bytes cannot be continued at {offset}")
        self._file.write(chunk)
        self.position += len(chunk)

    def publish(self) -> str:
        """Give it its name; returns its URL. Raises FileExistsError when somebody else made the target meanwhile."""
        self._file.close()
        self._fs.invalidate_cache()
        size = self._fs.info(self._part).get("size")
        if size is not None and size != self.position:
            raise OSError(f"{self._place}: the file system kept {size} of {self.position} bytes")
        if not self._overwrite:
            self._place.refuse_existing()
        _move(self._fs, self._part, self._path)
        self._fs.invalidate_cache()
        return str(self._place)

    def discard(self) -> None:
        """Take away what was not published. May be called again, and never raises."""
        self._drop()

    def _open(self) -> Any:
        arguments = {"mode": "wb", "block_size": _BLOCK}
        try:
            return self._fs.open(self._part, **arguments)
        except FileNotFoundError:
            # Not before: on an object store this would make a bucket out of a slip of the pen.
            self._fs.makedirs(self._folder, exist_ok=True)
            return self._fs.open(self._part, **arguments)
        except NotImplementedError:
            raise ConfigurationError(f"{self._place}: this file system can only be read") from None

    def _drop(self) -> None:
        # The rest may fail as all of it did, and a store may have lost the beginning by itself.
        with contextlib.suppress(Exception):
            self._file.close()
        with contextlib.suppress(Exception):
            self._fs.rm_file(self._part)


def open_remote(url: str) -> IO[bytes]:
    """A file on a file system of fsspec, for reading. Raises ConfigurationError when there is no way to it."""
    filesystem, path = _open_url(url)
    file: IO[bytes] = filesystem.open(path, "rb")
    return file


def _open_url(url: str) -> tuple[Any, str]:
    scheme = url.partition("://")[0].rpartition("::")[2]
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise ConfigurationError(
            f'{scheme}:// needs the extra fsspec: pip install "comfy-cloud[fsspec]"'
        ) from None
    try:
        filesystem, path = url_to_fs(url)
    except ImportError as error:  # fsspec says which package brings it
        raise ConfigurationError(f"{scheme}:// needs another package: {error}") from None
    except ValueError as error:
        if "rotocol" not in str(error):  # its text may hold the address, and that a password
            raise ConfigurationError(
                f"{scheme}://: this address cannot be used; see the manual of fsspec"
            ) from None
        raise ConfigurationError(
            f"{scheme}:// is no file system that fsspec knows. Is it spelled right? `fsspec.available_protocols()` lists them"
        ) from None
    return filesystem, str(path)


def _can_move(filesystem: Any) -> bool:
    from fsspec import AbstractFileSystem

    kind = type(filesystem)
    own = [name for name in ("mv", "cp_file", "_cp_file") if hasattr(kind, name)]
    return any(getattr(kind, name) is not getattr(AbstractFileSystem, name, None) for name in own)


def _move(filesystem: Any, source: str, target: str) -> None:
    from fsspec import AbstractFileSystem

    if type(filesystem).mv is AbstractFileSystem.mv:
        # Its copying takes brackets in a name for a pattern; this does not.
        filesystem.cp_file(source, target)
        filesystem.rm_file(source)
    else:
        filesystem.mv(source, target)
