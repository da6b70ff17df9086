"""`/_emulator/time`: the emulated time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX
from comfy_cloud_emulator.http.responses import ApiProblem, json_line_response
from comfy_cloud_emulator.http.routing import Operation

from .controlled import Controlled
from .reading import FieldTypes, fields, known_query

CHANGES: Final[FieldTypes] = {"advance": (float,), "set": (float, str), "frozen": (bool,)}
_PATH: Final = f"{CONTROL_PREFIX}time"


def routes(emulator: Controlled) -> list[Operation]:
    """The operations of this module."""

    def shown() -> Response:
        time = emulator.time
        return json_line_response(
            {"now": time.now(), "kind": time.kind, "speed": time.speed, "frozen": time.is_frozen}
        )

    async def get_time(request: Request) -> Response:
        known_query(request)
        return shown()

    async def change_time(request: Request) -> Response:
        known_query(request)
        given = await fields(request, CHANGES)
        if "advance" in given and "set" in given:
            raise ApiProblem(400, "advance and set exclude each other; send one of them")
        if not given:
            raise ApiProblem(400, 'expected {"advance": seconds}, {"set": instant} or {"frozen": true}')
        try:
            await run_in_threadpool(change, given)
        except ValueError as error:
            raise ApiProblem(400, str(error)) from error
        return shown()

    def change(given: dict[str, Any]) -> None:
        """Freeze first, or resume last, so that nothing passes between the two steps."""
        time = emulator.time
        if given.get("frozen") is True:
            time.freeze()
        if "advance" in given:
            time.advance(given["advance"])
        if "set" in given:
            time.set(_instant(given["set"]))
        if given.get("frozen") is False:
            time.resume()

    return [Operation("GET", _PATH, get_time), Operation("POST", _PATH, change_time)]


def _instant(given: float | str) -> float:
    """Seconds since 1970, or a date with time and zone. Raises ValueError."""
    if not isinstance(given, str):
        return given
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError(
            f"set: expected a date with time and zone such as 2026-07-01T12:00:00Z, got {given[:40]!r}"
        )
    return found.timestamp()
