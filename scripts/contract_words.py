"""Which parts of a contract are words and which are interface, and how the words of one are put on the other.

Words are descriptions, summaries, examples and links to documentation, wherever OpenAPI has a place for them; a field or
parameter that happens to be called `description` is interface. It reads and writes no file, and writes no words.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

WORDS = frozenset({"description", "summary", "example", "examples", "externalDocs"})
_SAMPLES = frozenset({"example", "examples"})
_DATA = frozenset(
    {
        "default",
        "enum",
        "const",
        "required",
        "security",
        "scopes",
        "mapping",
        "dependentRequired",
        "value",
        *_SAMPLES,
    }
)
_NAMED = frozenset(
    {
        "paths", "webhooks", "pathItems", "properties", "patternProperties", "dependentSchemas", "$defs", "definitions",
        "schemas", "responses", "parameters", "requestBodies", "headers", "securitySchemes", "links", "callbacks",
        "content", "encoding", "variables", "flows",
    }
)  # fmt: skip


class Place(Enum):
    """What the keys of a mapping mean at some place of a contract."""

    OBJECT = "keywords of OpenAPI"
    NAMES = "names that the contract gives"
    DATA = "plain data"


def place_below(place: Place, key: str | int, value: Any) -> Place:
    """The place of the value under `key` of a node at `place`. Items of a list are where the list is."""
    if place is Place.DATA:
        return Place.DATA
    if place is Place.NAMES or not isinstance(key, str):
        return Place.OBJECT
    if key in _DATA or key.startswith("x-"):
        return Place.DATA
    return Place.NAMES if key in _NAMED and isinstance(value, dict) else Place.OBJECT


def is_word(key: str, node: dict[str, Any], place: Place) -> bool:
    """Whether `key` of `node` holds words. The title of a schema names a class; that of the whole contract is words."""
    return place is Place.OBJECT and (key in WORDS or (key == "title" and "version" in node))


def interface(node: Any, place: Place = Place.OBJECT) -> Any:
    """A copy without words; the order of `required`, which has no meaning, is made the same everywhere."""
    if isinstance(node, dict):
        return {
            key: sorted(value, key=str)
            if place is Place.OBJECT and key == "required" and isinstance(value, list)
            else interface(value, place_below(place, key, value))
            for key, value in node.items()
            if not is_word(key, node, place)
        }
    if isinstance(node, list):
        return [interface(item, place) for item in node]
    return node


def is_words_only(update: Any) -> bool:
    """Whether an update says nothing but words about the object that it is for."""
    return (
        isinstance(update, dict)
        and bool(update)
        and all(key in WORDS and update[key] != {} for key in update)
    )


def identity(item: Any) -> tuple[str, ...] | None:
    """What a list item is known by in another version of its list; None when it has nothing of the kind."""
    if not isinstance(item, dict):
        return None
    if "name" in item:
        return ("name", str(item["name"]), str(item.get("in")))
    for key in ("$ref", "url"):
        if key in item:
            return (key, str(item[key]))
    return None


def continued_items(new: list[Any], old: list[Any]) -> list[int | None]:
    """For each item of `new` the index of the item of `old` that it continues: by identity, else by position."""
    marks = [identity(item) for item in old]
    known = {mark: index for index, mark in enumerate(marks) if mark is not None}
    return [
        known.get(mark)
        if (mark := identity(item))
        else (index if index < len(old) and not marks[index] else None)
        for index, item in enumerate(new)
    ]


@dataclass
class Worded:
    """A contract with the words of another one put on it.

    Attributes:
        document: The contract.
        unwritten: Where words of the newcomer stand, since the place is new.
        doubtful: Where our words stand though the interface of that place has changed.
    """

    document: dict[str, Any]
    unwritten: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)


def with_words_of(new: dict[str, Any], ours: dict[str, Any]) -> Worded:
    """The interface of `new` with our words wherever we have the same place; neither argument is changed.

    A sample of ours stays only where the interface of its place is the same: elsewhere it may be wrong by now.
    """
    worded = Worded({})
    worded.document = _merge(new, ours, Place.OBJECT, "", worded)
    return worded


def _merge(new: Any, ours: Any, place: Place, where: str, worded: Worded) -> Any:
    if place is Place.DATA:
        return copy.deepcopy(new)
    if isinstance(new, dict) and isinstance(ours, dict):
        return _merge_mappings(new, ours, place, where, worded)
    if isinstance(new, list) and isinstance(ours, list):
        return [
            _merge(item, None if old is None else ours[old], place, f"{where}[{_label(item, index)}]", worded)
            for index, (item, old) in enumerate(zip(new, continued_items(new, ours), strict=True))
        ]
    worded.unwritten += _word_places(new, place, where)
    return copy.deepcopy(new)


def _merge_mappings(
    new: dict[str, Any], ours: dict[str, Any], place: Place, where: str, worded: Worded
) -> dict[str, Any]:
    same = interface(new, place) == interface(ours, place)
    merged: dict[str, Any] = {}
    for key, value in ours.items():
        if is_word(key, ours, place):
            if key not in _SAMPLES or same:
                merged[key] = copy.deepcopy(value)
        elif key in new:
            merged[key] = _merge(new[key], value, place_below(place, key, new[key]), f"{where}.{key}", worded)
    order = list(merged)
    before = None
    for key, value in new.items():
        if is_word(key, new, place):
            if key in _SAMPLES and not same:
                merged[key] = copy.deepcopy(value)
        elif key not in merged:
            merged[key] = _merge(value, None, place_below(place, key, value), f"{where}.{key}", worded)
        if key in merged:
            if key not in order:
                order.insert(len(order) if before is None else order.index(before) + 1, key)
            before = key
    if "description" in merged and place is Place.OBJECT and _keywords(new) != _keywords(ours):
        worded.doubtful.append(where.lstrip(".") or "(top)")
    return {key: merged[key] for key in order}


def _keywords(node: dict[str, Any]) -> dict[str, Any]:
    """What an object says of itself that its description may speak of: neither words, nor what is nested, nor a version."""
    return {
        key: sorted(value, key=str) if isinstance(value, list) else value
        for key, value in node.items()
        if not is_word(key, node, Place.OBJECT)
        and key != "version"
        and not isinstance(value, dict)
        and not (isinstance(value, list) and _holds_mappings(value))
    }


def _holds_mappings(items: list[Any]) -> bool:
    return any(isinstance(item, dict) for item in items)


def _word_places(node: Any, place: Place, where: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if is_word(key, node, place):
                if isinstance(value, str) and key not in _SAMPLES:
                    yield f"{where}.{key}".lstrip(".")
            elif place is not Place.DATA:
                yield from _word_places(value, place_below(place, key, value), f"{where}.{key}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _word_places(item, place, f"{where}[{_label(item, index)}]")


def _label(item: Any, index: int) -> str:
    mark = identity(item)
    return mark[1] if mark else str(index)
