"""Graphs in API format: what one is, and a checked copy of it.

Everything is copied, so the caller's objects are never changed. Which node classes a server has is
not known here; that is for `validation`. Pure: nothing here reads a file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, TypeAlias, TypeGuard

from ..errors import ConfigurationError
from .file_values import as_file_value

Graph: TypeAlias = "dict[str, dict[str, Any]]"

EXPORT_ADVICE = "In ComfyUI choose Workflow > Export (API), and use the file that it saves"
CONVERT_ADVICE = (
    "To be converted, it needs the node classes of a server. Pass it to submit, run, map or validate of a "
    "client, which know them, or pass object_info=cloud.nodes.all() to Workflow.load"
)

# What a server can read: 64 bits, signed or not (seeds use all of them).
_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**64 - 1
_MAX_LISTED = 6
# What an empty layout has beside its list of nodes.
_LAYOUT_KEYS = ("links", "version", "last_node_id")
# What a server's report on a node has beside the class, where a node has inputs.
_REPORT_KEYS = ("errors", "dependent_outputs", "node_id")
# Far deeper than any input is, and less than what JSON encoders refuse.
_MAX_DEPTH = 100


def classes_of(graph: object) -> dict[str, str]:
    """The class of each node of a graph, by node id. What is not a node is left out."""
    if not isinstance(graph, Mapping):
        return {}
    nodes = ((str(key), node.get("class_type")) for key, node in graph.items() if isinstance(node, Mapping))
    return {key: name for key, name in nodes if isinstance(name, str)}


def checked_graph(
    graph: Mapping[Any, Any], ui: Mapping[str, Any] | None = None, what: str = "this workflow"
) -> tuple[Graph, dict[str, Any] | None]:
    """A copy of `graph` and of `ui`, the same workflow in the editor's format.

    Nodes keep their order, and ids become strings. `what` names the graph in messages.

    Raises ConfigurationError if it is not a graph in API format.
    """
    if is_layout(graph):
        raise ConfigurationError(
            f"{capitalised(what)} is in the editor's format, which a server cannot run. {CONVERT_ADVICE}"
        )
    if not graph:
        raise ConfigurationError(f"{capitalised(what)} is empty: it contains no nodes")
    wrong = [str(key) for key, node in graph.items() if not is_node(node)]
    if wrong:
        raise ConfigurationError(
            f"{capitalised(what)} is not a graph in API format: {_listed(wrong)} "
            f"{'has' if len(wrong) == 1 else 'have'} no class_type. "
            f"{EXPORT_ADVICE}"
        )
    copied: Graph = {}
    for key, node in graph.items():
        node_id = str(key)
        if node_id in copied:
            raise ConfigurationError(
                f"{capitalised(what)} has two nodes with the id {node_id}: give one of them another id"
            )
        copied[node_id] = _copied_node(node_id, node)
    for node in copied.values():
        _name_links_as_text(node["inputs"], copied)
    check_links(copied)
    return copied, _copied_ui(ui)


def check_links(graph: Graph) -> None:
    """Raise ConfigurationError, which lists them, if links lead to nodes that do not exist."""
    missing = [
        f"{node_id}.{name} -> {link[0]}"
        for node_id, node in graph.items()
        for name, link in links_of(node)
        if link[0] not in graph
    ]
    if missing:
        raise ConfigurationError(
            f"Links lead to nodes that are not in the workflow: {_listed(missing)}. Add the nodes, or set "
            "these "
            "inputs to values"
        )


def links_of(node: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """The inputs of a node that are links: the name of each, and [node id, output slot]."""
    return ((name, value) for name, value in node["inputs"].items() if is_link(value))


def is_link(value: object) -> bool:
    """Whether the value of an input is the output of another node, [id, slot]."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
        and not isinstance(value[1], bool)
    )


def is_node(node: object) -> bool:
    """Whether a value is a node in API format: an object with a class.

    A server's errors name the class of a node as well. Those objects have no inputs.
    """
    if not isinstance(node, Mapping) or not isinstance(node.get("class_type"), str):
        return False
    is_report = "inputs" not in node and any(key in node for key in _REPORT_KEYS)
    return bool(node["class_type"]) and not is_report


