"""The graph in a file that ComfyUI made: which of the texts in its metadata it is.

The readers find the texts: `image_metadata`, `heif_metadata`, `av_metadata`, `document_metadata`,
`xml_texts`.
The programs that save workflows agree neither on the names of the texts nor on how the graph is
wrapped. So a text is recognised by its name, if that is "prompt" or "workflow", and otherwise by
the shape of the JSON in it. Work and memory are bounded, whatever the file claims.

This module checks nothing about the graph but its shape.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from .._files.file_types import BEGINNING, extension_of
from ..errors import ConfigurationError
from .av_metadata import flac_texts, matroska_texts, mp3_texts, mp4_texts, ogg_texts
from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText
from .document_metadata import glb_texts, safetensors_texts
from .embedded_json import SearchBudget, embedded_json, has_too_many_values, mentions_workflow
from .exif import tiff_texts
from .graph import capitalised
from .heif_metadata import heif_texts
from .image_metadata import exr_texts, gif_texts, jpeg_texts, png_texts, webp_texts
from .json_forms import FoundWorkflow, find_workflow
from .raw_search import texts_anywhere
from .xml_texts import xml_texts

_Reader = Callable[[MediaData, Allowance], Iterator[NamedText]]

# The name of each format, and its reader.
_FORMATS: dict[str, tuple[str, _Reader]] = {
    "png": ("PNG", png_texts),
    "webp": ("WebP", webp_texts),
    "jpg": ("JPEG", jpeg_texts),
    "gif": ("GIF", gif_texts),
    "tif": ("TIFF", tiff_texts),
    "exr": ("EXR", exr_texts),
    "avif": ("AVIF", heif_texts),
    "heic": ("HEIF", heif_texts),
    "svg": ("SVG", xml_texts),
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
_MAX_LISTED = 6


def is_media(beginning: bytes) -> bool:
    """Whether content is of a kind that has a reader, by its first bytes, `BEGINNING` of them."""
    return extension_of(beginning) in _FORMATS


def is_xml(beginning: bytes) -> bool:
    """Whether content begins as XML or HTML does, such as an SVG with a prefix in its names."""
    return beginning.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def graph_in(data: MediaData) -> FoundWorkflow:
    """The graph in API format and the editor's workflow in the content of a file.

    Either is None if it is not there. Reads the metadata of PNG, WebP, JPEG, GIF, TIFF, AVIF, HEIF,
    OpenEXR, SVG, MP4 and related formats, WebM and Matroska, FLAC, MP3, Ogg, binary glTF and
    safetensors. A file that is cut off behind its metadata can still be read. Where the metadata
    contains no graph, and in other formats, the file is searched for one.

    Raises:
        ConfigurationError: The file is damaged, its graph is not JSON, or it contains several
            graphs.
    """
    beginning = data[:BEGINNING]
    unknown = ("", xml_texts if is_xml(beginning) else None)
    name, reader = _FORMATS.get(extension_of(beginning), unknown)
    allowance = Allowance()
    search = _Search(f"this {name} file" if name else "this file", allowance.search)
    if reader is not None:
        search.read(reader(data, allowance))
    if search.found().graph is None:
        search.read(texts_anywhere(data))
    found = search.found()
    if found.graph is None and search.damage is not None:
        raise ConfigurationError(
            f"This {name} file is damaged ({search.damage}); use the original that ComfyUI saved"
        ) from search.damage
    return found


class _Search:
    """Collects the workflows in the texts of one file. A text of the right name counts first."""

    def __init__(self, what: str, budget: SearchBudget) -> None:
        self._what = what
        self._budget = budget
        self._named: dict[str, FoundWorkflow] = {}
        self._graphs: dict[str, tuple[str, Mapping[Any, Any]]] = {}  # by their JSON
        self._ui: Mapping[str, Any] | None = None
        self._several: ConfigurationError | None = None
        self.damage: BrokenFile | None = None

    def read(self, texts: Iterator[NamedText]) -> None:
        """Add what is in these texts. Of one name the last one counts, as in the editor."""
        try:
            for text in texts:
                name, content = _named(text)
                try:
                    self._add(name, self._workflow_in(name, content))
                except ConfigurationError as error:  # several graphs in one text
                    self._several = self._several or error
                except BrokenFile as error:
                    self.damage = self.damage or error
        except BrokenFile as error:
            self.damage = self.damage or error

    def _add(self, name: str, found: FoundWorkflow) -> None:
        if name in _NAMES:
            if found != _NOTHING:
                self._named[name] = found
            return
        if found.graph is not None:
            self._graphs.setdefault(json.dumps(found.graph, sort_keys=True), (name, found.graph))
        self._ui = found.ui if self._ui is None else self._ui

    def _workflow_in(self, name: str, content: str) -> FoundWorkflow:
        is_json = content[:1] in ("{", "[", '"')
        if is_json and has_too_many_values(content):
            raise BrokenFile("a text in it has too many values")
        try:
            document = json.loads(content) if is_json else None
        except (ValueError, RecursionError) as error:
            found = self._embedded_workflow(content)
            if found == _NOTHING and name == "prompt" and content.startswith("{"):
                raise BrokenFile("the graph in it is not JSON") from error
            return found
        if not is_json:
            return self._embedded_workflow(content)
        found = find_workflow(document, f"the metadata of {self._what}", self._budget)
        if found == _NOTHING and isinstance(document, dict) and name in _NAMES:
            # It has the name but not the shape: a message will say what is wrong with it.
            return FoundWorkflow(
                document if name == "prompt" else None, document if name == "workflow" else None
            )
        return found

    def _embedded_workflow(self, content: str) -> FoundWorkflow:
        """The workflow in JSON between other words, as behind another program's parameters."""
        if not mentions_workflow(content):
            return _NOTHING
        documents = [json.loads(found.text) for found in embedded_json(content, self._budget)]
        return find_workflow(documents, f"the metadata of {self._what}", self._budget)

    def found(self) -> FoundWorkflow:
        """The graph and the layout. Raises ConfigurationError if it is not clear which graph."""
        prompt, workflow = (self._named.get(name, _NOTHING) for name in _NAMES)
        ui = next((ui for ui in (workflow.ui, prompt.ui, self._ui) if ui is not None), None)
        graph = prompt.graph if prompt.graph is not None else workflow.graph
        if graph is not None:
            return FoundWorkflow(graph, ui)
        if len(self._graphs) > 1:
            names = [
                name[:60] or "one without a name" for name, _ in islice(self._graphs.values(), _MAX_LISTED)
            ]
            raise ConfigurationError(
                f"{capitalised(self._what)} contains {len(self._graphs)} different workflows, none of them "
                f"under the name prompt: {', '.join(names)}. Pass the JSON of one of them"
            )
        if self._graphs:
            return FoundWorkflow(next(iter(self._graphs.values()))[1], ui)
        if self._several is not None:
            raise self._several
        return FoundWorkflow(None, ui)


def _named(text: NamedText) -> tuple[str, str]:
    """The name of a text in lower case, and its content without what surrounds it."""
    name, content = text
    content = content.strip("\ufeff\0 \t\r\n")
    # EXIF texts have no names; the name is written before the JSON.
    for prefix in _NAMES:
        if content[: len(prefix) + 1].lower() == f"{prefix}:":
            return prefix, content[len(prefix) + 1 :].lstrip()
    return name.strip().lower(), content
