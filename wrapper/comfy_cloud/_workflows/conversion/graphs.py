"""All graphs of a document, built in the order in which the editor builds them. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from ...errors import ConfigurationError
from .document import Document, SavedGraph, SavedNode, id_text
from .editor_state import hierarchy
from .editor_values import MISSING, as_text
from .group_nodes import GroupNode, convert_group_nodes, current_type, register_group_nodes
from .links import align_target_slots, remove_duplicates, remove_input
from .model import SUBGRAPH_INPUT, SUBGRAPH_OUTPUT, Boundary, Graph, Link, Node
from .primitives import restore_primitive
from .promotions import promote_widgets
from .repeated_ids import follow_new_id
from .reroutes import settle_reroutes
from .restoration import PRIMITIVE, add_node, create_node, restore_node

if TYPE_CHECKING:
    from .editor_state import Editor

_SAMPLERS = ("KSampler", "KSamplerAdvanced")


def build_graphs(editor: Editor, document: Document) -> None:
    """Build the workflow and its subgraphs, and settle what depends on their links."""
    root = document.root
    editor.last_node_id, editor.last_link_id = root.last_node_id, root.last_link_id
    if not editor.strict:  # the editor trusts the counter, and would use an id twice
        editor.last_link_id = max([editor.last_link_id, *_link_ids(root)])
    nodes, definitions = root.nodes, root.definitions
    if document.group_nodes:
        nodes = [replace(node, type=current_type(node.type)) for node in nodes]
    groups = register_group_nodes(editor, document.group_nodes)
    if definitions:
        definitions = _with_unique_ids(editor, root)
        nodes = _patched(nodes, _renamed_ids(root.definitions, definitions))
    _build_definitions(editor, definitions)
    _build_graph(editor, editor.root, root, nodes)
    _settle(editor, groups)


def _link_ids(saved: SavedGraph) -> Iterator[int]:
    yield from (link.id for link in saved.links if isinstance(link.id, int) and link.id < 2**53)
    for definition in saved.definitions:
        yield from _link_ids(definition)


def _settle(editor: Editor, groups: dict[str, GroupNode]) -> None:
    nodes = hierarchy(editor)
    align_target_slots(editor.graphs())
    for node in nodes:
        if node.cls is not None:
            _remove_inputs_without_widget(editor, node)
    for node in nodes:
        if node.type == PRIMITIVE and node.is_virtual:
            restore_primitive(editor, node)
    editor.later.append(lambda: settle_reroutes(editor, nodes))
    editor.is_restoring = False
    for node in nodes:
        _repair_values(node)
    convert_group_nodes(editor, groups)
    editor.run_later()


def _remove_inputs_without_widget(editor: Editor, node: Node) -> None:
    names = {widget.name for widget in node.widgets}
    at = 0
    while at < len(node.inputs):
        input = node.inputs[at]
        at += 1  # the editor's loop misses the one behind a removed one
        if input.widget is None:
            continue
        if input.spec is None and node.cls is not None:
            input.spec = node.cls.declared.get(input.widget)
        if input.widget not in names:
            remove_input(editor, node, at - 1)


def _repair_values(node: Node) -> None:
    at = 0
    while at < len(node.shown_widgets):
        widget = node.shown_widgets[at]
        at += 1
        is_sampler = node.type in _SAMPLERS and widget.name == "sampler_name"
        if is_sampler and isinstance(widget.value, str) and widget.value.startswith("sample_"):
            widget.set(widget.value[7:])
        if widget.kind == "combo" and widget.choices and (widget.value is None or widget.value is MISSING):
            widget.set(widget.choices[0])


def _build_definitions(editor: Editor, definitions: list[SavedGraph]) -> None:
    for saved in definitions:
        graph = Graph(saved.id, saved.name)
        graph.inputs = [Boundary(part) for part in saved.inputs]
        graph.outputs = [Boundary(part) for part in saved.outputs]
        editor.subgraphs[saved.id] = graph
    last = {saved.id: saved for saved in definitions}
    for saved in _inner_first(definitions):
        graph = editor.subgraphs[saved.id]
        if saved is not last[saved.id]:
            editor.warn(f"Two subgraphs have the id {saved.id[:60]}: only the last one is used")
            continue
        editor.last_node_id = max(editor.last_node_id, saved.last_node_id)
        editor.last_link_id = max(editor.last_link_id, saved.last_link_id)
        _build_graph(editor, graph, saved, saved.nodes)
        _repair_boundaries(editor, graph)


def _build_graph(editor: Editor, graph: Graph, saved: SavedGraph, nodes: list[SavedNode]) -> None:
    graph.links = {link.id: Link(link) for link in saved.links}
    if not graph.is_root and saved.definitions:
        _build_definitions(editor, saved.definitions)
    made: dict[str, tuple[Node, SavedNode]] = {}
    for record in nodes:
        node = create_node(editor, record.type)
        add_node(editor, graph, node, record.id)
        made[node.id] = (node, record)
        if record.id is not None and node.id != record.id and record.id in made and not editor.strict:
            follow_new_id(editor, graph, made[record.id][1], record, node.id)
    for node, record in made.values():
        try:
            restore_node(editor, node, record)
        except RecursionError:
            raise ConfigurationError(f"A value of {node.described} is nested too deeply") from None
    if not editor.strict:
        _adopt_table(editor, graph)
    remove_duplicates(editor, graph)
    for node in graph.nodes:
        if node.definition is not None and "proxyWidgets" in node.properties:
            promote_widgets(editor, node, node.saved)


def _adopt_table(editor: Editor, graph: Graph) -> None:
    """Let inputs take the links of the table that no input names."""
    named = {input.link for node in graph.nodes for input in node.inputs}
    for link in graph.links.values():
        node = graph.by_id.get(link.target_id)
        origin = graph.by_id.get(link.origin_id)
        at = link.target_slot
        if node is None or not isinstance(at, int) or not 0 <= at < len(node.inputs):
            continue
        if origin is None and link.origin_id != SUBGRAPH_INPUT:
            continue
        input = node.inputs[at]
        saved = node.saved.inputs if node.saved is not None else []
        if at < len(saved):
            input = next((one for one in node.inputs if one.name == saved[at].name), input)
        if input.link is None and link.id not in named:
            input.link = link.id
            output = (
                origin.outputs[link.origin_slot : link.origin_slot + 1]
                if origin is not None and isinstance(link.origin_slot, int)
                else []
            )
            for one in output:
                if link.id not in one.links:
                    one.links.append(link.id)


def _repair_boundaries(editor: Editor, graph: Graph) -> None:
    """Let boundaries name the links that were kept of several equal ones."""
    sides = (
        (graph.inputs, SUBGRAPH_INPUT, attrgetter("origin_id", "origin_slot")),
        (graph.outputs, SUBGRAPH_OUTPUT, attrgetter("target_id", "target_slot")),
    )
    for boundaries, outside, end in sides:
        for at, boundary in enumerate(boundaries):
            for position, id in enumerate(boundary.link_ids):
                if id not in graph.links:
                    editor.spend(len(graph.links) // 4)
                    kept = (link.id for link in graph.links.values() if end(link) == (outside, at))
                    boundary.link_ids[position] = next(kept, id)


def _inner_first(definitions: list[SavedGraph]) -> list[SavedGraph]:
    """Definitions so that each comes after those that it uses; as they are if that is a circle."""
    by_id = {saved.id: saved for saved in definitions}
    users: dict[str, dict[str, None]] = {id: {} for id in by_id}
    uses = dict.fromkeys(by_id, 0)
    for saved in definitions:
        for node in saved.nodes:
            if node.type in by_id:
                users[node.type][saved.id] = None
                uses[saved.id] += 1
    ready = deque(id for id, count in uses.items() if not count)
    ordered: list[SavedGraph] = []
    while ready:
        id = ready.popleft()
        ordered.append(by_id[id])
        for user in users[id]:
            uses[user] -= 1
            if not uses[user]:
                ready.append(user)
    return ordered if len(ordered) == len(definitions) else definitions


def _with_unique_ids(editor: Editor, root: SavedGraph) -> list[SavedGraph]:
    """The definitions with new ids for nodes whose ids another graph has."""
    # The editor overlooks the ids of the workflow that are texts.
    kinds = (int, float) if editor.strict else (int, float, str)
    used = {id_text(node.raw_id) for node in root.nodes if type(node.raw_id) in kinds}
    found: list[SavedGraph] = []
    for saved in root.definitions:
        renamed: dict[str, str] = {}
        nodes: list[SavedNode] = []
        own: set[str] = set()
        for node in saved.nodes:
            id = id_text(node.raw_id)
            if id in own and not editor.strict:
                pass  # two nodes of one graph: the second one gets a new id when it is added
            elif id in used:
                editor.last_node_id += 1
                while str(editor.last_node_id) in used:
                    editor.last_node_id += 1
                new = str(editor.last_node_id)
                renamed[id] = new
                node = replace(node, id=new, raw_id=editor.last_node_id)
                used.add(new)
            else:
                used.add(id)
                own.add(id)
                if id.isascii() and id.isdigit() and len(id) < 16 and str(int(id)) == id:
                    editor.last_node_id = max(editor.last_node_id, int(id))
            nodes.append(node)
        links = saved.links
        if renamed:
            links = [
                replace(
                    link,
                    origin_id=renamed.get(link.origin_id, link.origin_id),
                    target_id=renamed.get(link.target_id, link.target_id),
                )
                for link in links
            ]
        found.append(replace(saved, nodes=nodes, links=links))
    renamed_ids = _renamed_ids(root.definitions, found)
    return [replace(saved, nodes=_patched(saved.nodes, renamed_ids)) for saved in found]


def _renamed_ids(before: list[SavedGraph], after: list[SavedGraph]) -> dict[str, dict[str, str]]:
    """For each definition, the new ids of its nodes by the old ones."""
    return {
        old.id: {
            id_text(one.raw_id): id_text(other.raw_id)
            for one, other in zip(old.nodes, new.nodes, strict=True)
            if one.raw_id != other.raw_id
        }
        for old, new in zip(before, after, strict=True)
    }


def _patched(nodes: list[SavedNode], renamed_ids: dict[str, dict[str, str]]) -> list[SavedNode]:
    """The nodes, with the new ids where hosts name nodes of their subgraph."""
    patched: list[SavedNode] = []
    for node in nodes:
        renamed, entries = renamed_ids.get(node.type), node.properties.get("proxyWidgets")
        if renamed and isinstance(entries, list):
            changed = [
                [renamed.get(as_text(entry[0]), entry[0]), *entry[1:]]
                if isinstance(entry, list) and entry
                else entry
                for entry in entries
            ]
            node = replace(node, properties={**node.properties, "proxyWidgets": changed})
        patched.append(node)
    return patched
