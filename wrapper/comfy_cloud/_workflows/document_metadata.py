"""The texts in the metadata of 3D models and tensors.

What a text means is decided in `media_files`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText, decoded, exactly, number
from .embedded_json import has_too_many_values


def glb_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The extras of a binary glTF model's asset, by name, and the whole description."""
    if exactly(data, 16, 4) != b"JSON":
        raise BrokenFile("its first part is not JSON")
    content = allowance.take(data, 20, number(data, 12, 4, "little"))
    asset = _json_object(content).get("asset")
    yield from _members(asset.get("extras") if isinstance(asset, dict) else None)
    # Scenes, nodes and extensions may have extras as well.
    yield "", decoded(content)


def safetensors_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The metadata of a safetensors file (models and latents), by name."""
    header = _json_object(allowance.take(data, 8, number(data, 0, 8, "little")))
    yield from _members(header.get("__metadata__"))


def _json_object(content: bytes) -> dict[str, Any]:
    if has_too_many_values(content):
        raise BrokenFile("its JSON has too many values")
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
