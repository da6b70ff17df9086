"""From whatever holds a workflow to a checked graph in API format: a dict, JSON, a path, or a file that ComfyUI made.

Everything is copied, so the caller's objects are never changed. This module reads files and sends nothing; it does not know
which node classes a server has (`validation` does), and the containers of pictures and films are `graph_files`' concern.
"""

from __future__ import annotations

import json
import math
import mmap
import os
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import ConfigurationError
from .media_files import graph_in, is_media

Graph: TypeAlias = "dict[str, dict[str, Any]]"

# A graph as JSON is some kilobytes; what is larger than this is another file, given by mistake.
LARGEST_JSON = 64 * 1024 * 1024
# What a server can read: 64 bits, signed or not (seeds use all of them).
_SMALLEST_INTEGER, _LARGEST_INTEGER = -(2**63), 2**64 - 1
_MOST_NAMED = 6
# Far deeper than any input is, and less than what encoders of JSON refuse.
_DEEPEST = 100

_EXPORT_ADVICE = "In ComfyUI choose Workflow > Export (API) and use the file that this saves"


def load_graph(source: object) -> tuple[Graph, dict[str, Any] | None]:
    """The graph in `source`, and the editor's workflow when there is one beside it.

    Args:
        source: A mapping, JSON as text or bytes, the content of a file that ComfyUI made as bytes, or the path of either.

    Raises:
        ConfigurationError: It cannot be read, or what it holds is no graph in API format.
    """
    if isinstance(source, Mapping):
        return checked_graph(*_unwrapped(source, "this workflow"))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _from_bytes(bytes(source), "the content")
    if isinstance(source, str) and source.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return _from_json(source.lstrip("\ufeff"), "this text")
    if isinstance(source, (str, os.PathLike)):
        return _from_path(source)
    raise ConfigurationError(
        f"A workflow is a dict, JSON, or the path of a file, not {type(source).__name__}"
    )


def checked_graph(
    graph: Mapping[Any, Any], ui: Mapping[str, Any] | None = None, what: str = "this workflow"
) -> tuple[Graph, dict[str, Any] | None]:
    """A copy of `graph`, in its order, with ids as text. Raises ConfigurationError when it is no graph in API format."""
    if isinstance(graph.get("nodes"), list):
        raise ConfigurationError(
            f"{_sentence(what)} is in the editor's format, which a server cannot run. {_EXPORT_ADVICE}"
        )
    if not graph:
        raise ConfigurationError(f"{_sentence(what)} is empty: there is no node in it")
    wrong = [str(key) for key, node in graph.items() if not _is_node(node)]
    if wrong:
        raise ConfigurationError(
            f"{_sentence(what)} is no graph in API format: {_some(wrong)} has no class_type. {_EXPORT_ADVICE}"
        )
    copied: Graph = {}
    for key, node in graph.items():
        node_id = str(key)
        if node_id in copied:
            raise ConfigurationError(
                f"{_sentence(what)} has two nodes with the id {node_id}: give each its own"
            )
        copied[node_id] = _copied_node(node_id, node)
    for node in copied.values():
        _name_links_as_text(node["inputs"], copied)
    check_links(copied)
    return copied, _copied_ui(ui)


def check_links(graph: Graph) -> None:
    """Raise ConfigurationError, which lists them, when links lead to nodes that are not there."""
    missing = [
        f"{node_id}.{name} -> {link[0]}"
        for node_id, node in graph.items()
        for name, link in links_of(node)
        if link[0] not in graph
    ]
    if missing:
        raise ConfigurationError(
            f"Links lead to nodes that are not in the workflow: {_some(missing)}. Add them, or set these inputs to values"
        )


def links_of(node: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """The inputs of a node that are links: their names, and [node id, output slot]."""
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


def copied_value(value: object, where: str) -> Any:
    """A copy of the value for an input, of plain JSON types and `Path`. Raises ConfigurationError that names `where`."""
    return _copied(value, where, in_inputs=True)


def _from_path(source: str | os.PathLike[str]) -> tuple[Graph, dict[str, Any] | None]:
    name = os.fspath(source)
    if not isinstance(name, str):
        raise ConfigurationError("The path of a workflow is text, not bytes")
    what = f"the file {name[:200]}"
    try:
        path = Path(name).expanduser()
        if path.is_dir():
            raise ConfigurationError(f"{name[:200]} is a folder; give the path of a file in it")
        if not path.exists():
            kind = (
                "There is no file" if isinstance(source, os.PathLike) else "This is neither JSON nor a file:"
            )
            raise ConfigurationError(f"{kind} {name[:200]!r}. Looked in {Path.cwd()}")
        with path.open("rb") as file:
            beginning = file.read(16)
            if is_media(beginning) and path.is_file():
                # Films are large, and the graph is a small part at either end.
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                    return _from_media(mapped, what)
            return _from_bytes(beginning + file.read(LARGEST_JSON), what)
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"{_sentence(what)} cannot be read: {error}") from error


def _from_bytes(content: bytes, what: str) -> tuple[Graph, dict[str, Any] | None]:
    return _from_media(content, what) if is_media(content) else _from_json(content, what)


