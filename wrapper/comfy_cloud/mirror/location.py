"""Which file is the mirror of an account: named by server and account, in the data folder. I/O."""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import Path

from .._settings.user_folders import data_path
from ..errors import ConfigurationError

_SUFFIX = ".sqlite"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80


def origin_text(origin: tuple[str, str, int]) -> str:
    """An origin as it stands in a mirror: scheme, host and port."""
    scheme, host, port = origin
    return f"{scheme}://{host}:{port}"


def _shown(origin: tuple[str, str, int]) -> str:
    """An origin as people write it."""
    scheme, host, port = origin
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" + ("" if port == {"https": 443, "http": 80}.get(scheme) else f":{port}")


def mirror_folder() -> Path:
    """The folder of all mirrors of this user."""
    return Path(data_path()) / "mirrors"


def mirror_file(origin: tuple[str, str, int], account: str) -> Path:
    """The file for an account; `account` is "" on servers that have none."""
    return mirror_folder() / f"{_server_name(origin)}{'--' if account else ''}{_safe(account)}{_SUFFIX}"


def existing_mirror(origin: tuple[str, str, int]) -> Path:
    """The only mirror of a server that is there.

    Raises ConfigurationError when there is none, or several.
    """
    server = _server_name(origin)
    found = sorted(
        path
        for path in mirror_folder().glob(f"*{_SUFFIX}")
        if path.name == f"{server}{_SUFFIX}" or path.name.startswith(f"{server}--")
    )
    if not found:
        raise ConfigurationError(
            f"There is no mirror of the history at {_shown(origin)} yet. Make one: comfy-cloud history sync"
        )
    if len(found) > 1:
        names = ", ".join(str(path) for path in found)
        raise ConfigurationError(
            f"There are mirrors of several accounts at {origin_text(origin)}: choose one by --database "
            f"({names})"
        )
    return found[0]


def _server_name(origin: tuple[str, str, int]) -> str:
    scheme, host, port = origin
    usual = 443 if scheme == "https" else 80
    name = host if scheme == "https" else f"{scheme}-{host}"
    return _safe(name if port == usual else f"{name}-{port}")


def _safe(text: str) -> str:
    """Text as part of a file's name; what had to be changed gets a digest, so that names differ."""
    name = _UNSAFE.sub("_", text)[:_LONGEST]
    if name == text and "--" not in text:
        return name
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"{name.replace('--', '-')}-{digest}"
