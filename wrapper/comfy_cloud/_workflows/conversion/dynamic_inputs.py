"""Inputs that depend on a value, on links, or on the type of what is connected. Pure.

The inputs of the chosen option of a dynamic combo are named "combo.part". A group that grows with
its links has inputs "group.name0", "group.name1", .... Inputs of one match type take the type of
what is connected to any of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from comfy_cloud_catalogue.declarations import InputSpec, input_specs
from comfy_cloud_catalogue.dynamic import (
    AUTOGROW,
    DYNAMIC_COMBO,
    MATCH_TYPE,
    Growth,
    growth_of,
    match_type_of,
    options_of,
)

from .editor_values import MISSING, are_compatible, as_text, common_type, is_true, item
from .links import disconnect_input, origin_of, remove_input, target_of
from .model import SUBGRAPH_OUTPUT, Input, Link, Node, Output, Widget
from .widgets import MAKERS, add_widget, has_widget

if TYPE_CHECKING:
    from .editor_state import Editor

# How many nodes a change of type may pass through. It only matters where nodes are bypassed.
_MOST_PASSED = 200


def add_inputs(editor: Editor, node: Node, specs: list[InputSpec]) -> None:
    """Give a new node its slots and then its widgets."""
    for spec in specs:
        add_socket(editor, node, spec)
    for spec in specs:
        add_input_widget(editor, node, spec)


def add_socket(editor: Editor, node: Node, spec: InputSpec) -> None:
    """Add the slot of an input that has no widget."""
    if has_widget(spec.widget_type) and not spec.is_forced:
        return
    if spec.type == AUTOGROW:
        _add_autogrow(editor, node, spec)
    elif spec.type == MATCH_TYPE:
        _add_match_type(editor, node, spec)
    else:
        node.inputs.append(Input(spec.name, spec.type))


def add_input_widget(editor: Editor, node: Node, spec: InputSpec) -> None:
    """Add the widgets of an input, and the slot beside them."""
    if spec.is_forced or not has_widget(spec.widget_type):
        return
    add_widget(editor, node, spec)
    node.inputs.append(Input(spec.name, spec.type, widget=spec.name, spec=spec))


def _add_input(editor: Editor, node: Node, spec: InputSpec) -> None:
    editor.depth += 1
    if editor.depth < 20:
        add_socket(editor, node, spec)
        add_input_widget(editor, node, spec)
    editor.depth -= 1


# Dynamic combos


def make_dynamic_combo(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    """Add a combo that decides which other inputs the node has."""
    options = {as_text(option.key): option.inputs for option in options_of(spec)}
    choices = list(options)
    combo = node.add_widget(Widget(spec.name, "combo", choices[0] if choices else MISSING, choices=choices))

    def change(value: Any) -> None:
        _show_option(editor, node, combo, options.get(as_text(value)) if is_true(value) else None)

    combo.on_change = change
    change(combo.value)
    return combo


MAKERS[DYNAMIC_COMBO] = make_dynamic_combo


def _show_option(editor: Editor, node: Node, combo: Widget, inputs: object) -> None:
    group = f"{combo.name}."
    editor.spend(10 + len(node.inputs) + len(node.widgets), node)
    removed = [input for input in node.inputs if input.name.startswith(group)]
    node.inputs[:] = [input for input in node.inputs if not input.name.startswith(group)]
    for widget in node.widgets:
        if widget.name.startswith(group):
            node.forget(widget)
    node.widgets[:] = [widget for widget in node.widgets if not widget.name.startswith(group)]
    if inputs is None:
        return
    behind = next((at for at, widget in enumerate(node.widgets) if widget is combo), -1) + 1
    first_widget, first_input = len(node.widgets), len(node.inputs)
    specs = input_specs(inputs, group)
    # Each of the inputs is looked for among all.
    editor.spend(len(specs) * (10 + (len(specs) + len(node.inputs)) // 4), node)
    for spec in specs:
        _add_input(editor, node, spec)
    added_widgets = node.widgets[first_widget:]
    del node.widgets[first_widget:]
    node.widgets[behind:behind] = added_widgets
    behind = node.input_index(combo.name) + 1
    if behind == 0:  # the combo is new, and gets its own slot a moment later
        return
    added: list[Input] = []
    tail = node.inputs[first_input:]
    del node.inputs[first_input:]
    for input in tail:
        existing = node.input_index(input.name)
        added.append(node.inputs.pop(existing) if existing != -1 else input)
    _insert(node, behind, added)
    for input in removed:
        position = node.input_index(input.name)
        if position == -1:
            node.inputs.append(input)
            remove_input(editor, node, len(node.inputs) - 1)
            continue
        node.inputs[position].link = input.link
        link = node.graph.link(input.link) if input.link and node.graph is not None else None
        if link is not None:
            link.target_slot = position
            input_changed(editor, node, position, link, True)


def _insert(node: Node, position: int, inputs: list[Input]) -> None:
    """Insert inputs, and let the links of all behind them name their new positions."""
    node.inputs[position:position] = inputs
    for at in range(position, len(node.inputs)):
        link = node.graph.link(node.inputs[at].link) if node.graph is not None else None
        if link is not None:
            link.target_slot = at


# Groups that grow


def _add_autogrow(editor: Editor, node: Node, spec: InputSpec) -> None:
    group = growth_of(spec)
    if group is None:
        return
    node.autogrow[spec.name] = group
    for ordinal in range(max(1, group.least + 1)):
        _grow(editor, node, spec.name, ordinal)


def _grow(editor: Editor, node: Node, group_name: str, ordinal: int) -> None:
    group = node.autogrow[group_name]
    if ordinal >= group.most or not group.specs:
        return
    editor.spend((len(group.specs) + 1) * (10 + len(node.inputs) // 2), node)
    added: list[Input] = []
    for spec in group.specs:
        _add_input(editor, node, spec._replace(name=f"{group_name}.{group.part_name(ordinal, spec.name)}"))
        if node.inputs:
            added.append(node.inputs.pop())
            if len(group.specs) != 1:
                _ensure_widget(node, added[-1])
    for input in added:
        for existing in [one for one in node.inputs if one.name == input.name]:
            if input.link is None:
                input.link = existing.link
            node.inputs[:] = [one for one in node.inputs if one is not existing]
    before = f"{group_name}.{group.part_name(ordinal - 1, group.specs[-1].name)}"
    positions = [at for at, one in enumerate(node.inputs) if one.name.startswith(before)]
    _insert(node, positions[-1] + 1 if positions else len(node.inputs), added)


def _ensure_widget(node: Node, input: Input) -> None:
    if input.widget is not None and any(widget.name == input.widget for widget in node.widgets):
        return
    node.add_widget(Widget(input.name, "shim", is_saved=False))
    input.widget = input.name


def _ordinal(group_name: str, group: Growth, input_name: str) -> int | None:
    name = input_name[len(group_name) + 1 :]
    if group.names is not None:
        return group.names.index(name) if name in group.names else None
    match = re.search(r"[0-9]{1,9}\Z", name)
    return int(match[0]) if match else None


def _autogrow_changed(
    editor: Editor, node: Node, position: int, link: Link | None, *, is_connected: bool
) -> None:
    input = node.inputs[position]
    group_name = input.name.rpartition(".")[0] if "." in input.name else input.name[:-1]
    group = node.autogrow.get(group_name)
    if group is None:
        return
    if editor.is_restoring and input.widget is not None:
        _ensure_widget(node, input)
    if not is_connected:
        editor.later.append(lambda: _shrink(editor, node, position))
    elif link is not None:
        ordinal = _ordinal(group_name, group, input.name)
        last = next(one for one in reversed(node.inputs) if one.name.startswith(f"{group_name}."))
        is_last = ordinal == _ordinal(group_name, group, last.name)
        if ordinal is not None and (is_last or editor.is_restoring):
            _grow(editor, node, group_name, ordinal + 1)


def _shrink(editor: Editor, node: Node, position: int) -> None:
    """Close the gap that a removed link left, and remove inputs that are not needed."""
    input = item(node.inputs, position)
    if input is None:
        return
    group_name = input.name.rpartition(".")[0] if "." in input.name else input.name[:-1]
    group = node.autogrow.get(group_name)
    if group is None:
        return
    ordinal, stride = _ordinal(group_name, group, input.name), len(group.specs)
    if ordinal is None or ordinal + 1 < group.least or not stride:
        return
    editor.spend(4 * len(node.inputs), node)
    members = [
        one
        for one in node.inputs
        if one.name.startswith(f"{group_name}.") and one.name.rfind(".") == len(group_name)
    ]
    if stride + position >= len(node.inputs) or len(members) % stride:
        return
    for column in range(stride):
        for at in range(ordinal * stride + column, len(members) - stride, stride):
            current = members[at]
            current.link = members[at + stride].link
            link = node.graph.link(current.link) if node.graph is not None and current.link else None
            if link is not None:
                link.target_slot = node.inputs.index(current)
                input_changed(editor, node, link.target_slot, link, True)
        members[column - stride].link = None
    checked = members[group.least * stride :]
    at = len(checked) - stride
    while at >= 0 and not any(one.link for one in checked[at : at + stride]):
        at -= stride
    for gone in checked[at + stride * 2 :] if at + stride * 2 >= 0 else []:
        node.inputs[:] = [one for one in node.inputs if one is not gone]
        if gone.widget is not None:
            node.widgets[:] = [widget for widget in node.widgets if widget.name != gone.widget]


# Inputs that take the type of what is connected


def _add_match_type(editor: Editor, node: Node, spec: InputSpec) -> None:
    match_type = match_type_of(spec)
    if match_type is None:
        return
    key, allowed = match_type
    _add_input(editor, node, spec._replace(type=allowed))
    node.match_types.setdefault(key, {})[spec.name] = allowed
    position = len(node.inputs) - 1

    def settle() -> None:
        input = item(node.inputs, position)
        if input is not None:
            link = node.graph.link(input.link) if node.graph is not None and input.link else None
            input_changed(editor, node, position, link, bool(input.link))

    editor.later.append(settle)


def _match_changed(
    editor: Editor, node: Node, position: int, link: Link | None, *, is_connected: bool
) -> None:
    input, graph = node.inputs[position], node.graph
    if graph is None or editor.is_restoring:
        return
    found = next(((key, group) for key, group in node.match_types.items() if input.name in group), None)
    if found is None:
        return
    key, group = found
    if is_connected and link is not None:
        _, output = origin_of(graph, link)
        if output is not None and output.type:
            link.type = output.type
    members = [one for one in node.inputs if one.name in group]
    editor.spend(len(node.inputs) + len(members) * len(members), node)
    connected: list[object] = []
    for one in members:
        own = graph.link(one.link) if one.link else None
        output = origin_of(graph, own)[1] if own is not None else None
        connected.append(output.type if output is not None else "*")
    for at, one in enumerate(members):
        combined = common_type([*connected[:at], *connected[at + 1 :], group[one.name]])
        if combined is None:
            return
        one.type = combined
    type = common_type(connected)
    if type is None:
        return
    groups = node.cls.match_groups if node.cls is not None else []
    for at, output in enumerate(node.outputs):
        if at < len(groups) and groups[at] == key:
            _change_type(editor, node, output, type)


def _change_type(editor: Editor, node: Node, output: Output, type: str) -> None:
    graph = node.graph
    if output.type == type:
        return
    output.type = type
    at = 0
    while graph is not None and at < len(output.links):
        link = graph.links.get(output.links[at])
        at += 1
        if link is None:
            continue
        target, input = target_of(graph, link)
        boundary = item(graph.outputs, link.target_slot) if link.target_id == SUBGRAPH_OUTPUT else None
        end: Any = boundary or input
        if end is None or not end.type:
            continue
        keeps = are_compatible(type, end.type)
        if not keeps and boundary is not None:
            for id in boundary.link_ids:
                graph.links.pop(id, None)
            boundary.link_ids = []
        elif not keeps and target is not None:
            disconnect_input(editor, target, link.target_slot)
        if input is not None and target is not None and boundary is None:
            input_changed(editor, target, link.target_slot, link, keeps)


def input_changed(editor: Editor, node: Node, position: int, link: Link | None, is_connected: bool) -> None:
    """Let a node follow a change of what is connected to one of its inputs."""
    if (not node.autogrow and not node.match_types) or editor.depth > _MOST_PASSED:
        return
    if item(node.inputs, position) is None:
        return
    editor.depth += 1
    try:
        if node.autogrow:
            _autogrow_changed(editor, node, position, link, is_connected=is_connected)
        if node.match_types and item(node.inputs, position) is not None:
            _match_changed(editor, node, position, link, is_connected=is_connected)
    finally:
        editor.depth -= 1
