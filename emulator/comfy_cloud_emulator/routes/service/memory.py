"""Freeing memory: `/api/free`, which has no effect on the cloud."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.request_reading import flag, json_object
from comfy_cloud_emulator.http.routing import Operation

_FIELDS: Final = ("unload_models", "free_memory")


def routes() -> list[Operation]:
    """The operation of this module."""

    async def free(request: Request) -> Response:
        if await request.body():
            data = await json_object(request, _FIELDS, closed=False)
            for name in _FIELDS:
                flag(data, name)
        return Response(status_code=200)

    return [Operation("POST", "/api/free", free)]
