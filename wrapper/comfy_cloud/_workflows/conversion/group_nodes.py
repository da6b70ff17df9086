"""Group nodes: the predecessors of subgraphs, which the editor turns into subgraphs.

A group node is first a node of a class that is made from the inputs, widgets and outputs of its
inner nodes. When the workflow is loaded, the inner nodes are made, take over values and links, and
are moved into a subgraph. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from comfy_cloud_catalogue.declarations import InputSpec

from .document import FRESH_ID, SavedBoundary, SavedLink, SavedNode, read_node
from .editor_values import as_text, item, unique_name
from .links import connect, disconnect_input, origin_of, target_of
from .model import SUBGRAPH_INPUT, SUBGRAPH_OUTPUT, Boundary, Graph, Input, Link, Node
from .node_classes import NodeClass
from .primitives import restore_primitive
from .restoration import PRIMITIVE, REROUTE, add_node, create_node, restore_node
from .widgets import has_widget

if TYPE_CHECKING:
    from .editor_state import Editor

PREFIX = "workflow>"
_OLD_PREFIX = "workflow/"
_MOST_INNER = 10_000


class GroupNode:
    """The inner nodes of a group node, and which of its inputs, widgets and outputs are theirs."""

    def __init__(self, editor: Editor, name: str, raw: Mapping[str, Any]) -> None:
        self.name = name
        self.raw_nodes = [node for node in _list(raw.get("nodes")) if isinstance(node, Mapping)][:_MOST_INNER]
        self.nodes = [read_node(node, f"the group node {name[:60]!r}") for node in self.raw_nodes]
        self.links = [link for link in _list(raw.get("links")) if _is_link(link)]
        config = raw.get("config")
        self._config: Mapping[str, Any] = config if isinstance(config, Mapping) else {}
        self._strict = editor.strict
        self._classes = editor.classes
        self.inputs: dict[int, dict[str, int]] = {}
        self.widgets: dict[int, dict[str, str | None]] = {}
        self.outputs: list[tuple[int, int]] = []
        self._specs: dict[str, InputSpec] = {}
        self._output_types: list[tuple[str, str]] = []
        self._seen: dict[str, int] = {}
        self._input_count = 0
        self._external = {
            (part[0], part[1])
            for part in _list(raw.get("external"))
            if isinstance(part, list)
            and len(part) > 2
            and part[2] is not None
            and _is_link([*part[:2], 0, 0])
        }
        self._to = {(link[2], link[3]): link for link in self.links}
        self._from = {(link[0], link[1]) for link in self.links}
        self._spend = editor.spend
        self._collect()

    def as_class(self) -> NodeClass:
        """The class of the group node."""
        specs = dict(self._specs)
        return NodeClass(PREFIX + self.name, self.name, specs, list(specs.values()), self._output_types, [])

    def _collect(self) -> None:
        converted: list[tuple[int, list[str], list[str], dict[str, InputSpec]]] = []
        for index, node in enumerate(self.nodes):
            specs, outputs = self._declaration(index, node)
            if specs is None:
                continue
            converted.append(self._collect_inputs(index, node, specs))
            self._collect_outputs(index, node, outputs)
        # Widgets that were turned into inputs were listed behind all others.
        for index, names, slots, specs in converted:
            self._collect_converted(index, names, slots, specs)

    def _declaration(
        self, index: int, node: SavedNode
    ) -> tuple[dict[str, InputSpec] | None, list[tuple[str, str]]]:
        cls = self._classes.get(node.type)
        if cls is not None:
            return cls.declared, cls.outputs
        link = next((link for link in self.links if link[0] == index), None)
        type = as_text(link[5]) if link is not None and len(link) > 5 and link[5] is not None else "*"
        if node.type == PRIMITIVE and link is not None:
            return {"value": InputSpec("value", type, {})}, [(type, type)]
        if node.type == REROUTE:
            source = self._to.get((index, 0))
            if source is not None and link is not None and (index, 0) not in self._external:
                return None, []
            if link is None and source is not None and len(source) > 5 and source[5] is not None:
                type = as_text(source[5])
            return {type: InputSpec(type, type, {"forceInput": True})}, [(type, type)]
        return None, []

    def _collect_inputs(
        self, index: int, node: SavedNode, specs: dict[str, InputSpec]
    ) -> tuple[int, list[str], list[str], dict[str, InputSpec]]:
        slots: list[str] = []
        converted: dict[int, str] = {}
        widgets = self.widgets.setdefault(index, {})
        for name, spec in specs.items():
            # The editor takes lists of choices in their older form for slots.
            if not has_widget(spec.type) or (spec.is_listed and self._strict):
                slots.append(name)
                continue
            at = next(
                (at for at, one in enumerate(node.inputs) if one.name == name and one.widget == name), -1
            )
            if at != -1:
                converted[at] = name
                widgets[name] = None
            else:
                widgets[name] = self._add_spec(index, node, name, spec)
        inputs = self.inputs.setdefault(index, {})
        for at, name in enumerate(slots):
            if (index, at) not in self._to:
                shown = self._add_spec(index, node, name, specs[name], is_slot=True)
                if shown is not None:
                    inputs[name] = self._input_count
                    self._input_count += 1
        return index, [converted[at] for at in sorted(converted, key=str)], slots, specs

    def _collect_converted(
        self, index: int, names: list[str], slots: list[str], specs: dict[str, InputSpec]
    ) -> None:
        for at, name in enumerate(names):
            if (index, len(slots) + at) in self._to:
                continue
            self.widgets.setdefault(index, {})[name] = self._add_spec(
                index, self.nodes[index], name, specs[name]
            )
            self.inputs.setdefault(index, {})[name] = self._input_count
            self._input_count += 1

    def _add_spec(
        self, index: int, node: SavedNode, input_name: str, spec: InputSpec, *, is_slot: bool = False
    ) -> str | None:
        """Add an input to the class under a free name; None if the group hides that slot."""
        self._spend(5 + len(node.inputs) // 4)
        own = self._own_config(index, "input", input_name)
        label = next((slot.label for slot in node.inputs if slot.name == input_name), None)
        custom = own.get("name")
        name = custom if isinstance(custom, str) else label or input_name
        key, prefix = name, ""
        if (node.type == PRIMITIVE and node.title) or name in self._seen:
            prefix = f"{node.title or node.type} "
            key = name = f"{prefix}{input_name}"
            if name in self._seen:
                name = f"{prefix}{self._seen[name]} {input_name}"
        self._seen[key] = self._seen.get(key, 1) + 1
        if is_slot and own.get("visible") is False:
            return None
        if input_name in ("seed", "noise_seed"):
            control = {"control_after_generate": f"{prefix}control_after_generate"}
            spec = spec._replace(options={**spec.options, **control})
        self._specs[name] = spec._replace(name=name, is_optional=False)
        return name

    def _own_config(self, index: int, kind: str, name: str) -> Mapping[str, Any]:
        node = self._config.get(str(index))
        group = node.get(kind) if isinstance(node, Mapping) else None
        own = group.get(name) if isinstance(group, Mapping) else None
        return own if isinstance(own, Mapping) else {}

    def _collect_outputs(self, index: int, node: SavedNode, outputs: list[tuple[str, str]]) -> None:
        for at, (name, type) in enumerate(outputs):
            visible = self._own_config(index, "output", str(at)).get("visible")
            is_inner = (index, at) in self._from and (index, at) not in self._external
            if visible is False or (visible is None and is_inner):
                continue
            self.outputs.append((index, at))
            self._output_types.append((name, type))


def register_group_nodes(editor: Editor, raw: Mapping[str, Any]) -> dict[str, GroupNode]:
    """Let the class of each group node be known whose inner nodes all are; returns these."""
    groups: dict[str, GroupNode] = {}
    for name, group in raw.items():
        nodes = group.get("nodes") if isinstance(group, Mapping) else None
        if not isinstance(group, Mapping) or not isinstance(nodes, list):
            continue
        types = [node.get("type") if isinstance(node, Mapping) else None for node in nodes]
        if all(isinstance(type, str) and not create_node(editor, type).is_unknown for type in types):
            made = GroupNode(editor, str(name), group)
            groups[PREFIX + made.name] = made
            editor.classes.add(made.as_class())
    return groups


def current_type(type: str) -> str:
    """The type of a node, with the separator that group nodes have now."""
    return PREFIX + type[len(_OLD_PREFIX) :] if type.startswith(_OLD_PREFIX) else type


def convert_group_nodes(editor: Editor, groups: dict[str, GroupNode]) -> None:
    """Turn each group node of the workflow into a subgraph."""
    for node in list(editor.root.nodes) if groups else ():
        group = groups.get(node.type)
        if group is not None and node.cls is not None:
            inner = _unpack(editor, node, group)
            host = _pack(editor, inner)
            # The editor forgets the title. It is not sent, but people know the node by it.
            host.title = node.title or host.title
            host.group_widgets = {
                new: (inner[index], old)
                for index, names in group.widgets.items()
                for old, new in names.items()
                if new is not None
            }


def _unpack(editor: Editor, node: Node, group: GroupNode) -> list[Node]:
    graph = editor.root
    inner: list[Node] = []
    for saved in group.nodes:
        made = create_node(editor, saved.type)
        saved.raw_id = FRESH_ID
        restore_node(editor, made, saved)
        add_node(editor, graph, made, None)
        for input in made.inputs:
            input.link = None
        for output in made.outputs:
            output.links = []
        inner.append(made)
    for link in group.links:
        origin, target = item(inner, link[0]), item(inner, link[2])
        if origin is not None and target is not None:
            connect(editor, origin, link[1], target, link[3])
            if origin.type == PRIMITIVE and not origin.widgets:
                restore_primitive(editor, origin)
    for index, names in group.widgets.items():
        for old, new in names.items():
            widget, outer = inner[index].widget(old), node.widget(new) if new is not None else None
            if widget is not None and outer is not None:
                widget.set(outer.value)
    _take_links(editor, node, group, inner)
    for at in range(len(node.inputs)):
        disconnect_input(editor, node, at)
    for output in node.outputs:
        for id in list(output.links):
            link = graph.links.pop(id, None)
            end = target_of(graph, link)[1] if link is not None else None
            if end is not None and end.link == id:
                end.link = None
    graph.nodes.remove(node)
    graph.by_id.pop(node.id, None)
    return inner


def _take_links(editor: Editor, node: Node, group: GroupNode, inner: list[Node]) -> None:
    graph = editor.root
    for index, names in group.inputs.items():
        for name, at in names.items():
            outer = item(node.inputs, at)
            link = graph.link(outer.link) if outer is not None else None
            origin = graph.by_id.get(link.origin_id) if link is not None else None
            position = inner[index].input_index(name)
            if origin is not None and link is not None and position != -1:
                connect(editor, origin, link.origin_slot, inner[index], position)
    for at, output in enumerate(node.outputs):
        source = item(group.outputs, at)
        for id in list(output.links):
            link = graph.links.get(id)
            target = graph.by_id.get(link.target_id) if link is not None else None
            if source is not None and link is not None and target is not None:
                connect(editor, inner[source[0]], source[1], target, link.target_slot)


def _pack(editor: Editor, nodes: list[Node]) -> Node:
    """Move nodes of the workflow into a new subgraph, and put a host in their place; returns it."""
    root, members = editor.root, {id(node) for node in nodes}
    definition = Graph(f"group {len(editor.subgraphs)}", "New Subgraph")
    editor.subgraphs[definition.id] = definition
    incoming: dict[int, list[tuple[Link, Input]]] = {}
    outgoing: dict[int, list[Link]] = {}
    for node in nodes:
        for input in node.inputs:
            link = root.link(input.link)
            if link is None:
                continue
            origin, output = origin_of(root, link)
            if origin is not None and output is not None and id(origin) not in members:
                incoming.setdefault(id(output), []).append((link, input))
            elif origin is not None:
                definition.links[link.id] = link
        for output in node.outputs:
            for link_id in output.links:
                link = root.link(link_id)
                target = target_of(root, link)[0] if link is not None else None
                if link is not None and target is not None and id(target) not in members:
                    outgoing.setdefault(id(output), []).append(link)
    host = Node(definition.id)
    host.title, host.is_virtual, host.definition = definition.name, True, definition
    outer_inputs = [_boundary_input(root, definition, entries) for entries in incoming.values()]
    outer_outputs = [_boundary_output(root, definition, links) for links in outgoing.values()]
    editor.spend(len(root.nodes))
    root.nodes[:] = [node for node in root.nodes if id(node) not in members]
    for node in nodes:
        root.by_id.pop(node.id, None)
        node.graph = definition
        definition.nodes.append(node)
        definition.by_id[node.id] = node
    for id_ in definition.links:
        root.links.pop(id_, None)
    add_node(editor, root, host, None)
    restore_node(editor, host, SavedNode(host.id, FRESH_ID, host.type, host.title, 0, [], [], None, {}))
    for at, (origin, slot) in enumerate(outer_inputs):
        connect(editor, origin, slot, host, at)
    for at, targets in enumerate(outer_outputs):
        for target, slot in targets:
            connect(editor, host, at, target, slot)
    return host


def _boundary_input(root: Graph, definition: Graph, entries: list[tuple[Link, Input]]) -> tuple[Node, Any]:
    """A new input of a subgraph for links from one output; returns that output."""
    first, input = entries[0]
    origin, slot = root.by_id[first.origin_id], first.origin_slot
    name = unique_name(input.name, (boundary.name for boundary in definition.inputs))
    at = len(definition.inputs)
    for link, _ in entries:
        output = item(origin.outputs, link.origin_slot)
        if output is not None and link.id in output.links:
            output.links.remove(link.id)
        inner = SavedLink(link.id, SUBGRAPH_INPUT, at, link.target_id, link.target_slot, link.type)
        definition.links[link.id] = Link(inner)
    definition.inputs.append(
        Boundary(SavedBoundary(f"input {at}", name, as_text(input.type), [link.id for link, _ in entries]))
    )
    return origin, slot


def _boundary_output(root: Graph, definition: Graph, links: list[Link]) -> list[tuple[Node, Any]]:
    """A new output of a subgraph for links from one output; returns where they led to."""
    first = links[0]
    origin = root.by_id[first.origin_id]
    output = origin.outputs[first.origin_slot]
    name = unique_name(output.name, (boundary.name for boundary in definition.outputs))
    at = len(definition.outputs)
    targets: list[tuple[Node, Any]] = []
    for link in links:
        target, input = target_of(root, link)
        if target is None or input is None:
            continue
        targets.append((target, link.target_slot))
        input.link = None
        inner = SavedLink(link.id, link.origin_id, link.origin_slot, SUBGRAPH_OUTPUT, at, link.type)
        definition.links[link.id] = Link(inner)
    definition.outputs.append(
        Boundary(SavedBoundary(f"output {at}", name, as_text(output.type), [link.id for link in links]))
    )
    return targets


def _is_link(value: object) -> bool:
    """Whether a value is [node, output, node, input, ...] by positions."""
    return (
        isinstance(value, list)
        and len(value) >= 4
        and all(isinstance(part, int) and not isinstance(part, bool) and part >= 0 for part in value[:4])
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
