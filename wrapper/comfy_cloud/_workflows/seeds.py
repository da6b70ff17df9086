"""Seeds: which inputs of a node they are, and how large they may be.

Pure: random numbers come from the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .input_specs import NodeFacts, input_specs

# Nodes differ in how large a seed they accept; nearly all of them accept this.
LARGEST_SEED = 2**31 - 1
_LONGEST_TEXT = 20  # digits of 2**64


def is_seed(name: str, value: object) -> bool:
    """Whether an input is a seed with a value of its own: an integer, perhaps as text."""
    # The inputs of a chosen option are called option.seed.
    last = name.rpartition(".")[2]
    if last != "seed" and not last.endswith("_seed"):
        return False
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT and value.isascii() and value.isdigit()
    return type(value) is int


def seed_range(node: Mapping[str, Any], name: str, object_info: Mapping[str, NodeFacts]) -> tuple[int, int]:
    """The smallest and the largest seed to draw for an input, within what its class takes."""
    known = object_info.get(node["class_type"])
    spec = dict(input_specs(known, node["inputs"])).get(name) if known is not None else None
    least, most = 0, LARGEST_SEED
    if spec is not None:
        low, high = spec.options.get("min"), spec.options.get("max")
        least = max(least, low) if isinstance(low, int) else least
        most = min(most, high) if isinstance(high, int) else most
    return (least, most) if least <= most else (0, LARGEST_SEED)
