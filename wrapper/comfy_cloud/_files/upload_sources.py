"""What can be uploaded: a path, a URL for fsspec, bytes, or an open binary file.

This module opens and reads it; what is sent, and when, is decided by the sender.
"""

from __future__ import annotations

import io
import mimetypes
import os
from types import TracebackType
from typing import IO, Any, TypeAlias
from urllib.parse import unquote

from .._errors.file_errors import file_errors
from ..errors import ConfigurationError
from .file_types import BEGINNING, FILE_TYPES, extension_of, split_name
from .fsspec_urls import is_url, open_url, refuse_data_url
from .progress import CountingReader, ProgressCallback

_UNKNOWN_TYPE = "application/octet-stream"

Source: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]


class UploadSource:
    """Something to upload, open for reading.

    A context manager, which closes only what it opened itself.

    `name` is the file name to send, `size` the length in bytes, and `media_type` what the name
    implies.

    Raises ConfigurationError for a source that cannot be used, and OSError for a file that cannot
    be opened. Opening a URL waits for the network.
    """

    def __init__(self, source: Source, name: str | None = None, media_type: str | None = None) -> None:
        self._owns_file = True
        if isinstance(source, (bytes, bytearray, memoryview)):
            self.file: IO[bytes] = io.BytesIO(source)
            extension = extension_of(bytes(source[:BEGINNING]))
            # A server knows an image by the extension of its name.
            found = f"file.{extension}" if extension else "file"
        elif isinstance(source, str) and is_url(source):
            found = name_of_source(source)
            self.file = _checked(open_url(source))
        elif isinstance(source, (str, os.PathLike)):
            if isinstance(source, str):
                refuse_data_url(source)
            found = name_of_source(source)
            with file_errors():
                self.file = open(source, "rb", buffering=0)  # noqa: SIM115 - closed by __exit__
        else:
            self._owns_file = False
            self.file = _checked(source)
            given = getattr(source, "name", None)
            found = os.path.basename(given) if isinstance(given, str) and given else "file"
        self.name = name or found
        self.size = self.file.seek(0, os.SEEK_END)
        self.file.seek(0)
        self.media_type = media_type or media_type_of(self.name)

    def reader(self, progress: ProgressCallback | None) -> IO[bytes]:
        """The file for a request, which reports to `progress` as it is read."""
        if progress is None:
            return self.file
        reader: Any = CountingReader(self.file, self.size, progress)
        return reader  # type: ignore[no-any-return]

    def close(self) -> None:
        """Close what it opened itself. May be called again."""
        if self._owns_file:
            self.file.close()

    def __enter__(self) -> UploadSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def name_of_source(source: str | os.PathLike[str]) -> str:
    """The file name in a path or a URL, without the query of a web address."""
    text = os.fspath(source)
    if is_url(text):
        scheme, _, rest = text.partition("://")
        if scheme.lower() in ("http", "https"):
            rest = unquote(rest.partition("#")[0].partition("?")[0])
        return rest.rstrip("/").rpartition("/")[2] or "file"
    return os.path.basename(text)


def media_type_of(name: str) -> str:
    """The media type to send with a file of this name."""
    extension = split_name(name)[1][1:].lower()
    if extension in FILE_TYPES:
        return FILE_TYPES[extension][1]
    if extension == "safetensors":  # a model is never anything else, whatever this machine is set up to say
        return _UNKNOWN_TYPE
    return mimetypes.guess_type(name)[0] or _UNKNOWN_TYPE  # which reads the tables of this machine


def _checked(source: Any) -> IO[bytes]:
    if not hasattr(source, "read") or not hasattr(source, "seek"):
        raise ConfigurationError(
            f"Cannot upload {type(source).__name__}: pass a path, bytes, or a file opened with open(path, "
            "'rb')"
        )
    if isinstance(source, io.TextIOBase):
        raise ConfigurationError("Cannot upload a text file object: open it in binary mode, open(path, 'rb')")
    seekable = getattr(source, "seekable", None)
    if seekable is not None and not seekable():
        raise ConfigurationError(
            "Cannot upload a stream that cannot be rewound: save it to a file first, or pass its bytes"
        )
    return source  # type: ignore[no-any-return]
