"""Bounds on YAML, checked from its events before anything is made of them. Pure.

A few hundred bytes of aliases can stand for more values than any memory holds, and the parser in C
recurses once per level of nesting. Events come one by one, whatever they describe.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from ..._settings.document_bounds import MOST_DEPTH, BoundExceeded

MOST_VALUES = 200_000
_LONGEST_NUMBER = 400
_LONGEST_PLAIN = 100_000
_MOST_DIRECTIVES = 100
_TOO_DEEP = f"it is nested more than {MOST_DEPTH} levels deep"
_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
_TAGS = _NUMBERS | {
    None, "!", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:map", "tag:yaml.org,2002:merge",
    "tag:yaml.org,2002:null", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:str",
}  # fmt: skip


_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_DIRECTIVE_BYTES = re.compile(rb"^%", re.MULTILINE)


@dataclass(slots=True)
class _Size:
    """How many values a node holds, itself included, and how many levels of nesting."""

    values: int = 1
    levels: int = 0


def check_yaml(text: str | bytes, loader_class: Callable[[str | bytes], Any]) -> None:
    """Raise BoundExceeded unless a document is small enough; yaml.YAMLError when it is not YAML.

    `loader_class` is yaml.CSafeLoader or a class made from it.
    """
    # libyaml compares each directive with all before it.
    directives = _DIRECTIVE.findall(text) if isinstance(text, str) else _DIRECTIVE_BYTES.findall(text)
    if len(directives) > _MOST_DIRECTIVES:
        raise BoundExceeded(f"it has more than {_MOST_DIRECTIVES} lines that begin with %")
    loader = loader_class(text)
    anchors: dict[str, _Size] = {}
    # The first is the document, which is no level of its own.
    open_nodes: list[tuple[str | None, _Size]] = [(None, _Size())]
    try:
        while loader.check_event():
            event = loader.get_event()
            if isinstance(event, yaml.CollectionStartEvent):
                _check_tag(event.tag)
                open_nodes.append((event.anchor, _Size()))
                _check(open_nodes[0][1], len(open_nodes) - 1)
            elif isinstance(event, yaml.CollectionEndEvent):
                anchor, size = open_nodes.pop()
                size.levels += 1
                _add(open_nodes, anchors, anchor, size)
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors:
                    raise BoundExceeded("an alias in it stands for nothing, or for what contains it")
                _add(open_nodes, anchors, None, anchors[event.anchor])
            elif isinstance(event, yaml.ScalarEvent):
                _check_scalar(loader, event)
                _add(open_nodes, anchors, event.anchor, _Size())
    except yaml.YAMLError as error:
        # Newer parsers have a bound of their own, and reach it before they give us the event.
        if "nesting" in str(error):
            raise BoundExceeded(_TOO_DEEP) from None
        raise
    finally:
        loader.dispose()


def _add(
    open_nodes: list[tuple[str | None, _Size]], anchors: dict[str, _Size], anchor: str | None, size: _Size
) -> None:
    """Count a whole node in the one that is open, and remember it for its aliases."""
    if anchor is not None:
        anchors[anchor] = size
    parent = open_nodes[-1][1]
    parent.values += size.values
    parent.levels = max(parent.levels, size.levels)
    # Those that are still open are all smaller than what is counted so far.
    _check(parent, len(open_nodes) - 1 + size.levels)


def _check(size: _Size, levels: int) -> None:
    if levels > MOST_DEPTH:
        raise BoundExceeded(_TOO_DEEP)
    if size.values > MOST_VALUES:
        raise BoundExceeded(f"it holds more than {MOST_VALUES:,} values, counting what its aliases repeat")


def _check_tag(tag: str | None) -> None:
    if tag not in _TAGS:
        raise BoundExceeded(f"it has the tag {str(tag)[:80]!r}, for which JSON has no type")


def _check_scalar(loader: Any, event: Any) -> None:
    _check_tag(event.tag)
    if len(event.value) <= _LONGEST_NUMBER:
        return
    is_number = event.tag in _NUMBERS
    if event.tag is None and event.implicit[0] and event.value[0] in "+-.0123456789":
        # The expressions that recognise numbers need a hundred times the memory of a long text.
        is_number = len(event.value) > _LONGEST_PLAIN or (
            loader.resolve(yaml.ScalarNode, event.value, event.implicit) in _NUMBERS
        )
    if is_number:
        raise BoundExceeded(f"it has a number of more than {_LONGEST_NUMBER} digits")
