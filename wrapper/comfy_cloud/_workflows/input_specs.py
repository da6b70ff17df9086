"""The inputs that a node class takes, with the dynamic ones unfolded for one node.

A dynamic input stands for others, which depend on the node's values: the inputs of the chosen
option, or as many inputs of one kind as are needed. In a graph they are written as name.part. The
rules are those of ComfyUI 0.30 (`comfy_api/latest/_io.py`).

Pure: nothing here contacts a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

# ComfyUI allows a hundred. Options within options are two or three deep.
_GROWS = "COMFY_AUTOGROW_V3"
_MOST_GROWN = 100
_MAX_DEPTH = 12


class NodeFacts(Protocol):
    """A node class: a mapping as the server sends it, or a generated model, which has `get` too."""

    def get(self, name: str, /) -> Any:
        """The value of a field, or None."""


class InputSpec(NamedTuple):
    """One input: its type or list of choices, its options, and whether it is required.

    `is_open` is True for a list of choices that the node itself completes, `is_combo` for a list
    that is declared as the type COMBO, and `unfolds` for a list that chooses among other inputs.
    """

    kind: str | list[Any]
    options: Mapping[str, Any]
    is_required: bool
    is_open: bool = False
    is_combo: bool = False
    unfolds: bool = False


def input_specs(known: NodeFacts, inputs: Mapping[str, Any]) -> Iterator[tuple[str, InputSpec]]:
    """Each input of a class by its name in a graph, for a node with these inputs."""
    yield from _group_specs(known.get("input"), inputs, "", 0)


def _group_specs(
    groups: object, inputs: Mapping[str, Any], prefix: str, depth: int
) -> Iterator[tuple[str, InputSpec]]:
    if not isinstance(groups, Mapping) or depth > _MAX_DEPTH:
        return
    for group in ("required", "optional"):
        members = groups.get(group)
        for name, raw in members.items() if isinstance(members, Mapping) else ():
            spec = _spec(raw, is_required=group == "required")
            if spec is not None:
                yield from _unfolded(f"{prefix}{name}", spec, inputs, depth + 1)


def _spec(raw: object, *, is_required: bool) -> InputSpec | None:
    parts: list[Any] = list(raw) if isinstance(raw, (list, tuple)) else []
    if not parts:
        return None
    kind = parts[0]
    options = parts[1] if len(parts) > 1 and isinstance(parts[1], Mapping) else {}
    if kind == "COMBO" and isinstance(options.get("options"), (list, tuple)):
        choices = list(options["options"])
        return InputSpec(choices, options, is_required, is_open=not choices, is_combo=True)
    if isinstance(kind, tuple):
        kind = list(kind)
    return InputSpec(kind, options, is_required) if isinstance(kind, (str, list)) else None


def _unfolded(
    name: str, spec: InputSpec, inputs: Mapping[str, Any], depth: int
) -> Iterator[tuple[str, InputSpec]]:
    if spec.kind == "COMFY_DYNAMICCOMBO_V3":
        options = [option for option in _items(spec.options.get("options")) if isinstance(option, Mapping)]
        keys = [option.get("key") for option in options]
        yield name, InputSpec(keys, {}, spec.is_required, is_combo=True, unfolds=True)
        chosen = next((option for option in options if option.get("key") == inputs.get(name)), None)
        if chosen is not None and name in inputs:
            yield from _group_specs(chosen.get("inputs"), inputs, f"{name}.", depth)
    elif spec.kind == "COMFY_DYNAMICSLOT_V3":
        slot = spec.options.get("slotType")
        yield name, InputSpec(slot if isinstance(slot, str) else "*", {}, is_required=False)
        if name in inputs:
            yield from _group_specs(spec.options.get("inputs"), inputs, f"{name}.", depth)
    elif spec.kind == _GROWS:
        for grown, part in _grown(spec.options.get("template")):
            if depth <= _MAX_DEPTH:
                yield from _unfolded(f"{name}.{grown}", part, inputs, depth + 1)
    else:
        yield name, spec


def _grown(template: object) -> Iterator[tuple[str, InputSpec]]:
    """The inputs that an input with this template may grow to; the first ones are required."""
    if not isinstance(template, Mapping) or not isinstance(template.get("input"), Mapping):
        return
    names = template.get("names")
    if not isinstance(names, (list, tuple)):
        most = template.get("max")
        count = min(most, _MOST_GROWN) if isinstance(most, int) else _MOST_GROWN
        names = [f"{template.get('prefix', '')}{number}" for number in range(count)]
    for group, members in template["input"].items():
        raw = next(iter(members.values()), None) if isinstance(members, Mapping) else None
        spec = _spec(raw, is_required=group == "required")
        if spec is None or spec.kind == _GROWS:  # a hundred of a hundred: ComfyUI does not allow it
            continue
        least = template.get("min")
        needed = least if spec.is_required and isinstance(least, int) else 0
        for number, name in enumerate(names[:_MOST_GROWN]):
            yield str(name), InputSpec(spec.kind, spec.options, number < needed, spec.is_open, spec.is_combo)
        return


def _items(value: object) -> Iterable[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def is_unknown_dynamic(kind: str | list[Any]) -> bool:
    """Whether an input is dynamic in a way that is not known here, so that it cannot be judged."""
    return isinstance(kind, str) and kind.startswith("COMFY_") and "MATCHTYPE" not in kind
