"""Read an error body in any of the shapes that servers, frameworks and proxies send.

Known shapes: `{code, message, details}`, `{error: {type or code, message, details}, node_errors}`,
`{error: "text"}`, `{message}`, plain text, a web page, and nothing at all. Nothing here chooses an
exception, redacts, or raises: where no message can be found, it is the phrase of the status.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from .._lenient import id_in

# Longer plain text is a page or a dump, not a message.
LONGEST_PLAIN_TEXT = 500

# Statuses that edge servers use beyond the registered ones.
_EDGE_PHRASES = {
    520: "The origin sent the edge an invalid response",
    521: "The origin refused the edge's connection",
    522: "The edge could not connect to the origin in time",
    523: "The edge cannot reach the origin",
    524: "The origin did not respond to the edge in time",
    525: "The TLS handshake between edge and origin failed",
    526: "The origin's certificate is not valid",
    530: "The edge cannot resolve the origin",
}
_MESSAGE_FIELDS = (
    "message",
    "detail",
    "error_message",
    "error_description",
    "exception_message",
    "msg",
    "title",
)
_CODE_FIELDS = ("type", "code", "error_code")


def is_web_page(content_type: str | None, body: bytes) -> bool:
    """Whether a body is a web page, by its content type or by how it begins."""
    beginning = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "html" in (content_type or "").lower() or beginning.startswith((b"<!doctype html", b"<html"))


class ErrorBody:
    """What could be read from an error body. `message` is never empty."""

    __slots__ = ("code", "details", "message", "node_errors")

    def __init__(self, document: object, status: int) -> None:
        self.code: str | None = None
        self.details: Any = None
        self.node_errors: dict[str, Mapping[str, Any]] = {}
        message = ""
        if isinstance(document, Mapping):
            error = document.get("error")
            levels = [error, document] if isinstance(error, Mapping) else [document]
            message = next(filter(None, map(message_in, levels)), "")
            self.code = next(filter(None, map(_code_in, levels)), None)
            if isinstance(error, str):
                # Either the message, or an error code beside a message.
                message, self.code = message or error, self.code or (id_in(error) if message else None)
            self.details = next(
                (level["details"] for level in levels if level.get("details")), None
            ) or _rest(levels)
            self.node_errors = next(filter(None, (by_node(level.get("node_errors")) for level in levels)), {})
        elif isinstance(document, str):
            message = _plain(document, status)
        elif isinstance(document, list):
            message = message_in(document)
        self.message = message.strip() or _phrase(status)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return _EDGE_PHRASES.get(status, f"HTTP status {status}")


def _plain(text: str, status: int) -> str:
    """Plain text if it can serve as a message: short, printable, not the start of a web page."""
    text = " ".join(text.split())
    if len(text) > LONGEST_PLAIN_TEXT or text.startswith("<") or "\ufffd" in text or not text.isprintable():
        return ""
    return text.removeprefix(f"{status} ")


def decode_json(text: str) -> Any:
    """The JSON value of a text, or the text when it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def message_in(value: object, depth: int = 0) -> str:
    """A message in any form: text, an object that has one, or a list of either."""
    if isinstance(value, str):
        return value.strip()
    if depth > 2:
        return ""
    if isinstance(value, Mapping):
        return next(filter(None, (message_in(value.get(field), depth + 1) for field in _MESSAGE_FIELDS)), "")
    if isinstance(value, (list, tuple)):
        return "; ".join(filter(None, (message_in(item, depth + 1) for item in value[:3])))
    return ""


def _code_in(level: Mapping[str, Any]) -> str | None:
    """The server's error code. It is a single word: `type` may also be a URL or a sentence."""
    for field in _CODE_FIELDS:
        code = id_in(level.get(field))
        if code and len(code) <= 80 and not re.search(r"\s|://", code):
            return code
    return None


def _rest(levels: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Fields that nothing else reads, such as `reason`: they may hold the explanation."""
    read = {"error", "details", "node_errors", *_MESSAGE_FIELDS, *_CODE_FIELDS}
    return {
        field: value
        for level in reversed(levels)
        for field, value in level.items()
        if value and field not in read
    } or None


def by_node(value: object) -> dict[str, Mapping[str, Any]]:
    """Node errors as node id -> object, from a map or a list of whatever."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [
            (item.get("node_id", index) if isinstance(item, Mapping) else index, item)
            for index, item in enumerate(value)
        ]
    else:
        return {}
    return {
        str(node): entry
        if isinstance(entry, Mapping)
        else {"errors": entry if isinstance(entry, list) else [entry]}
        for node, entry in pairs
    }


def node_reasons(node_errors: Mapping[str, Any]) -> Iterator[str]:
    """One phrase per problem of a node, with the node's id and class."""
    for node, entry in node_errors.items():
        errors = entry.get("errors") if isinstance(entry, Mapping) else None
        title = f" ({entry['class_type']})" if isinstance(entry, Mapping) and entry.get("class_type") else ""
        for error in errors if isinstance(errors, list) and errors else [entry]:
            text = message_in(error)
            details = error.get("details") if isinstance(error, Mapping) else None
            if isinstance(details, str) and details:
                text = f"{text} ({details})" if text else details
            yield f"node {node}{title}: {text or 'refused without a reason'}"
