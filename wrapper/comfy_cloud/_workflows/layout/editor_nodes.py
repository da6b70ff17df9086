"""The editor's nodes for the nodes of a graph. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..conversion.document import SavedBoundary, SavedLink, SavedNode, SavedSlot
from ..conversion.editor_values import MISSING, as_text, unique_name
from ..conversion.model import SUBGRAPH_INPUT, SUBGRAPH_OUTPUT, Boundary, Link, Node, Output, Widget
from ..conversion.model import Graph as ModelGraph
from ..conversion.restoration import add_node, create_node, restore_node
from ..graph import links_of
from .document import saved_inputs
from .prompt_texts import escaped_prompt

if TYPE_CHECKING:
    from ..conversion.editor_state import Editor
    from .parts import Part

_SEEDS = ("seed", "noise_seed")
_BOXES = ("boundingbox", "imagecrop")
# What the editor keeps as properties of a node and sends beside its title.
_PACKAGE_FACTS = ("cnr_id", "ver")
# Far more outputs than any node has. What a link names beyond that is not laid out.
_MOST_OUTPUTS = 1000


def build_part(editor: Editor, part: Part) -> None:
    """Build the nodes of the workflow or of a subgraph, with their values and links, in the editor.

    The subgraphs of its hosts were built before.
    """
    graph = editor.root
    if part.id:
        graph = editor.subgraphs[part.id] = ModelGraph(part.id, part.name)
        graph.inputs = [
            Boundary(SavedBoundary(f"{part.id} input {name}", name, "*", [])) for name in part.inputs
        ]
    slots: dict[str, list[SavedSlot]] = {id: [] for id in part.members}
    for id, node in part.members.items():
        for name, (origin, slot) in links_of(node):
            if 0 <= slot < _MOST_OUTPUTS or origin == SUBGRAPH_INPUT:
                number = editor.next_link_id()
                graph.links[number] = Link(SavedLink(number, origin, slot, id, 0, "*"))
                slots[id].append(SavedSlot(name, "*", number))
    made = {id: create_node(editor, source["class_type"]) for id, source in part.members.items()}
    for id, built in made.items():
        add_node(editor, graph, built, id)
    for id, built in made.items():
        _fill(editor, built, part.members[id], slots[id])
    _align_links(graph)
    for at, (id, slot) in enumerate(part.outputs):
        _add_output(editor, graph, graph.by_id[id], slot, at)


def _fill(editor: Editor, node: Node, source: Mapping[str, Any], slots: list[SavedSlot]) -> None:
    meta = source.get("_meta")
    meta = meta if isinstance(meta, Mapping) else {}
    title = meta.get("title")
    linked = {slot.name for slot in slots}
    values = {name: _plain_value(value) for name, value in source["inputs"].items() if name not in linked}
    listed: list[Any] | None = None
    if node.is_unknown:
        slots, listed = _slots_of_values(values, slots)
    saved = SavedNode(
        id=node.id,
        raw_id=int(node.id),
        type=source["class_type"],
        title=title if isinstance(title, str) else "",
        mode=0,
        inputs=slots,
        outputs=[],
        values=listed,
        properties={name: meta[name] for name in _PACKAGE_FACTS if isinstance(meta.get(name), str)},
    )
    restore_node(editor, node, saved)
    if not node.is_unknown:
        _set_values(editor, node, values)


def _slots_of_values(values: Mapping[str, Any], linked: list[SavedSlot]) -> tuple[list[SavedSlot], list[Any]]:
    """The slots and the saved values of a node whose class is not known."""
    slots, listed = list(linked), []
    for name, value in values.items():
        slots.append(SavedSlot(name, "*", widget=name))
        listed.append(value)
        if name in _SEEDS:
            listed.append("fixed")
    return slots, listed


def _set_values(editor: Editor, node: Node, values: Mapping[str, Any]) -> None:
    if node.definition is not None:
        for input in node.inputs:
            if input.promoted is not None and input.name in values:
                input.promoted.cell[0] = values[input.name]
        return
    at = 0
    while at < len(node.widgets):  # dynamic combos change the list
        widget = node.widgets[at]
        at += 1
        if widget.is_control:
            widget.set("fixed" if widget.kind == "combo" else "")
        elif widget.name in values and widget.is_sent:
            value = values[widget.name]
            if widget.resolve == "prompt" and isinstance(value, str):
                value = escaped_prompt(editor, value)
            widget.set(value)
            if widget.kind in _BOXES and isinstance(value, Mapping):
                _set_sides(node.widgets[at : at + 4], value)


def _set_sides(widgets: list[Widget], box: Mapping[str, Any]) -> None:
    for widget in widgets:
        if not widget.is_sent:
            widget.set(box.get(widget.name, MISSING))


def _plain_value(value: Any) -> Any:
    """A list out of the object that sends it as a value."""
    is_list = isinstance(value, dict) and isinstance(value.get("__value__"), list)
    return value["__value__"] if is_list and value.keys() <= {"__value__", "__type__"} else value


def _align_links(graph: ModelGraph) -> None:
    """Let links name the positions of their inputs as saved, and outputs name their links."""
    used: set[Any] = set()
    for node in graph.nodes:
        for input in node.inputs:
            if graph.link(input.link) is None:
                input.link = None
        for at, input in enumerate(saved_inputs(node)):
            link = graph.link(input.link)
            if link is None:
                continue
            used.add(link.id)
            link.target_id, link.target_slot = node.id, at
            if link.is_from_boundary:
                boundary = graph.inputs[link.origin_slot]
                if not boundary.link_ids:
                    boundary.type = input.type
                boundary.link_ids.append(link.id)
                link.type = boundary.type
                continue
            output = _output(graph.by_id[link.origin_id], link.origin_slot)
            output.links.append(link.id)
            link.type = output.type
    graph.links = {id: link for id, link in graph.links.items() if id in used}


def _output(node: Node, slot: int) -> Output:
    while len(node.outputs) <= slot:
        node.outputs.append(Output(f"output_{len(node.outputs)}", "*"))
    return node.outputs[slot]


def _add_output(editor: Editor, graph: ModelGraph, node: Node, slot: int, at: int) -> None:
    """Lead an output of a node to a new output of the subgraph."""
    output = _output(node, slot)
    number = editor.next_link_id()
    graph.links[number] = Link(SavedLink(number, node.id, slot, SUBGRAPH_OUTPUT, at, output.type))
    output.links.append(number)
    name = unique_name(as_text(output.name) or "output", (boundary.name for boundary in graph.outputs))
    graph.outputs.append(Boundary(SavedBoundary(f"{graph.id} output {at}", name, output.type, [number])))
