"""Inputs that stand for others, which depend on the values of the node: ComfyUI's dynamic inputs.

In a graph the others are named name.part. A COMFY_DYNAMICCOMBO_V3 adds the inputs of the chosen
option, a COMFY_AUTOGROW_V3 as many as are needed of one kind, and a COMFY_DYNAMICSLOT_V3 some more
once it is linked. The rules are those of ComfyUI 0.30: it does not judge the choice itself, but a
node without a valid one fails when it runs (`undecided`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from comfy_cloud_emulator.state.json_values import Json, is_array, is_object

from .catalogue import Input

CHOICE: Final = "COMFY_DYNAMICCOMBO_V3"
GROWING: Final = "COMFY_AUTOGROW_V3"
SLOT: Final = "COMFY_DYNAMICSLOT_V3"
MOST_GROWN: Final = 100
"""Inputs that one input may grow to, as in ComfyUI."""
MOST_LEVELS: Final = 12
"""Dynamic inputs within each other; real ones are two or three deep."""


class ReadInput(Protocol):
    """Reads the description of one input."""

    def __call__(self, name: str, spec: Any, *, required: bool) -> Input:
        """The input that a description describes."""
        ...


def is_dynamic(kind: str) -> bool:
    """Whether an input of this type stands for others."""
    return kind in (CHOICE, GROWING, SLOT)


def expanded(inputs: Mapping[str, Input], values: Mapping[str, Any], read: ReadInput) -> dict[str, Input]:
    """The inputs of a node with these values, by their names in a graph."""
    return {each.name: each for found in inputs.values() for each in _expanded(found, values, read, 1)}


def undecided(inputs: Iterable[Input], values: Mapping[str, Any]) -> str | None:
    """The name of a required choice without a valid value, or None."""
    for each in inputs:
        if each.type == CHOICE and each.required and values.get(each.name) not in _keys(each):
            return each.name
    return None


def _expanded(found: Input, values: Mapping[str, Any], read: ReadInput, level: int) -> Iterator[Input]:
    if level > MOST_LEVELS:
        return
    if found.type == CHOICE:
        yield found
        chosen = values.get(found.name)
        options = [option for option in _options(found) if option.get("key") == chosen]
        if options and found.name in values:
            yield from _group(found.name, options[0].get("inputs"), values, read, level)
    elif found.type == SLOT:
        kind = found.options.get("slotType")
        yield replace(found, type=kind if isinstance(kind, str) else "*", required=False)
        if found.name in values:
            yield from _group(found.name, found.options.get("inputs"), values, read, level)
    elif found.type == GROWING:
        for each in _grown(found, read):
            yield from _expanded(each, values, read, level + 1)
    else:
        yield found


def _group(
    prefix: str, groups: object, values: Mapping[str, Any], read: ReadInput, level: int
) -> Iterator[Input]:
    for group in ("required", "optional"):
        named = groups.get(group) if is_object(groups) else None
        for name, spec in named.items() if is_object(named) else ():
            each = read(f"{prefix}.{name}", spec, required=group == "required")
            yield from _expanded(each, values, read, level + 1)


def _grown(found: Input, read: ReadInput) -> Iterator[Input]:
    """The inputs that an input may grow to; the first ones are required."""
    template = found.options.get("template")
    described = template.get("input") if is_object(template) else None
    if not is_object(template) or not is_object(described):
        return
    names = template.get("names")
    if not is_array(names):
        most = template.get("max")
        count = min(most, MOST_GROWN) if isinstance(most, int) else MOST_GROWN
        names = [f"{template.get('prefix', '')}{number}" for number in range(count)]
    least = template.get("min")
    for group, members in described.items():
        spec = next(iter(members.values()), None) if is_object(members) else None
        # An input that grows cannot grow itself: ComfyUI does not allow it.
        if spec is None or (is_array(spec) and spec[:1] == [GROWING]):
            continue
        needed = least if group == "required" and isinstance(least, int) else 0
        for number, name in enumerate(names[:MOST_GROWN]):
            yield read(f"{found.name}.{name}", spec, required=number < needed)
        return


def _options(found: Input) -> list[Json]:
    options = found.options.get("options")
    return [option for option in options if is_object(option)] if is_array(options) else []


def _keys(found: Input) -> list[Any]:
    return [option.get("key") for option in _options(found)]
