"""The saved workflow in its versions, as plain records. Pure.

Version 0.4 has links as lists, version 1 as objects; subgraphs always have objects. What is not of
the shape that it should have is left out here, so that the rules can rely on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...errors import ConfigurationError
from .editor_values import MISSING, as_double, as_text, hashable, is_number, number_text

_LINK_FIELDS = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
_MOST_DEFINITIONS = 10_000
# The id of a node that was not saved with one, and gets a new one.
FRESH_ID: Final = object()


@dataclass
class SavedSlot:
    """An input or output of a saved node. `links` is for outputs."""

    name: str
    type: object
    link: Any = None
    widget: str | None = None
    label: str | None = None
    links: list[Any] = field(default_factory=list)


@dataclass
class SavedNode:
    """A node as saved. `id` is None if the editor gives it a new one; `raw_id` is as it was."""

    id: str | None
    raw_id: object
    type: str
    title: str
    mode: object
    inputs: list[SavedSlot]
    outputs: list[SavedSlot]
    values: list[Any] | Mapping[str, Any] | None
    properties: dict[str, Any]


@dataclass
class SavedLink:
    """A link. Ids of nodes are text."""

    id: Any
    origin_id: str
    origin_slot: Any
    target_id: str
    target_slot: Any
    type: object


@dataclass
class SavedBoundary:
    """An input or output of a subgraph, and the links inside of it."""

    id: str
    name: str
    type: object
    link_ids: list[Any]
    label: str | None = None


@dataclass
class SavedGraph:
    """A graph: the workflow itself, or a subgraph with `id`, `name`, `inputs` and `outputs`."""

    id: str
    name: str
    nodes: list[SavedNode]
    links: list[SavedLink]
    inputs: list[SavedBoundary]
    outputs: list[SavedBoundary]
    definitions: list[SavedGraph]
    last_node_id: int = 0
    last_link_id: int = 0


@dataclass
class Document:
    """A workflow, and the group nodes that it defines."""

    root: SavedGraph
    group_nodes: Mapping[str, Any]


def read_document(ui: Mapping[str, Any], *, strict: bool) -> Document:
    """The records in a workflow.

    Raises ConfigurationError if a node is not an object.
    """
    extra = ui.get("extra")
    groups = extra.get("groupNodes") if isinstance(extra, Mapping) else None
    root = _graph(ui, "the workflow", is_root=True, strict=strict, depth=0)
    return Document(root, groups if isinstance(groups, Mapping) else {})


def _graph(raw: Mapping[str, Any], what: str, *, is_root: bool, strict: bool, depth: int) -> SavedGraph:
    if depth > _MOST_DEPTH:
        raise ConfigurationError(f"The definitions of {what} are nested too deeply")
    try:
        return _read_graph(raw, what, is_root=is_root, strict=strict, depth=depth)
    except RecursionError:
        raise ConfigurationError(
            f"{what[:1].upper()}{what[1:]} has an id, a link or an input that is nested too deeply"
        ) from None


def _read_graph(raw: Mapping[str, Any], what: str, *, is_root: bool, strict: bool, depth: int) -> SavedGraph:
    definitions = raw.get("definitions")
    subgraphs = _mappings(definitions.get("subgraphs")) if isinstance(definitions, Mapping) else []
    if len(subgraphs) > _MOST_DEFINITIONS:
        raise ConfigurationError(f"{what[:1].upper()}{what[1:]} has more than {_MOST_DEFINITIONS} subgraphs")
    is_old = raw.get("version") == 0.4
    state = raw.get("state")
    counters = state if isinstance(state, Mapping) and not is_old else {}
    name = raw.get("name")
    return SavedGraph(
        id=as_text(raw.get("id")),
        name=name if isinstance(name, str) else "",
        nodes=[read_node(node, f"{what}, nodes[{at}]") for at, node in enumerate(_list(raw.get("nodes")))],
        links=_links(raw.get("links"), is_old=is_old, strict=strict),
        inputs=[_boundary(part) for part in _mappings(raw.get("inputs"))] if not is_root else [],
        outputs=[_boundary(part) for part in _mappings(raw.get("outputs"))] if not is_root else [],
        definitions=[
            _graph(
                part, f"the subgraph {as_text(part.get('id'))}", is_root=False, strict=strict, depth=depth + 1
            )
            for part in subgraphs
        ],
        last_node_id=_counter(counters.get("lastNodeId"), raw.get("last_node_id")),
        last_link_id=_counter(counters.get("lastLinkId"), raw.get("last_link_id")),
    )


_MOST_DEPTH = 50


def read_node(raw: object, where: str) -> SavedNode:
    """A node. `where` names it in messages. Raises ConfigurationError if it is not an object."""
    if not isinstance(raw, Mapping):
        raise ConfigurationError(f"{where[:1].upper()}{where[1:]} is not a node, which is an object")
    try:
        return _node(raw)
    except RecursionError:
        is_shown = isinstance(raw.get("id"), (str, int))
        described = f"{where}, with the id {raw['id']!r:.60}" if is_shown else where
        raise ConfigurationError(f"A field of {described} is nested too deeply") from None


def _node(raw: Mapping[str, Any]) -> SavedNode:
    title, values = raw.get("title"), raw.get("widgets_values")
    properties = raw.get("properties")
    mode = raw.get("mode")
    as_text(raw.get("id"))  # not used here, but refused here if it is nested too deeply
    return SavedNode(
        id=node_id(raw.get("id", MISSING)),
        raw_id=raw.get("id", MISSING),
        type=as_text(raw["type"]) if "type" in raw else "undefined",
        title=title if isinstance(title, str) else "" if title is None else as_text(title),
        mode=0 if mode is None else mode,
        inputs=[_slot(slot) for slot in _mappings(raw.get("inputs"))],
        outputs=[_slot(slot) for slot in _mappings(raw.get("outputs"))],
        values=values if isinstance(values, (list, Mapping)) else None,
        properties=dict(properties) if isinstance(properties, Mapping) else {},
    )


def node_id(raw: object) -> str | None:
    """The id of a node as text; None for an empty one, which the editor replaces."""
    return id_text(raw) or None


def id_text(raw: object) -> str:
    """An id as text. A browser rounds numbers beyond 2^53."""
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) > 2**53:
        return number_text(as_double(raw))
    return as_text(raw)


def _slot(raw: Mapping[str, Any]) -> SavedSlot:
    widget, label = raw.get("widget"), raw.get("label")
    name = widget.get("name") if isinstance(widget, Mapping) else None
    return SavedSlot(
        name=as_text(raw["name"]) if "name" in raw else "undefined",
        type=raw.get("type", 0),
        link=hashable(raw.get("link")),
        widget=name if isinstance(name, str) else None,
        label=label if isinstance(label, str) else None,
        links=[link for link in map(hashable, _list(raw.get("links"))) if link is not None],
    )


def _boundary(raw: Mapping[str, Any]) -> SavedBoundary:
    label = raw.get("label")
    return SavedBoundary(
        id=as_text(raw.get("id")),
        name=as_text(raw.get("name")),
        type=raw.get("type", "*"),
        link_ids=[link for link in map(hashable, _list(raw.get("linkIds"))) if link is not None],
        label=label if isinstance(label, str) else None,
    )


def _links(raw: object, *, is_old: bool, strict: bool) -> list[SavedLink]:
    found: list[SavedLink] = []
    for link in _list(raw):
        # The frontend reads lists in version 0.4 only, and objects in the others only.
        if isinstance(link, Mapping) and not (is_old and strict):
            values = [link.get(name) for name in _LINK_FIELDS]
        elif isinstance(link, (list, tuple)) and (is_old or not strict):
            values = [*link[:6], *[None] * (6 - len(link))]
        else:
            continue
        key = hashable(values[0])
        if key is not None:
            origin, target = id_text(values[1]), id_text(values[3])
            found.append(SavedLink(key, origin, hashable(values[2]), target, hashable(values[4]), values[5]))
    return found


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [part for part in _list(value) if isinstance(part, Mapping)]


def _counter(*values: object) -> int:
    most = 0
    for value in values:
        if isinstance(value, (int, float)) and is_number(value) and most < value < 2**53:
            most = int(value)
    return most
