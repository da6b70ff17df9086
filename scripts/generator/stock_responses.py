"""The responses of a contract in the form that openapi-python-client can parse. Pure.

It reads one media type of a status, and refuses those that it does not know. In the copy every
media type is JSON, text or bytes, and further ones of a status get a status of their own, which no
server can send. The description of a response holds what it stands for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from comfy_cloud.contract._documents.reader import resolved
from scripts.generator.python_code import raw_text

Schema = dict[str, Any]
JSON, TEXT, BYTES = "application/json", "text/plain", "application/octet-stream"
_FIRST_EXTRA_STATUS = 1000
_CONTENT: Schema = {"type": "string", "format": "binary"}
_FILES = ("image/", "audio/", "video/", "font/")


@dataclass(frozen=True)
class Documented:
    """What a response of the copy stands for.

    Attributes:
        status: The status as the contract has it: 200, 2XX or default.
        media_types: The media types as the contract spells them; none without content.
    """

    status: str
    media_types: tuple[str, ...]

    @classmethod
    def of(cls, response: Any) -> Documented:
        """What a response stands for, as the generator has parsed it."""
        status, *names = json.loads(raw_text(response.data.description))
        return cls(status, tuple(names))


def stock_responses(responses: Schema, contract: Schema) -> Schema:
    """The responses of an operation, for the generator."""
    copy: Schema = {}
    extra = _FIRST_EXTRA_STATUS
    for status, given in responses.items():
        if status.startswith("x-"):
            continue
        kinds = _by_kind(resolved(given, contract).get("content", {}))
        if not kinds:
            copy[status] = {"description": json.dumps([status])}
        for number, (kind, schema, names) in enumerate(kinds):
            extra += number > 0
            copy[str(extra) if number else status] = {
                "description": json.dumps([status, *names]),
                "content": {kind: {"schema": schema}},
            }
    return copy


def media_kind(name: str, schema: Any) -> str:
    """Whether a response of this media type is read as JSON, text or bytes."""
    plain = name.partition(";")[0].strip().lower()
    if plain.endswith(("/json", "+json")):
        return JSON
    if plain.startswith("text/"):
        return TEXT
    if "*" in plain and not plain.startswith(_FILES) and not _is_content(schema):
        return JSON
    return BYTES


def _is_content(schema: Any) -> bool:
    return not isinstance(schema, dict) or not schema or schema.get("format") in ("binary", "byte")


def _by_kind(content: Schema) -> list[tuple[str, Any, tuple[str, ...]]]:
    """Kind, schema and media types; media types with the same kind and schema are one."""
    found: list[tuple[str, Any, tuple[str, ...]]] = []
    for name, media in content.items():
        schema = media.get("schema", {})
        kind = media_kind(name, schema)
        wanted = {JSON: schema, TEXT: {"type": "string"}, BYTES: _CONTENT}[kind]
        for number, (other_kind, other, names) in enumerate(found):
            if (other_kind, other) == (kind, wanted):
                found[number] = (kind, wanted, (*names, name))
                break
        else:
            found.append((kind, wanted, (name,)))
    # A response whose Content-Type fits none of several is read as the first: JSON.
    return sorted(found, key=lambda each: each[0] != JSON)
