"""Primitive nodes: a value that is written into the widgets that it is connected to. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from comfy_cloud_catalogue.declarations import InputSpec

from ...errors import ConfigurationError
from .editor_values import MISSING, as_number, is_true, item
from .hosts import declared_spec
from .model import Graph, Input, Node, Widget
from .texts import fill_in
from .widgets import add_controls, add_widget, apply_callback, has_widget

if TYPE_CHECKING:
    from .editor_state import Editor

_REPLACE = "Run widget replace on values"
_IGNORED = (
    "default",
    "forceInput",
    "defaultInput",
    "control_after_generate",
    "multiline",
    "tooltip",
    "dynamicPrompts",
)


def restore_primitive(editor: Editor, node: Node) -> None:
    """Make the widget of a primitive node like the first one that it leads to."""
    graph = node.graph
    if graph is None or not node.outputs or not node.outputs[0].links or node.widgets:
        return
    link = graph.links.get(node.outputs[0].links[0])
    target = graph.by_id.get(link.target_id) if link is not None else None
    input = item(target.inputs, link.target_slot) if target is not None and link is not None else None
    if target is None or input is None:
        return
    if input.widget is not None:
        spec = declared_spec(input)
    elif has_widget(input.type):
        spec = InputSpec(input.name, str(input.type), {})
    else:
        return
    if spec is None:
        return
    node.outputs[0].type = spec.type
    _make_widget(editor, node, target, input, spec)
    values = node.saved.values if node.saved is not None else None
    for widget, value in zip(node.widgets, values if isinstance(values, list) else [], strict=False):
        widget.set(value)
    if spec.type in ("INT", "FLOAT"):
        _narrow(editor, node, graph, target, input, spec)
        write_value(editor, node)


def _make_widget(editor: Editor, node: Node, target: Node, input: Input, spec: InputSpec) -> None:
    renamed = spec._replace(name="value")
    widget = add_widget(editor, node, renamed) if has_widget(spec.type) else None
    if widget is None:
        widget = node.add_widget(Widget("value", spec.type.lower(), None))
    theirs = target.widget(input.widget if input.widget is not None else input.name)
    if theirs is not None:
        widget.set(theirs.value)
    if not spec.options.get("control_after_generate") and widget.kind in ("number", "combo"):
        add_controls(node, InputSpec("value", spec.type, {}), with_filter=widget.kind == "combo")


def _narrow(editor: Editor, node: Node, graph: Graph, target: Node, input: Input, spec: InputSpec) -> None:
    """Narrow the range of a number to that of all inputs which it is written into."""
    current = spec
    for id in list(node.outputs[0].links):
        link = graph.links.get(id)
        other = graph.by_id.get(link.target_id) if link is not None else None
        their_input = item(other.inputs, link.target_slot) if other is not None and link is not None else None
        theirs = declared_spec(their_input) if their_input is not None and their_input.widget else None
        merged = _merged(current, theirs) if theirs is not None else None
        if merged is None:
            continue
        current = merged
        values = [widget.value for widget in node.widgets]
        node.widgets.clear()
        _make_widget(editor, node, target, input, current)
        for widget, value in zip(node.widgets, values, strict=False):
            widget.set(value)
        widget = node.widgets[0]
        least, most, value = widget.options.get("min"), widget.options.get("max"), as_number(widget.value)
        if least is not None and value < least:
            widget.set(least)
        if most is not None and as_number(widget.value) > most:
            widget.set(most)
        apply_callback(widget)


def _merged(one: InputSpec, other: InputSpec) -> InputSpec | None:
    """The range that two inputs share, None if their declarations differ in more."""
    if one.type != other.type:
        return None
    first, second = one.options, other.options
    least = max(_option(first, "min", -math.inf), _option(second, "min", -math.inf))
    most = min(_option(first, "max", math.inf), _option(second, "max", math.inf))
    if least > most:
        return None
    shared: dict[str, Any] = {"min": least, "max": most}
    shared["step"] = _common_step(_option(first, "step", 1), _option(second, "step", 1))
    first, second = {**first, **shared}, {**second, **shared}
    for name in {**first, **second}:
        if name not in _IGNORED and first.get(name) != second.get(name):
            return None
        if name not in _IGNORED and isinstance(first.get(name), (list, Mapping)):
            return None  # lists are the same to the editor only if they are one object
    return InputSpec("value", one.type, {**first, **second})


def _option(options: Mapping[str, Any], name: str, fallback: Any) -> Any:
    value = options.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else fallback


def _common_step(one: Any, other: Any) -> Any:
    """The least common multiple."""
    if one == other:
        return one
    if isinstance(one, int) and isinstance(other, int):
        return math.lcm(one, other)
    first, second = one, other
    for _ in range(1000):
        if not second:
            break
        first, second = second, math.fmod(first, second)
    return abs(one * other) / first if first else one


def write_value(editor: Editor, node: Node) -> None:
    """Write the value of a primitive node into the widgets that it is connected to directly."""
    graph = node.graph
    if graph is None or not node.outputs or not node.widgets:
        return
    value = node.widgets[0].value
    if is_true(value) and is_true(node.properties.get(_REPLACE)):
        if isinstance(value, str):
            value = fill_in(editor, value)
        elif editor.strict:
            raise ConfigurationError(
                f"The value of {node.described} must be text to {_REPLACE!r}: the editor fails on it"
            )
    for id in node.outputs[0].links:
        link = graph.links.get(id)
        target = graph.by_id.get(link.target_id) if link is not None else None
        input = item(target.inputs, link.target_slot) if target is not None and link is not None else None
        if target is None or input is None or input.widget is None:
            continue
        widget = target.widget(input.widget)
        if widget is None:
            continue
        widget.set(value)
        if target.definition is None and widget.value is not MISSING:
            apply_callback(widget)
