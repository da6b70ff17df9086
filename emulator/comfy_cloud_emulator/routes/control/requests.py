"""`/_emulator/requests`: reading and clearing the request log. Needs no key and shows none."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.redaction import shown
from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX, RequestLog
from comfy_cloud_emulator.http.request_log import Request as LoggedRequest
from comfy_cloud_emulator.http.responses import json_response
from comfy_cloud_emulator.http.routing import Operation


def routes(log: RequestLog, keys: Collection[str]) -> list[Operation]:
    """The operations of this module over a log. `keys` are the accounts' keys."""

    def listed() -> Response:
        return json_response({"requests": [_document(logged, keys) for logged in log.requests()]})

    async def get_requests(request: Request) -> Response:
        return await run_in_threadpool(listed)

    async def clear_requests(request: Request) -> Response:
        log.clear()
        return Response(status_code=204)

    return [
        Operation("GET", f"{CONTROL_PREFIX}requests", get_requests),
        Operation("DELETE", f"{CONTROL_PREFIX}requests", clear_requests),
    ]


def _document(logged: LoggedRequest, keys: Collection[str]) -> dict[str, Any]:
    covered = shown(logged, list(keys))
    return {
        "method": logged.method,
        "path": covered.path,
        "raw_path": covered.raw_path,
        "query": covered.query,
        "headers": covered.headers,
        "body": covered.body,
        "status": logged.status,
        "fault": logged.fault,
        "account": logged.account,
        "started": logged.started,
        "seconds": logged.seconds,
    }
