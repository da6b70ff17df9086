"""Which parts of a contract are words and which are interface.

Words are descriptions, summaries, examples and links to documentation, wherever OpenAPI has a place for them; a field or
parameter that happens to be called `description` is interface. Pure: it reads and writes nothing.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

WORDS = frozenset({"description", "summary", "example", "examples", "externalDocs"})
SAMPLES = frozenset({"example", "examples"})
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
        *SAMPLES,
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
