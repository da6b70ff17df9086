"""The emulator as a whole: `/_emulator/health`, `/_emulator/reset`, `/_emulator/openapi.json`."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.cloud.settings import SettingChanges
from comfy_cloud_emulator.http.access import HEALTH_PATH
from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX
from comfy_cloud_emulator.http.responses import ApiProblem, json_line_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.server.server_thread import RunningRequest

from .controlled import Controlled
from .openapi import document
from .openapi_schemas import MOST_SEEDED
from .reading import FieldTypes, fields, known_query

SETTINGS: Final[FieldTypes] = {
    "seed_data": (str, int, type(None)),
    "seed": (int,),
    "time": (str,),
    "speed": (float,),
    "auto_advance": (bool, float),
    "tier": (str,),
    "credits": (float, type(None)),
    "quirks": (str, list),
}
"""The settings that a reset may change; the others return to their initial values."""


def routes(emulator: Controlled) -> list[Operation]:
    """The operations of this module."""

    async def get_health(request: Request) -> Response:
        known_query(request)
        if not request.scope["state"].get("may_control", True):
            return json_line_response({"status": "ready"})
        return json_line_response(await run_in_threadpool(_health, emulator, request))

    async def reset(request: Request) -> Response:
        known_query(request)
        given = await fields(request, SETTINGS)
        seed_data = given.get("seed_data")
        if isinstance(seed_data, int) and seed_data > MOST_SEEDED:
            raise ApiProblem(400, f"seed_data: expected at most {MOST_SEEDED} jobs, got {seed_data}")
        changes = SettingChanges(**given)  # type: ignore[typeddict-item]  # checked by the emulator
        try:
            await run_in_threadpool(emulator.reset_by, RunningRequest.current(request.scope), changes)
        except ValueError as error:
            raise ApiProblem(400, str(error)) from error
        except RuntimeError as error:
            raise ApiProblem(
                409,
                "this emulator keeps its state in a folder, which a reset would delete; start one"
                " without --data (in Python without data=) to reset it",
            ) from error
        return json_line_response(await run_in_threadpool(_health, emulator, request))

    async def get_document(request: Request) -> Response:
        known_query(request)
        return json_line_response(document())

    return [
        Operation("GET", HEALTH_PATH, get_health),
        Operation("POST", f"{CONTROL_PREFIX}reset", reset),
        Operation("GET", f"{CONTROL_PREFIX}openapi.json", get_document),
    ]


def _health(emulator: Controlled, request: Request) -> dict[str, Any]:
    accounts = emulator.accounts
    by_status: dict[str, int] = {}
    for account in accounts.values():
        for status, count in account.store.read("SELECT status, count(*) FROM jobs GROUP BY status"):
            by_status[status] = by_status.get(status, 0) + count
    return {
        "status": "ready",
        "version": _version(),
        "uptime": round(emulator.uptime, 3),
        "url": emulator.public_url or str(request.base_url).rstrip("/"),
        "files_url": emulator.files_url,
        "counts": {
            "accounts": len(accounts),
            "jobs": by_status,
            "requests": len(emulator.requests),
            "file_requests": len(emulator.file_requests),
            "faults": len(emulator.faults),
            "file_faults": len(emulator.file_faults),
            "leaks": len(emulator.leaks),
        },
    }


@cache
def _version() -> str | None:
    """The version of the installed package, or None where it runs from its sources."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("comfy-cloud")
    except PackageNotFoundError:
        return None
