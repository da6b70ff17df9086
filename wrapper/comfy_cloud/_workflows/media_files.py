"""The graph in a file that ComfyUI made: which of the texts in its metadata it is.

The readers find the texts: `image_metadata`, `heif_metadata`, `av_metadata`, `document_metadata`.
The programs that save workflows agree neither on the names of the texts nor on how the graph is
wrapped. So a text is recognised by its name, if that is "prompt" or "workflow", and otherwise by
the shape of the JSON in it. Work and memory are bounded, whatever the file claims.

This module checks nothing about the graph but its shape.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from ..errors import ConfigurationError
from .av_metadata import flac_texts, matroska_texts, mp3_texts, mp4_texts, ogg_texts
from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText
from .document_metadata import glb_texts, safetensors_texts, svg_texts
from .heif_metadata import heif_texts
from .image_metadata import jpeg_texts, png_texts, webp_texts
from .json_forms import FoundWorkflow, find_workflow
from .raw_search import texts_anywhere

_Reader = Callable[[MediaData, Allowance], Iterator[NamedText]]

# Offset and value of the bytes that identify a format, its name, and its reader. No program puts a
# graph into a GIF, but a GIF is worth a message of its own.
_FORMATS: tuple[tuple[int, bytes, str, _Reader | None], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG", png_texts),
    (8, b"WEBP", "WebP", webp_texts),
    (0, b"\xff\xd8\xff", "JPEG", jpeg_texts),
    (0, b"GIF8", "GIF", None),
    (8, b"avif", "AVIF", heif_texts),
    (8, b"avis", "AVIF", heif_texts),
    (8, b"heic", "HEIF", heif_texts),
    (8, b"mif1", "HEIF", heif_texts),
    (4, b"ftyp", "MP4", mp4_texts),
    (0, b"\x1a\x45\xdf\xa3", "WebM", matroska_texts),
    (0, b"fLaC", "FLAC", flac_texts),
    (0, b"ID3", "MP3", mp3_texts),
    (0, b"OggS", "Ogg", ogg_texts),
    (0, b"glTF", "glTF", glb_texts),
)

# What precedes the mark of a format that is kept in a container.
_CONTAINERS = {"WebP": b"RIFF", "AVIF": b"ftyp", "HEIF": b"ftyp"}
# How many bytes tell the format: an SVG may begin with a comment or a licence.
BEGINNING = 1024
_NOTHING = FoundWorkflow(None, None)


def is_media(beginning: bytes) -> bool:
    """Whether content is of a kind that ComfyUI saves, by its first bytes, `BEGINNING` of them."""
    return _format_of(beginning) is not None


def graph_in(data: MediaData) -> FoundWorkflow:
    """The graph in API format and the editor's workflow in the content of a file.

    Either is None if it is not there. Reads PNG, WebP, JPEG, AVIF, SVG, MP4 and related formats,
    WebM and Matroska, FLAC, MP3, Ogg, binary glTF and safetensors. A file that is cut off behind
    its metadata can still be read. Where the format's metadata contains no graph, the rest of the
    file is searched for one.

    Raises:
        ConfigurationError: The format is another one, the file is damaged, or its graph is not
            JSON.
    """
    file_format = _format_of(data[:BEGINNING])
    if file_format is None:
        raise ConfigurationError("This is not a file of a kind that ComfyUI makes")
    name, reader = file_format
    graph = ui = damage = None
    texts = reader(data, Allowance()) if reader else iter(())
    for source in (texts, texts_anywhere(data)):
        try:
            for text in source:
                found = _workflow_in(text, name)
                graph = found.graph if graph is None else graph
                ui = found.ui if ui is None else ui
                if graph is not None and ui is not None:
                    break
        except BrokenFile as error:
            damage = damage or error
        if graph is not None:
            return FoundWorkflow(graph, ui)
    if damage is not None:
        raise ConfigurationError(
            f"This {name} file is damaged ({damage}); use the original that ComfyUI saved"
        ) from damage
    return FoundWorkflow(None, ui)


def _format_of(beginning: bytes) -> tuple[str, _Reader | None] | None:
    for at, mark, name, reader in _FORMATS:
        if beginning[at : at + len(mark)] == mark and _CONTAINERS.get(name, b"") in beginning[:8]:
            return name, reader
    # The length of a header, which is never gigabytes, and its first character.
    if beginning[4:9] == b"\0\0\0\0{":
        return "safetensors", safetensors_texts
    if beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"<svg" in beginning:
        return "SVG", svg_texts
    return None


def _workflow_in(text: NamedText, kind: str) -> FoundWorkflow:
    name, content = text
    name = name.strip().lower()
    content = content.strip("\ufeff\0 \t\r\n")
    # EXIF texts have no names; the name is written before the JSON.
    for prefix in ("prompt", "workflow"):
        if content[: len(prefix) + 1].lower() == f"{prefix}:":
            name, content = prefix, content[len(prefix) + 1 :].lstrip()
    if content[:1] not in ("{", "[", '"'):
        return _NOTHING
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        if name == "prompt" and content.startswith("{"):
            raise BrokenFile("the graph in it is not JSON") from error
        return _NOTHING
    found = find_workflow(document, f"the metadata of this {kind} file")
    if found == _NOTHING and isinstance(document, dict):
        # It has the name but not the shape: a message will say what is wrong with it.
        return FoundWorkflow(document if name == "prompt" else None, document if name == "workflow" else None)
    return found
