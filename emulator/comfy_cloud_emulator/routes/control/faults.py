"""`/_emulator/faults`: scripting faults from any language. Needs no key."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.faults import FaultScript
from comfy_cloud_emulator.faults.json_form import fault_from_json, fault_to_json
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.json_values import is_array


def routes(script: FaultScript) -> list[Operation]:
    """The operations of this module over a script of faults."""

    async def get_faults(request: Request) -> Response:
        return json_response({"faults": [fault_to_json(fault) for fault in script.pending()]})

    async def add_faults(request: Request) -> Response:
        try:
            body = read_json(await request.body())
            faults = [fault_from_json(each) for each in (body if is_array(body) else [body])]
        except JsonRefused as error:
            raise ApiProblem(400, f"the body is {error} ({error.__cause__})") from error
        except ValueError as error:
            raise ApiProblem(400, str(error)) from error
        script.add(*faults)
        return json_response({"added": len(faults)}, 201)

    async def clear_faults(request: Request) -> Response:
        script.clear()
        return Response(status_code=204)

    async def remove_fault(request: Request) -> Response:
        id = request.path_params["id"]
        if not (id.isascii() and id.isdigit() and len(id) < 20 and script.remove(int(id))):
            raise ApiProblem(404, f"there is no pending fault {id[:40]}; it may have hit already")
        return Response(status_code=204)

    return [
        Operation("GET", f"{CONTROL_PREFIX}faults", get_faults),
        Operation("POST", f"{CONTROL_PREFIX}faults", add_faults),
        Operation("DELETE", f"{CONTROL_PREFIX}faults", clear_faults),
        Operation("DELETE", f"{CONTROL_PREFIX}faults/{{id}}", remove_fault),
    ]
