"""The responses that faults send in place of the right ones: error statuses, HTML, broken JSON."""

from __future__ import annotations

from typing import Final

import orjson
from starlette.responses import Response

from comfy_cloud_emulator.http.error_forms import error_body
from comfy_cloud_emulator.http.responses import JSON_TYPE

from .fault import Fault

GARBAGE: Final = b'{"jobs": [{"id": "5f0c'
HTML_TYPE: Final = "text/html; charset=utf-8"
_PAGE: Final = """<!DOCTYPE html>
<html><head><title>{status}</title></head>
<body><h1>Error {status}</h1><p>The emulated proxy could not reach the service.</p></body></html>
"""
_MESSAGES: Final[dict[int, str]] = {
    404: "this path is not served",
    405: "this path is not served",
    410: "this path is no longer served",
    429: "too many requests; try again later",
    501: "this operation is not implemented",
    503: "the service is busy; try again later",
}


def fault_response(fault: Fault) -> Response:
    """The response of a fault of kind status, html, garbage, retired, refused or accepted_then."""
    status = fault.status if fault.status is not None else 500
    if fault.body is not None:
        content, media_type = _encoded(fault.body)
    elif fault.kind == "html":
        content, media_type = _PAGE.format(status=status).encode(), HTML_TYPE
    elif fault.kind == "garbage":
        content, media_type = GARBAGE, JSON_TYPE
    else:
        message = _MESSAGES.get(status, f"a scripted fault of status {status}")
        content, media_type = orjson.dumps(error_body(status, message)), JSON_TYPE
    if fault.kind == "html" and fault.content_type is None:
        media_type = HTML_TYPE
    reply = Response(content, status, media_type=None)
    reply.headers["content-type"] = fault.content_type or media_type
    if fault.retry_after is not None:
        reply.headers["retry-after"] = str(fault.retry_after)
    return reply


def _encoded(body: object) -> tuple[bytes, str]:
    if isinstance(body, bytes):
        return body, "application/octet-stream"
    if isinstance(body, str):
        return body.encode(), "text/plain; charset=utf-8"
    return orjson.dumps(body), JSON_TYPE
