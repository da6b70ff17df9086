"""What a newer contract offers that ours did not: operations, and inputs of those we have. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from comfy_cloud.contract._diff.operations import path_without_names
from comfy_cloud.contract._documents.operations import ContractOperation, operations_of
from comfy_cloud.contract._documents.reader import resolved

Document = dict[str, Any]


@dataclass(frozen=True)
class Addition:
    """An operation that is new, or the new inputs of one that is not.

    Attributes:
        operation: The operation in the newer contract.
        inputs: What is new of its parameters and of the fields of its body, in words.
        is_new: Whether the whole operation is.
    """

    operation: ContractOperation
    inputs: tuple[str, ...] = ()
    is_new: bool = False


def additions(ours: Document, newer: Document) -> list[Addition]:
    """What the newer merged contract offers beyond our merged one, in its order."""
    before = {(op.method, path_without_names(op.path)): op for op in operations_of(ours)}
    found = []
    for op in operations_of(newer):
        was = before.get((op.method, path_without_names(op.path)))
        if was is None:
            found.append(Addition(op, is_new=True))
        elif fresh := sorted(set(_inputs(op, newer)) - set(_inputs(was, ours))):
            found.append(Addition(op, tuple(fresh)))
    return found


def _inputs(operation: ContractOperation, document: Document) -> Iterator[str]:
    for name, location in operation.parameters:
        if location != "path":
            yield f"{location} parameter `{name}`"
    body = resolved(operation.raw.get("requestBody"), document) or {}
    for content in body.get("content", {}).values():
        for name in _fields(content.get("schema", {}), document):
            yield f"body field `{name}`"


def _fields(schema: Any, document: Document, depth: int = 0) -> Iterator[str]:
    """The names of a body's fields, those of its alternatives included."""
    schema = resolved(schema, document)
    if not isinstance(schema, dict) or depth > 5:
        return
    yield from schema.get("properties", {})
    for key in ("allOf", "oneOf", "anyOf"):
        for inner in schema.get(key, []):
            yield from _fields(inner, document, depth + 1)
