"""Which parts of a contract are prose and which are interface.

Prose is descriptions, summaries, examples and links to documentation, wherever OpenAPI allows
them. A field or parameter that happens to be called `description` is interface. Pure: nothing
is read or written here.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

WORDS = frozenset({"description", "summary", "example", "examples", "externalDocs"})
SAMPLES = frozenset({"example", "examples"})
_DATA = frozenset(
    {
        "default", "enum", "const", "required", "security", "scopes", "mapping", "dependentRequired", "value",
        *SAMPLES,
    }
)  # fmt: skip
_NAMED = frozenset(
    {
        "paths", "webhooks", "pathItems", "properties", "patternProperties", "dependentSchemas", "$defs",
        "definitions", "schemas", "responses", "parameters", "requestBodies", "headers", "securitySchemes",
        "links", "callbacks", "content", "encoding", "variables", "flows",
    }
)  # fmt: skip


class NodeKind(Enum):
    """What the keys of a mapping in a contract mean."""

    OBJECT = "keywords of OpenAPI"
    NAMES = "names that the contract gives"
    DATA = "plain data"


def kind_below(kind: NodeKind, key: str | int, value: Any) -> NodeKind:
    """The kind of the value under `key` of a node of `kind`. List items are of the list's kind."""
    if kind is NodeKind.DATA:
        return NodeKind.DATA
    if kind is NodeKind.NAMES or not isinstance(key, str):
        return NodeKind.OBJECT
    if key in _DATA or key.startswith("x-"):
        return NodeKind.DATA
    return NodeKind.NAMES if key in _NAMED and isinstance(value, dict) else NodeKind.OBJECT


def is_word(key: str, node: dict[str, Any], kind: NodeKind) -> bool:
    """Whether `key` of `node` holds prose.

    The title of a schema names a class and is interface; the title of the whole contract is prose.
    """
    return kind is NodeKind.OBJECT and (key in WORDS or (key == "title" and "version" in node))


def interface(node: Any, kind: NodeKind = NodeKind.OBJECT) -> Any:
    """A copy without prose. `required` is sorted, since its order has no meaning."""
    if isinstance(node, dict):
        return {
            key: sorted(value, key=str)
            if kind is NodeKind.OBJECT and key == "required" and isinstance(value, list)
            else interface(value, kind_below(kind, key, value))
            for key, value in node.items()
            if not is_word(key, node, kind)
        }
    if isinstance(node, list):
        return [interface(item, kind) for item in node]
    return node


def is_words_only(update: Any) -> bool:
    """Whether an update changes nothing but the prose of the object that it is for."""
    return (
        isinstance(update, dict)
        and bool(update)
        and all(key in WORDS and update[key] != {} for key in update)
    )
