"""Request bodies of operations: by media type, how each value is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from comfy_cloud.contract._documents.operations import ContractOperation
from comfy_cloud.contract._documents.parameters import is_json
from comfy_cloud.contract._documents.reader import resolved
from scripts.generator.left_out import NotRepresentable


class BodyKind(Enum):
    """How a body is written."""

    JSON = "JSON"
    MULTIPART = "a multipart form"
    FORM = "a form in URL encoding"
    TEXT = "text"
    RAW = "bytes"


@dataclass(frozen=True)
class PlannedBody:
    """The body of one media type.

    Attributes:
        media_type: As the contract spells it.
        kind: How it is written.
        schema: The schema of its value, {} for anything.
        may_be_null: Whether the JSON value null is allowed.
        repeated: The fields of a form that are arrays, with one part or pair for each item.
        content_types: The media types of parts of a multipart form, by field.
    """

    media_type: str
    kind: BodyKind
    schema: dict[str, Any]
    may_be_null: bool
    repeated: list[str]
    content_types: dict[str, str]

    @property
    def is_wildcard(self) -> bool:
        """Whether the caller has to say which media type the body has."""
        return "*" in self.media_type


def bodies_of(operation: ContractOperation, document: dict[str, Any]) -> list[PlannedBody]:
    """The bodies that an operation takes, in the order of the contract.

    Raises NotRepresentable for a body that cannot be written.
    """
    declared = operation.raw.get("requestBody")
    if declared is None:
        return []
    content = declared.get("content") or {}
    if not content:
        raise NotRepresentable(
            "requestBody", "it has no media type", "Give it a content, or remove it, by an overlay action."
        )
    return [_body(media_type, media, document) for media_type, media in content.items()]


def _body(media_type: str, media: dict[str, Any], document: dict[str, Any]) -> PlannedBody:
    essence = media_type.partition(";")[0].strip().lower()
    given = media.get("schema", {})
    schema = given if isinstance(given, dict) else {}
    kind = _kind(essence)
    encoding = media.get("encoding", {})
    content_types = {
        name: entry["contentType"]
        for name, entry in encoding.items()
        if isinstance(entry, dict) and isinstance(entry.get("contentType"), str)
    }
    repeated: list[str] = []
    if kind in (BodyKind.MULTIPART, BodyKind.FORM):
        repeated = [
            name
            for name, inner in _fields(schema, document).items()
            if _is_array(inner, document) and not is_json(content_types.get(name, ""))
        ]
    return PlannedBody(
        media_type=media_type,
        kind=kind,
        schema=schema,
        may_be_null=kind is BodyKind.JSON and _may_be_null(schema, document),
        repeated=repeated,
        content_types={
            name: text for name, text in content_types.items() if "*" not in text and "," not in text
        },
    )


def _kind(essence: str) -> BodyKind:
    if is_json(essence):
        return BodyKind.JSON
    if essence == "multipart/form-data":
        return BodyKind.MULTIPART
    if essence == "application/x-www-form-urlencoded":
        return BodyKind.FORM
    if essence.startswith("multipart/"):
        raise NotRepresentable(
            "requestBody",
            f"a body of the media type {essence} cannot be written",
            "Give it the media type multipart/form-data by an overlay action.",
        )
    return BodyKind.TEXT if essence.startswith("text/") else BodyKind.RAW


def _fields(schema: Any, document: dict[str, Any], seen: set[str] | None = None) -> dict[str, Any]:
    # Schemas may be parts and alternatives of themselves, so each reference is followed once.
    seen = set() if seen is None else seen
    whole = resolved(schema, document)
    if not isinstance(whole, dict) or _was_seen(schema, seen):
        return {}
    found: dict[str, Any] = {}
    for part in whole.get("allOf", []):
        found |= _fields(part, document, seen)
    return {**found, **whole.get("properties", {})}


def _is_array(schema: Any, document: dict[str, Any]) -> bool:
    whole = resolved(schema, document)
    types = whole.get("type") if isinstance(whole, dict) else None
    return types == "array" or (isinstance(types, list) and "array" in types)


def _was_seen(schema: dict[str, Any], seen: set[str]) -> bool:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return False
    if reference in seen:
        return True
    seen.add(reference)
    return False


def _may_be_null(schema: dict[str, Any], document: dict[str, Any], seen: set[str] | None = None) -> bool:
    seen = set() if seen is None else seen
    if not schema:
        return True
    if _was_seen(schema, seen):
        return False
    whole = resolved(schema, document)
    types = whole.get("type")
    if whole.get("nullable") is True or types == "null" or (isinstance(types, list) and "null" in types):
        return True
    parts = [*whole.get("oneOf", []), *whole.get("anyOf", [])]
    return any(isinstance(part, dict) and _may_be_null(part, document, seen) for part in parts if part)
