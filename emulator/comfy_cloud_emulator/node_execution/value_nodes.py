"""The nodes that produce plain values: numbers and texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from comfy_cloud_emulator.engine.failures import NODE_MESSAGES, NodeFailure
from comfy_cloud_emulator.engine.work import NodeTask

from .values import MOST_TEXT, as_text


def plain_value(task: NodeTask) -> tuple[Any, ...]:
    """PrimitiveInt and the like: the value itself."""
    return (task.inputs.get("value"),)


def string_concatenate(task: NodeTask) -> tuple[Any, ...]:
    """StringConcatenate: two texts as one."""
    first, second = (as_text(task.inputs.get(name, "")) for name in ("string_a", "string_b"))
    delimiter = as_text(task.inputs.get("delimiter", ""))
    if len(first) + len(delimiter) + len(second) > MOST_TEXT:
        # A chain of nodes that each double their text would take all memory.
        raise NodeFailure("OOMError", NODE_MESSAGES["OOMError"])
    return (f"{first}{delimiter}{second}",)


COMPUTED: Final[dict[str, Callable[[NodeTask], tuple[Any, ...]]]] = {
    "PrimitiveInt": plain_value,
    "PrimitiveFloat": plain_value,
    "PrimitiveString": plain_value,
    "PrimitiveStringMultiline": plain_value,
    "PrimitiveBoolean": plain_value,
    "StringConcatenate": string_concatenate,
}
"""The functions by node class."""