def _from_media(content: bytes | mmap.mmap, what: str) -> tuple[Graph, dict[str, Any] | None]:
    prompt, workflow = graph_in(content)
    if prompt is not None:
        return checked_graph(prompt, workflow, f"the graph in {what}")
    if workflow is not None:
        raise ConfigurationError(
            f"{_sentence(what)} holds only the editor's workflow, which a server cannot run. Open it in ComfyUI, choose "
            "Workflow > Export (API), and use the file that this saves"
        )
    raise ConfigurationError(
        f"{_sentence(what)} holds no workflow: it was not made by ComfyUI, or something removed its metadata"
    )


def _from_json(content: str | bytes, what: str) -> tuple[Graph, dict[str, Any] | None]:
    if len(content) > LARGEST_JSON:
        raise ConfigurationError(
            f"{_sentence(what)} is too large for a workflow: over {LARGEST_JSON >> 20} MiB"
        )
    try:
        decoded = json.loads(content)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise ConfigurationError(
            f"{_sentence(what)} is neither JSON nor a picture, film or sound made by ComfyUI: {reason}"
        ) from error
    if not isinstance(decoded, dict):
        raise ConfigurationError(f"{_sentence(what)} is JSON, but no object of nodes. {_EXPORT_ADVICE}")
    return checked_graph(*_unwrapped(decoded, what))


def _unwrapped(
    source: Mapping[Any, Any], what: str
) -> tuple[Mapping[Any, Any], Mapping[str, Any] | None, str]:
    """The graph out of the body of a request, or out of the pair that the editor makes; as it is otherwise."""
    ui: object = None
    for key in ("prompt", "output"):
        inner = source.get(key)
        if not isinstance(inner, Mapping) or "class_type" in inner:
            continue
        if key == "output":
            ui = source.get("workflow")
        else:
            extra = source.get("extra_data")
            pnginfo = extra.get("extra_pnginfo") if isinstance(extra, Mapping) else None
            ui = pnginfo.get("workflow") if isinstance(pnginfo, Mapping) else None
        return inner, ui if isinstance(ui, Mapping) else None, what
    return source, None, what


def _is_node(node: object) -> bool:
    return isinstance(node, Mapping) and isinstance(node.get("class_type"), str) and bool(node["class_type"])


def _copied_node(node_id: str, node: Mapping[str, Any]) -> dict[str, Any]:
    inputs = node.get("inputs")
    if inputs is None:
        inputs = {}
    if not isinstance(inputs, Mapping):
        raise ConfigurationError(f"The inputs of node {node_id} are not an object of names and values")
    copied: dict[str, Any] = {}
    for key, value in {**node, "inputs": inputs}.items():
        # `is_changed` is a note of the server that ran the graph, often NaN; it is no part of the graph.
        if key != "is_changed":
            where = f"node {node_id}" if key == "inputs" else f"{key} of node {node_id}"
            copied[str(key)] = _copied(value, where, in_inputs=key == "inputs")
    return copied


def _copied_ui(ui: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The editor's workflow as plain JSON. It is decoration: one that cannot be sent does not stop a graph that can."""
    if not ui:
        return None
    try:
        copied: dict[str, Any] = _copied(ui, "the editor's workflow", in_inputs=False)
    except ConfigurationError:
        return None
    return copied


def _name_links_as_text(inputs: dict[str, Any], graph: Graph) -> None:
    """[4, 0] -> ["4", 0]: ids that are numbers in Python are text in a graph, and so they are in links."""
    for value in inputs.values():
        if (
            isinstance(value, list)
            and [type(part) for part in value] == [int, int]
            and str(value[0]) in graph
        ):
            value[0] = str(value[0])


def _copied(value: object, where: str, *, in_inputs: bool, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        raise ConfigurationError(f"The value of {where[:100]} is nested too deeply, or contains itself")
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise ConfigurationError(f"The text of {where} has half a character in it (a lone surrogate)")
        return str(value)
    if isinstance(value, int):
        if not _SMALLEST_INTEGER <= value <= _LARGEST_INTEGER:
            raise ConfigurationError(f"The number of {where} does not fit into 64 bits")
        return int(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        if not in_inputs:
            return None  # layouts have NaN here and there
        raise ConfigurationError(f"The number of {where} is {value}, which JSON cannot say")
    if isinstance(value, Mapping):
        return {
            _key(key, where): _copied(part, f"{where}.{key}", in_inputs=in_inputs, depth=depth + 1)
            for key, part in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_copied(part, where, in_inputs=in_inputs, depth=depth + 1) for part in value]
    if in_inputs and isinstance(value, os.PathLike):
        path = os.fspath(value)
        if isinstance(path, str):
            return Path(path)
    raise ConfigurationError(
        f"The value of {where} is a {type(value).__module__}.{type(value).__qualname__}, which JSON cannot say: pass text, "
        "a number, a list, a dict, or the Path of a file (a picture in memory has to be saved first)"
    )


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise ConfigurationError(f"The names in {where} have to be text, and {key!r:.50} is not")
    return key


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    listed = ", ".join(name[:80] for name in names[:_MOST_NAMED])
    return f"{listed} and {more} more" if more > 0 else listed


def _sentence(what: str) -> str:
    return what[:1].upper() + what[1:]
