"""The inputs and outputs that a node class declares.

A declaration of an input is [type, options], where the type may be a list of choices. The newer
form of that list is the type COMBO with the choices in its options. What is not a declaration is
left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, Protocol

COMBO: Final = "COMBO"
UNREADABLE: Final = "UNKNOWN"
"""The type of an input whose declaration names none."""
GROUPS: Final = ("required", "optional")
ALL_GROUPS: Final = (*GROUPS, "hidden")
UPLOADS_OF_IMAGES: Final = ("image_upload", "video_upload", "animated_image_upload")
"""Options of a choice that takes uploaded images and videos."""


class NodeFacts(Protocol):
    """A node class: a mapping as the server sends it, or a model that has `get` too."""

    def get(self, name: str, /) -> Any:
        """The value of a field, or None."""


class InputSpec(NamedTuple):
    """An input of a class: its type (COMBO for a list of choices) and its options.

    `choices` is None for other types, and for a COMBO that lists none. `is_listed` is True if the
    choices stand where the type is, as in older classes.
    """

    name: str
    type: str
    options: Mapping[str, Any]
    choices: list[Any] | None = None
    is_optional: bool = False
    is_listed: bool = False

    @property
    def widget_type(self) -> str:
        """The type of widget that the editor shows for it, if there is such a widget."""
        other = self.options.get("widgetType")
        return other if isinstance(other, str) and other else self.type

    @property
    def is_forced(self) -> bool:
        """Whether the editor shows a slot although the type has a widget."""
        return bool(self.options.get("forceInput"))

    @property
    def takes_several(self) -> bool:
        """Whether a value may be a list of several choices."""
        return bool(self.options.get("multiselect"))

    @property
    def is_remote(self) -> bool:
        """Whether the editor fetches the choices later, so that the declaration lacks them."""
        return bool(self.options.get("remote"))

    @property
    def takes_uploads(self) -> bool:
        """Whether the choices are files that users upload."""
        return any(name.endswith("upload") and bool(on) for name, on in self.options.items())

    @property
    def completes_choices(self) -> bool:
        """Whether the node may complete the choices: a COMBO with an empty list."""
        return self.choices == [] and not self.is_listed

    @property
    def declaration(self) -> list[Any]:
        """The input as a server declares it, with its options even if there are none."""
        return [self.choices if self.is_listed else self.type, self.options]


class OutputSpec(NamedTuple):
    """An output of a class.

    `choices` is a list of choices that stands where the type is. `match_group` is the id of the
    match type that it has.
    """

    name: str
    type: str
    choices: list[Any] | None = None
    is_list: bool = False
    match_group: Any = None


def input_spec(name: str, declaration: object, *, is_optional: bool = False) -> InputSpec | None:
    """The input that a declaration describes; None if it is not one."""
    parts = items(declaration)
    if not parts:
        return None
    type = parts[0]
    options = parts[1] if len(parts) > 1 and isinstance(parts[1], Mapping) else {}
    if isinstance(type, (list, tuple)):
        return InputSpec(name, COMBO, options, list(type), is_optional, is_listed=True)
    if type == COMBO:
        listed = options.get("options")
        choices = list(listed) if isinstance(listed, (list, tuple)) else None
        return InputSpec(name, COMBO, options, choices, is_optional)
    return InputSpec(name, type if isinstance(type, str) else UNREADABLE, options, None, is_optional)


def input_specs(declared: object, prefix: str = "", groups: Iterable[str] = GROUPS) -> list[InputSpec]:
    """The inputs of {"required": ..., "optional": ...}, group by group."""
    found: list[InputSpec] = []
    for group in groups:
        members = declared.get(group) if isinstance(declared, Mapping) else None
        for name, declaration in members.items() if isinstance(members, Mapping) else ():
            spec = input_spec(f"{prefix}{name}", declaration, is_optional=group != "required")
            if spec is not None:
                found.append(spec)
    return found


def in_order(specs: Mapping[str, InputSpec], order: object) -> list[InputSpec]:
    """The inputs by a class's `input_order`; those that it does not name come last."""
    if not isinstance(order, Mapping):
        return list(specs.values())
    listed: dict[str, InputSpec] = {}
    for group in GROUPS:
        for name in items(order.get(group)):
            spec = specs.get(name) if isinstance(name, str) else None
            if spec is not None and spec.is_optional == (group == "optional"):
                listed[spec.name] = spec
    return [*listed.values(), *(spec for name, spec in specs.items() if name not in listed)]


def output_specs(known: NodeFacts) -> list[OutputSpec] | None:
    """The outputs of a class; None if it does not list them."""
    types = known.get("output")
    if not isinstance(types, (list, tuple)):
        return None
    names, lists = items(known.get("output_name")), items(known.get("output_is_list"))
    groups = items(known.get("output_matchtypes"))
    return [
        _output(type, _at(names, at), is_list=_at(lists, at) is True, match_group=_at(groups, at))
        for at, type in enumerate(types)
    ]


def _output(type: object, name: object, *, is_list: bool, match_group: object) -> OutputSpec:
    choices = list(type) if isinstance(type, (list, tuple)) else None
    kind = COMBO if choices is not None else type if isinstance(type, str) else UNREADABLE
    return OutputSpec(str(name) if name else "", kind, choices, is_list, match_group)


def _at(values: list[Any], position: int) -> Any:
    return values[position] if position < len(values) else None


def items(value: object) -> list[Any]:
    """A list of a declaration; empty for anything else."""
    return list(value) if isinstance(value, (list, tuple)) else []
