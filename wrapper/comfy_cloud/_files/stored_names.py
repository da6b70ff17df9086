"""Names of stored files that bring their folder, such as "3d/model.glb".

A self-hosted ComfyUI drops the folder from the name in GET /api/view, and serves another file of
that name without a word. So the folder is always sent separately, as `subfolder`.
"""

from __future__ import annotations

import re

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


def split_location(text: str) -> tuple[str, str]:
    """A name, and where the file is (input, output or temp): "a.glb [temp]" is a.glb in temp."""
    found = _LOCATION.search(text)
    return (text[: found.start()], found[1]) if found else (text, "output")
