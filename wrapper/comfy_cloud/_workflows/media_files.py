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
from .image_metadata import exr_texts, jpeg_texts, png_texts, webp_texts
from .json_forms import FoundWorkflow, find_workflow
from .raw_search import texts_anywhere

_Reader = Callable[[MediaData, Allowance], Iterator[NamedText]]

# The name of each format, and its reader. No program puts a graph into the metadata of a GIF.
_FORMATS: dict[str, tuple[str, _Reader | None]] = {
    "png": ("PNG", png_texts),
    "webp": ("WebP", webp_texts),
    "jpg": ("JPEG", jpeg_texts),
    "gif": ("GIF", None),
    "exr": ("EXR", exr_texts),
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
_NAMES = ("prompt", "workflow")
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
    search = _Search(name)
    texts = reader(data, Allowance()) if reader else iter(())
    for source in (texts, texts_anywhere(data)):
        found = search.among(source)
        if found.graph is not None:
            return found
    damage, ui = search.damage, search.found.ui
    if damage is not None:
        raise ConfigurationError(
            f"This {name} file is damaged ({damage}); use the original that ComfyUI saved"
        ) from damage
    return FoundWorkflow(None, ui)


class _Search:
    """Collects the workflows in the texts of one file. A text of the right name counts first."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.found = _NOTHING
        self.damage: BrokenFile | None = None

    def among(self, texts: Iterator[NamedText]) -> FoundWorkflow:
        """What is found in these texts and in those before. Does not raise BrokenFile."""
        others: list[tuple[str, str]] = []
        try:
            for text in texts:
                name, content = _named(text)
                if name not in _NAMES:
                    others.append((name, content))
                    continue
                self._add(_workflow_in(name, content, self._kind))
                if None not in self.found:
                    return self.found
        except BrokenFile as error:
            self.damage = self.damage or error
        for name, content in others:
            if None not in self.found:
                break
            try:
                self._add(_workflow_in(name, content, self._kind))
            except ConfigurationError:
                if self.found.graph is None:  # several graphs, and none of the right name
                    raise
        return self.found

    def _add(self, found: FoundWorkflow) -> None:
        graph, ui = self.found
        self.found = FoundWorkflow(found.graph if graph is None else graph, found.ui if ui is None else ui)


def _named(text: NamedText) -> tuple[str, str]:
    """The name of a text in lower case, and its content without what surrounds it."""
    name, content = text
    content = content.strip("\ufeff\0 \t\r\n")
    # EXIF texts have no names; the name is written before the JSON.
    for prefix in _NAMES:
        if content[: len(prefix) + 1].lower() == f"{prefix}:":
            return prefix, content[len(prefix) + 1 :].lstrip()
    return name.strip().lower(), content


def _workflow_in(name: str, content: str, kind: str) -> FoundWorkflow:
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
