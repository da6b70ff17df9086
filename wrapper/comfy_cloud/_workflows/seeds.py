"""Seeds: which inputs of a node they are, and how large they may be.

Pure: random numbers come from the caller.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from comfy_cloud_catalogue.declarations import NodeFacts

# Nodes differ in how large a seed they accept; nearly all of them accept this.
LARGEST_SEED = 2**31 - 1
# Up to the digits of 2**64. A server ignores spaces around a number.
_TEXT = re.compile(r"\s*[0-9]{1,20}\s*", re.ASCII)


def is_seed(name: str, value: object) -> bool:
    """Whether an input is a seed with a value of its own: an integer, perhaps as text or float."""
    # The inputs of a chosen option are called option.seed.
    last = name.rpartition(".")[2].lower()
    if last != "seed" and not last.endswith("_seed"):
        return False
    if isinstance(value, Mapping) and "__value__" in value:
        value = value["__value__"]
    if isinstance(value, str):
        return _TEXT.fullmatch(value) is not None
    return type(value) is int or (type(value) is float and value.is_integer())


def seed_range(node: Mapping[str, Any], name: str, object_info: Mapping[str, NodeFacts]) -> tuple[int, int]:
    """The smallest and the largest seed to draw for an input, within what its class takes."""
    from comfy_cloud_catalogue.unfolding import node_inputs

    known = object_info.get(node["class_type"])
    spec = node_inputs(known, node["inputs"]).get(name) if known is not None else None
    low, high = (_whole(spec.options.get(end)) if spec is not None else None for end in ("min", "max"))
    least = max(0, low) if low is not None else 0
    most = min(LARGEST_SEED, high) if high is not None else LARGEST_SEED
    if least > most:  # the node takes only seeds outside of the usual range
        least = low if low is not None else (high or 0) - LARGEST_SEED
        most = high if high is not None else least + LARGEST_SEED
    return (least, most) if least <= most else (0, LARGEST_SEED)


def _whole(limit: object) -> int | None:
    """A limit as an integer, which servers also write as a float; None if there is none."""
    if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not math.isfinite(limit):
        return None
    return int(limit)


def put_seeds(graph: Mapping[str, Any], seeds: Mapping[str, int]) -> dict[str, int]:
    """Set seeds by "id.input" in a graph; returns those that were set.

    Seeds for inputs that do not exist are left out.
    """
    put: dict[str, int] = {}
    for node_id, node in graph.items():
        for name in node["inputs"]:
            if f"{node_id}.{name}" in seeds:
                node["inputs"][name] = put[f"{node_id}.{name}"] = seeds[f"{node_id}.{name}"]
    return put
