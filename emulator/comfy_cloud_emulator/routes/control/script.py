"""The emulator's own routes under `/_emulator/`: scripting faults and reading the requests from any language.

They are no part of the Comfy Cloud API, need no key, and never show one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.faults.json_form import fault_from_json, fault_to_json
from comfy_cloud_emulator.faults.script import FaultScript
from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX
from comfy_cloud_emulator.http.request_log import Request as Record
from comfy_cloud_emulator.http.responses import ApiProblem, json_reply
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.jobs.documents import REDACTED
from comfy_cloud_emulator.state.json_values import is_array

_SECRET_NAMES: Final = frozenset({"x-api-key", "authorization", "cookie", "token"})


def routes(
    script: FaultScript, requests: Callable[[], list[Record]], forget: Callable[[], None]
) -> list[Operation]:
    """The routes over a script of faults and the records of requests."""

    async def get_faults(request: Request) -> Response:
        return json_reply({"faults": [fault_to_json(fault) for fault in script.pending()]})

    async def add_faults(request: Request) -> Response:
        try:
            told = orjson.loads(await request.body())
            items = told if is_array(told) else [told]
            faults = [fault_from_json(item) for item in items]
        except ValueError as error:
            raise ApiProblem(400, str(error)) from error
        script.add(*faults)
        return json_reply({"added": len(faults)}, 201)

    async def clear_faults(request: Request) -> Response:
        script.clear()
        return Response(status_code=204)

    async def remove_fault(request: Request) -> Response:
        id = request.path_params["id"]
        if not (id.isascii() and id.isdigit() and len(id) < 20 and script.remove(int(id))):
            raise ApiProblem(404, f"no fault {id[:40]} is to come; it may have hit already")
        return Response(status_code=204)

    async def get_requests(request: Request) -> Response:
        return json_reply({"requests": [_shown(record) for record in requests()]})

    async def clear_requests(request: Request) -> Response:
        forget()
        return Response(status_code=204)

    return [
        Operation("GET", f"{CONTROL_PREFIX}faults", get_faults),
        Operation("POST", f"{CONTROL_PREFIX}faults", add_faults),
        Operation("DELETE", f"{CONTROL_PREFIX}faults", clear_faults),
        Operation("DELETE", f"{CONTROL_PREFIX}faults/{{id}}", remove_fault),
        Operation("GET", f"{CONTROL_PREFIX}requests", get_requests),
        Operation("DELETE", f"{CONTROL_PREFIX}requests", clear_requests),
    ]


def _shown(record: Record) -> dict[str, Any]:
    return {
        "method": record.method,
        "path": record.path,
        "raw_path": record.raw_path,
        "query": [[name, _covered(name, value)] for name, value in record.query],
        "headers": {name: _covered(name, value) for name, value in record.headers.items()},
        "body": record.body.decode("utf-8", "replace"),
        "status": record.status,
        "fault": record.fault,
        "account": record.account,
        "started": record.started,
        "seconds": record.seconds,
    }


def _covered(name: str, value: str) -> str:
    return REDACTED if name.lower() in _SECRET_NAMES else value
