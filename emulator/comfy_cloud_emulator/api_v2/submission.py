"""Submitting a workflow by API v2: `POST /api/v2/jobs`.

Unlike in version 1 the graph is validated before the response. References to assets are replaced by
the names of their files, so that the job runs like any other.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.engine import validation
from comfy_cloud_emulator.engine.job_engine import MOST_NODES, MOST_WAITING, JobEngine
from comfy_cloud_emulator.engine.submissions import QueueFull
from comfy_cloud_emulator.faults.lag import hide_new_job
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.json_values import Json, is_array, is_object
from comfy_cloud_emulator.state.store import Store

from .documents import Documents
from .idempotency import IdempotencyKeys
from .submitted_graphs import SubmittedGraphs

RETRY_AFTER: Final = 5
"""Seconds after which a full queue may have room."""
_EXTRA_FIELD: Final = "api_key_comfy_org"
_REFERENCE: Final = "core/ASSET"


def routes(
    store: Store, engine: JobEngine, documents: Documents, keys: IdempotencyKeys, graphs: SubmittedGraphs
) -> list[Operation]:
    """The operation of this module over a store and its engine."""

    async def submit(request: Request) -> Response:
        body = await request.body()
        with keys.claimed(request):
            return accept(request, read_submission(body))

    def accept(request: Request, data: Json) -> Response:
        account = engine.account
        if not account.subscription_active or (account.credits is not None and account.credits <= 0):
            raise ApiProblem(402, "There are no credits left; add some to continue")
        graph = _with_files(store, data["workflow"])
        result = validation.check(graph, engine.catalogue, run_unknown=engine.quirks.run_unknown_nodes)
        if result.error is not None:
            raise _invalid(result)
        try:
            submission = engine.submit(graph, extra_data=dict(data.get("extra_data") or {}))
        except QueueFull:
            message = f"{MOST_WAITING} workflows are waiting; try again when some have finished"
            raise ApiProblem(429, message, code="queue_full", retry_after=RETRY_AFTER) from None
        hide_new_job(request, store, submission)
        job = store.get(submission.prompt_id)
        if job is None:
            raise LookupError(f"the job {submission.prompt_id} is gone")
        graphs.keep(job, data["workflow"])
        return json_response(documents.job(job), 201)

    return [Operation("POST", "/api/v2/jobs", submit)]


def read_submission(body: bytes) -> Json:
    """The submission in a body. Raises ApiProblem with status 422."""
    try:
        data = read_json(body)
    except JsonRefused as error:
        raise ApiProblem(422, f"the body is {error}") from None
    if not is_object(data) or not is_object(data.get("workflow")):
        raise ApiProblem(422, "the body must be a JSON object with the object `workflow`")
    for reserved in ("webhook_url", "inputs"):
        if reserved in data:
            raise ApiProblem(422, f"{reserved} is kept for later and not supported yet")
    if data.get("metadata"):
        raise ApiProblem(422, "labels of jobs are not supported here", code="metadata_not_supported")
    extra_data = data.get("extra_data", {})
    if not is_object(extra_data) or extra_data.keys() - {_EXTRA_FIELD}:
        raise ApiProblem(422, f"extra_data: expected an object with nothing but {_EXTRA_FIELD}")
    if not isinstance(extra_data.get(_EXTRA_FIELD, ""), str):
        raise ApiProblem(422, f"extra_data.{_EXTRA_FIELD}: expected text")
    graph = data["workflow"]
    if is_array(graph.get("nodes")):
        raise ApiProblem(
            422,
            "This is a workflow as the editor saves it; export it in API format",
            code="workflow_format_ui",
        )
    if len(graph) > MOST_NODES:
        message = f"the workflow has {len(graph)} nodes; at most {MOST_NODES} run"
        raise ApiProblem(422, message, code="invalid_workflow")
    return data


def _with_files(store: Store, graph: Json) -> Json:
    """The graph with stored names in the place of asset references. Raises ApiProblem (422)."""
    found: Json = {}
    for node_id, node in graph.items():
        inputs = node.get("inputs") if is_object(node) else None
        if is_object(inputs) and any(_is_reference(value) for value in inputs.values()):
            node = {**node, "inputs": {name: _file(store, value) for name, value in inputs.items()}}
        found[node_id] = node
    return found


def _is_reference(value: Any) -> bool:
    return is_object(value) and value.get("__type") == _REFERENCE


def _file(store: Store, value: Any) -> Any:
    if not _is_reference(value):
        return value
    info = value.get("info")
    id = info.get("id") if is_object(info) else None
    asset = store.assets.get(id) if isinstance(id, str) else None
    if asset is None:
        raise ApiProblem(422, "the workflow refers to an asset that does not exist", code="missing_asset")
    return asset.name if asset.is_public else asset.filename


def _invalid(result: validation.ValidationResult) -> ApiProblem:
    """Why a graph is not valid, with the reasons by node and input."""
    error = result.error or {}
    reasons: Json = {
        node_id: [
            {
                "field": each.get("extra_info", {}).get("input_name", ""),
                "reason": each["type"],
                "message": " ".join(filter(None, (each["message"], each["details"]))),
            }
            for each in found["errors"]
        ]
        for node_id, found in result.node_errors.items()
    }
    message = ": ".join(filter(None, (str(error.get("message", "")), str(error.get("details", "")))))
    for node_id, found in result.node_errors.items():
        message = f"Node {node_id} ({found['class_type']}): {reasons[node_id][0]['message']}"
        break
    details = {"node_errors": reasons} if reasons else None
    return ApiProblem(422, message, code="invalid_workflow", details=details)
