"""Hosts: nodes that stand for a subgraph, and the widgets of the subgraph that they show. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from comfy_cloud_catalogue.declarations import InputSpec

from .document import SavedNode
from .editor_values import MISSING, item
from .links import target_of
from .model import Boundary, Graph, Input, Node, Output, Widget

if TYPE_CHECKING:
    from .editor_state import Editor

_MOST_CHAINED = 100
_REASONS = (
    "missingSourceNode",
    "missingSourceWidget",
    "missingSubgraphInput",
    "ambiguousSubgraphInput",
    "unlinkedSourceWidget",
    "primitiveBypassFailed",
)


def restore_host_inputs(node: Node, saved: SavedNode) -> None:
    """The inputs and outputs of the subgraph, with the saved links."""
    definition = node.definition or Graph()
    by_name = {slot.name: slot for slot in saved.inputs}
    taken: set[int] = set()
    inputs: list[Input] = []
    for boundary in definition.inputs:
        input = Input(boundary.name, boundary.type)
        input.label = boundary.label
        slot = by_name.get(boundary.name)
        if slot is not None:
            input.link, input.label = slot.link, slot.label or input.label
        input.slot = _free_boundary(definition, input, taken)
        inputs.append(input)
    node.inputs = [input for input in inputs if input.slot is not None]
    node.outputs = [Output(boundary.name, boundary.type) for boundary in definition.outputs]


def _free_boundary(definition: Graph, input: Input, taken: set[int]) -> Boundary | None:
    """The subgraph's input of the same name, by preference of the same type, that no other has."""
    named = [one for one in definition.inputs if one.name == input.name and id(one) not in taken]
    found = next((one for one in named if one.type == input.type), named[0] if named else None)
    if found is not None:
        taken.add(id(found))
    return found


def restore_host_values(editor: Editor, node: Node, saved: SavedNode) -> None:
    """Show the widgets of the subgraph, with the host's own values."""
    for input in node.inputs:
        if input.slot is not None:
            show_widget_of(node, input.slot, input)
    values = saved.values
    if isinstance(values, Mapping):
        values = [values.get(str(at), MISSING) for at in range(len(node.inputs))] if editor.strict else None
        if values is None:
            for widget in node.shown_widgets:
                if widget.name in (saved.values or {}):
                    widget.set(saved.values[widget.name])  # type: ignore[call-overload,index]
            return
    shown = node.shown_widgets
    # Unlike those of a node, a value of null stays one.
    for widget, value in zip(shown, values or [], strict=False):
        widget.cell[0] = value
    quarantined = _quarantined_values(node)
    for widget in shown:
        if widget.name in quarantined:
            widget.cell[0] = quarantined[widget.name]


def _quarantined_values(node: Node) -> dict[str, Any]:
    """Values of inputs that the editor could not place when it opened the workflow before."""
    entries = node.properties.get("proxyWidgetErrorQuarantine")
    if not isinstance(entries, list) or not all(map(_is_quarantined, entries)):
        return {}
    found: dict[str, Any] = {}
    for entry in reversed(entries):
        node_id, name = entry["originalEntry"][:2]
        if node_id == "-1" and entry.get("hostValue") is not None:
            found[name] = entry["hostValue"]
    return found


def _is_quarantined(entry: object) -> bool:
    """Whether it is an entry as the editor writes them: it reads none if one of them is not."""
    if not isinstance(entry, Mapping) or entry.get("attemptedAtVersion") != 1:
        return False
    original = entry.get("originalEntry")
    return (
        isinstance(original, list)
        and len(original) in (2, 3)
        and all(isinstance(part, str) for part in original)
        and entry.get("reason") in _REASONS
    )


def _inner_inputs(host: Node, boundary: Boundary) -> Iterator[tuple[Node, Input]]:
    """The nodes inside of the subgraph that its input leads to, each with its own input."""
    definition = host.definition or Graph()
    for id in boundary.link_ids:
        link = definition.links.get(id)
        node = target_of(definition, link)[0] if link is not None else None
        inner = next((one for one in node.inputs if one.link == id), None) if node is not None else None
        if node is not None and inner is not None:
            yield node, inner


