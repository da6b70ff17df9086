"""URLs for fsspec, such as `s3://`, `gs://` or `sftp://`: recognising, resolving and reading them.

This needs the extra `fsspec`, which is imported only when a URL is used. Reading waits for the
network.
"""

from __future__ import annotations

import re
from typing import IO, Any

from ..errors import ConfigurationError

# At least two letters, so that C:\ and C:/ remain local paths. "::" chains file systems, as in
# simplecache::s3://.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:://|::.*://)")

# What the most usual schemes need. fsspec reports `requests` for https, which is not needed.
_PACKAGES = {
    "http": "aiohttp",
    "https": "aiohttp",
    "s3": "s3fs",
    "gs": "gcsfs",
    "abfs": "adlfs",
    "sftp": "paramiko",
}


def is_url(target: object) -> bool:
    """Whether `target` is a URL for fsspec rather than a path on this machine."""
    return isinstance(target, str) and _URL.match(target) is not None


def refuse_data_url(text: str) -> None:
    """Raise ConfigurationError for a `data:` URL, which is content and no file."""
    if text[:5].lower() == "data:":
        raise ConfigurationError(
            "data: URLs are not read. Pass the bytes instead: base64.b64decode(url.partition(',')[2])"
        )


def open_url(url: str) -> IO[bytes]:
    """Open a file on any fsspec file system for reading.

    Raises ConfigurationError if that is not possible.
    """
    filesystem, path = resolved(url)
    try:
        file: IO[bytes] = filesystem.open(path, "rb")
    except Exception as error:  # noqa: BLE001 - each file system has exceptions of its own
        raise ConfigurationError(f"{_shown(url)} cannot be read: {_reason(error)}") from None
    return file


def _shown(url: str) -> str:
    """A URL without its user and query, which may hold a password or a signature."""
    scheme, _, rest = url.partition("://")
    path = rest.partition("?")[0].partition("#")[0]
    host, slash, name = path.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{name}"[:200]


def _reason(error: Exception) -> str:
    """Why a file could not be opened. The messages of file systems may quote the URL."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file, or the server cannot be reached"
    strerror = getattr(error, "strerror", None)
    return strerror if isinstance(strerror, str) and strerror else type(error).__name__


def resolved(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path on it.

    Raises ConfigurationError if fsspec cannot use it.
    """
    scheme = url.partition("://")[0].rpartition("::")[2]
    if scheme.lower() in ("http", "https"):
        url = url.replace(scheme, scheme.lower(), 1)
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise ConfigurationError(
            f"{scheme}:// needs the package fsspec: pip install 'comfy-cloud[fsspec]'"
        ) from None
    try:
        filesystem, path = url_to_fs(url)
    except ImportError as error:  # the message of fsspec says what to install, but not as a command
        package = _PACKAGES.get(scheme.lower())
        what = f"pip install {package}" if package else str(error)
        raise ConfigurationError(f"{scheme}:// needs another package: {what}") from None
    except ValueError as error:
        if "rotocol" not in str(error):  # its message may contain the URL, and that a password
            raise ConfigurationError(
                f"{scheme}://: fsspec cannot use this URL. Check it against the documentation of fsspec"
            ) from None
        raise ConfigurationError(
            f"fsspec has no file system for {scheme}://. Check the spelling: fsspec.available_protocols() "
            "lists "
            "all of them"
        ) from None
    return filesystem, str(path)
