"""Inputs that stand for others, which depend on values and links: what they declare.

The rules are those of ComfyUI 0.30 (`comfy_api/latest/_io.py`) and of its editor. In a graph the
others are named name.part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from .declarations import InputSpec, input_specs, items

DYNAMIC_COMBO: Final = "COMFY_DYNAMICCOMBO_V3"
"""A choice that has the inputs of the chosen option."""
DYNAMIC_SLOT: Final = "COMFY_DYNAMICSLOT_V3"
"""A slot that has some more inputs once it is linked."""
AUTOGROW: Final = "COMFY_AUTOGROW_V3"
"""A group that has as many inputs of one kind as are needed."""
MATCH_TYPE: Final = "COMFY_MATCHTYPE_V3"
"""An input that takes the type of what is connected to any of its group."""
MOST_GROWN: Final = 100
"""Inputs that one group may grow to, as in ComfyUI."""


class Option(NamedTuple):
    """An option of a dynamic combo, and the inputs that it adds, by their groups."""

    key: Any
    inputs: object


class Growth(NamedTuple):
    """How a group grows: by steps of one or more inputs, at most `most` of them.

    `declared_least` is None where the declaration does not say how many there are at least.
    """

    declared_least: int | None
    most: int
    specs: list[InputSpec]
    prefix: str
    names: list[str] | None

    @property
    def least(self) -> int:
        """The steps that the editor shows at least."""
        return 1 if self.declared_least is None else self.declared_least

    def part_name(self, ordinal: int, key: str) -> str:
        """The editor's name of the input `key` in a step; a list of names may be too short."""
        if self.names is not None:
            return self.names[ordinal] if 0 <= ordinal < len(self.names) else "undefined"
        return f"{self.prefix if len(self.specs) == 1 else key}{ordinal}"


class MatchType(NamedTuple):
    """The group that an input shares its type with, and the types that are allowed."""

    group: str
    allowed: str


def is_dynamic(type: str) -> bool:
    """Whether an input of this type stands for others."""
    return type in (DYNAMIC_COMBO, DYNAMIC_SLOT, AUTOGROW)


def is_unknown_dynamic(type: str) -> bool:
    """Whether an input is dynamic in a way that is not known here, so that it cannot be judged."""
    return type.startswith("COMFY_") and not is_dynamic(type) and "MATCHTYPE" not in type


def options_of(spec: InputSpec) -> list[Option]:
    """The options of a dynamic combo."""
    return [
        Option(option.get("key"), option.get("inputs"))
        for option in items(spec.options.get("options"))
        if isinstance(option, Mapping)
    ]


def choices_of(spec: InputSpec) -> list[Any] | None:
    """The values that an input may have: its choices, or the keys of its options."""
    if spec.type == DYNAMIC_COMBO:
        return [option.key for option in options_of(spec)]
    return spec.choices


def slot_of(spec: InputSpec) -> InputSpec:
    """The slot of a dynamic slot itself."""
    type = spec.options.get("slotType")
    return spec._replace(type=type if isinstance(type, str) else "*", is_optional=True)


def growth_of(spec: InputSpec) -> Growth | None:
    """How a group grows; None if its template is not readable."""
    template = spec.options.get("template")
    if not isinstance(template, Mapping):
        return None
    listed = template.get("names")
    names = [str(name) for name in listed] if isinstance(listed, (list, tuple)) else None
    most = _count(template.get("max"))
    return Growth(
        _count(template.get("min")),
        len(names) if names is not None else MOST_GROWN if most is None else most,
        input_specs(template.get("input")),
        str(template.get("prefix") or ""),
        names,
    )


def _count(value: object) -> int | None:
    return min(value, MOST_GROWN) if isinstance(value, int) and not isinstance(value, bool) else None


def match_type_of(spec: InputSpec) -> MatchType | None:
    """The match type of an input; None if its template is not readable."""
    template = spec.options.get("template")
    group = template.get("template_id") if isinstance(template, Mapping) else None
    allowed = template.get("allowed_types") if isinstance(template, Mapping) else None
    return MatchType(group, allowed) if isinstance(group, str) and isinstance(allowed, str) else None
