"""Which parts of a contract are prose and which are interface.

Prose is descriptions, summaries, examples and links to documentation, wherever OpenAPI allows
them, and in extensions (`x-...`) also every text of several words. A field or parameter that
happens to be called `description` is interface. Pure: nothing is read or written here.
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
    EXTENSION = "data of an extension, which may have prose in it"
    DATA = "plain data"

    @property
    def is_data(self) -> bool:
        """Whether keywords of OpenAPI mean nothing below."""
        return self in (NodeKind.EXTENSION, NodeKind.DATA)


def kind_below(kind: NodeKind, key: str | int, value: Any) -> NodeKind:
    """The kind of the value under `key` of a node of `kind`. List items are of the list's kind."""
    if kind.is_data:
        return kind
    if kind is NodeKind.NAMES or not isinstance(key, str):
        return NodeKind.OBJECT
    if key.startswith("x-"):
        return NodeKind.EXTENSION
    if key in _DATA:
        return NodeKind.DATA
    return NodeKind.NAMES if key in _NAMED and isinstance(value, dict) else NodeKind.OBJECT


def is_word(key: str, node: dict[str, Any], kind: NodeKind) -> bool:
    """Whether `key` of `node` holds prose.

    The title of a schema names a class and is interface; the title of the whole contract is prose.
    """
    if kind is NodeKind.EXTENSION:
        return (key in WORDS and not isinstance(node[key], (dict, list))) or is_sentence(node[key])
    return kind is NodeKind.OBJECT and (
        key in WORDS
        or (key == "title" and "version" in node)
        or (key.startswith("x-") and is_sentence(node[key]))
    )


def is_sentence(value: Any) -> bool:
    """Whether a value of an extension is prose: a text of several words, or texts with one."""
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value) and any(map(is_sentence, value))
    return isinstance(value, str) and len(value.split()) > 1


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
        prose = kind is NodeKind.EXTENSION
        return [interface(item, kind) for item in node if not (prose and is_sentence(item))]
    return node


def is_words_only(update: Any) -> bool:
    """Whether an update changes nothing but the prose of the object that it is for."""
    return (
        isinstance(update, dict)
        and bool(update)
        and all(key in WORDS and update[key] != {} for key in update)
    )
