"""The schemas of a contract in the form that openapi-python-client can parse.

It refuses, or reads wrongly, what many contracts have: enums of mixed types, words that differ in
case only, fields whose names become one, schemas that are alternatives of themselves, constants,
`allOf` around anything but objects. Here each becomes the nearest schema that it can parse. What
that loses and our templates need, such as the JSON name of a field, is kept in tables. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openapi_python_client.strings import ClassName, PythonIdentifier

from comfy_cloud.contract._documents.keywords import NodeKind, kind_below
from comfy_cloud.contract._documents.reader import resolved
from scripts.generator.field_names import FIELD_PREFIX, is_usual_name
from scripts.generator.joined_schemas import is_joined_by_the_generator, joined
from scripts.generator.null_values import required_nulls
from scripts.generator.stock_enums import with_plain_enum
from scripts.generator.union_tags import heirs_of, tags_of

_KEPT = frozenset(
    {
        "type", "format", "nullable", "enum", "const", "description", "x-enum-varnames", "required",
        "properties", "additionalProperties", "items", "prefixItems", "oneOf", "anyOf", "allOf",
    }
)  # fmt: skip
_SCHEMAS = "#/components/schemas/"
_DROPPED = frozenset({"webhooks", "callbacks", "links", "examples", "example"})

Schema = dict[str, Any]


class StockSchemas:
    """A copy of a contract whose schemas the generator can parse.

    Attributes:
        document: The copy.
        json_names: The JSON name of each field that has another name in the copy.
        tags: By class and JSON name, the words that a discriminator gives to that class.
        nulls: By the mark of an object schema, the JSON names of required fields that may be null.
    """

    def __init__(self, contract: Schema) -> None:
        """Copy a contract; it must have the form of an OpenAPI contract already."""
        self._contract = contract
        self._named: Schema = contract.get("components", {}).get("schemas", {})
        self._heirs = heirs_of(contract)
        self._names = _names_of_schemas(self._named)
        self._fields = _field_keys(contract)
        self._inline: list[tuple[Schema, str]] = []
        self._open: list[str] = []
        self.nulls: dict[str, tuple[str, ...]] = {}
        self.json_names = {key: name for name, key in self._fields.items()}
        self.tags = {self.class_of(name): words for name, words in tags_of(contract).items()}
        self.document = self._copied(contract, NodeKind.OBJECT)
        if self._named:
            schemas = {self._names[name]: self._schema(schema, "") for name, schema in self._named.items()}
            _without_cycles(schemas)
            self.document["components"]["schemas"] = schemas

    def class_of(self, name: str) -> str:
        """The class of a named schema."""
        return str(ClassName(self._names[name], FIELD_PREFIX))

    def retitle(self, mark: str) -> bool:
        """Give the inline schema with this mark another name; False when there is none."""
        if not mark.isdigit() or int(mark) >= len(self._inline):
            return False
        node, key = self._inline[int(mark)]
        number = int(node.get("title", f"{key} 1").rpartition(" ")[2]) + 1
        node["title"] = f"{key} {number}"
        return number < 100

    def _copied(self, node: Any, kind: NodeKind, key: str = "") -> Any:
        if isinstance(node, list):
            return [self._copied(item, kind, key) for item in node]
        if not isinstance(node, dict):
            return node
        copy = {}
        for name, value in node.items():
            if kind is NodeKind.OBJECT and name in _DROPPED:
                continue
            below = kind_below(kind, name, value)
            if kind is NodeKind.OBJECT and name == "schema":
                copy[name] = self._schema(value, str(node.get("name", key)))
            elif not (kind is NodeKind.OBJECT and name == "schemas"):
                copy[name] = self._copied(value, below, name)
        return copy

    # Schemas

    def _schema(self, given: Any, key: str, *, base: bool = False) -> Schema:
        """The schema in the form of the generator; `key` is the name of the field that has it."""
        if not isinstance(given, dict):
            return {}
        if "$ref" in given:
            return self._reference(given["$ref"], key, base=base)
        node = {name: value for name, value in given.items() if name in _KEPT}
        node = joined(node, self._contract)
        node = with_plain_enum(node)
        node = _with_plain_type(node)
        copy = dict(node)
        for word in ("oneOf", "anyOf", "allOf", "prefixItems"):
            if word in node:
                parts = [self._schema(part, key, base=word == "allOf") for part in node[word]]
                copy[word] = parts
        if "allOf" in copy and not is_joined_by_the_generator(node, self._contract):
            copy.pop("allOf")
        if "properties" in node:
            properties: dict[str, Any] = {}
            for name, field in node["properties"].items():
                written: str = self._fields.get(name) or name
                properties[written] = self._schema(field, written)
            copy["properties"] = properties
        if "required" in node:
            copy["required"] = [self._fields.get(name, name) for name in node["required"]]
        if isinstance(node.get("additionalProperties"), dict):
            copy["additionalProperties"] = self._schema(node["additionalProperties"], "AdditionalProperty")
        if "items" in node:
            copy["items"] = self._schema(node["items"], f"{key}_item")
        elif "array" in _types(node) and "prefixItems" not in node:
            copy["items"] = {}
        copy["example"] = str(len(self._inline))
        if nulls := required_nulls(given, self._contract):
            self.nulls[copy["example"]] = nulls
        self._inline.append((copy, key))
        return copy

    def _reference(self, reference: str, key: str, *, base: bool) -> Schema:
        name = reference.removeprefix(_SCHEMAS)
        if name in self._named and reference.startswith(_SCHEMAS):
            heirs = [] if base else self._heirs.get(name, [])
            plain = {"$ref": f"{_SCHEMAS}{self._names[name]}"}
            if not heirs:
                return plain
            return {"oneOf": [*({"$ref": f"{_SCHEMAS}{self._names[heir]}"} for heir in heirs), plain]}
        if reference in self._open:
            return {}
        self._open.append(reference)
        try:
            return self._schema(resolved({"$ref": reference}, self._contract), key)
        finally:
            self._open.pop()


def _with_plain_type(node: Schema) -> Schema:
    """The schema without what the generator would make a union of for no gain."""
    kinds = _types(node)
    if "const" in node and not isinstance(node["const"], (str, int, float)):
        node = {name: value for name, value in node.items() if name != "const"}
    if node.get("nullable") and ("properties" in node or kinds == ["object"]):
        # Every field may be null in what a server really sends.
        return {name: value for name, value in node.items() if name != "nullable"}
    if isinstance(node.get("type"), list):
        if len(kinds) == 1 and "properties" in node:
            return {**node, "type": kinds[0]}
        if not kinds and not node["type"]:
            return {name: value for name, value in node.items() if name != "type"}
    return node


def _types(node: Schema) -> list[str]:
    given = node.get("type", [])
    return [name for name in ([given] if isinstance(given, str) else given) if name != "null"]


# Names


def _names_of_schemas(named: Schema) -> dict[str, str]:
    """A name for each schema, such that no two become one class or one module."""
    taken: set[str] = set()
    names = {}
    for name in named:
        chosen, number = name, 1
        while (module := str(PythonIdentifier(ClassName(chosen, FIELD_PREFIX), FIELD_PREFIX))) in taken:
            number += 1
            chosen = f"{name}{number}"
        taken.add(module)
        names[name] = chosen
    return names


def _field_keys(contract: Schema) -> dict[str, str]:
    """Other names for the fields whose own ones the generator cannot keep apart or cannot use."""
    everywhere: set[str] = set()
    odd: dict[str, None] = {}
    for names in _fields_of_objects(contract, contract, NodeKind.OBJECT):
        everywhere.update(names)
        by_python: dict[str, list[str]] = {}
        for name in names:
            by_python.setdefault(str(PythonIdentifier(name, FIELD_PREFIX)), []).append(name)
            if not is_usual_name(name):
                odd[name] = None
        odd |= {name: None for same in by_python.values() if len(same) > 1 for name in same}
    prefix = "field"
    while any(name.lower().startswith(prefix) for name in everywhere):
        prefix += "x"
    return {name: f"{prefix}_{number}" for number, name in enumerate(odd, 1)}


def _fields_of_objects(node: Any, contract: Schema, kind: NodeKind) -> Iterator[list[str]]:
    """The field names of each object schema, those of what it joins included."""
    if isinstance(node, list):
        for item in node:
            yield from _fields_of_objects(item, contract, kind)
    if not isinstance(node, dict) or kind.is_data:
        return
    if kind is NodeKind.OBJECT and ("properties" in node or "allOf" in node):
        yield list(dict.fromkeys(_joined_fields(node, contract, [])))
    for key, value in node.items():
        yield from _fields_of_objects(value, contract, kind_below(kind, key, value))


def _joined_fields(node: Any, contract: Schema, seen: list[Any]) -> Iterator[str]:
    node = resolved(node, contract)
    if not isinstance(node, dict) or any(node is other for other in seen):
        return
    properties = node.get("properties")
    yield from properties if isinstance(properties, dict) else ()
    for word in ("allOf", "oneOf", "anyOf"):
        if word == "allOf" or "properties" in node or seen:
            for part in node.get(word, []):
                yield from _joined_fields(part, contract, [*seen, node])


# Schemas that contain themselves other than through a field


def _without_cycles(schemas: dict[str, Schema]) -> None:
    """Let alternatives and items that lead back to their schema be anything, in place.

    The generator makes a schema only after all schemas that it consists of.
    """
    done: set[str] = set()
    open_: list[str] = []

    def visit(name: str) -> None:
        open_.append(name)
        follow(schemas[name], inside=False)
        open_.pop()
        done.add(name)

    def follow(node: Schema, *, inside: bool) -> None:
        if "$ref" in node:
            name = node["$ref"].removeprefix(_SCHEMAS)
            if name in open_:
                node.clear()
            elif name in schemas and name not in done:
                visit(name)
            return
        union = inside or "oneOf" in node or "anyOf" in node or isinstance(node.get("type"), list)
        union = union or bool(node.get("nullable"))
        for word in ("oneOf", "anyOf", "allOf", "prefixItems"):
            for part in node.get(word, []):
                follow(part, inside=union)
        if "items" in node:
            follow(node["items"], inside=union)
        if inside or (union and "properties" in node):
            for field in node.get("properties", {}).values():
                follow(field, inside=True)
            if isinstance(node.get("additionalProperties"), dict):
                follow(node["additionalProperties"], inside=True)

    for name in schemas:
        if name not in done:
            visit(name)
