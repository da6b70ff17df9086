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

from .._files.file_types import BEGINNING, extension_of
from ..errors import ConfigurationError
from .av_metadata import flac_texts, matroska_texts, mp3_texts, mp4_texts, ogg_texts
from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText
from .document_metadata import glb_texts, safetensors_texts, svg_texts
from .heif_metadata import heif_texts
from .image_metadata import jpeg_texts, png_texts, webp_texts
from .json_forms import FoundWorkflow, find_workflow
from .raw_search import texts_anywhere

_Reader = Callable[[MediaData, Allowance], Iterator[NamedText]]

# The name of each format, and its reader. No program puts a graph into the metadata of a GIF.
_FORMATS: dict[str, tuple[str, _Reader | None]] = {
    "png": ("PNG", png_texts),
    "webp": ("WebP", webp_texts),
    "jpg": ("JPEG", jpeg_texts),
    "gif": ("GIF", None),
    "avif": ("AVIF", heif_texts),
    "heic": ("HEIF", heif_texts),
    "svg": ("SVG", svg_texts),
    "mp4": ("MP4", mp4_texts),
    "mov": ("MOV", mp4_texts),
    "webm": ("WebM", matroska_texts),
    "flac": ("FLAC", flac_texts),
    "mp3": ("MP3", mp3_texts),
    "ogg": ("Ogg", ogg_texts),
    "glb": ("glTF", glb_texts),
    "safetensors": ("safetensors", safetensors_texts),
}
_NOTHING = FoundWorkflow(None, None)


def is_media(beginning: bytes) -> bool:
    """Whether content is of a kind that ComfyUI saves, by its first bytes, `BEGINNING` of them."""
    return extension_of(beginning) in _FORMATS


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
    file_format = _FORMATS.get(extension_of(data[:BEGINNING]))
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
