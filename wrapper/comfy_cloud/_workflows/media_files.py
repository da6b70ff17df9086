"""The graph in an image, video or audio file that ComfyUI made: which of the file's texts it is.

`image_metadata` and `av_metadata` find the texts. The programs that save workflows agree neither on
the names of the texts nor on how the graph is wrapped. So a text is recognised by its name, if that
is "prompt" or "workflow", and otherwise by the shape of the JSON in it. Work and memory are
bounded, whatever the file claims.

This module checks nothing about the graph but its shape.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import ConfigurationError
from .av_metadata import flac_texts, matroska_texts, mp3_texts, mp4_texts, ogg_texts
from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText
from .graph import is_node
from .image_metadata import jpeg_texts, png_texts, webp_texts

_Reader = Callable[[MediaData, Allowance], Iterator[NamedText]]

# Offset and value of the bytes that identify a format, its name, and its reader. No program puts a
# graph into a GIF, but a GIF is worth a message of its own.
_FORMATS: tuple[tuple[int, bytes, str, _Reader | None], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG", png_texts),
    (8, b"WEBP", "WebP", webp_texts),
    (0, b"\xff\xd8\xff", "JPEG", jpeg_texts),
    (0, b"GIF8", "GIF", None),
    (4, b"ftyp", "MP4", mp4_texts),
    (0, b"\x1a\x45\xdf\xa3", "WebM", matroska_texts),
    (0, b"fLaC", "FLAC", flac_texts),
    (0, b"ID3", "MP3", mp3_texts),
    (0, b"OggS", "Ogg", ogg_texts),
)


def is_media(beginning: bytes) -> bool:
    """Whether content is an image, video or audio file, by its first sixteen bytes."""
    return _format_of(beginning) is not None


def graph_in(data: MediaData) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The graph in API format and the editor's workflow in the content of a file.

    Either is None if it is not there. Reads PNG, WebP, JPEG, MP4 and related formats, WebM and
    Matroska, FLAC, MP3 and Ogg. A file that is cut off behind its metadata can still be read.

    Raises:
        ConfigurationError: The format is another one, the file is damaged, or its graph is not
            JSON.
    """
    found = _format_of(data[:16])
    if found is None:
        raise ConfigurationError("This is not an image, video or audio file of a kind that ComfyUI makes")
    name, reader = found
    prompt: dict[str, Any] | None = None
    workflow: dict[str, Any] | None = None
    try:
        for text in reader(data, Allowance()) if reader else ():
            first, second = _graphs_of(text, name)
            prompt = first if prompt is None else prompt
            workflow = second if workflow is None else workflow
            if prompt is not None and workflow is not None:
                break
    except BrokenFile as error:
        if prompt is None:
            raise ConfigurationError(
                f"This {name} file is damaged ({error}); use the original that ComfyUI saved"
            ) from error
    return prompt, workflow


def _format_of(beginning: bytes) -> tuple[str, _Reader | None] | None:
    return next(
        (
            (name, reader)
            for at, mark, name, reader in _FORMATS
            if beginning[at : at + len(mark)] == mark and (name != "WebP" or beginning[:4] == b"RIFF")
        ),
        None,
    )


def _graphs_of(text: NamedText, kind: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    name, content = text
    name = name.strip().lower()
    content = content.strip("\ufeff\0 \t\r\n")
    # EXIF texts have no names; the name is written before the JSON.
    for prefix in ("prompt", "workflow"):
        if content[: len(prefix) + 1].lower() == f"{prefix}:":
            name, content = prefix, content[len(prefix) + 1 :].lstrip()
    if not content.startswith("{"):
        return None, None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        if name == "prompt":
            raise ConfigurationError(
                f"The graph in this {kind} file is damaged: it is not JSON. Use the original that ComfyUI "
                "saved"
            ) from error
        return None, None
    if name == "prompt":
        return found, None
    if name == "workflow":
        return None, found
    if found and all(is_node(node) for node in found.values()):
        return found, None
    if isinstance(found.get("nodes"), list):
        return None, found
    return _inner(found.get("prompt")), _inner(found.get("workflow"))


def _inner(found: object) -> dict[str, Any] | None:
    """A JSON object inside another one, which may be written as a string."""
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return None
    return found if isinstance(found, dict) else None
