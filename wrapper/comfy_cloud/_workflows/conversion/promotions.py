"""The property `proxyWidgets`, by which older versions name the widgets that a host shows.

Each entry names a node of the subgraph and one of its widgets. The editor turns them into inputs of
the subgraph when it opens a workflow, and gives the host's values to them. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from .document import SavedBoundary, SavedLink, SavedNode
from .editor_values import MISSING, as_text, unique_name
from .hosts import boundary_connected, concrete_widget, inner_target, promotion_source
from .links import disconnect_boundary, disconnect_input
from .model import SUBGRAPH_INPUT, Boundary, Graph, Input, Link, Node, Widget

if TYPE_CHECKING:
    from .editor_state import Editor

_PREFIX = re.compile(r"\s*(\d+)\s*:\s*(.+)\Z")
_PREVIEWS = ("preview", "video", "audioUI")
_BYPASSED_TO = "proxyBypassedToSubgraphInput"
_RANGE = ("min", "max", "step", "step2", "precision")


class _Entry(NamedTuple):
    """A widget that a host shows. `value` is MISSING if the host has none for it."""

    node_id: str
    name: str
    through: str | None
    value: Any


def promote_widgets(editor: Editor, host: Node, saved: SavedNode | None) -> None:
    """Make inputs of the widgets that a host names."""
    raw = host.properties.get("proxyWidgets")
    if not isinstance(raw, list) or not all(_is_entry(entry) for entry in raw):
        return
    values = saved.values if saved is not None and isinstance(saved.values, list) else []
    entries = [
        _entry(host, entry, values[at] if at < len(values) and values[at] is not None else MISSING)
        for at, entry in enumerate(raw)
    ]
    plans = [(entry, *_planned(editor, host, entry, entries)) for entry in entries]
    primitives: dict[str, list[_Entry]] = {}
    for entry, kind, name in plans:
        if kind == "primitive":
            primitives.setdefault(name, []).append(entry)
        elif kind == "linked":
            _give_value(host, name, entry)
        elif kind == "new":
            _add_input(editor, host, entry)
        elif kind == "lost" and entry.node_id == "-1" and entry.value is not MISSING:
            _give_value(host, entry.name, entry)
        elif kind == "lost" and entry.value is not MISSING:
            editor.warn(
                f"{host.described} has a value for {entry.name[:60]!r} of the inner node "
                f"{entry.node_id[:60]}, which is not there: it was left out"
            )
    for node_id, group in primitives.items():
        _replace_primitive(editor, host, node_id, group)
    host.properties.pop("proxyWidgets", None)


def _is_entry(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) in (2, 3) and all(isinstance(part, str) for part in entry)


def _entry(host: Node, raw: list[str], value: Any) -> _Entry:
    node_id, name = raw[0], raw[1]
    through = raw[2] if len(raw) > 2 else None
    if concrete_widget(host, node_id, name) is None:
        while (match := _PREFIX.match(name)) is not None:
            through, name = match[1], match[2]
    return _Entry(node_id, name, through, value)


def _planned(editor: Editor, host: Node, entry: _Entry, entries: list[_Entry]) -> tuple[str, str]:
    """`_plan`, which reads the inputs of the host for each entry."""
    editor.spend(4 * len(host.inputs) + len(entries), host)
    return _plan(host, entry, entries)


def _plan(host: Node, entry: _Entry, entries: list[_Entry]) -> tuple[str, str]:
    """What to do for an entry: "linked", "new", "primitive", "preview" or "lost", and for whom."""
    for input in host.inputs:
        source = promotion_source(host, input.slot) if input.slot is not None else None
        if source == (entry.node_id, entry.name):
            return "linked", input.name
    definition = host.definition or Graph()
    node = definition.by_id.get(entry.node_id)
    if node is None:
        return "lost", ""
    if node.type == "PrimitiveNode":
        name = node.properties.get(_BYPASSED_TO)
        if isinstance(name, str) and any(input.name == name for input in host.inputs):
            return "linked", name
        is_repeated = sum(1 for other in entries if other.node_id == entry.node_id) > 1
        has_target = any(link.target_id != "-1" for link in _links_of(definition, node))
        return ("primitive", node.id) if has_target or is_repeated else ("lost", "")
    widget = _named_widget(node, entry)
    if widget is None:
        is_preview = entry.name.startswith("$$")
        return ("preview", "") if is_preview else ("lost", "")
    is_hidden = not widget.is_saved or not widget.is_sent
    if entry.name.startswith("$$") or (is_hidden and widget.kind in _PREVIEWS):
        return "preview", ""
    return "new", ""


def _links_of(graph: Graph, node: Node) -> list[Link]:
    ids = node.outputs[0].links if node.outputs else []
    return [graph.links[id] for id in ids if id in graph.links]


def _named_widget(node: Node, entry: _Entry) -> Widget | None:
    if node.definition is not None:
        for input in node.inputs:
            target = inner_target(node, input.name)
            if entry.through:
                is_meant = target is not None and target == (entry.through, entry.name)
            else:
                is_meant = input.name == entry.name or (target is not None and target[1] == entry.name)
            if is_meant:
                if input.promoted is not None:
                    return input.promoted
                break
    return node.widget(entry.name)


def _give_value(host: Node, name: str, entry: _Entry) -> None:
    inputs = [input for input in host.inputs if input.name == name]
    if len(inputs) == 1 and inputs[0].promoted is not None and entry.value is not MISSING:
        inputs[0].promoted.cell[0] = entry.value


def _add_input(editor: Editor, host: Node, entry: _Entry) -> None:
    graph = host.definition or Graph()
    node = graph.by_id.get(entry.node_id)
    widget = _named_widget(node, entry) if node is not None else None
    if node is None or widget is None:
        return
    slot = _slot_of(node, widget)
    if slot is None:
        return
    editor.spend(4 * len(graph.inputs) + (1 + len(graph.inputs)) * len(graph.hosts), host)
    boundary = _new_boundary(graph, entry.name, as_text(slot.type))
    boundary.label = slot.label
    if not connect_boundary(editor, graph, boundary, node, slot):
        _remove_boundary(graph, boundary)
        return
    _give_value(host, boundary.name, entry)


def _slot_of(node: Node, widget: Widget) -> Input | None:
    found = next((input for input in node.inputs if input.promoted is widget), None)
    return found or next((input for input in node.inputs if input.widget == widget.name), None)


def _new_boundary(graph: Graph, name: str, type: object) -> Boundary:
    """A new input of a subgraph, which all its hosts get too."""
    name = unique_name(name, (boundary.name for boundary in graph.inputs))
    boundary = Boundary(SavedBoundary(f"new {len(graph.inputs)}", name, type, []))
    graph.inputs.append(boundary)
    for host in graph.hosts:
        input = Input(name, type)
        input.slot = boundary
        host.inputs.append(input)
    return boundary


def _remove_boundary(graph: Graph, boundary: Boundary) -> None:
    graph.inputs.remove(boundary)
    for host in graph.hosts:
        host.inputs[:] = [input for input in host.inputs if input.slot is not boundary]


def connect_boundary(editor: Editor, graph: Graph, boundary: Boundary, node: Node, input: Input) -> bool:
    """Connect an input of a subgraph to an input of a node in it; False if their widgets differ."""
    if input.link is not None:
        disconnect_boundary(editor, graph, node, input, graph.links.get(input.link))
    widget = node.widget_of(input)
    if widget is not None:
        if boundary.widget is not None and not _are_alike(boundary.widget, widget):
            return False
        boundary.widget = widget
    boundary_connected(graph, boundary, widget, input)
    position = next(at for at, one in enumerate(node.inputs) if one is input)
    saved = SavedLink(
        editor.next_link_id(), SUBGRAPH_INPUT, graph.inputs.index(boundary), node.id, position, input.type
    )
    link = Link(saved)
    graph.links[link.id] = link
    boundary.link_ids.append(link.id)
    input.link = link.id
    editor.input_changed(node, position, link, True)
    return True


def _are_alike(one: Widget, other: Widget) -> bool:
    return one.kind == other.kind and all(one.options.get(name) == other.options.get(name) for name in _RANGE)


def _replace_primitive(editor: Editor, host: Node, node_id: str, entries: list[_Entry]) -> None:
    """Let an input of the subgraph take the place of a primitive node in it."""
    graph = host.definition or Graph()
    primitive = graph.by_id.get(node_id)
    if primitive is None or not primitive.outputs or len({entry.name for entry in entries}) != 1:
        return
    links = _links_of(graph, primitive)
    if not links or any(link.target_id == "-1" for link in links):
        return
    if len(links) != len(primitive.outputs[0].links):
        return
    type = as_text(primitive.outputs[0].type)
    targets: list[tuple[Node, Any]] = []
    for link in links:
        node = graph.by_id.get(link.target_id)
        at = link.target_slot
        if node is None or not isinstance(at, int) or not 0 <= at < len(node.inputs):
            return
        other = as_text(node.inputs[at].type)
        if other != type and "*" not in (other, type):
            return
        targets.append((node, at))
    title = primitive.title
    boundary = _new_boundary(graph, title if title and title != "PrimitiveNode" else entries[0].name, type)
    for node, at in targets:
        disconnect_input(editor, node, at)
    for node, at in targets:
        if at < len(node.inputs):
            connect_boundary(editor, graph, boundary, node, node.inputs[at])
    entry = next((one for one in entries if one.value is not MISSING), None)
    if entry is not None:
        _give_value(host, boundary.name, entry)
    else:
        widget = primitive.widget(entries[0].name)
        if widget is not None and widget.value is not MISSING:
            _give_value(host, boundary.name, entries[0]._replace(value=widget.value))
    primitive.properties[_BYPASSED_TO] = boundary.name
