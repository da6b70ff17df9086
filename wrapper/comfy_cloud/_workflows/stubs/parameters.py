"""The inputs of a class as parameters of a function, and the classes of the options among them.

An input with a declared default has that default, since servers do not fill it in. Without one it
has to be given; an optional input is then left out. Which inputs an option of a dynamic choice adds
depends on the option, so each such option is a class, inside that of the node.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from comfy_cloud_catalogue.declarations import COMBO, InputSpec, input_specs
from comfy_cloud_catalogue.dynamic import (
    AUTOGROW,
    DYNAMIC_COMBO,
    DYNAMIC_SLOT,
    MOST_GROWN,
    Option,
    growth_of,
    options_of,
    slot_of,
)
from comfy_cloud_catalogue.unfolding import MOST_LEVELS

from .annotations import ANYTHING, Aliases
from .identifiers import camel_case, identifiers, unused
from .literals import doc_line, json_literal, text_literal, value_literal

_RESERVED: Final = ("self", "super", "value")
_LONGEST_NOTE: Final = 300


class Parameter(NamedTuple):
    """An input: `python` is the parameter, `value` what the node gets under `name`.

    `default` is None if it has to be given.
    """

    name: str
    python: str
    annotation: str
    default: str | None
    value: str
    note: str


class _Typed(NamedTuple):
    """Annotation and default, and what the node gets: these texts with the parameter between."""

    annotation: str
    default: str | None
    value: tuple[str, ...] = ("", "")


class Parameters:
    """The parameters of the class `owner`. `nested` are the lines of the classes of its options."""

    def __init__(self, owner: str, aliases: Aliases, nested_names: set[str]) -> None:
        self._owner = owner
        self._aliases = aliases
        self._taken = nested_names
        self.nested: list[str] = []

    def of(self, specs: Iterable[InputSpec], path: str = "", level: int = 1) -> list[Parameter]:
        """The parameters for some inputs; `path` names the option that they belong to."""
        by_name = {spec.name: spec for spec in specs}
        found: list[Parameter] = []
        for name, python in identifiers(by_name, "input", _RESERVED).items():
            typed = self._typed(by_name[name], f"{path}_{python}" if path else python, level)
            note = _note(by_name[name], python)
            found.append(
                Parameter(name, python, typed.annotation, typed.default, python.join(typed.value), note)
            )
        return found

    def _typed(self, spec: InputSpec, path: str, level: int) -> _Typed:
        left_out = "None" if spec.is_optional else None
        if level > MOST_LEVELS:
            return _Typed(_or_none(ANYTHING, left_out), left_out)
        if spec.type == DYNAMIC_COMBO:
            return self._dynamic_combo(spec, path, level)
        if spec.type == DYNAMIC_SLOT:
            return self._dynamic_slot(spec, path, level)
        if spec.type == AUTOGROW:
            return self._group(spec, path, level)
        annotation = self._aliases.input(spec)
        default = default_of(spec, annotation)
        if default is not None and isinstance(spec.options.get("default"), (list, Mapping)):
            return _Typed(_or_none(annotation, "None"), "None", ("_g.or_default(", f", {default})"))
        default = left_out if default is None else default
        return _Typed(_or_none(annotation, default), default)

    def _dynamic_combo(self, spec: InputSpec, path: str, level: int) -> _Typed:
        plain: list[Any] = []
        found: list[str] = []
        for option in options_of(spec):
            if value_literal(option.key) is None or not isinstance(option.key, (str, int)):
                continue
            if input_specs(option.inputs):
                found.append(self._option(option, path, level))
            else:
                plain.append(option.key)
        literal = self._aliases.literal(spec.name, plain)
        if literal is not None or plain:
            found.insert(0, literal or "str")
        default = spec.options.get("default")
        shown = value_literal(default) if default in plain and isinstance(default, str) else None
        shown = shown if shown is not None else "None" if spec.is_optional else None
        return _Typed(_or_none(" | ".join(found) or ANYTHING, shown), shown)

    def _option(self, option: Option, path: str, level: int) -> str:
        text = str(option.key)
        name = self._name(f"{path}_{text}")
        parameters = self.of(input_specs(option.inputs), f"{path}_{text}", level + 1)
        key = value_literal(option.key)
        head = [f'    """Of {doc_line(path)}: the option {doc_line(text[:200])}."""', ""]
        self._add(name, head, initialiser(parameters, None, f"{key}, "))
        return f"{self._owner}.{name}"

    def _dynamic_slot(self, spec: InputSpec, path: str, level: int) -> _Typed:
        annotation = self._aliases.input(slot_of(spec))
        inner = input_specs(spec.options.get("inputs"))
        if inner:
            name = self._name(path)
            head = [f'    """{doc_line(path)} with the inputs that it has once it is linked."""', ""]
            parameters = self.of(inner, path, level + 1)
            lines = initialiser(parameters, annotation, "value, ")
            self._add(name, head, lines)
            needs_all = any(not each.is_optional for each in inner)
            annotation = f"{self._owner}.{name}" if needs_all else f"{annotation} | {self._owner}.{name}"
        return _Typed(_or_none(annotation, "None"), "None")

    def _group(self, spec: InputSpec, path: str, level: int) -> _Typed:
        growth = growth_of(spec)
        parts = [part for part in growth.specs if part.type != AUTOGROW] if growth is not None else []
        if growth is None or not parts:
            return _Typed(_or_none(ANYTHING, "None"), "None")
        part = self._typed(parts[0]._replace(is_optional=False), path, level + 1).annotation
        needed = 0 if parts[0].is_optional else growth.declared_least or 0
        default = None if needed else "()"
        if growth.names is None:
            most = min(growth.most, MOST_GROWN)
            value = ("_g.grown(", f", {text_literal(growth.prefix)}, {needed}, {most})")
            return _Typed(f"_g.Several[{part}]", default, value)
        names = ", ".join(map(text_literal, growth.names[:MOST_GROWN]))
        value = ("_g.grown_by_name(", f", [{names}], {needed})")
        return _Typed(f"_g.Several[{part}] | _g.SeveralByName[{part}]", default, value)

    def _name(self, path: str) -> str:
        name = unused(camel_case(path, "Option"), self._aliases.taken | self._taken)
        self._taken.add(name)
        return name

    def _add(self, name: str, head: list[str], body: list[str]) -> None:
        lines = (f"class {name}(_g.Option):", *head, *body, "")
        self.nested += [f"    {line}" if line else "" for line in lines]


def initialiser(parameters: list[Parameter], value: str | None, before: str, after: str = "") -> list[str]:
    """The lines of `__init__`.

    Args:
        parameters: Its keyword parameters.
        value: The annotation of a positional parameter `value` before them; None without one.
        before: What the base class is called with before the inputs.
        after: What it is called with after them.
    """
    lines = ["    def __init__(", "        self,"]
    lines += [] if value is None else [f"        value: {value},", "        /,"]
    lines += ["        *,"] if parameters else []
    for each in parameters:
        default = "" if each.default is None else f" = {each.default}"
        lines.append(f"        {each.python}: {each.annotation}{default},")
    inputs = [f"            {text_literal(each.name)}: {each.value}," for each in parameters]
    return [*lines, "    ) -> None:", f"        super().__init__({before}{{", *inputs, f"        }}{after})"]


def default_of(spec: InputSpec, annotation: str) -> str | None:
    """The literal of the declared default; None if there is none that the input takes."""
    options = spec.options
    default: Any = options.get("default")
    if "default" not in options or default is None or annotation == ANYTHING:
        return None
    if spec.is_optional and spec.is_forced:
        return None  # a slot, which is empty if nothing is linked
    if spec.type == COMBO:
        listed = [choice for choice in spec.choices or () if type(choice) is type(default)]
        is_known = default in listed and not spec.takes_uploads
        return value_literal(default) if is_known and isinstance(default, (str, int)) else None
    if not _within(default, options):
        return None
    kinds = {kind.strip() for kind in spec.type.split(",")}
    if type(default) is float and kinds == {"INT"}:
        default = int(default) if default.is_integer() else None
    takes = {
        "INT": type(default) is int, "FLOAT": type(default) in (int, float), "STRING": type(default) is str,
        "BOOLEAN": type(default) is bool,
    }  # fmt: skip
    if default is None or not any(takes.get(kind, "_g.Value" in annotation) for kind in kinds):
        return None
    return json_literal(default) if isinstance(default, (list, Mapping)) else value_literal(default)


def _within(default: object, options: Mapping[str, Any]) -> bool:
    least, most = options.get("min"), options.get("max")
    if not isinstance(default, (int, float)) or isinstance(default, bool):
        return True
    is_low = isinstance(least, (int, float)) and default < least
    return not is_low and not (isinstance(most, (int, float)) and default > most)


def _or_none(annotation: str, default: str | None) -> str:
    return f"{annotation} | None" if default == "None" else annotation


def _note(spec: InputSpec, python: str) -> str:
    """What the documentation says of an input: its name if it is another, tooltip and limits."""
    said: list[str] = [] if spec.name == python else [f"The input {spec.name!r}."]
    tooltip = spec.options.get("tooltip")
    if isinstance(tooltip, str) and tooltip.strip():
        said.append(tooltip.strip()[:_LONGEST_NOTE])
    limits = [spec.options.get(end) for end in ("min", "max")]
    least, most = (value_literal(limit) if type(limit) in (int, float) else None for limit in limits)
    if least is not None and most is not None:
        said.append(f"From {least} to {most}.")
    elif least is not None or most is not None:
        said.append(f"At least {least}." if least is not None else f"At most {most}.")
    return doc_line(" ".join(said))
