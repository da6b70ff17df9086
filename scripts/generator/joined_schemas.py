"""`allOf`, and alternatives beside fields, as one schema where the generator cannot join them."""

from __future__ import annotations

from typing import Any

from comfy_cloud.contract._documents.reader import resolved

_WORDS = frozenset({"description", "title", "example", "deprecated", "readOnly", "writeOnly", "default"})
_SIMPLE = frozenset({"type", "properties", "required", "description", "additionalProperties", "title"})

Schema = dict[str, Any]


def joined(node: Schema, contract: Schema) -> Schema:
    """The schema, with everything that it joins put into one unless the generator can do that."""
    if "allOf" in node:
        parts = [part for part in node["allOf"] if _says_something(part)]
        rest = {name: value for name, value in node.items() if name != "allOf"}
        if not _says_something({**rest, "nullable": None, "type": None}) and len(parts) == 1:
            only = parts[0]
            return {**rest, "allOf": parts} if "$ref" in only else {**only, **_said(rest)}
        node = {**rest, "allOf": [*parts, *_own_part(rest)] if len(parts) == 1 else parts}
        if not is_joined_by_the_generator(node, contract):
            return _flat({**rest, "allOf": parts}, contract, [])
    if "properties" in node and ("oneOf" in node or "anyOf" in node):
        return _flat(node, contract, [])
    return node


def is_joined_by_the_generator(node: Schema, contract: Schema) -> bool:
    """Whether each part of `allOf` is an object, and no two have a field of the same name."""
    parts = [resolved(part, contract) for part in node.get("allOf", [])]
    if len(parts) == 1 and "$ref" in node["allOf"][0]:
        return True
    seen: set[str] = set(node.get("properties", {})) if len(parts) > 1 else set()
    for part, given in zip(parts, node.get("allOf", []), strict=True):
        if not isinstance(part, dict):
            return False
        if "$ref" in given and part.get("type") != "object" and "properties" not in part:
            return False
        if not part.keys() <= _SIMPLE and not ("$ref" in given and part.keys() <= {*_SIMPLE, "allOf"}):
            return False
        if "allOf" in part and not is_joined_by_the_generator(part, contract):
            return False
        names = set(_fields(part, contract, []))
        if names & seen and not (given is not part and names & seen <= set(node.get("properties", {}))):
            return False
        seen |= names
    return bool(parts)


def _own_part(rest: Schema) -> list[Schema]:
    """What stands beside a single `allOf`, as a part: the generator would leave it out."""
    own = {name: value for name, value in rest.items() if name in ("properties", "required")}
    return [{"type": "object", **own}] if own else []


def _says_something(part: Any) -> bool:
    return isinstance(part, dict) and any(
        value is not None and name not in _WORDS for name, value in part.items()
    )


def _said(rest: Schema) -> Schema:
    return {name: value for name, value in rest.items() if value is not None}


def _fields(node: Any, contract: Schema, seen: list[Any]) -> list[str]:
    node = resolved(node, contract)
    if not isinstance(node, dict) or any(node is other for other in seen):
        return []
    found = list(node.get("properties", {}))
    for part in node.get("allOf", []):
        found += _fields(part, contract, [*seen, node])
    return found


def _flat(node: Any, contract: Schema, seen: list[Any]) -> Schema:
    """One schema of a schema and what it joins; fields of its alternatives are optional."""
    node = resolved(node, contract)
    if not isinstance(node, dict) or any(node is other for other in seen):
        return {}
    own = {name: value for name, value in node.items() if name not in ("allOf", "oneOf", "anyOf")}
    alternatives = [*node.get("oneOf", []), *node.get("anyOf", [])]
    whole: Schema = {}
    for part in node.get("allOf", []):
        whole = _both(whole, _flat(part, contract, [*seen, node]))
    whole = _both(whole, own)
    if alternatives and not seen and not whole.keys() - _WORDS:
        return node
    parts = [_flat(part, contract, [*seen, node]) for part in alternatives]
    if alternatives and not any("properties" in part for part in [whole, *parts]):
        return {**whole, "oneOf": alternatives}
    for part in parts:
        fields = dict(whole.get("properties", {}))
        for name, field in part.get("properties", {}).items():
            fields[name] = field if fields.get(name, field) == field else {}
        whole = {**whole, "properties": fields}
    return whole


def _both(one: Schema, other: Schema) -> Schema:
    properties = {**one.get("properties", {}), **other.get("properties", {})}
    required = list(dict.fromkeys([*one.get("required", []), *other.get("required", [])]))
    both = {**one, **other}
    if properties:
        both |= {"properties": properties, "type": "object"}
    return {**both, "required": required} if required else both
