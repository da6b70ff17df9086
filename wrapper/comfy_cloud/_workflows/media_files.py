"""The graph inside a picture, film or sound that ComfyUI made: which of a file's texts it is, and reading it.

Where the texts stand in a file is known to `picture_texts` and `film_texts`. The programs that save workflows agree neither on the
names nor on the wrapping, so a text counts by its name where it has a telling one, and else by the shape of the JSON in it. Work
and memory are bounded whatever the file says of itself. This module does not judge the graph beyond its shape, and writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import ConfigurationError
from .av_metadata import flac_texts, matroska_texts, mp3_texts, mp4_texts, ogg_texts
from .image_metadata import Allowance, BrokenFile, Content, Text, jpeg_texts, png_texts, webp_texts

_Reader = Callable[[Content, Allowance], Iterator[Text]]

# Where in a file its kind shows, how, what the kind is called, and who reads it (None: nobody puts a graph there).
_KINDS: tuple[tuple[int, bytes, str, _Reader | None], ...] = (
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
    """Whether content that begins so is a picture, film or sound; sixteen bytes suffice."""
    return _kind_of(beginning) is not None


def graph_in(data: Content) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The graph in API format and the editor's workflow in the content of a file; None for what is not there.

    Reads PNG, WebP, JPEG, MP4 and its relatives, WebM and Matroska, FLAC, MP3, Ogg. A file that breaks off after its metadata is
    good enough.

    Raises:
        ConfigurationError: It is none of these; it is broken; or its graph is no JSON.
    """
    kind = _kind_of(data[:16])
    if kind is None:
        raise ConfigurationError("This is no picture, film or sound of a kind that ComfyUI makes")
    name, reader = kind
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
                f"This {name} file is broken ({error}); take the original that ComfyUI saved"
            ) from error
    return prompt, workflow


def _kind_of(beginning: bytes) -> tuple[str, _Reader | None] | None:
    return next(
        (
            (name, reader)
            for at, mark, name, reader in _KINDS
            if beginning[at : at + len(mark)] == mark and (name != "WebP" or beginning[:4] == b"RIFF")
        ),
        None,
    )


def _graphs_of(text: Text, kind: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    name, content = text
    name = name.strip().lower()
    content = content.strip("\ufeff\0 \t\r\n")
    # EXIF has no names to choose: the name stands before the JSON there.
    for prefix in ("prompt", "workflow"):
        if content[: len(prefix) + 1].lower() == f"{prefix}:":
            name, content = prefix, content[len(prefix) + 1 :].lstrip()
    if not content.startswith("{"):
        return None, None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        if name == "prompt":
            raise ConfigurationError(f"The graph in this {kind} file is damaged: it is no JSON") from error
        return None, None
    if name == "prompt":
        return found, None
    if name == "workflow":
        return None, found
    if _is_graph(found):
        return found, None
    if isinstance(found.get("nodes"), list):
        return None, found
    return _inner(found.get("prompt")), _inner(found.get("workflow"))


def _is_graph(found: dict[str, Any]) -> bool:
    return bool(found) and all(isinstance(node, dict) and "class_type" in node for node in found.values())


def _inner(found: object) -> dict[str, Any] | None:
    """A JSON object inside another one, perhaps written as text once more."""
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return None
    return found if isinstance(found, dict) else None
