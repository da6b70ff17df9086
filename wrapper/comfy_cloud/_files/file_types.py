"""File name extensions: splitting them off, and the kind and media type that each stands for."""

from __future__ import annotations

from typing import Literal

Kind = Literal["image", "video", "audio", "3d", "text", "file"]

# Extension -> (kind, media type). Our own table: `mimetypes` differs between machines.
FILE_TYPES: dict[str, tuple[Kind, str]] = {
    "png": ("image", "image/png"),
    "jpg": ("image", "image/jpeg"),
    "jpeg": ("image", "image/jpeg"),
    "webp": ("image", "image/webp"),
    "gif": ("image", "image/gif"),
    "avif": ("image", "image/avif"),
    "bmp": ("image", "image/bmp"),
    "tif": ("image", "image/tiff"),
    "tiff": ("image", "image/tiff"),
    "svg": ("image", "image/svg+xml"),
    "exr": ("image", "image/x-exr"),
    "mp4": ("video", "video/mp4"),
    "m4v": ("video", "video/x-m4v"),
    "webm": ("video", "video/webm"),
    "mov": ("video", "video/quicktime"),
    "mkv": ("video", "video/x-matroska"),
    "avi": ("video", "video/x-msvideo"),
    "wav": ("audio", "audio/wav"),
    "flac": ("audio", "audio/flac"),
    "mp3": ("audio", "audio/mpeg"),
    "opus": ("audio", "audio/ogg"),
    "ogg": ("audio", "audio/ogg"),
    "oga": ("audio", "audio/ogg"),
    "m4a": ("audio", "audio/mp4"),
    "aac": ("audio", "audio/aac"),
    "glb": ("3d", "model/gltf-binary"),
    "gltf": ("3d", "model/gltf+json"),
    "obj": ("3d", "model/obj"),
    "stl": ("3d", "model/stl"),
    "fbx": ("3d", "application/octet-stream"),
    "ply": ("3d", "application/octet-stream"),
    "txt": ("text", "text/plain"),
    "md": ("text", "text/markdown"),
    "csv": ("text", "text/csv"),
    "srt": ("text", "application/x-subrip"),
    "vtt": ("text", "text/vtt"),
    "json": ("text", "application/json"),
}
# A longer one is not an extension, but the end of a sentence.
_MAX_EXTENSION = 20


def split_name(name: str) -> tuple[str, str]:
    """The stem of a file name, and its extension with the dot, or "" if it has none."""
    stem, dot, extension = name.rpartition(".")
    if not (dot and stem and extension) or len(extension) >= _MAX_EXTENSION or " " in extension:
        return name, ""
    return stem, f".{extension}"
