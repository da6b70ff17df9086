"""The types of inputs and outputs as annotations, and the aliases that the module has for them.

Servers compare types as text, each of which may be several with commas between. So do the
annotations: an output is `Link[Literal["MODEL"]]`. See `comfy_cloud.graph_builder` for why an
output of one of two types is a link of a union, and an input that takes two is a union of links.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from comfy_cloud_catalogue.declarations import (
    COMBO,
    UNREADABLE,
    InputSpec,
    NodeFacts,
    OutputSpec,
    output_specs,
)
from comfy_cloud_catalogue.dynamic import MATCH_TYPE, match_type_of

from .identifiers import camel_case, unused
from .literals import is_unicode, text_literal

ANYTHING: Final = "_g.Anything"
_WIDGETS: Final = {
    "INT": "_g.Int", "FLOAT": "_g.Float", "STRING": "_g.String", "BOOLEAN": "_g.Boolean", COMBO: "_g.Combo",
}  # fmt: skip
_NAMED_TYPE = re.compile(r"[A-Z][A-Z0-9_]{0,60}\Z")
# Longer lists of choices get a name.
_MOST_INLINE = 6


class Aliases:
    """Names for types and lists of choices. Each is in the module once.

    Args:
        taken: The names of the module so far; names of aliases are added.
        slot_types: The types that some class of the server has as an output.
        max_choices: The longest list of choices that becomes a Literal.
    """

    def __init__(self, taken: set[str], slot_types: frozenset[str], max_choices: int) -> None:
        self.taken = taken
        self._slot_types = slot_types
        self._max_choices = max_choices
        self._types: dict[str, str] = {}
        self._choices: dict[str, str] = {}

    def lines(self) -> list[str]:
        """The assignments of all aliases that were used."""
        named = [f"{name}: _t.TypeAlias = _g.Link[_t.Literal[{text_literal(name)}]]" for name in self._types]
        choices = [f"{name}: _t.TypeAlias = {literal}" for literal, name in self._choices.items()]
        return [*sorted(named), *choices]

    def link(self, type: str) -> str:
        """A link of one type."""
        if type in self._types:
            return type
        if _NAMED_TYPE.match(type) and type not in self.taken:
            self.taken.add(type)
            self._types[type] = type
            return type
        return f"_g.Link[_t.Literal[{text_literal(type)}]]"

    def output(self, spec: OutputSpec, allowed: str | None) -> str:
        """The link that an output is; `allowed` are the types of its match type."""
        if spec.choices is not None:
            names = [COMBO, _type_of_choices(spec.choices)]
            return f"_g.Link[_t.Literal[{', '.join(map(text_literal, names))}]]"
        kinds = _kinds(spec.type if allowed is None else allowed)
        if any(map(_is_any, kinds)):
            return "_g.Link[str]"
        if len(kinds) == 1:
            return self.link(kinds[0])
        return f"_g.Link[_t.Literal[{', '.join(map(text_literal, kinds))}]]"

    def input(self, spec: InputSpec) -> str:
        """The values and links that an input takes."""
        if spec.type == COMBO:
            return self._choice(spec)
        match = match_type_of(spec) if spec.type == MATCH_TYPE else None
        kinds = _kinds(spec.type if match is None else match.allowed)
        if any(map(_is_any, kinds)):
            return ANYTHING
        found = [_WIDGETS.get(kind) or self.link(kind) for kind in kinds]
        if any(kind not in _WIDGETS and self._has_widget(kind, spec) for kind in kinds):
            found.append("_g.Value")
        return " | ".join(dict.fromkeys(found))

    def literal(self, name: str, choices: Iterable[object]) -> str | None:
        """The Literal of some choices, by its alias if it is long; None if it cannot be one."""
        given = [choice for choice in choices if choice is not None]
        if len(given) > self._max_choices:
            return None
        parts = dict.fromkeys(map(_literal_part, given))
        if None in parts or not parts:
            return None
        literal = f"_t.Literal[{', '.join(map(str, parts))}]"
        if len(parts) <= _MOST_INLINE:
            return literal
        if literal not in self._choices:
            alias = unused(camel_case(name.rpartition(".")[2], "Choice"), self.taken)
            self.taken.add(alias)
            self._choices[literal] = alias
        return self._choices[literal]

    def _choice(self, spec: InputSpec) -> str:
        link = self.link(COMBO) if not spec.is_listed else self._link_of_choices(spec)
        if spec.takes_uploads:
            return f"_g.File | {link}"
        # Lists that are fetched later are not complete, and those with an empty list may not be.
        open_ended = spec.is_remote or not spec.choices
        value = (None if open_ended else self.literal(spec.name, spec.choices or ())) or "str"
        if value == "str" and not all(isinstance(choice, str) for choice in spec.choices or ()):
            value = "_g.Value"
        return f"{value} | _g.Several[{value}] | {link}" if spec.takes_several else f"{value} | {link}"

    def _link_of_choices(self, spec: InputSpec) -> str:
        type = _type_of_choices(spec.choices or [])
        # Where no output gives these choices, only one that gives anything fits.
        return f"_g.Link[_t.Literal[{text_literal(type)}]]" if type in self._slot_types else "_g.Link[str]"

    def _has_widget(self, kind: str, spec: InputSpec) -> bool:
        """Whether an input of a type of its own may be a value: no output has the type, say."""
        options = spec.options
        if "default" in options or options.get("widgetType") or options.get("socketless"):
            return True
        return kind not in self._slot_types


def slot_types(object_info: Mapping[str, NodeFacts]) -> frozenset[str]:
    """The types of all outputs of these classes."""
    found: set[str] = set()
    for name in object_info:
        known: Any = object_info.get(name)
        for spec in (output_specs(known) if hasattr(known, "get") else None) or ():
            found.update(_kinds(spec.type) if spec.choices is None else [_type_of_choices(spec.choices)])
    return frozenset(found)


def _kinds(type: str) -> list[str]:
    return list(dict.fromkeys(kind.strip() for kind in type.split(",")))


def _is_any(kind: str) -> bool:
    return kind in ("*", UNREADABLE) or kind.startswith("COMFY_") or not is_unicode(kind)


def _type_of_choices(choices: list[Any]) -> str:
    """A type for outputs that give one of these choices: only inputs with equal ones take it."""
    content = json.dumps(choices, ensure_ascii=True, default=repr)
    return f"{COMBO} {hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _literal_part(choice: object) -> str | None:
    if isinstance(choice, str):
        return text_literal(choice) if is_unicode(choice) else None
    if isinstance(choice, bool):
        return str(choice)
    return str(choice) if isinstance(choice, int) and abs(choice) < 2**64 else None
