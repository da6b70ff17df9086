"""What is different when the editor's workflow is converted back to a graph. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..conversion.convert import convert_workflow
from ..graph import Graph, is_link

_LONGEST = 60
_MISSING = object()


def differences(
    graph: Graph, ui: Mapping[str, Any], ids: Mapping[str, int | str], object_info: Mapping[str, Any]
) -> list[str]:
    """A line for each value that the editor would send differently, or not at all."""
    back = convert_workflow(ui, object_info, strict=True).graph
    if any("class_type" not in node for node in back.values()):
        # The editor sends no class for a node that it does not know. Its values can be compared.
        tolerant = convert_workflow(ui, object_info).graph
        back = {id: node if "class_type" in node else tolerant[id] for id, node in back.items()}
    found: list[str] = []
    for id, node in graph.items():
        where = f"Node {id[:60]} ({node['class_type'][:60]})"
        sent = back.get(str(ids[id]))
        if sent is None:
            found.append(f"{where}: the editor does not send it, since the class is one of its own")
            continue
        found.extend(f"{where}: {each}" for each in _differences(node["inputs"], sent["inputs"], ids))
    return found


def _differences(
    inputs: Mapping[str, Any], sent: Mapping[str, Any], ids: Mapping[str, int | str]
) -> Iterator[str]:
    for name, value in inputs.items():
        wanted = _comparable(value, ids)
        other = sent.get(name, _MISSING)
        if other is _MISSING:
            yield f"the input {name[:60]!r} is not in the layout: the class has no such widget"
        elif (text := _comparable(other)) != wanted:
            yield f"the input {name[:60]!r} is {_cut(text)} in the editor, and {_cut(wanted)} in the graph"
    added = [
        f"{name[:60]} = {_cut(_comparable(value))}" for name, value in sent.items() if name not in inputs
    ]
    if added:
        yield f"the editor adds {', '.join(added[:6])}{' and more' if len(added) > 6 else ''}"


def _comparable(value: Any, ids: Mapping[str, int | str] | None = None) -> str:
    """A value as text that is the same for the same value. 1, 1.0 and true are different."""
    if is_link(value):
        value = [str(ids[value[0]]) if ids is not None else value[0], value[1]]
    elif isinstance(value, list):
        value = {"__value__": value}
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
