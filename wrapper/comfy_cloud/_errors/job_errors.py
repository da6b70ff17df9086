"""Why a job failed: from the record that a server keeps of a job's error to a `JobFailed`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .._lenient import id_in
from .bodies import ErrorBody, by_node, decode_json, message_in
from .exceptions import JobFailed

_NO_REASON = "the server gave no reason"
_EMBEDDED_RESPONSE = re.compile(r"\b[45]\d\d\b[^{]{0,40}(?=\{)")


def job_failed_from(job_id: str, execution_error: object) -> JobFailed:
    """The exception for a failed job.

    `execution_error` is the object of that name (of a job, a history message or a websocket
    event), the same as JSON text, or plain text. When a graph is refused only after it was
    queued, the refusal is embedded in the text of the message: its reasons and node errors are
    extracted. Never raises.
    """
    return JobFailed(job_id=job_id, **_fields(execution_error))


def _fields(execution_error: object) -> dict[str, Any]:
    """The arguments of a `JobFailed`, except for the job's id."""
    record = decode_json(execution_error) if isinstance(execution_error, str) else execution_error
    if not isinstance(record, Mapping):
        return {"message": message_in(record) or _NO_REASON}
    message = message_in(record) or message_in(record.get("error"))
    node_errors = by_node(record.get("node_errors"))
    refusal = _embedded_refusal(message)
    if refusal is not None:
        message = (
            f"{refusal.message}: {refusal.details}" if isinstance(refusal.details, str) else refusal.message
        )
        node_errors = refusal.node_errors
    node_id, node_class = id_in(record.get("node_id")), id_in(record.get("node_type"))
    if node_id is None and len(node_errors) == 1:
        node_id, entry = next(iter(node_errors.items()))
        node_class = node_class or id_in(entry.get("class_type"))
    inputs = record.get("current_inputs")
    exception_type = id_in(record.get("exception_type"))
    return {
        "message": message or exception_type or _NO_REASON,
        "node_id": node_id,
        "node_class": node_class,
        "exception_type": exception_type,
        "traceback": _lines_in(record.get("traceback")),
        "inputs": inputs if isinstance(inputs, Mapping) else None,
        "node_errors": node_errors,
        "raw": record,
    }


def _embedded_refusal(message: str) -> ErrorBody | None:
    """The refusal in a text such as `Failed to send prompt request: ... 400: {"error": ...}`."""
    match = _EMBEDDED_RESPONSE.search(message)
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


def _lines_in(value: object) -> list[str]:
    """The lines of a traceback, given as a list or as one text."""
    if isinstance(value, str):
        return value.splitlines()
    return [line for line in value if isinstance(line, str)] if isinstance(value, (list, tuple)) else []
