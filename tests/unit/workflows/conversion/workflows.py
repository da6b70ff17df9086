"""Workflows in the editor's format, of few lines."""

from __future__ import annotations

from typing import Any


def node(
    id: int | str,
    type: str,
    values: Any = None,
    *,
    links: dict[str, int] | None = None,
    widgets: dict[str, int] | None = None,
    outputs: dict[int, list[int]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A node. `links` are links to slots, `widgets` those to widgets, by the names of inputs."""
    inputs = [{"name": name, "type": "*", "link": link} for name, link in (links or {}).items()]
    inputs += [
        {"name": name, "type": "*", "link": link, "widget": {"name": name}}
        for name, link in (widgets or {}).items()
    ]
    last = max(outputs or {0: []})
    made = {
        "id": id,
        "type": type,
        "inputs": inputs,
        "outputs": [
            {"name": "", "type": "*", "links": (outputs or {}).get(at, [])} for at in range(last + 1)
        ],
    }
    return made | ({} if values is None else {"widgets_values": values}) | more


def workflow(nodes: list[Any], links: list[list[Any]] | None = None, *subgraphs: Any) -> dict[str, Any]:
    """A workflow of version 0.4. A link is [id, from, output, to, input, type]."""
    made: dict[str, Any] = {"version": 0.4, "nodes": nodes, "links": links or []}
    return made | ({"definitions": {"subgraphs": list(subgraphs)}} if subgraphs else {})


def subgraph(
    id: str,
    nodes: list[Any],
    links: list[list[Any]] | None = None,
    inputs: dict[str, list[int]] | None = None,
    outputs: dict[str, list[int]] | None = None,
) -> dict[str, Any]:
    """A subgraph. Its inputs and outputs are -10 and -20 in links, here with their links inside."""
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    return {
        "id": id,
        "name": f"Subgraph {id}",
        "version": 1,
        "nodes": nodes,
        "links": [dict(zip(names, link, strict=True)) for link in links or []],
        "inputs": [
            {"id": f"{id} {name}", "name": name, "type": "*", "linkIds": ids}
            for name, ids in (inputs or {}).items()
        ],
        "outputs": [
            {"id": f"{id} out {name}", "name": name, "type": "*", "linkIds": ids}
            for name, ids in (outputs or {}).items()
        ],
    }