def is_layout(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is a workflow in the editor's format: an object with a list of nodes.

    3D models in JSON have a list of that name as well, of numbers or of nodes without id and type.
    """
    if not isinstance(value, Mapping):
        return False
    nodes = value.get("nodes")
    if not nodes:
        return isinstance(nodes, list) and any(key in value for key in _LAYOUT_KEYS)
    return isinstance(nodes, list) and any(
        isinstance(node, Mapping) and ("id" in node or "type" in node) for node in nodes
    )


def copied_value(value: object, where: str) -> Any:
    """A copy of the value of an input, of plain JSON types and files to upload.

    Raises ConfigurationError, which names `where`, for any other type.
    """
    return _copied(value, where, in_inputs=True)


def capitalised(text: str) -> str:
    """The text with a capital letter at its start, to begin a sentence."""
    return text[:1].upper() + text[1:]


def _copied_node(node_id: str, node: Mapping[str, Any]) -> dict[str, Any]:
    inputs = node.get("inputs")
    if inputs is None:
        inputs = {}
    if not isinstance(inputs, Mapping):
        raise ConfigurationError(f"The inputs of node {node_id} must be an object of names and values")
    copied: dict[str, Any] = {}
    for key, value in {**node, "inputs": inputs}.items():
        # A note of the server that ran the graph, often NaN. It is not part of the graph.
        if key != "is_changed":
            where = f"node {node_id}" if key == "inputs" else f"{key} of node {node_id}"
            copied[str(key)] = _copied(value, where, in_inputs=key == "inputs")
    return copied


def _copied_ui(ui: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The editor's workflow as plain JSON; None if it cannot be sent, which the graph still can."""
    if not ui:
        return None
    try:
        copied: dict[str, Any] = _copied(ui, "the editor's workflow", in_inputs=False)
    except ConfigurationError:
        return None
    return copied


def _name_links_as_text(inputs: dict[str, Any], graph: Graph) -> None:
    """[4, 0] -> ["4", 0]: ids are strings in a graph, also where Python code has numbers."""
    for value in inputs.values():
        if (
            isinstance(value, list)
            and [type(part) for part in value] == [int, int]
            and str(value[0]) in graph
        ):
            value[0] = str(value[0])


def _copied(value: object, where: str, *, in_inputs: bool, depth: int = 0) -> Any:
    if depth > _MAX_DEPTH:
        raise ConfigurationError(f"The value of {where[:100]} is nested too deeply, or contains itself")
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            if not in_inputs:  # layouts contain texts that were cut
                return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            raise ConfigurationError(
                f"The text of {where} contains half a character (a lone surrogate): remove it"
            )
        return str(value)
    if isinstance(value, int):
        if not _MIN_INTEGER <= value <= _MAX_INTEGER:
            if not in_inputs:
                return _as_float(value)
            raise ConfigurationError(f"The number of {where} does not fit into 64 bits: give a smaller one")
        return int(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        if not in_inputs:
            return None  # layouts contain NaN here and there
        raise ConfigurationError(f"The number of {where} is {value}, which cannot be written as JSON")
    if isinstance(value, Mapping):
        return {
            _key(key, where): _copied(part, f"{where}.{key}", in_inputs=in_inputs, depth=depth + 1)
            for key, part in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_copied(part, where, in_inputs=in_inputs, depth=depth + 1) for part in value]
    file = as_file_value(value, where) if in_inputs else None
    if file is not None:
        return file
    raise ConfigurationError(
        f"The value of {where} is a {type(value).__module__}.{type(value).__qualname__}, which cannot be "
        "written as JSON: pass text, a number, a list, a dict, or a file (a Path, bytes, an image, an "
        "output, an asset)"
    )


def _as_float(value: int) -> float | None:
    """The number as JavaScript reads it, which is where layouts have such numbers from."""
    try:
        return float(value)
    except OverflowError:
        return None


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise ConfigurationError(f"The names in {where} must be strings, and {key!r:.50} is not")
    return key


def _listed(names: list[str]) -> str:
    more = len(names) - _MAX_LISTED
    listed = ", ".join(name[:80] for name in names[:_MAX_LISTED])
    return f"{listed} and {more} more" if more > 0 else listed
