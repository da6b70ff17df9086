"""What changed in extensions (`x-...`) and in what no other comparison sees. Pure.

Sentences in extensions are prose and are not compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from .._documents.keywords import NodeKind, interface, is_word, kind_below
from .._documents.operations import METHODS
from .changes import Change
from .operations import path_without_names

Document = dict[str, Any]
_Places = dict[tuple[str, ...], Any]

_NAMES_OF_MEMBERS = "x-enum-varnames"
_EVENTS = "x-sse-events"
_MOST_PLACES = 4
_MOST_CHARACTERS = 60


def extension_changes(
    old: Document, new: Document, users: Callable[[str], tuple[str, ...]]
) -> Iterator[Change]:
    """The changed extensions of all that both versions have.

    `users` returns the ids of the operations that use a schema.
    """
    was, now = _extensions(old), _extensions(new)
    places = [*was, *(place for place in now if place not in was)]
    changed = [place for place in places if was.get(place) != now.get(place)]
    there = [_parents(document) for document in (old, new)] if changed else []
    for place in changed:
        if any(place[:-1] not in known for known in there):
            continue  # what has it is new or gone as a whole, which other changes report
        name, before, after = place[-1], was.get(place), now.get(place)
        where, operations = _shown_place(place[:-1], new, users)
        if place not in was:
            text = f"extension `{name}` ({_shown(after)}) is new"
        elif place not in now:
            text = f"extension `{name}` ({_shown(before)}) is gone"
        elif isinstance(before, (dict, list)) and isinstance(after, (dict, list)):
            text = f"extension `{name}` has changed at {_listed(before, after)}"
        else:
            text = f"extension `{name}` was {_shown(before)}, is {_shown(after)}"
        kind = "extension-changed"
        yield Change(kind, _breaks(name, before, after), where, text, operations)


def other_changes(old: Document, new: Document) -> Iterator[Change]:
    """What differs outside of operations and components, which other comparisons see."""
    was, now = ({key: interface(document)[key] for key in _others(document)} for document in (old, new))
    if was != now:
        yield Change("other-changed", False, "contract", f"has changed at {_listed(was, now)}")


def written_otherwise(old: Document, new: Document) -> str:
    """The places that are written in another way, such as by a reference; empty without any."""
    was, now = interface(old), interface(new)
    return "" if was == now else _listed(was, now)


def _others(document: Document) -> list[str]:
    return [key for key in interface(document) if key not in ("openapi", "paths", "components", "webhooks")]


def _breaks(name: str, before: Any, after: Any) -> bool:
    """Whether names of enum members differ, or events of a stream are gone or of another schema."""
    if name == _NAMES_OF_MEMBERS:
        return True
    if name != _EVENTS or not isinstance(before, dict):
        return False
    after = after if isinstance(after, dict) else {}
    return any(_schema_of(kind) != _schema_of(after.get(event)) for event, kind in before.items())


def _schema_of(event: Any) -> Any:
    return event.get("schema") if isinstance(event, dict) else None


def _extensions(document: Document) -> _Places:
    """Every extension by its place, without the sentences in it."""
    return {
        place: interface(value, NodeKind.EXTENSION)
        for place, key, node, value in _members(document)
        if key.startswith("x-") and not is_word(key, node, NodeKind.OBJECT)
    }


def _parents(document: Document) -> set[tuple[str, ...]]:
    """The places of all objects that may have extensions."""
    return {(), *(place for place, _, _, value in _members(document) if value != {})}


def _members(document: Document) -> list[tuple[tuple[str, ...], str, Any, Any]]:
    """Every key of keywords and names of a document: its place, itself, its mapping, its value."""
    found: list[tuple[tuple[str, ...], str, Any, Any]] = []

    def walk(node: Any, kind: NodeKind, place: tuple[str, ...]) -> None:
        if isinstance(node, list):
            for index, item in enumerate(node):
                name = item.get("name") if isinstance(item, dict) else None
                here = (*place, str(name) if name else str(index))
                found.append((here, "", node, item))
                walk(item, kind, here)
        elif isinstance(node, dict) and not kind.is_data:
            for key, value in node.items():
                here = (*place, path_without_names(key) if place == ("paths",) else key)
                found.append((here, key if kind is NodeKind.OBJECT else "", node, value))
                walk(value, kind_below(kind, key, value), here)

    walk(document, NodeKind.OBJECT, ())
    return found


def _shown_place(
    place: tuple[str, ...], document: Document, users: Callable[[str], tuple[str, ...]]
) -> tuple[str, tuple[str, ...]]:
    """The place as other changes name it, and the ids of the operations that it concerns."""
    match place:
        case ("paths", path, method, *rest) if method in METHODS:
            for given, item in document["paths"].items():
                if path_without_names(given) == path:
                    named = item[method].get("operationId")
                    where = " ".join([f"{method.upper()} {given}", ".".join(rest)]).rstrip()
                    return where, (named,) if isinstance(named, str) else ()
        case ("components", "schemas", name, *rest):
            return ".".join([f"schema {name}", *(part for part in rest if part != "properties")]), users(name)
        case _:
            pass
    return ".".join(place) or "contract", ()


def _listed(was: Any, now: Any) -> str:
    found = list(_differences(was, now, ""))
    more = f" and {len(found) - _MOST_PLACES} more" if len(found) > _MOST_PLACES else ""
    return f"{', '.join(found[:_MOST_PLACES])}{more}"


def _differences(was: Any, now: Any, where: str) -> Iterator[str]:
    """The places where two values differ, as deep as both have them."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in [*was, *(key for key in now if key not in was)]:
            if key not in was or key not in now:
                yield f"{where}.{key}".lstrip(".")
            elif was[key] != now[key]:
                yield from _differences(was[key], now[key], f"{where}.{key}")
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for index, (one, other) in enumerate(zip(was, now, strict=True)):
            if one != other:
                yield from _differences(one, other, f"{where}[{index}]")
    else:
        yield where.lstrip(".") or "the top"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 3]}..."