def show_widget_of(host: Node, boundary: Boundary, input: Input) -> None:
    """Show the first widget inside of the subgraph that an input leads to."""
    for node, inner in _inner_inputs(host, boundary):
        widget = node.widget_of(inner)
        if widget is None and node.definition is not None:
            target = inner_target(node, inner.name)
            widget = concrete_widget(node, *target) if target is not None else None
        if widget is not None:
            _set_widget(host, boundary, input, widget, inner)
            return


def _set_widget(host: Node, boundary: Boundary, input: Input, widget: Widget, inner: Input) -> None:
    input.widget = boundary.name
    if inner.widget is not None:
        input.source = inner
    shown = Widget(boundary.name, widget.kind, widget.value, options=widget.options, choices=widget.choices)
    host.bind(shown)
    input.promoted = shown


def boundary_connected(graph: Graph, boundary: Boundary, widget: Widget | None, inner: Input) -> None:
    """Let all hosts show the widget that an input of their subgraph was connected to."""
    for host in graph.hosts:
        input = next((one for one in host.inputs if one.slot is boundary), None)
        if input is not None and widget is not None:
            _set_widget(host, boundary, input, widget, inner)


def boundary_disconnected(graph: Graph, boundary: Boundary) -> None:
    """Let all hosts follow that an input of their subgraph lost a connection."""
    for host in graph.hosts:
        input = next((one for one in host.inputs if one.slot is boundary), None)
        if input is None:
            continue
        if _has_connected_widget(graph, boundary):
            show_widget_of(host, boundary, input)
        else:
            input.widget, input.promoted, input.source = None, None, None


def _has_connected_widget(graph: Graph, boundary: Boundary) -> bool:
    for id in boundary.link_ids:
        link = graph.links.get(id)
        node, input = target_of(graph, link) if link is not None else (None, None)
        if node is not None and input is not None and node.widget(input.widget) is not None:
            return True
    return False


def inner_target(host: Node, input_name: str) -> tuple[str, str] | None:
    """The node id and the name of the widget that an input of a host stands for."""
    definition = host.definition
    boundary = (
        next((one for one in definition.inputs if one.name == input_name), None)
        if definition is not None
        else None
    )
    return promotion_source(host, boundary) if boundary is not None else None


def promotion_source(host: Node, boundary: Boundary) -> tuple[str, str] | None:
    """The node id and the name of the widget that an input of a subgraph leads to."""
    for node, inner in _inner_inputs(host, boundary):
        if node.definition is not None:
            return node.id, inner.name
        widget = node.widget_of(inner)
        if widget is not None:
            return node.id, widget.name
    return None


def concrete_widget(host: Node, node_id: str, widget_name: str) -> Widget | None:
    """The widget of a real node that a name means, through subgraphs in the subgraph."""
    current, visited = host, set()
    for _ in range(_MOST_CHAINED):
        key = (id(current), node_id, widget_name)
        definition = current.definition
        if key in visited or definition is None:
            return None
        visited.add(key)
        node = definition.by_id.get(node_id)
        if node is None:
            return None
        if node.definition is None:
            return node.widget(widget_name)
        target = inner_target(node, widget_name)
        if target is None:
            return None
        current, (node_id, widget_name) = node, target
    return None


def declared_spec(input: Input) -> InputSpec | None:
    """The declaration of an input with a widget, that of a host's input in its subgraph."""
    for _ in range(_MOST_CHAINED):
        if input.spec is not None or input.source is None:
            return input.spec
        input = input.source
    return None


def host_output(node: Node, slot: object) -> Any:
    """The first link to an output of a host's subgraph, None if there is none."""
    definition = node.definition
    boundary = item(definition.outputs, slot) if definition is not None else None
    if definition is None or boundary is None:
        return None
    return next((definition.links[id] for id in boundary.link_ids if id in definition.links), None)
