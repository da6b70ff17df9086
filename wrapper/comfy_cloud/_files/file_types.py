"""The types of files: by extension, with the kind and media type of each, and by content."""

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
    "usdz": ("3d", "model/vnd.usdz+zip"),
    "spz": ("3d", "application/octet-stream"),
    "splat": ("3d", "application/octet-stream"),
    "ksplat": ("3d", "application/octet-stream"),
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


# Offset and value of the bytes that identify a type, and the bytes that precede them.
_MARKS: tuple[tuple[str, int, bytes, bytes], ...] = (
    ("png", 0, b"\x89PNG\r\n\x1a\n", b""),
    ("webp", 8, b"WEBP", b"RIFF"),
    ("wav", 8, b"WAVE", b"RIFF"),
    ("jpg", 0, b"\xff\xd8\xff", b""),
    ("gif", 0, b"GIF8", b""),
    ("avif", 4, b"ftypavif", b""),
    ("avif", 4, b"ftypavis", b""),
    ("heic", 4, b"ftyphei", b""),
    ("heic", 4, b"ftypmif1", b""),
    ("mov", 4, b"ftypqt", b""),
    ("mp4", 4, b"ftyp", b""),
    ("webm", 0, b"\x1a\x45\xdf\xa3", b""),
    ("flac", 0, b"fLaC", b""),
    ("mp3", 0, b"ID3", b""),
    ("ogg", 0, b"OggS", b""),
    ("glb", 0, b"glTF", b""),
    # The length of a header, which is never gigabytes, and its first character.
    ("safetensors", 4, b"\0\0\0\0{", b""),
    ("exr", 0, b"\x76\x2f\x31\x01", b""),
    ("bmp", 0, b"BM", b""),
    ("tif", 0, b"II*\0", b""),
    ("tif", 0, b"MM\0*", b""),
)
# How many bytes the type of a content is told by: an SVG may begin with a comment or a licence.
BEGINNING = 1024
_TEXT_MARKS = b"\xef\xbb\xbf \t\r\n"


def numbered_name(name: str, number: int) -> str:
    """The name with a number before its extension: `a_2.png`."""
    stem, extension = split_name(name)
    return f"{stem}_{number}{extension}"


def extension_of(beginning: bytes) -> str:
    """The extension for content with these first `BEGINNING` bytes; "" if it is not known."""
    for extension, at, mark, before in _MARKS:
        if beginning[at : at + len(mark)] == mark and beginning.startswith(before):
            return extension
    start = beginning.lstrip(_TEXT_MARKS)
    if start.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")):
        return "svg"
    return ""
