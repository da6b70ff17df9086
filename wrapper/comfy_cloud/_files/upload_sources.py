"""What can be uploaded: a path, a URL for fsspec, bytes, or an open binary file; and the reader that counts what is sent of it.

Nothing here sends anything. A file is read as it is sent, in pieces; where that happens the sender decides.
"""

from __future__ import annotations

import io
import mimetypes
import os
from collections.abc import Callable
from types import TracebackType
from typing import IO, Any, TypeAlias

from ..errors import ConfigurationError
from .remote_file import is_url, open_remote

Source: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]"
Progress: TypeAlias = "Callable[[int, int | None], object]"

# mimetypes asks the machine for these; files of them must not be labelled differently from machine to machine.
_MEDIA_TYPES = {
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".flac": "audio/flac",
    ".opus": "audio/ogg",
    ".mkv": "video/x-matroska",
    ".safetensors": "application/octet-stream",
}


class UploadSource:
    """Something to upload, open for reading. A context manager; it closes only what it opened itself.

    `name` is the file name to send, `size` the length in bytes, `media_type` what the name implies. Raises ConfigurationError
    for a source that cannot be used, and OSError for a file that cannot be opened. A URL for fsspec is opened over the network.
    """

    def __init__(self, source: Source, name: str | None = None, media_type: str | None = None) -> None:
        self._owns = True
        if isinstance(source, (bytes, bytearray, memoryview)):
            self.file: IO[bytes] = io.BytesIO(source)
            found = "file"
        elif isinstance(source, str) and is_url(source):
            found = source.rstrip("/").rpartition("/")[2]
            self.file = _checked(open_remote(source))
        elif isinstance(source, (str, os.PathLike)):
            found = os.path.basename(os.fspath(source))
            self.file = open(source, "rb", buffering=0)  # noqa: SIM115 - closed by __exit__
        else:
            self._owns = False
            self.file = _checked(source)
            given = getattr(source, "name", None)
            found = os.path.basename(given) if isinstance(given, str) and given else "file"
        self.name = name or found
        self.size = self.file.seek(0, os.SEEK_END)
        self.file.seek(0)
        self.media_type = media_type or media_type_of(self.name)

    def reader(self, progress: Progress | None) -> IO[bytes]:
        """The file for a request; `progress` is called with the bytes sent so far and their number in all."""
        if progress is None:
            return self.file
        reader: Any = CountingReader(self.file, self.size, progress)
        return reader  # type: ignore[no-any-return]

    def __enter__(self) -> UploadSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._owns:
            self.file.close()


class CountingReader:
    """A binary file that tells how much of it was read, when it is asked to. A repeated request begins from the start again."""

    def __init__(self, file: IO[bytes], size: int, progress: Progress) -> None:
        self._file = file
        self._size = size
        self._progress = progress
        self._done = file.tell()
        self._told = self._done

    def read(self, size: int = -1) -> bytes:
        """The next piece."""
        piece = self._file.read(size)
        self._done += len(piece)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move without counting."""
        self._done = self._told = self._file.seek(offset, whence)
        return self._done

    def tell(self) -> int:
        """The position in the file."""
        return self._done

    def report_progress(self) -> None:
        """Call `progress` if there was anything new. Whoever sends calls it after each piece, in the caller's own thread."""
        if self._done != self._told:
            self._told = self._done
            self._progress(self._done, self._size)


def media_type_of(name: str) -> str:
    """The media type that a file name implies."""
    extension = os.path.splitext(name)[1].lower()
    return _MEDIA_TYPES.get(extension) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _checked(source: Any) -> IO[bytes]:
    if not hasattr(source, "read") or not hasattr(source, "seek"):
        raise ConfigurationError(
            f"Cannot upload {type(source).__name__}: pass a path, bytes, or a file opened with open(path, 'rb')"
        )
    if isinstance(source, io.TextIOBase):
        raise ConfigurationError(
            "Cannot upload a text file object: open the file in binary mode, open(path, 'rb')"
        )
    seekable = getattr(source, "seekable", None)
    if seekable is not None and not seekable():
        raise ConfigurationError(
            "Cannot upload a stream that cannot be rewound: save it to a file first, or pass its bytes"
        )
    return source  # type: ignore[no-any-return]
