"""The editor's nodes for the nodes of a graph. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..conversion.document import SavedLink, SavedNode, SavedSlot
from ..conversion.editor_values import MISSING
from ..conversion.model import Link, Node, Output, Widget
from ..conversion.restoration import add_node, create_node, restore_node
from ..graph import Graph, links_of
from .document import saved_inputs
from .prompt_texts import escaped_prompt

if TYPE_CHECKING:
    from ..conversion.editor_state import Editor

_SEEDS = ("seed", "noise_seed")
_BOXES = ("boundingbox", "imagecrop")
# What the editor keeps as properties of a node and sends beside its title.
_PACKAGE_FACTS = ("cnr_id", "ver")
# Far more outputs than any node has. What a link names beyond that is not laid out.
_MOST_OUTPUTS = 1000


def editor_ids(graph: Graph) -> dict[str, int]:
    """The id of each node in the editor: its own if that is a whole number, else a new one."""
    kept = {
        id: int(id) for id in graph if id.isascii() and id.isdigit() and len(id) < 10 and id == f"{int(id)}"
    }
    following = max(kept.values(), default=0)
    ids: dict[str, int] = {}
    for id in graph:
        if id not in kept:
            following += 1
        ids[id] = kept.get(id, following)
    return ids


def build_nodes(editor: Editor, graph: Graph, ids: Mapping[str, int]) -> None:
    """Build the nodes of a graph, with their values and links, in the editor."""
    slots: dict[str, list[SavedSlot]] = {id: [] for id in graph}
    for id, node in graph.items():
        for name, (origin, slot) in links_of(node):
            if 0 <= slot < _MOST_OUTPUTS:
                number = editor.next_link_id()
                saved = SavedLink(number, str(ids[origin]), slot, str(ids[id]), 0, "*")
                editor.root.links[number] = Link(saved)
                slots[id].append(SavedSlot(name, "*", number))
    made = {id: create_node(editor, source["class_type"]) for id, source in graph.items()}
    for id, built in made.items():
        add_node(editor, editor.root, built, str(ids[id]))
    for id, built in made.items():
        _fill(editor, built, ids[id], graph[id], slots[id])
    _align_links(editor)


def _fill(editor: Editor, node: Node, id: int, source: Mapping[str, Any], slots: list[SavedSlot]) -> None:
    meta = source.get("_meta")
    meta = meta if isinstance(meta, Mapping) else {}
    title = meta.get("title")
    linked = {slot.name for slot in slots}
    values = {name: _plain_value(value) for name, value in source["inputs"].items() if name not in linked}
    listed: list[Any] | None = None
    if node.is_unknown:
        slots, listed = _slots_of_values(values, slots)
    saved = SavedNode(
        id=str(id),
        raw_id=id,
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


def _align_links(editor: Editor) -> None:
    """Let links name the positions of their inputs as saved, and outputs name their links."""
    graph = editor.root
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
            outputs = graph.by_id[link.origin_id].outputs
            while len(outputs) <= link.origin_slot:
                outputs.append(Output(f"output_{len(outputs)}", "*"))
            output = outputs[link.origin_slot]
            output.links.append(link.id)
            link.type = output.type
    graph.links = {id: link for id, link in graph.links.items() if id in used}
