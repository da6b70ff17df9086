"""Discriminators: which words name which schema, and which schemas extend another. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from comfy_cloud.contract._documents.keywords import NodeKind, kind_below

_SCHEMAS = "#/components/schemas/"

Schema = dict[str, Any]


def tags_of(contract: Schema) -> dict[str, dict[str, tuple[str, ...]]]:
    """By schema and field, the words that discriminators give to the schema."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    named = contract.get("components", {}).get("schemas", {})
    for owner, node in _discriminated(contract, contract, NodeKind.OBJECT, ""):
        rule = node["discriminator"]
        words = {str(word): _name(str(target)) for word, target in mapping_of(rule).items()}
        members = [
            _name(part["$ref"]) for part in _alternatives(node) if isinstance(part, dict) and "$ref" in part
        ]
        members += heirs_of(contract).get(owner, []) if not members else []
        for member in members:
            if member not in words.values():
                words.setdefault(member, member)
        for word, member in words.items():
            if member in named:
                fields = found.setdefault(member, {})
                earlier = fields.get(rule["propertyName"], ())
                fields[rule["propertyName"]] = tuple(dict.fromkeys([*earlier, word]))
    return found


def heirs_of(contract: Schema) -> dict[str, list[str]]:
    """By schema with a discriminator but without alternatives: the schemas that extend it."""
    named = contract.get("components", {}).get("schemas", {})
    bases = {
        name
        for name, schema in named.items()
        if isinstance(schema, dict) and is_rule(schema.get("discriminator")) and not _alternatives(schema)
    }
    heirs: dict[str, list[str]] = {}
    for name, schema in named.items():
        for part in schema.get("allOf", []) if isinstance(schema, dict) else []:
            base = _name(part["$ref"]) if isinstance(part, dict) and "$ref" in part else ""
            if base in bases:
                heirs.setdefault(base, []).append(name)
    return heirs


def _discriminated(node: Any, contract: Schema, kind: NodeKind, name: str) -> Iterator[tuple[str, Schema]]:
    if isinstance(node, list):
        for item in node:
            yield from _discriminated(item, contract, kind, name)
    if not isinstance(node, dict) or kind.is_data:
        return
    if kind is NodeKind.OBJECT and is_rule(node.get("discriminator")):
        yield name, node
    for key, value in node.items():
        yield from _discriminated(value, contract, kind_below(kind, key, value), key)


def is_rule(value: Any) -> bool:
    """Whether this is a discriminator that names a field; others say nothing."""
    return isinstance(value, dict) and isinstance(value.get("propertyName"), str)


def mapping_of(rule: Schema) -> Schema:
    """The words of a discriminator, each with the schema that it names."""
    mapping = rule.get("mapping")
    return mapping if isinstance(mapping, dict) else {}


def _alternatives(node: Schema) -> list[Any]:
    return [*node.get("oneOf", []), *node.get("anyOf", [])]


def _name(reference: str) -> str:
    return reference.removeprefix(_SCHEMAS)
