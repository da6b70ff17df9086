"""From texts to values, by the types that a schema allows. Pure.

A text that can be read in several ways, as a schema with alternatives allows, is read in the first
way that fits the schema. One that fits in no way stays as it is, so that the check reports it.
"""

from __future__ import annotations

import re
from typing import Any

from .._documents.reader import resolved
from .bodies import read_json
from .dialect import Dialect
from .styles import STRUCTURES, Tree

_INTEGER = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# Python refuses to read integers of thousands of digits.
_LONGEST_NUMBER = 400
_COMPOSED = ("allOf", "oneOf", "anyOf")
_TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


class TypedTexts:
    """Reads texts by the schemas of one document. What a schema consists of is found once."""

    def __init__(self, document: dict[str, Any], dialect: Dialect) -> None:
        self._document = document
        self._dialect = dialect
        # By id, with the schema beside it, so that no other object can get its id.
        self._parts: dict[int, tuple[Any, list[dict[str, Any]]]] = {}

    def parts(self, schema: Any) -> list[dict[str, Any]]:
        """The schema and all that it is composed of, without references."""
        if id(schema) not in self._parts:
            found: list[dict[str, Any]] = []
            pending, seen = [schema], set()
            while pending:
                node = resolved(pending.pop(), self._document)
                if not isinstance(node, dict) or id(node) in seen:
                    continue
                seen.add(id(node))
                found.append(node)
                for word in _COMPOSED:
                    pending += node[word] if isinstance(node.get(word), list) else []
            self._parts[id(schema)] = (schema, found)
        return self._parts[id(schema)][1]

    def kinds(self, schema: Any) -> frozenset[str]:
        """The types of JSON that a schema may allow; none when it names none."""
        found: set[str] = set()
        for part in self.parts(schema):
            given = part.get("type")
            if given is not None:
                found.update([given] if isinstance(given, str) else given)
            elif isinstance(part.get("enum"), list):
                found.update(_TYPES.get(type(value), "string") for value in part["enum"])
        return frozenset(found - {"null"})

    def field_names(self, schema: Any) -> frozenset[str]:
        """The names of the fields that a schema declares."""
        return frozenset(name for part in self.parts(schema) for name in part.get("properties", {}))

    def has_other_fields(self, schema: Any) -> bool:
        """Whether a schema says that there may be fields that it does not name."""
        return any(part.get("additionalProperties", False) is not False for part in self.parts(schema))

    def field_schema(self, schema: Any, name: str) -> Any:
        """The schema of a field of an object; an empty one when the field is not declared."""
        parts = self.parts(schema)
        found = [part["properties"][name] for part in parts if name in part.get("properties", {})]
        found += [part.get("additionalProperties") for part in parts]
        return next((each for each in found if isinstance(each, dict)), {})

    def item_schema(self, schema: Any) -> Any:
        """The schema of the items of an array; an empty one when it has none."""
        return next((part["items"] for part in self.parts(schema) if "items" in part), {})

    def best(self, trees: list[Tree], schema: Any) -> Any:
        """The value of the first reading that fits a schema, else of the first one."""
        values = [self.value(tree, schema) for tree in trees]
        return self._fitting(values, schema)

    def value(self, tree: Tree, schema: Any) -> Any:
        """The value of texts in the structure that they were sent in."""
        if isinstance(tree, dict):
            return {name: self.value(item, self.field_schema(schema, name)) for name, item in tree.items()}
        if isinstance(tree, list):
            if len(tree) == 1 and "array" not in self.kinds(schema):
                return self.value(tree[0], schema)
            items = self.item_schema(schema)
            return [self.value(item, items) for item in tree]
        return self._fitting(_values(tree, self.kinds(schema)), schema)

    def from_json_or_text(self, text: str, schema: Any) -> Any:
        """The value of a form field: structures are JSON text there."""
        if self.kinds(schema) & STRUCTURES:
            try:
                found = read_json(text.encode())
            except ValueError:
                return text
            if isinstance(found, (dict, list)):
                return found
        return self.value(text, schema)

    def _fitting(self, values: list[Any], schema: Any) -> Any:
        if len(values) > 1:
            for value in values:
                if next(self._dialect.errors(schema, value), None) is None:
                    return value
        return values[0]


def _values(text: str, kinds: frozenset[str]) -> list[Any]:
    """The values that a text may stand for, those of narrower types first."""
    found: list[Any] = []
    if "boolean" in kinds and text in ("true", "false"):
        found.append(text == "true")
    if kinds & {"integer", "number"} and _INTEGER.fullmatch(text) and len(text) < _LONGEST_NUMBER:
        found.append(int(text))
    elif "number" in kinds and _NUMBER.fullmatch(text):
        found.append(float(text))
    if not found or "string" in kinds:
        found.append(text)
    return found
