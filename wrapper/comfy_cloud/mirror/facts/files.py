"""The models and LoRAs that a graph names, by what its inputs are called and how values end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .graph import GraphNode, unwrapped

_FILE = re.compile(r"(?i)[^\x00-\x1f]*\.(safetensors|sft|gguf|ckpt|pt|pth|bin|onnx)")
_LONGEST = 500
_NO_MODEL = frozenset(("", "none", "default", "baked vae"))
# What stands before _name, or in the name of an input whose value ends like a model.
_KINDS = {
    "ckpt": "checkpoint",
    "checkpoint": "checkpoint",
    "base_ckpt": "checkpoint",
    "unet": "unet",
    "diffusion_model": "unet",
    "lora": "lora",
    "vae": "vae",
    "clip": "clip",
    "text_encoder": "clip",
    "control_net": "controlnet",
    "controlnet": "controlnet",
    "style_model": "style",
    "clip_vision": "clip_vision",
    "upscale_model": "upscale",
    "hypernetwork": "hypernetwork",
    "gligen": "gligen",
    "ipadapter": "ipadapter",
}
_NAMED = re.compile(r"(?i)([a-z_]+?)_name(_?\d+)?(_?\d+)?")
_CLASSES = (
    ("clipvision", "clip_vision"),
    ("upscale", "upscale"),
    ("controlnet", "controlnet"),
    ("lora", "lora"),
    ("vae", "vae"),
    ("unet", "unet"),
    ("checkpoint", "checkpoint"),
)
_DEEPEST = 3


class Model(NamedTuple):
    """A model that an input of a node names."""

    node_id: str
    name: str
    kind: str
    model: str


class Lora(NamedTuple):
    """A LoRA, and how much of it is applied; None when that is not known."""

    node_id: str
    name: str
    lora: str
    strength_model: float | None
    strength_clip: float | None


def models_in(nodes: Mapping[str, GraphNode]) -> list[Model]:
    """The models of a graph, in the order of its nodes."""
    return [model for node in nodes.values() for model in _models_of(node)]


def loras_in(nodes: Mapping[str, GraphNode], models: list[Model]) -> list[Lora]:
    """The LoRAs among the models of a graph."""
    return [_lora(nodes[model.node_id], model) for model in models if model.kind == "lora"]


def _models_of(node: GraphNode) -> Iterator[Model]:
    for name, value in node.inputs.items():
        if name in node.links:
            continue
        for path, text in _texts(name, unwrapped(value), 0):
            is_file = len(text) <= _LONGEST and _FILE.fullmatch(text) is not None
            kind = _kind(path, node.kind, is_file=is_file)
            if kind is not None and len(text) <= _LONGEST and text.strip().lower() not in _NO_MODEL:
                yield Model(node.id, path, kind, text)


def _texts(path: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """The texts in a value, each with its path. A row that is switched off has none."""
    if isinstance(value, str):
        yield path, value
    elif depth < _DEEPEST and isinstance(value, Mapping) and value.get("on") is not False:
        for name, part in value.items():
            yield from _texts(f"{path}.{name}", part, depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for place, part in enumerate(value):
            yield from _texts(f"{path}.{place}", part, depth + 1)


def _kind(path: str, node_class: str, *, is_file: bool) -> str | None:
    last = path.rpartition(".")[2].lower()
    named = _NAMED.fullmatch(last)
    if named is not None and named[1] in _KINDS:
        kind = _KINDS[named[1]]
        lower = node_class.lower()
        return "clip_vision" if kind == "clip" and "clipvision" in lower else kind
    if not is_file:
        return None
    for word, kind in _KINDS.items():
        if last == word or last.startswith(f"{word}_"):
            return kind
    lower = node_class.lower()
    return next((kind for word, kind in _CLASSES if word in lower), "model")


def _lora(node: GraphNode, model: Model) -> Lora:
    row, _, _ = model.name.rpartition(".")
    values: Any = node.inputs
    for part in row.split(".") if row else ():
        values = unwrapped(values)
        values = values[int(part)] if isinstance(values, list) else values.get(part, {})
    values = values if isinstance(values, Mapping) else {}
    number = re.search(r"_?\d+$", model.name) if not row else None
    end = number[0] if number else ""
    both = _number(values, f"strength{end}", f"lora_wt{end}", f"lora_strength{end}")
    of_model = _number(values, f"strength_model{end}", f"model_str{end}", f"model_strength{end}")
    of_clip = _number(values, f"strength_clip{end}", f"clip_str{end}", f"clip_strength{end}", "strengthTwo")
    return Lora(
        model.node_id,
        model.name,
        model.model,
        both if of_model is None else of_model,
        both if of_clip is None and of_model is None else of_clip,
    )


def _number(values: Mapping[str, Any], *names: str) -> float | None:
    for name in names:
        value = unwrapped(values.get(name))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            try:
                return float(value)
            except OverflowError:
                return None
    return None
