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


def is_url(target: object) -> bool:
    """Whether `target` is a URL for fsspec rather than a path on this machine."""
    return isinstance(target, str) and _URL.match(target) is not None


def open_url(url: str) -> IO[bytes]:
    """Open a file on any fsspec file system for reading.

    Raises ConfigurationError if that is not possible.
    """
    filesystem, path = resolved(url)
    file: IO[bytes] = filesystem.open(path, "rb")
    return file


def resolved(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path on it.

    Raises ConfigurationError if fsspec cannot use it.
    """
    scheme = url.partition("://")[0].rpartition("::")[2]
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise ConfigurationError(
            f'{scheme}:// needs the extra fsspec: pip install "comfy-cloud[fsspec]"'
        ) from None
    try:
        filesystem, path = url_to_fs(url)
    except ImportError as error:  # its message names the package to install
        raise ConfigurationError(f"{scheme}:// needs another package: {error}") from None
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
