"""Nodes: a new one of a class, and what was saved of one put into it. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .document import FRESH_ID, SavedNode, SavedSlot, id_text
from .dynamic_inputs import add_inputs
from .editor_values import MISSING, as_number, is_number
from .hosts import restore_host_inputs, restore_host_values
from .model import Graph, Input, Node, Output, Widget
from .node_classes import SAVERS, NodeClass
from .option_lists import add_option_widgets
from .widgets import CONTROL_VALUES, add_unknown_widget

if TYPE_CHECKING:
    from .editor_state import Editor

# The nodes that only the editor knows.
NOTES, REROUTE, PRIMITIVE = ("Note", "MarkdownNote"), "Reroute", "PrimitiveNode"
_TITLES = {"Note": "Note", "MarkdownNote": "Markdown Note", REROUTE: "Reroute", PRIMITIVE: "Primitive"}


_FEW_SLOTS = 256


def create_node(editor: Editor, type: str) -> Node:
    """A node as the editor makes a new one of this type."""
    if type not in editor.subgraphs and type not in _TITLES and editor.classes.get(type) is None:
        type = re.sub("[&<>\"'`=]", "", type)
    definition = editor.subgraphs.get(type)
    if definition is not None:
        return _new_host(editor, definition, type)
    if type in _TITLES:
        return _own_node(type)
    cls = editor.classes.get(type)
    if cls is None:
        node = Node(type)
        node.is_unknown = True
        return node
    return _new_node(editor, cls)


def _new_node(editor: Editor, cls: NodeClass) -> Node:
    prototype = editor.prototypes.get(cls.name)
    if prototype is None:
        made = _made_node(editor, cls)
        if made.autogrow or made.match_types or any(_is_dynamic(widget) for widget in made.widgets):
            return made
        prototype = editor.prototypes[cls.name] = made
    editor.spend(2 * len(prototype.inputs) + 2 * len(prototype.widgets), prototype)
    node = Node(cls.name, cls)
    node.title = prototype.title
    node.inputs = [
        Input(input.name, input.type, widget=input.widget, spec=input.spec) for input in prototype.inputs
    ]
    node.outputs = [Output(output.name, output.type) for output in prototype.outputs]
    node.widgets = [widget.copy() for widget in prototype.widgets]
    node.properties = dict(prototype.properties)
    return node


def _is_dynamic(widget: Widget) -> bool:
    return widget.on_change is not None or callable(widget.resolve)


def _made_node(editor: Editor, cls: NodeClass) -> Node:
    node = Node(cls.name, cls)
    node.title = cls.title
    editor.spend(10 * len(cls.ordered), node)
    add_inputs(editor, node, cls.ordered)
    node.outputs = [Output(name, type) for name, type in cls.outputs]
    for widget in node.widgets:
        if widget.options.get("dynamicPrompts"):
            widget.resolve = "prompt"
    if cls.name == "CustomCombo":
        add_option_widgets(editor, node)
    if cls.name in SAVERS:
        prefix = node.widget("filename_prefix")
        if prefix is not None:
            prefix.resolve = "name"
    else:
        node.properties["Node name for S&R"] = cls.name
    if cls.name in ("PreviewAny", "SaveText"):
        for name, kind, value in (("preview_text", "textPreview", ""), ("preview_mode", "toggle", False)):
            node.add_widget(Widget(name, kind, value, is_sent=False, is_saved=False))
    if cls.name == "WebcamCapture":
        button = node.add_widget(Widget("waiting for camera...", "button", "capture"))
        button.resolve = lambda: MISSING
    return node


def _own_node(type: str) -> Node:
    node = Node(type)
    node.title = _TITLES[type]
    node.is_virtual = True
    if type == REROUTE:
        node.inputs, node.outputs = [Input("", "*")], [Output("", "*")]
    elif type == PRIMITIVE:
        node.outputs = [Output("connect to widget input", "*")]
    else:
        node.add_widget(Widget("text", "customtext", ""))
    return node


def _new_host(editor: Editor, definition: Graph, type: str) -> Node:
    node = Node(type)
    node.title = definition.name or type
    node.is_virtual = True
    node.definition = definition
    # In the editor, the value of the last such widget is that of all: it is of no use.
    node.mixes_kinds = editor.strict
    return node


def add_node(editor: Editor, graph: Graph, node: Node, id: str | None) -> None:
    """Put a node into a graph, under a new id if its own is taken."""
    if id is None or id == "-1" or id in graph.by_id:
        if id is not None and id in graph.by_id:
            fate = (
                "the editor sends only the last one"
                if editor.strict
                else f"the second one is now {editor.last_node_id + 1}"
            )
            editor.warn(f"Two nodes have the id {id[:60]}: {fate}")
        id = editor.next_node_id()
    elif id.isascii() and id.isdigit() and len(id) < 16:
        editor.last_node_id = max(editor.last_node_id, int(id))
    node.id = id
    node.graph = graph
    graph.nodes.append(node)
    graph.by_id[id] = node
    # The editor keeps values by the ids of nodes, also where those of another graph are the same.
    other = editor.first_of_id.setdefault(id, node) if editor.strict else node
    if other is not node:
        node.share_values(other)
    elif len({widget.name for widget in node.widgets}) < len(node.widgets):
        for widget in node.widgets:
            node.bind(widget)
    if node.definition is not None:
        node.definition.hosts.append(node)


def restore_node(editor: Editor, node: Node, saved: SavedNode) -> None:
    """Put the saved slots, values and properties into a node."""
    node.saved = saved
    slots = max(len(node.inputs) + len(saved.inputs), len(saved.outputs))
    editor.spend(slots * slots // 16 if slots > _FEW_SLOTS else slots, node)
    if editor.strict and saved.raw_id is not FRESH_ID and id_text(saved.raw_id) != "-1":
        # The graph still has a node of a repeated id under its new one.
        node.id = id_text(saved.raw_id)
    node.mode = saved.mode
    for name, value in saved.properties.items():
        node.properties[name] = value
    fresh_title, node.title = node.title, saved.title or node.title
    if node.is_unknown:
        node.type, node.title = saved.type, saved.title
    if node.definition is not None:
        node.title = saved.title or fresh_title
        boundaries = len(node.definition.inputs)
        editor.spend(boundaries * boundaries // 4, node)
        restore_host_inputs(node, saved)
    elif node.cls is not None:
        _merge_inputs(node, saved)
    else:
        _overwrite_slots(node, saved)
    if node.cls is not None or node.definition is not None:
        _merge_outputs(node, saved)
    at = 0 if node.autogrow or node.match_types else len(node.inputs)
    while at < len(node.inputs):  # growing groups add inputs on the way
        link = node.graph.link(node.inputs[at].link) if node.graph is not None else None
        editor.input_changed(node, at, link, True)
        at += 1
    if node.definition is not None:
        restore_host_values(editor, node, saved)
    elif node.is_unknown:
        for value in saved.values if isinstance(saved.values, list) else ():
            add_unknown_widget(node, value)
    else:
        _restore_values(editor, node, saved)


def _merge_inputs(node: Node, saved: SavedNode) -> None:
    """The inputs of the class with their saved links, then the other saved ones."""
    by_name = {slot.name: slot for slot in saved.inputs}
    declared = {input.name for input in node.inputs}
    for input in node.inputs:
        slot = by_name.get(input.name)
        input.spec = None
        if slot is not None:
            input.link, input.label = slot.link, slot.label
    node.inputs += [_input(slot) for slot in saved.inputs if slot.name not in declared]


def _input(slot: SavedSlot) -> Input:
    input = Input(slot.name, slot.type, widget=slot.widget, link=slot.link)
    input.label = slot.label
    return input


def _overwrite_slots(node: Node, saved: SavedNode) -> None:
    inputs = [_input(slot) for slot in saved.inputs]
    node.inputs = inputs + node.inputs[len(inputs) :]
    outputs = [Output(slot.name, slot.type, list(slot.links)) for slot in saved.outputs]
    node.outputs = outputs + node.outputs[len(outputs) :]


def _merge_outputs(node: Node, saved: SavedNode) -> None:
    for at, slot in enumerate(saved.outputs):
        if at < len(node.outputs):
            node.outputs[at].links = list(slot.links)
        else:
            node.outputs.append(Output(slot.name, slot.type, list(slot.links)))


def without_forced(node: Node, values: list[Any]) -> list[Any]:
    """The values without those of inputs that had widgets in older versions of the class."""
    if node.cls is None or not node.cls.has_forced:
        return values
    names = {widget.name for widget in node.widgets}
    forced: list[bool] = []
    for spec in node.cls.declared.values():
        if spec.name in names or spec.is_forced:
            forced.append(spec.is_forced)
            if spec.options.get("control_after_generate"):
                forced.append(False)
    if len(forced) != len(values) or not any(forced):
        return values
    return [value for value, is_forced in zip(values, forced, strict=True) if not is_forced]


def _restore_values(editor: Editor, node: Node, saved: SavedNode) -> None:
    values = saved.values
    if isinstance(values, Mapping) and node.cls is not None:
        _restore_named(editor, node, values)
    elif isinstance(values, list):
        _restore_listed(editor, node, without_forced(node, values) if node.cls is not None else values)


def _restore_named(editor: Editor, node: Node, values: Mapping[str, Any]) -> None:
    by_position = editor.strict or ("0" in values and not any(one.name in values for one in node.widgets))
    at = count = 0
    while at < len(node.widgets):  # dynamic combos change the list
        widget = node.widgets[at]
        at += 1
        if by_position:
            if widget.is_saved and (editor.strict or str(count) in values):
                widget.set(values.get(str(count), MISSING))
            count += widget.is_saved
        elif widget.name in values and (widget.is_saved or widget.is_sent):
            widget.set(values[widget.name])


def _restore_listed(editor: Editor, node: Node, values: list[Any]) -> None:
    at = taken = 0
    has_skipped = False
    while at < len(node.widgets) and taken < len(values):  # dynamic combos change the list
        widget = node.widgets[at]
        at += 1
        if not widget.is_saved:
            continue
        value = values[taken]
        if not editor.strict and node.cls is not None:
            following = next((one for one in node.widgets[at:] if one.is_saved), None)
            if widget.is_control and _is_not_control(widget, value, following, has_skipped=has_skipped):
                has_skipped = True
                editor.warn(
                    f"The saved values of {node.described} have no {widget.name!r}: those behind it "
                    "were kept in their places"
                )
                continue
            has_skipped = False
            if "integer" in widget.options and value in CONTROL_VALUES and not is_number(value):
                editor.warn(
                    f"The saved values of {node.described} have a {value!r} for {widget.name!r}, which is a "
                    "number: it was left out"
                )
                taken += 1
                at -= 1
                continue
        widget.set(value)
        taken += 1


def _is_not_control(widget: Widget, value: object, following: Widget | None, *, has_skipped: bool) -> bool:
    """Whether a value is not that of a widget that changes another one after each run.

    Of a value that the editor does not know, the widget behind it decides: text before a number is
    not that number.
    """
    if widget.kind != "combo":
        return has_skipped or not isinstance(value, str)
    if isinstance(value, bool) or value in CONTROL_VALUES:
        return False
    if following is None or "integer" not in following.options:
        return True
    is_text_number = isinstance(value, str) and value.strip() != "" and not math.isnan(as_number(value))
    return is_number(value) or is_text_number
