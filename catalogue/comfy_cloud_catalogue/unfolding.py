"""The inputs that a node with certain values has: the dynamic ones of its class unfolded.

A server unfolds them this way when it checks a graph. The editor does it step by step while values
and links change, which is the business of the conversion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from .declarations import InputSpec, NodeFacts, input_specs
from .dynamic import AUTOGROW, DYNAMIC_COMBO, DYNAMIC_SLOT, MOST_GROWN, growth_of, options_of, slot_of

MOST_LEVELS: Final = 12
"""Dynamic inputs within each other; real ones are two or three deep."""


def node_inputs(known: NodeFacts, values: Mapping[str, Any]) -> dict[str, InputSpec]:
    """The inputs of a node of this class by their names in a graph."""
    return {spec.name: spec for spec in unfolded(input_specs(known.get("input")), values)}


def unfolded(specs: Iterable[InputSpec], values: Mapping[str, Any], level: int = 1) -> Iterator[InputSpec]:
    """The inputs that these stand for. A dynamic combo is among them, with its own type."""
    if level > MOST_LEVELS:
        return
    for spec in specs:
        if spec.type == DYNAMIC_COMBO:
            yield spec
            chosen = [option for option in options_of(spec) if option.key == values.get(spec.name)]
            if chosen and spec.name in values:
                yield from unfolded(input_specs(chosen[0].inputs, f"{spec.name}."), values, level + 1)
        elif spec.type == DYNAMIC_SLOT:
            yield slot_of(spec)
            if spec.name in values:
                more = input_specs(spec.options.get("inputs"), f"{spec.name}.")
                yield from unfolded(more, values, level + 1)
        elif spec.type == AUTOGROW:
            yield from unfolded(_grown(spec), values, level + 1)
        else:
            yield spec


def undecided(known: NodeFacts, values: Mapping[str, Any]) -> str | None:
    """The name of a required dynamic combo without a valid value; None if there is none.

    ComfyUI does not judge the choice itself, but a node without a valid one fails when it runs.
    """
    for spec in node_inputs(known, values).values():
        if spec.type == DYNAMIC_COMBO and not spec.is_optional:
            keys = [option.key for option in options_of(spec)]
            if values.get(spec.name) not in keys:
                return spec.name
    return None


def _grown(spec: InputSpec) -> Iterator[InputSpec]:
    """The inputs that a group may grow to; the first ones are required."""
    growth = growth_of(spec)
    # A group cannot grow itself: ComfyUI does not allow a hundred of a hundred.
    parts = [part for part in growth.specs if part.type != AUTOGROW] if growth is not None else []
    if growth is None or not parts:
        return
    part = parts[0]
    needed = 0 if part.is_optional else growth.declared_least or 0
    names = growth.names
    if names is None:
        names = [f"{growth.prefix}{number}" for number in range(growth.most)]
    for number, name in enumerate(names[:MOST_GROWN]):
        yield part._replace(name=f"{spec.name}.{name}", is_optional=number >= needed)
