"""The shape of a response: what two servers must have in common, without values that may differ.

Ids, times and names are replaced by their kind; keys and types stay. Nothing is sent here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MOST_KEYS = 40
_TEXT_SHOWN = 60


def shape(value: Any) -> Any:
    """The keys and types of a JSON value. A list becomes the distinct shapes of its items."""
    if isinstance(value, Mapping):
        named = {_key(key): shape(item) for key, item in value.items()}
        if len(named) > _MOST_KEYS:  # a catalogue, whose names differ between servers
            return {"many": _distinct(list(named.values()))}
        return dict(sorted(named.items()))
    if isinstance(value, list):
        return _distinct([shape(item) for item in value])
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return "uuid" if _UUID.fullmatch(value) else "text"
    return type(value).__name__


def body_shape(content_type: str, body: bytes) -> Any:
    """The shape of a body: keys and types of JSON, or the beginning of text or bytes."""
    if not body:
        return "empty"
    if "json" in content_type:
        return shape(json.loads(body))
    if content_type.startswith("text/"):
        return _UUID.sub("uuid", body.decode("utf-8", "replace"))[:_TEXT_SHOWN]
    return f"bytes beginning {body[:4]!r}"


def differences(ours: Any, theirs: Any, at: str = "") -> list[str]:
    """One line for each difference between two shapes."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted(ours.keys() | theirs.keys()):
            where = f"{at}.{key}"
            if key not in ours:
                found.append(f"{where}: missing in ours, theirs {theirs[key]!r}")
            elif key not in theirs:
                found.append(f"{where}: missing in theirs, ours {ours[key]!r}")
            else:
                found += differences(ours[key], theirs[key], where)
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [
            line
            for index, (one, other) in enumerate(zip(ours, theirs, strict=True))
            for line in differences(one, other, f"{at}[{index}]")
        ]
    return [] if ours == theirs else [f"{at or 'body'}: ours {ours!r}, theirs {theirs!r}"]


def _key(key: str) -> str:
    return _UUID.sub("uuid", key)


def _distinct(shapes: list[Any]) -> list[Any]:
    """Each shape once, sorted by its JSON text."""
    return [json.loads(text) for text in sorted({json.dumps(each, sort_keys=True) for each in shapes})]
