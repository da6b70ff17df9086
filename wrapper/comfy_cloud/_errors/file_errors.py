"""Errors of local files as errors of this package. Pure.

Each is also the builtin error that it was made from, so that both `except ComfyCloudError` and
`except FileExistsError` catch it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .exceptions import ComfyCloudError, ConfigurationError
from .redaction import clean, redact_text


class LocalFileError(ComfyCloudError, OSError):
    """A file of the user cannot be read or written. Nothing about it was sent."""

    was_sent = False

    def __init__(self, error: OSError) -> None:
        given = error.args if error.errno is None else (error.errno, error.strerror, error.filename)
        OSError.__init__(self, *given)
        self.message = clean(str(error))
        self.attempts = ()

    def __reduce__(self) -> tuple[Any, ...]:
        given = self.args if self.errno is None else (self.errno, self.strerror, self.filename)
        return type(self), (OSError(*given),), self.__dict__.copy()


class FileMissing(LocalFileError, FileNotFoundError):
    """A file or folder does not exist."""


class FileTaken(LocalFileError, FileExistsError):
    """A destination exists already."""


class FileForbidden(LocalFileError, PermissionError):
    """The operating system does not permit access, or a link leads out of a folder."""


class FileIsFolder(LocalFileError, IsADirectoryError):
    """A folder is where a file should be."""


class FileIsNoFolder(LocalFileError, NotADirectoryError):
    """A file is where a folder should be."""


_KINDS: dict[type[OSError], type[LocalFileError]] = {
    OSError: LocalFileError,
    FileNotFoundError: FileMissing,
    FileExistsError: FileTaken,
    PermissionError: FileForbidden,
    IsADirectoryError: FileIsFolder,
    NotADirectoryError: FileIsNoFolder,
}


def file_error(error: OSError) -> OSError:
    """The same error as one of this package. An exception of another kind stays as it is."""
    kind = _KINDS.get(type(error))
    if kind is None:
        return error
    found = kind(error)
    if redact_text(str(error)) == str(error):  # a traceback shows causes as they are
        found.__cause__ = error
    return found


@contextmanager
def file_errors() -> Iterator[None]:
    """Raise what the block raises about files as errors of this package.

    A path that no file can have, such as one with a zero byte, is a ConfigurationError.
    """
    try:
        yield
    except OSError as error:
        found = file_error(error)
        if found is error:
            raise
        raise found from found.__cause__
    except ValueError as error:
        if not isinstance(error, UnicodeEncodeError) and "embedded null" not in str(error):
            raise
        raise ConfigurationError(f"No file can have this path: {clean(str(error))}") from None
