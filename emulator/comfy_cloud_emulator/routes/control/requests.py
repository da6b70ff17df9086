"""`/_emulator/requests`: reading and clearing the request log. Needs no key and shows none."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.redaction import redacted
from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX, RequestLog
from comfy_cloud_emulator.http.request_log import Request as LoggedRequest
from comfy_cloud_emulator.http.responses import json_response
from comfy_cloud_emulator.http.routing import Operation


def routes(log: RequestLog) -> list[Operation]:
    """The operations of this module over a log."""

    async def get_requests(request: Request) -> Response:
        return json_response({"requests": [_document(logged) for logged in log.requests()]})

    async def clear_requests(request: Request) -> Response:
        log.clear()
        return Response(status_code=204)

    return [
        Operation("GET", f"{CONTROL_PREFIX}requests", get_requests),
        Operation("DELETE", f"{CONTROL_PREFIX}requests", clear_requests),
    ]


def _document(logged: LoggedRequest) -> dict[str, Any]:
    return {
        "method": logged.method,
        "path": logged.path,
        "raw_path": logged.raw_path,
        "query": [[name, redacted(name, value)] for name, value in logged.query],
        "headers": {name: redacted(name, value) for name, value in logged.headers.items()},
        "body": logged.body.decode("utf-8", "replace"),
        "status": logged.status,
        "fault": logged.fault,
        "account": logged.account,
        "started": logged.started,
        "seconds": logged.seconds,
    }
