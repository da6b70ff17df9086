"""Our descriptions put on a newer version of the contract, whose interface stays as it is.

Wording means descriptions, summaries, samples, and the sentences in extensions;
`comfy_cloud.contract._documents.keywords` defines which keys those are. No sentence of the newer
contract is taken over: where we have none yet, there is a placeholder, or nothing in an extension.
This module reads and writes no file.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from comfy_cloud.contract._documents.keywords import (
    SAMPLES,
    NodeKind,
    interface,
    is_sentence,
    is_word,
    kind_below,
)
from scripts.contract.list_items import continued_items, identity

PLACEHOLDER = "Not described yet."


@dataclass
class Worded:
    """A contract with the wording of another.

    Attributes:
        document: The contract.
        unwritten: The paths of descriptions that are new, and so have no wording of ours yet.
        doubtful: The paths that keep our wording although their interface has changed.
    """

    document: dict[str, Any]
    unwritten: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)


def with_wording_of(new: dict[str, Any], ours: dict[str, Any]) -> Worded:
    """The interface of `new` with our wording wherever our contract has the same path.

    Our samples stay only where the interface is the same, because elsewhere they may be wrong now.
    Neither argument is changed.
    """
    worded = Worded({})
    worded.document = _merge(new, ours, NodeKind.OBJECT, "", worded)
    return worded


def _merge(new: Any, ours: Any, place: NodeKind, where: str, worded: Worded) -> Any:
    if place is NodeKind.EXTENSION:
        return _merge_extension(new, ours)
    if place is NodeKind.DATA:
        return copy.deepcopy(new)
    if isinstance(new, dict) and isinstance(ours, dict):
        return _merge_mappings(new, ours, place, where, worded)
    if isinstance(new, list) and isinstance(ours, list):
        return [
            _merge(item, None if old is None else ours[old], place, f"{where}[{_label(item, index)}]", worded)
            for index, (item, old) in enumerate(zip(new, continued_items(new, ours), strict=True))
        ]
    worded.unwritten += _prose_paths(new, place, where)
    return _without_prose(new, place)


def _merge_extension(new: Any, ours: Any) -> Any:
    """The data of an extension, with the sentences of ours."""
    kind = NodeKind.EXTENSION
    if interface(new, kind) == interface(ours, kind):
        return copy.deepcopy(ours)
    if isinstance(new, dict) and isinstance(ours, dict):
        kept = {key: value for key, value in ours.items() if is_word(key, ours, kind)}
        data = {key: value for key, value in new.items() if not is_word(key, new, kind)}
        order = [
            *(key for key in ours if key in kept or key in data),
            *(key for key in data if key not in ours),
        ]
        return {
            key: copy.deepcopy(kept[key]) if key not in data else _merge_extension(data[key], ours.get(key))
            for key in order
        }
    if isinstance(new, list) and isinstance(ours, list):
        pairs = zip(new, continued_items(new, ours), strict=True)
        return [
            _merge_extension(item, None if old is None else ours[old])
            for item, old in pairs
            if not is_sentence(item)
        ]
    return _without_prose(new, kind)


def _merge_mappings(
    new: dict[str, Any], ours: dict[str, Any], place: NodeKind, where: str, worded: Worded
) -> dict[str, Any]:
    same = interface(new, place) == interface(ours, place)
    merged: dict[str, Any] = {}
    for key, value in ours.items():
        is_word_there = key in new and is_word(key, new, place)
        if is_word(key, ours, place):
            if (key not in SAMPLES or same) and (key not in new or is_word_there):
                merged[key] = copy.deepcopy(value)
        elif key in new and not is_word_there:
            merged[key] = _merge(new[key], value, kind_below(place, key, new[key]), f"{where}.{key}", worded)
    order = list(merged)
    before = None
    for key, value in new.items():
        if is_word(key, new, place):
            if key in SAMPLES and not same:
                merged[key] = copy.deepcopy(value)
        elif key not in merged:
            merged[key] = _merge(value, None, kind_below(place, key, value), f"{where}.{key}", worded)
        if key in merged:
            if key not in order:
                order.insert(len(order) if before is None else order.index(before) + 1, key)
            before = key
    if "description" in merged and place is NodeKind.OBJECT and _keywords(new) != _keywords(ours):
        worded.doubtful.append(where.lstrip(".") or "(top)")
    return {key: merged[key] for key in order}


def _keywords(node: dict[str, Any]) -> dict[str, Any]:
    """The keywords that a description may mention: no prose, no extension, no nested object."""
    return {
        key: sorted(value, key=str) if isinstance(value, list) else value
        for key, value in node.items()
        if not is_word(key, node, NodeKind.OBJECT)
        and key != "version"
        and not key.startswith("x-")
        and not isinstance(value, dict)
        and not (isinstance(value, list) and _holds_mappings(value))
    }


def _holds_mappings(items: list[Any]) -> bool:
    return any(isinstance(item, dict) for item in items)


def _prose_paths(node: Any, place: NodeKind, where: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if is_word(key, node, place):
                if isinstance(value, str) and key not in SAMPLES and not key.startswith("x-"):
                    yield f"{where}.{key}".lstrip(".")
            elif not place.is_data:
                yield from _prose_paths(value, kind_below(place, key, value), f"{where}.{key}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _prose_paths(item, place, f"{where}[{_label(item, index)}]")


def _without_prose(node: Any, place: NodeKind) -> Any:
    """A copy with a placeholder for each description, and without other words. Samples stay."""
    if place is NodeKind.DATA:
        return copy.deepcopy(node)
    if isinstance(node, list):
        prose = place is NodeKind.EXTENSION
        return [_without_prose(item, place) for item in node if not (prose and is_sentence(item))]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        if not is_word(key, node, place):
            kept[key] = _without_prose(value, kind_below(place, key, value))
        elif place is NodeKind.OBJECT and key in SAMPLES:
            kept[key] = copy.deepcopy(value)
        elif place is NodeKind.OBJECT and isinstance(value, str) and not key.startswith("x-"):
            kept[key] = PLACEHOLDER
    return kept


def _label(item: Any, index: int) -> str:
    mark = identity(item)
    return mark[1] if mark else str(index)
