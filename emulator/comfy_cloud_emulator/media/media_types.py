"""Media types by file name, the same on every machine.

The standard library's table reads files of the operating system, so it differs between machines.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

UNKNOWN: Final = "application/octet-stream"

_BY_SUFFIX: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/opus",
    ".m4a": "audio/mp4",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".obj": "model/obj",
    ".stl": "model/stl",
    ".txt": "text/plain",
    ".json": "application/json",
    ".zip": "application/zip",
}


def suffix_of(name: str) -> str:
    """The extension of a name in lower case with its dot; empty without one of the usual form."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 13 else ""


def media_type(name: str) -> str:
    """The media type that a file name suggests."""
    return _BY_SUFFIX.get(suffix_of(name), UNKNOWN)


def suffix_for(type: str) -> str:
    """The usual extension for a media type, with its dot, or empty text."""
    return next((suffix for suffix, known in _BY_SUFFIX.items() if known == type), "")
