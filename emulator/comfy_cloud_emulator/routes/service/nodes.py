"""The node classes: `GET /api/object_info`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.responses import json_bytes_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.nodes.catalogue import Catalogue
from comfy_cloud_emulator.state.jobs.documents import to_json


def routes(catalogue: Catalogue) -> list[Operation]:
    """The operations of this module over a catalogue."""
    kept: list[bytes] = []

    async def get_node_info(request: Request) -> Response:
        # Built on the first request, not at every start.
        if not kept:
            kept.append(catalogue.document or to_json(catalogue.object_info()))
        return json_bytes_response(kept[0])

    return [Operation("GET", "/api/object_info", get_node_info)]
