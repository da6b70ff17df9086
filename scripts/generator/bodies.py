"""Request bodies of operations: by media type, how each value is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from comfy_cloud.contract._documents.operations import ContractOperation
from comfy_cloud.contract._documents.parameters import is_json
from comfy_cloud.contract._documents.reader import resolved
from scripts.generator.left_out import NotRepresentable
from scripts.generator.null_values import may_be_null

FIELD_STYLES = ("form", "spaceDelimited", "pipeDelimited", "deepObject")
"""The styles of fields of a form, which are those of parameters of the query."""


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
        repeated: The fields of a form with one part or pair for each item.
        content_types: The media types of parts of a multipart form, by field; some by commas.
        headers: The headers that parts of a multipart form must have, by field; some by commas.
        styles: The styles of fields of a form that are written as parameters are.
        reserved: The fields of a form whose reserved characters are sent as they are.
    """

    media_type: str
    kind: BodyKind
    schema: dict[str, Any]
    may_be_null: bool
    repeated: list[str]
    content_types: dict[str, str]
    headers: dict[str, str]
    styles: dict[str, str]
    reserved: list[str]

    @property
    def is_wildcard(self) -> bool:
        """Whether the caller has to say which media type the body has."""
        return "*" in self.media_type

    @property
    def stock_media_type(self) -> str:
        """The media type as the stock generator knows it, which is in small letters."""
        essence, semicolon, rest = self.media_type.partition(";")
        return f"{essence.lower()}{semicolon}{rest}"


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
    is_form = kind in (BodyKind.MULTIPART, BodyKind.FORM)
    encoding = _encoding(media.get("encoding", {})) if is_form else {}
    content_types = {
        name: entry["contentType"]
        for name, entry in encoding.items()
        if isinstance(entry.get("contentType"), str)
    }
    styles = {name: style for name, entry in encoding.items() if (style := _style(entry))}
    repeated: list[str] = []
    if is_form:
        repeated = [
            name
            for name, inner in _fields(schema, document).items()
            if (
                encoding[name].get("explode", styles[name] == "form")
                if name in styles
                else _is_array(inner, document) and not is_json(_first(content_types.get(name, "")))
            )
        ]
    return PlannedBody(
        media_type=media_type,
        kind=kind,
        schema=schema,
        may_be_null=kind is BodyKind.JSON and may_be_null(schema, document),
        repeated=repeated,
        content_types={
            name: text
            for name, text in content_types.items()
            if not all("*" in kind for kind in text.split(","))
        },
        headers=_required_headers(encoding, document) if kind is BodyKind.MULTIPART else {},
        styles=styles,
        reserved=[name for name, entry in encoding.items() if entry.get("allowReserved") is True],
    )


def _encoding(given: Any) -> dict[str, dict[str, Any]]:
    entries = given if isinstance(given, dict) else {}
    return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}


def _first(media_types: str) -> str:
    return media_types.partition(",")[0].strip()


def _required_headers(encoding: dict[str, dict[str, Any]], document: dict[str, Any]) -> dict[str, str]:
    """The headers without which a part is not sent. Content-Type is that of the encoding itself."""
    found: dict[str, str] = {}
    for name, entry in encoding.items():
        declared = entry.get("headers")
        headers = declared if isinstance(declared, dict) else {}
        required = [
            header
            for header, given in headers.items()
            if header.lower() != "content-type" and resolved(given, document).get("required") is True
        ]
        if required:
            found[name] = ",".join(required)
    return found


def _style(entry: dict[str, Any]) -> str | None:
    """The style of a field that is written as a parameter is, None for any other field.

    OpenAPI 3.0 has that for forms in URL encoding only, 3.1 for multipart forms too; contracts of
    3.0 that say so of a multipart form mean it.
    """
    if "style" not in entry and "explode" not in entry:
        return None
    style = entry.get("style", "form")
    if style not in FIELD_STYLES:
        raise NotRepresentable(
            "requestBody",
            f"a field of a form cannot have the style {style}",
            f"Give it one of {', '.join(FIELD_STYLES)} by an overlay action.",
        )
    return str(style)


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
