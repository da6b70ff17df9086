"""Which types fit each other, and which values name models."""

from __future__ import annotations

from typing import Final, TypeGuard

from .declarations import COMBO, UNREADABLE, InputSpec, OutputSpec

WIDGET_TYPES: Final = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", COMBO})
"""The types of plain values, which every server has."""
MODEL_ENDINGS: Final = (
    ".safetensors", ".sft", ".ckpt", ".pt", ".pt2", ".pth", ".bin", ".gguf", ".onnx", ".pkl",
)  # fmt: skip
"""How the names of model files end."""


def names_model(value: object) -> TypeGuard[str]:
    """Whether a value is the name of a model file."""
    return isinstance(value, str) and value.lower().endswith(MODEL_ENDINGS)


def have_common_type(given: str, wanted: str) -> bool:
    """Whether a link may connect two types, each of which may be several with commas between."""
    kinds, takes = ({each.strip() for each in kind.split(",")} for kind in (given, wanted))
    is_any = any(each in ("*", UNREADABLE) or each.startswith("COMFY_") for each in kinds | takes)
    return is_any or bool(kinds & takes)


def fits(output: OutputSpec, spec: InputSpec) -> bool:
    """Whether a server accepts a link from the output to the input.

    Choices that stand where the type is are compared as a whole: they fit only equal ones, and *.
    """
    if output.type == UNREADABLE:
        return True
    if spec.is_listed:
        return output.type == "*" or output.choices == spec.choices
    return have_common_type(output.type, spec.type)
