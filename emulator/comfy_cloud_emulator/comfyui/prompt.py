"""Submitting to a self-hosted ComfyUI: `POST /api/prompt`, validated immediately.

A graph with at least one valid output is accepted; its invalid branches are dropped and reported as
`node_errors`. The number orders the queue: a float if the client sends one, negative for the front.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.engine.job_engine import MOST_NODES, JobEngine
from comfy_cloud_emulator.engine.validation import refusal
from comfy_cloud_emulator.faults.lag import hide_new_job
from comfy_cloud_emulator.http.request_reading import is_uuid
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.json_values import Json, is_object
from comfy_cloud_emulator.state.store import Store

from . import responses
from .converted_values import with_converted_values
from .graph_refusals import validate_submission


def routes(store: Store, engine: JobEngine) -> list[Operation]:
    """The operations of this module over a store and its engine."""
    counter = itertools.count()
    quirks = engine.quirks

    async def execute_prompt(request: Request) -> Response:
        data = await responses.read_json(request)
        if not isinstance(data, (dict, list, str)):
            raise responses.InternalError
        if not is_object(data):
            return _refused(refusal("no_prompt", "No prompt provided", "No prompt provided"))
        number = _number(data, lambda: next(counter))
        if "prompt" not in data:
            return _refused(refusal("no_prompt", "No prompt provided", "No prompt provided"))
        prompt_id = str(data.get("prompt_id", uuid4()))
        if quirks.newer_comfyui and data.get("prompt_id") is None:
            prompt_id = str(uuid4())
        if quirks.accept_prompt_id and not is_uuid(prompt_id):
            details = "expected a UUID in lower case with hyphens; leave it out to get one"
            return _refused(refusal("invalid_prompt_id", "prompt_id must be a valid UUID", details))
        wanted = data.get("partial_execution_targets")
        graph = data["prompt"]
        if is_object(graph) and len(graph) > MOST_NODES:
            message = f"the workflow has {len(graph)} nodes; at most {MOST_NODES} run"
            return _refused(refusal("invalid_prompt", message))
        result = validate_submission(
            graph,
            engine.catalogue,
            store,
            wanted,
            is_newer=quirks.newer_comfyui,
            run_unknown=quirks.run_unknown_nodes,
        )
        if result.error is not None:
            return responses.json_response(result.body, 400)
        extra_data = data.get("extra_data", {})
        if not is_object(extra_data):
            raise responses.InternalError
        if "client_id" in data:
            extra_data = extra_data | {"client_id": data["client_id"]}
        client_id = extra_data.get("client_id")
        try:
            submission = engine.submit(
                with_converted_values(graph, engine.catalogue, result.targets),
                extra_data=extra_data,
                client_id=client_id if isinstance(client_id, str) else None,
                targets=result.targets,
                prompt_id=prompt_id,
                number=number,
            )
        except ValueError as error:
            # A repeated id: the real server would run both, but the store has one job per id.
            raise responses.InternalError from error
        hide_new_job(request, store, submission)
        return responses.json_response(
            {"prompt_id": prompt_id, "number": number, "node_errors": result.node_errors}
        )

    return [Operation("POST", "/api/prompt", execute_prompt)]


def _refused(error: Json) -> Response:
    return responses.json_response({"error": error, "node_errors": {}}, 400)


def _number(data: dict[str, Any], following: Callable[[], int]) -> float:
    """The number that was sent, as a float; otherwise the next integer, negative for the front."""
    if "number" in data:
        try:
            return float(data["number"])
        except (TypeError, ValueError) as error:
            raise responses.InternalError from error
    number = following()
    return -number if data.get("front") else number
