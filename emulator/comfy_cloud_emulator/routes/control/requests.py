"""`/_emulator/requests`, `/_emulator/file_requests` and `/_emulator/leaks`: what was received.

They show no key.
"""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.redaction import shown
from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX
from comfy_cloud_emulator.http.request_log import Request as LoggedRequest
from comfy_cloud_emulator.http.request_reading import bounded, integer
from comfy_cloud_emulator.http.responses import json_line_response
from comfy_cloud_emulator.http.routing import Operation

from .controlled import Controlled
from .reading import known_query

SHOWN_BODIES: Final = 4 << 20
"""Bytes of bodies that are listed, those of the newest requests; older ones are left empty."""
FILTERS: Final = ("method", "path", "status", "account", "limit")


def routes(emulator: Controlled, keys: Collection[str]) -> list[Operation]:
    """The operations of this module. `keys` are the accounts' keys."""

    async def get_requests(request: Request) -> Response:
        return await run_in_threadpool(_listed, request, emulator.requests, keys)

    async def get_file_requests(request: Request) -> Response:
        return await run_in_threadpool(_listed, request, emulator.file_requests, keys)

    async def clear_requests(request: Request) -> Response:
        known_query(request)
        emulator.clear_requests()
        return Response(status_code=204)

    async def get_leaks(request: Request) -> Response:
        known_query(request)
        leaks = [{"method": each.method, "path": each.path, "header": each.header} for each in emulator.leaks]
        return json_line_response({"leaks": leaks})

    return [
        Operation("GET", f"{CONTROL_PREFIX}requests", get_requests),
        Operation("DELETE", f"{CONTROL_PREFIX}requests", clear_requests),
        Operation("GET", f"{CONTROL_PREFIX}file_requests", get_file_requests),
        Operation("GET", f"{CONTROL_PREFIX}leaks", get_leaks),
    ]


def _listed(request: Request, logged: list[LoggedRequest], keys: Collection[str]) -> Response:
    known_query(request, *FILTERS)
    query = request.query_params
    method, path, account = (query.get(name) for name in ("method", "path", "account"))
    status, most = integer(request, "status"), bounded(request, "limit", len(logged), least=1)
    documents: list[dict[str, Any]] = []
    left = SHOWN_BODIES
    for each in reversed(logged):
        if (
            (method is None or method.upper() == each.method)
            and (path is None or path == each.path or fnmatchcase(each.path, path))
            and (status is None or status == each.status)
            and (account is None or account == each.account)
        ):
            if len(documents) == most:
                break
            documents.append(_document(each, keys, with_body=len(each.body) <= left))
            left -= len(each.body)
    return json_line_response({"requests": documents[::-1]})


def _document(logged: LoggedRequest, keys: Collection[str], *, with_body: bool) -> dict[str, Any]:
    covered = shown(logged, list(keys), with_body=with_body)
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
