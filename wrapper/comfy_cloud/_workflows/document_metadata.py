"""The texts in the metadata of SVG images, 3D models and tensors.

What a text means is decided in `media_files`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText, exactly, number

_XML_STEP = 64 * 1024
# How far into an SVG its metadata may begin. What follows are shapes, which may be many megabytes.
_MAX_XML = 64 * 1024 * 1024


def svg_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The text of each `metadata` element of an SVG."""
    texts: list[str] = []
    open_elements: list[str] = []
    found: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        allowance.count_part()
        open_elements.append(name.rpartition(":")[2])

    def end(_: str) -> None:
        if open_elements.pop() == "metadata":
            texts.append("".join(found))
            found.clear()

    def text(part: str) -> None:
        if "metadata" in open_elements:
            allowance.count_text(len(part))
            found.append(part)

    def refuse(*_: object) -> None:
        raise BrokenFile("it defines entities")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.EntityDeclHandler = text, refuse
    for at in range(0, min(len(data), _MAX_XML), _XML_STEP):
        try:
            parser.Parse(data[at : at + _XML_STEP], False)
        except expat.ExpatError:
            break
        finally:
            yield from (("", found_text) for found_text in texts)
            texts.clear()


def glb_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The extras of a binary glTF model's asset, by name."""
    if exactly(data, 16, 4) != b"JSON":
        raise BrokenFile("its first part is not JSON")
    document = _json_object(allowance.take(data, 20, number(data, 12, 4, "little")))
    asset = document.get("asset")
    yield from _members(asset.get("extras") if isinstance(asset, dict) else None)


def safetensors_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The metadata of a safetensors file (models and latents), by name."""
    header = _json_object(allowance.take(data, 8, number(data, 0, 8, "little")))
    yield from _members(header.get("__metadata__"))


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise BrokenFile("its JSON is not valid")
    return document


def _members(found: object) -> Iterator[NamedText]:
    for name, value in found.items() if isinstance(found, dict) else ():
        yield name, value if isinstance(value, str) else json.dumps(value)
