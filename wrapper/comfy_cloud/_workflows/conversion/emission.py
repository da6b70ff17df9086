"""The graph in API format, read off the nodes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import ConfigurationError
from .editor_values import MISSING, in_object_order
from .expansion import Unfolded
from .model import Node, Widget
from .resolution import Resolver
from .texts import choose, fill_in

if TYPE_CHECKING:
    from .editor_state import Editor

Graph = dict[str, dict[str, Any]]


class DroppedLink:
    """An input whose link was left out, and why.

    `is_wanted` is True if somebody muted or bypassed a node for that.
    """

    __slots__ = ("input", "is_wanted", "node_id", "reason")

    def __init__(self, node_id: str, input: str, reason: str, *, is_wanted: bool) -> None:
        self.node_id = node_id
        self.input = input
        self.reason = reason
        self.is_wanted = is_wanted


def emit(editor: Editor, places: dict[str, Unfolded]) -> tuple[Graph, list[DroppedLink]]:
    """The graph, and the links that are not in it.

    Raises ConfigurationError, which names the node, where the editor gives no graph.
    """
    resolver = Resolver(editor, places)
    graph: Graph = {}
    links: list[tuple[str, str, list[Any]]] = []
    dropped: list[DroppedLink] = []
    for place in places.values():
        node = place.node
        if node.is_virtual or not node.is_active:
            continue
        inputs: dict[str, Any] = {}
        editor.at = node
        editor.spend(4 * len(node.widgets))
        for widget in _widgets(editor, node):
            if widget.name and widget.is_sent:
                inputs[widget.name] = _wrapped(
                    editor, node, _sent_value(editor, node, widget), is_curve=widget.kind == "curve"
                )
        for position, input in enumerate(node.inputs):
            if input.link is None:
                continue
            source = resolver.source(place, position)
            if source is None:
                if not resolver.is_primitive:
                    reason, is_wanted = resolver.reason, resolver.is_wanted
                    dropped.append(DroppedLink(place.id, input.name, reason, is_wanted=is_wanted))
            elif source.node_id is None:
                inputs[input.name] = _wrapped(editor, node, source.value)
            else:
                inputs[input.name] = link = [source.node_id, source.slot]
                links.append((place.id, input.name, link))
        graph[place.id] = _emitted(editor, node, inputs)
    for node_id, name, link in links:
        inputs = graph[node_id]["inputs"]
        if link[0] not in graph and inputs.get(name) is link:
            del inputs[name]
            dropped.append(DroppedLink(node_id, name, f"node {link[0]} is not sent", is_wanted=False))
    return {id: graph[id] for id in in_object_order(graph)}, dropped


def _emitted(editor: Editor, node: Node, inputs: dict[str, Any]) -> dict[str, Any]:
    emitted: dict[str, Any] = {
        "inputs": {name: value for name, value in inputs.items() if value is not MISSING}
    }
    if node.cls is not None:
        emitted["class_type"] = node.cls.name
    elif not editor.strict:
        emitted["class_type"] = node.type
    emitted["_meta"] = {"title": node.title} if node.title or node.cls is not None else {}
    return emitted


def _widgets(editor: Editor, node: Node) -> list[Widget]:
    """The widgets; those of an unknown class get the names of the inputs that were saved."""
    if not node.is_unknown or editor.strict or node.saved is None:
        return node.widgets
    names: list[str | None] = []
    for slot in node.saved.inputs:
        if slot.widget is not None:
            names.append(slot.widget)
            if slot.widget in ("seed", "noise_seed"):
                names.append(None)
    if not isinstance(node.saved.values, list):
        values = node.saved.values or {}
        return [Widget(name, "text", value) for name, value in values.items()]
    if len(names) != len(node.widgets):
        names = [name for name in names if name is not None]
    if len(names) != len(node.widgets):
        return node.widgets
    return [
        Widget(name, "text", value)
        for name, value in zip(names, node.saved.values, strict=True)
        if name is not None
    ]


def _sent_value(editor: Editor, node: Node, widget: Widget) -> Any:
    value = widget.value
    if widget.resolve is None:
        return value
    if callable(widget.resolve):
        return widget.resolve()
    if not isinstance(value, str):
        if widget.resolve == "name" and editor.strict:
            raise ConfigurationError(
                f"The value of {widget.name!r} of {node.described} must be text: the editor fails on it"
            )
        return value
    return choose(editor, value) if widget.resolve == "prompt" else fill_in(editor, value)


def _wrapped(editor: Editor, node: Node, value: Any, *, is_curve: bool = False) -> Any:
    """A list as a value: a bare one would be a link."""
    if isinstance(value, (dict, list)):
        try:
            value = _copied(editor, node, value)  # it is the caller's, or of the node classes
        except RecursionError:
            raise ConfigurationError(f"A value of {node.described} is nested too deeply") from None
    if isinstance(value, str):
        editor.spend(len(value) // 64, node)
    if not isinstance(value, (list, tuple)):
        if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
            return None
        return value
    return {"__type__": "CURVE", "__value__": list(value)} if is_curve else {"__value__": list(value)}


def _copied(editor: Editor, node: Node, value: Any) -> Any:
    """A copy of a value. Hosts of one subgraph each get one, so there may be very many."""
    if isinstance(value, dict):
        editor.spend(2 * len(value) + 1, node)
        return {key: _copied(editor, node, part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        editor.spend(2 * len(value) + 1, node)
        return [_copied(editor, node, part) for part in value]
    if isinstance(value, str):
        editor.spend(len(value) // 64, node)
    return value
