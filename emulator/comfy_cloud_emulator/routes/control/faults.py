"""`/_emulator/faults` and `/_emulator/file_faults`: faults of the API and of the storage."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.faults import Fault, FaultScript
from comfy_cloud_emulator.faults.json_form import fault_from_json, fault_to_json
from comfy_cloud_emulator.faults.text_form import fault_from_text
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX
from comfy_cloud_emulator.http.responses import ApiProblem, json_line_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.json_values import is_array

from .controlled import Controlled
from .reading import known_query


def routes(emulator: Controlled) -> list[Operation]:
    """The operations of this module."""
    return [*_of(emulator.faults, "faults"), *_of(emulator.file_faults, "file_faults")]


def _of(script: FaultScript, name: str) -> list[Operation]:
    """The operations over one script of faults."""

    async def get_faults(request: Request) -> Response:
        known_query(request)
        awaited = script.awaited()
        return json_line_response(
            {
                "faults": [fault_to_json(each.fault) for each in awaited],
                "pending": [
                    {"id": each.id, "skips_left": each.skips_left, "hits_left": each.hits_left}
                    for each in awaited
                ],
            }
        )

    async def add_faults(request: Request) -> Response:
        known_query(request)
        try:
            body = read_json(await request.body())
            faults = [_fault(each) for each in (body if is_array(body) else [body])]
        except JsonRefused as error:
            quotes = """; a fault as text is in quotes too: -d '"503 x2 /api/jobs"'"""
            raise ApiProblem(400, f"the body is {error} ({error.__cause__}){quotes}") from error
        except ValueError as error:
            raise ApiProblem(400, str(error)) from error
        ids = script.add(*faults)
        return json_line_response({"added": len(faults), "ids": ids}, 201)

    async def clear_faults(request: Request) -> Response:
        known_query(request)
        script.clear()
        return Response(status_code=204)

    async def remove_fault(request: Request) -> Response:
        known_query(request)
        id = request.path_params["id"]
        if not (id.isascii() and id.isdigit() and len(id) < 20 and script.remove(int(id))):
            raise ApiProblem(404, f"there is no pending fault {id[:40]}; it may have hit already")
        return Response(status_code=204)

    path = f"{CONTROL_PREFIX}{name}"
    return [
        Operation("GET", path, get_faults),
        Operation("POST", path, add_faults),
        Operation("DELETE", path, clear_faults),
        Operation("DELETE", f"{path}/{{id}}", remove_fault),
    ]


def _fault(data: Any) -> Fault:
    """A fault from an object, or from a text as the command's option has it."""
    return fault_from_text(data) if isinstance(data, str) else fault_from_json(data)
