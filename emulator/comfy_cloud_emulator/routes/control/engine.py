"""`/_emulator/time`, `/_emulator/failures` and `/_emulator/submissions`: jobs and their time.

They need no key and show none.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.engine.clock import EngineTime
from comfy_cloud_emulator.engine.failures import Failure
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.engine.submissions import Submission
from comfy_cloud_emulator.http.redaction import shown_json
from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX
from comfy_cloud_emulator.http.request_reading import json_object
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation

_FAILURE_FIELDS: Final = ("exception_type", "node", "message")


def routes(engine: JobEngine, time: EngineTime, keys: Collection[str]) -> list[Operation]:
    """The operations of this module over the engine and its time. `keys` are the accounts' keys."""

    async def get_time(request: Request) -> Response:
        return json_response({"now": time.now()})

    async def advance(request: Request) -> Response:
        seconds = (await json_object(request, ("advance",))).get("advance")
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
            raise ApiProblem(400, "advance: expected a number of seconds")
        try:
            await run_in_threadpool(time.advance, seconds)
        except ValueError as error:
            raise ApiProblem(400, str(error)) from error
        return json_response({"now": time.now()})

    async def add_failure(request: Request) -> Response:
        data = await json_object(request, _FAILURE_FIELDS)
        for name in _FAILURE_FIELDS:
            if data.get(name) is not None and not isinstance(data[name], str):
                raise ApiProblem(400, f"{name}: expected text")
        engine.fail_next(
            Failure(data.get("exception_type") or "OOMError", data.get("node"), data.get("message"))
        )
        return Response(status_code=201)

    async def get_submissions(request: Request) -> Response:
        shown = [_shown(submission, engine, keys) for submission in engine.submissions()]
        return json_response({"submissions": shown})

    return [
        Operation("GET", f"{CONTROL_PREFIX}time", get_time),
        Operation("POST", f"{CONTROL_PREFIX}time", advance),
        Operation("POST", f"{CONTROL_PREFIX}failures", add_failure),
        Operation("GET", f"{CONTROL_PREFIX}submissions", get_submissions),
    ]


def _shown(submission: Submission, engine: JobEngine, keys: Collection[str]) -> dict[str, Any]:
    return {
        "prompt_id": submission.prompt_id,
        "number": submission.number,
        "create_time": submission.create_time,
        "workflow_id": submission.workflow_id,
        "client_id": submission.client_id,
        "extra_data": shown_json(submission.extra_data, list(keys)),
        "executed": engine.executions(submission.prompt_id),
    }
