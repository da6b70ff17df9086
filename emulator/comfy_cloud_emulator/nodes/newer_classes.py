"""How node classes of newer ComfyUI versions differ from the catalogue.

Seen on a ComfyUI 0.30.0: nodes that save or show something pass it on, and a few classes have more
inputs and outputs. Only facts that change what runs, or what responses look like, are listed.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from comfy_cloud_emulator.state.json_values import Json

from .catalogue import Catalogue, classes_of, read_data

_INFO: Final = ("essentials_category", "search_aliases")
_PASSED_ON: Final = {
    "IMAGE images": ("SaveImage", "PreviewImage", "SaveAnimatedWEBP", "SaveAnimatedPNG", "SaveWEBM"),
    "VIDEO video": ("SaveVideo",),
    "AUDIO audio": ("SaveAudio", "SaveAudioMP3", "SaveAudioOpus", "PreviewAudio"),
}
"""Nodes that pass on what they save, by their output and its name."""
CHANGES: Final[dict[str, Json]] = {
    **{name: {"outputs": [output]} for output, names in _PASSED_ON.items() for name in names},
    "SaveImage": {
        "outputs": ["IMAGE images"],
        "required": {
            "images": ["IMAGE", {"tooltip": "The images that are written to files."}],
            "filename_prefix": [
                "STRING",
                {
                    "default": "ComfyUI",
                    "tooltip": "How the file names begin. %date:yyyy-MM-dd% and the like are replaced.",
                },
            ],
        },
        "essentials_category": "Basics",
        "search_aliases": ["save", "write file"],
    },
    "VAEDecode": {
        "required": {
            "samples": ["LATENT", {"tooltip": "The latent images to turn into pixels."}],
            "vae": ["VAE", {"tooltip": "The model that decodes them."}],
        },
    },
    "PreviewAny": {"outputs": ["STRING"]},
    "GetVideoComponents": {"outputs": ["IMAGE images", "AUDIO audio", "FLOAT fps", "INT bit_depth"]},
    "ImageScaleToTotalPixels": {
        "required": {"resolution_steps": ["INT", {"default": 1, "min": 1, "max": 256}]},
    },
    "CreateVideo": {"optional": {"bit_depth": ["INT", {"default": 8, "min": 8, "max": 10}]}},
    "Preview3D": {"optional": {"bg_image": "IMAGE"}},
}
"""The changes by class, in the form of the catalogue's data: outputs are replaced, inputs added."""


@cache
def newer_catalogue() -> Catalogue:
    """The catalogue with the changes of newer versions; read when the first class is needed."""
    return Catalogue(lambda: classes_of(_changed_data()))


def more_info(name: str) -> Json:
    """What `GET /api/object_info` contains in addition for a class."""
    changes = CHANGES.get(name, {})
    return {field: changes[field] for field in _INFO if field in changes}


def _changed_data() -> Json:
    data = read_data()
    nodes = {name: _changed(entry, CHANGES.get(name, {})) for name, entry in data["nodes"].items()}
    return {**data, "nodes": nodes}


def _changed(entry: Json, changes: Json) -> Json:
    changed: dict[str, Any] = dict(entry)
    for part, value in changes.items():
        if part == "outputs":
            changed[part] = value
        elif part not in _INFO:
            changed[part] = {**entry.get(part, {}), **value}
    return changed
