"""Names of stored files that bring their folder, such as "3d/model.glb".

A self-hosted ComfyUI drops the folder from the name in GET /api/view, and serves another file of
that name without a word. So the folder is always sent separately, as `subfolder`.
"""

from __future__ import annotations

import re

from ..errors import ConfigurationError

# Where a server on Windows made the name, its folders end with backslashes.
_SEPARATOR = re.compile(r"[/\\]")
# What ComfyUI writes behind a name to say in which of its folders the file is.
_LOCATION = re.compile(r" ?\[(input|output|temp)\]$")


def split_folder(name: str, subfolder: str = "") -> tuple[str, str]:
    """The bare name of a file, and its folder: `subfolder`, then the folder in the name."""
    parts = _SEPARATOR.split(name)
    if len(parts) == 1 or not parts[-1]:
        return name, subfolder
    return parts[-1], "/".join([*([subfolder.rstrip("/\\")] if subfolder else []), *parts[:-1]])


def upload_name(name: str, subfolder: str = "") -> tuple[str, str]:
    """The bare name and the folder to send for an upload.

    Raises ConfigurationError for a name or folder that leads out of the server's folder, or that
    names no file: a server responds to these with 500, or without a reason.
    """
    filename, folder = split_folder(name, subfolder)
    steps = _SEPARATOR.split(folder)
    if ".." in (filename, *steps) or folder[:1] in ("/", "\\") or re.match(r"[A-Za-z]:", folder or filename):
        shown = f"{folder}/{filename}"[:200]
        raise ConfigurationError(
            f"The upload would be stored outside of its folder: {shown!r}. Give a name without '..', and a "
            "subfolder that does not begin with a slash or a drive"
        )
    if filename in ("", ".") or filename.endswith(("/", "\\")):
        raise ConfigurationError(f"The upload has no file name: {name[:200]!r}. Pass name='image.png'")
    return filename, folder


def split_location(text: str) -> tuple[str, str]:
    """A name, and where the file is (input, output or temp): "a.glb [temp]" is a.glb in temp."""
    found = _LOCATION.search(text)
    return (text[: found.start()], found[1]) if found else (text, "output")
