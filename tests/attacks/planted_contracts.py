"""Every place of a contract that holds a text, and contracts with another text in some of them."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from comfy_cloud.contract._documents.keywords import NodeKind, is_word, kind_below

Document = dict[str, Any]
KEYWORD = "keyword"


@dataclass(frozen=True)
class TextPlace:
    """A place that holds a text.

    Attributes:
        path: The keys and indexes that lead to the value, or to the key itself.
        is_key: Whether the text is the last key of the path, rather than the value there.
        kind: What the text is, such as "value of operationId" or "key in properties".
        is_prose: Whether it is a description or a sample.
    """

    path: tuple[str | int, ...]
    is_key: bool
    kind: str
    is_prose: bool


def places(document: Document) -> list[TextPlace]:
    """Every key and every text of a contract."""
    return list(_places(document, (), NodeKind.OBJECT, False))


def _places(node: Any, path: tuple[str | int, ...], kind: NodeKind, is_prose: bool) -> Iterator[TextPlace]:
    if isinstance(node, dict):
        for key, value in node.items():
            parent = next((part for part in reversed(path) if isinstance(part, str)), "the top")
            if parent == "properties":
                parent = f"properties, level {path.count('properties')}"
            name = f"key in {parent}" if kind is NodeKind.NAMES else KEYWORD
            here = (*path, key)
            yield TextPlace(here, True, "data" if kind.is_data else name, is_prose)
            prose = is_prose or is_word(key, node, kind)
            yield from _places(value, here, kind_below(kind, key, value), prose)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _places(item, (*path, index), kind, is_prose)
    elif isinstance(node, str):
        key = next((part for part in reversed(path) if isinstance(part, str)), "")
        yield TextPlace(path, False, "prose" if is_prose else f"value of {key}", is_prose)


def planted(document: Document, where: Iterable[TextPlace], text: str) -> Document:
    """A copy with the text in all these places.

    It stands instead of prose, beside a keyword as another one, and behind everything else.
    """
    result = copy.deepcopy(document)
    # Deeper places first, and values before their keys, so that no key has changed on the way.
    for place in sorted(where, key=lambda place: (-len(place.path), place.is_key)):
        *way, last = place.path
        node: Any = result
        for part in way:
            node = node[part]
        if place.kind == KEYWORD:
            node.setdefault(text, "x")
        elif place.is_key:
            items = [(f"{key}{text}" if key == last else key, value) for key, value in node.items()]
            node.clear()
            node.update(items)
        else:
            node[last] = text if place.is_prose else f"{node[last]}{text}"
    return result


def slices(document: Document) -> Callable[[TextPlace], Document]:
    """A function that gives the smallest contract that still has a place.

    That is one path or one component, and all that it refers to.
    """

    @cache
    def around(*top: str | int) -> Document:
        kept: Document = {key: value for key, value in document.items() if key not in ("paths", "components")}
        kept["paths"] = {"/x": {"get": {"responses": {}}}}
        if top[:1] == ("paths",) and len(top) > 1:
            kept["paths"] = {top[1]: document["paths"][top[1]]}
        if top[:1] == ("components",) and len(top) > 2:
            kept["components"] = {top[1]: {top[2]: document["components"][top[1]][top[2]]}}
        pending = _references(kept)
        while pending:
            kind, name = pending.pop()
            parts = kept.setdefault("components", {}).setdefault(kind, {})
            if name not in parts:
                parts[name] = document["components"][kind][name]
                pending |= _references(parts[name])
        return kept

    return lambda place: around(*place.path[:3])


def _references(node: Any) -> set[tuple[str, str]]:
    return set(re.findall(r"'\$ref': '#/components/(\w+)/(\w+)'", repr(node)))
