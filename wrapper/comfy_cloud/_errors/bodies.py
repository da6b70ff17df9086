"""Read the body of an error answer, in any of the shapes that servers, frameworks and proxies send.

Known shapes: `{code, message, details}`, `{error: {type or code, message, details}, node_errors}`, `{error: "text"}`,
`{message}`, plain text, a web page, and nothing at all. This module does not choose an exception, does not redact, and
never raises: what cannot be read leaves the phrase of the status as the message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

# Longer plain text is a page or a dump, not a message.
LONGEST_PLAIN_TEXT = 500

# Statuses that edge servers use beyond the registered ones.
_EDGE_PHRASES = {
    520: "The origin gave the edge an unusable answer",
    521: "The origin refused the edge's connection",
    522: "The edge could not connect to the origin in time",
    523: "The edge cannot reach the origin",
    524: "The origin did not answer the edge in time",
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
_NO_REASON = "the server gave no reason"
_EMBEDDED_ANSWER = re.compile(r"\b[45]\d\d\b[^{]{0,40}(?=\{)")


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
                # Either the message itself, or a word for the error beside a message.
                message, self.code = message or error, self.code or (word_in(error) if message else None)
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
    """Plain text that is fit to be a message: short, printable, not the beginning of a web page."""
    text = " ".join(text.split())
    if len(text) > LONGEST_PLAIN_TEXT or text.startswith("<") or "\ufffd" in text or not text.isprintable():
        return ""
    return text.removeprefix(f"{status} ")


def decode_json(text: str) -> Any:
    """The JSON value of a text, or the text itself when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def message_in(value: object, depth: int = 0) -> str:
    """A message in whatever form: text, an object that has one, or a list of either."""
    if isinstance(value, str):
        return value.strip()
    if depth > 2:
        return ""
    if isinstance(value, Mapping):
        return next(filter(None, (message_in(value.get(field), depth + 1) for field in _MESSAGE_FIELDS)), "")
    if isinstance(value, (list, tuple)):
        return "; ".join(filter(None, (message_in(item, depth + 1) for item in value[:3])))
    return ""


def lines_in(value: object) -> list[str]:
    """The lines of a traceback, given as a list or as one text."""
    if isinstance(value, str):
        return value.splitlines()
    return [line for line in value if isinstance(line, str)] if isinstance(value, (list, tuple)) else []


def word_in(value: object) -> str | None:
    """An id or a type name as text; None when it is empty or not one."""
    return (
        str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "" else None
    )


def _code_in(level: Mapping[str, Any]) -> str | None:
    """The server's word for an error: one word, since `type` may also be a URL or a sentence."""
    for field in _CODE_FIELDS:
        word = word_in(level.get(field))
        if word and len(word) <= 80 and not re.search(r"\s|://", word):
            return word
    return None


def _rest(levels: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The fields nobody else reads, such as `reason`, `accepted`, `class_types`: they may hold the explanation."""
    read = {"error", "details", "node_errors", *_MESSAGE_FIELDS, *_CODE_FIELDS}
    return {
        field: value
        for level in reversed(levels)
        for field, value in level.items()
        if value and field not in read
    } or None


def by_node(value: object) -> dict[str, Mapping[str, Any]]:
    """Node errors as node id -> object, from a map or a list, whatever stands inside."""
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
    """One phrase for each thing that is wrong with a node, naming the node."""
    for node, entry in node_errors.items():
        errors = entry.get("errors") if isinstance(entry, Mapping) else None
        title = f" ({entry['class_type']})" if isinstance(entry, Mapping) and entry.get("class_type") else ""
        for error in errors if isinstance(errors, list) and errors else [entry]:
            text = message_in(error)
            details = error.get("details") if isinstance(error, Mapping) else None
            if isinstance(details, str) and details:
                text = f"{text} ({details})" if text else details
            yield f"node {node}{title}: {text or 'refused without a reason'}"


def embedded_refusal(message: str) -> ErrorBody | None:
    """The refusal in a text such as `Failed to send prompt request: ... 400: {"error": ...}`."""
    match = _EMBEDDED_ANSWER.search(message)
    start = match.end() if match else message.find('{"error"')
    if start < 0:
        return None
    try:
        document, _ = json.JSONDecoder().raw_decode(message, start)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not ({"error", "message", "node_errors"} & document.keys()):
        return None
    return ErrorBody(document, 400)


def job_error_fields(execution_error: object) -> dict[str, Any]:
    """The arguments of a `JobFailed`, but for the job's id, from the record that a server keeps of a job's error."""
    record = decode_json(execution_error) if isinstance(execution_error, str) else execution_error
    if not isinstance(record, Mapping):
        return {"message": message_in(record) or _NO_REASON}
    message = message_in(record) or message_in(record.get("error"))
    node_errors = by_node(record.get("node_errors"))
    refusal = embedded_refusal(message)
    if refusal is not None:
        message = (
            f"{refusal.message}: {refusal.details}" if isinstance(refusal.details, str) else refusal.message
        )
        node_errors = refusal.node_errors
    node_id, node_class = word_in(record.get("node_id")), word_in(record.get("node_type"))
    if node_id is None and len(node_errors) == 1:
        node_id, entry = next(iter(node_errors.items()))
        node_class = node_class or word_in(entry.get("class_type"))
    inputs = record.get("current_inputs")
    exception_type = word_in(record.get("exception_type"))
    return {
        "message": message or exception_type or _NO_REASON,
        "node_id": node_id,
        "node_class": node_class,
        "exception_type": exception_type,
        "traceback": lines_in(record.get("traceback")),
        "inputs": inputs if isinstance(inputs, Mapping) else None,
        "node_errors": node_errors,
        "raw": record,
    }
