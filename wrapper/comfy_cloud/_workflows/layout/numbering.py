"""Which id each node of a graph gets in the editor, and which are in a subgraph. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

# The hosts around a node, and the node itself, by their ids.
Path: TypeAlias = "tuple[str, ...]"

_DEEPEST = 50
_MOST_LISTED = 6


def inner_path(id: str) -> Path | None:
    """The path of a node in subgraphs, such as "12:3"; None if the id is not one."""
    if ":" not in id or id.count(":") > _DEEPEST:
        return None
    parts = tuple(id.split(":"))
    return parts if all(map(is_whole, parts)) else None


def is_whole(id: str) -> bool:
    """Whether an id is a whole number as the editor writes it."""
    return id.isascii() and id.isdigit() and len(id) < 10 and id == f"{int(id)}"


def numbered(graph: Iterable[str], paths: Mapping[str, Path]) -> dict[str, int | str]:
    """The id of each node in the editor: its own, or a new number.

    `paths` are those of the nodes that are in a subgraph, by their ids.
    """
    listed = list(graph)
    kept = {id: int(id) for id in listed if is_whole(id)}
    inner = (int(part) for path in paths.values() for part in path)
    following = max([*kept.values(), *inner], default=0)
    ids: dict[str, int | str] = {}
    for id in listed:
        if id in paths:
            ids[id] = id
            continue
        if id not in kept:
            following += 1
        ids[id] = kept.get(id, following)
    return ids


def renumbering(ids: Mapping[str, int | str]) -> list[str]:
    """A warning with the nodes that got new ids, if there are any."""
    new = [f"{id[:60]!r} is now {number}" for id, number in ids.items() if str(number) != id]
    if not new:
        return []
    more = f" and {len(new) - _MOST_LISTED} more" if len(new) > _MOST_LISTED else ""
    return [f"These nodes get other ids in the editor: {', '.join(new[:_MOST_LISTED])}{more}"]
