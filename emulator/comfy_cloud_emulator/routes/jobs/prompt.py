"""Submitting a workflow: `POST /api/prompt`, and the queue length at the same path.

Refuses only malformed submissions, those that the account may not make, and those to a full queue.
Whether the graph is valid shows when the job runs, unless the quirk `validate_at_submit` is on.
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
from comfy_cloud_emulator.http.request_reading import is_uuid
from comfy_cloud_emulator.http.responses import json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.json_values import Json, is_array, is_object
from comfy_cloud_emulator.state.store import Store

LARGEST_BODY: Final = 32 << 20
"""Largest submission in bytes; larger ones are a 413."""
RETRY_AFTER: Final = "5"
"""Seconds after which a full queue may have room."""


class _Refused(Exception):
    """A refused submission: the status, and the body's `error`."""

    def __init__(self, status: int, type: str, message: str, details: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.error = validation.refusal(type, message, details)

    def reply(self) -> Response:
        reply = json_response({"error": self.error, "node_errors": {}}, self.status)
        if self.error["type"] == "QUEUE_LIMIT":
            reply.headers["retry-after"] = RETRY_AFTER
        return reply


def routes(store: Store, engine: JobEngine) -> list[Operation]:
    """The operations of this module over a store and its engine."""

    async def get_prompt_info(request: Request) -> Response:
        remaining = store.count("pending", "in_progress")
        return json_response({"exec_info": {"queue_remaining": remaining}})

    async def execute_prompt(request: Request) -> Response:
        try:
            return await accept(request)
        except _Refused as refused:
            return refused.reply()

    async def accept(request: Request) -> Response:
        data = _read(await request.body())
        _check_account(engine)
        targets = data.get("partial_execution_targets")
        node_errors: Json = {}
        if engine.quirks.validate_at_submit:
            result = validation.check(
                data["prompt"], engine.catalogue, wanted=targets, run_unknown=engine.quirks.run_unknown_nodes
            )
            if result.error is not None:
                return json_response(result.body, 400)
            node_errors = result.node_errors
        extra_data: Json = dict(data.get("extra_data") or {})
        client_id = data.get("client_id")
        if client_id is not None:
            extra_data.setdefault("client_id", client_id)
        try:
            submission = engine.submit(
                data["prompt"],
                extra_data=extra_data,
                workflow_id=data.get("workflow_id"),
                client_id=client_id,
                targets=targets,
                prompt_id=_prompt_id(data, engine),
            )
        except QueueFull:
            message = f"{MOST_WAITING} workflows are waiting; try again when some have finished"
            raise _Refused(429, "QUEUE_LIMIT", message) from None
        except ValueError as error:
            raise _Refused(400, "invalid_prompt_id", "this prompt_id is taken") from error
        hide_new_job(request, store, submission)
        return json_response(
            {"prompt_id": submission.prompt_id, "number": submission.number, "node_errors": node_errors}
        )

    return [
        Operation("GET", "/api/prompt", get_prompt_info),
        Operation("POST", "/api/prompt", execute_prompt),
    ]


def _read(body: bytes) -> Json:
    """The submission in a body, with the types of known fields checked. Raises _Refused."""
    if len(body) > LARGEST_BODY:
        raise _Refused(413, "PAYLOAD_TOO_LARGE", f"the workflow is larger than {LARGEST_BODY} bytes")
    try:
        data = read_json(body)
    except JsonRefused as error:
        raise _Refused(400, "invalid_prompt", f"the body is {error}") from None
    if not is_object(data):
        raise _Refused(400, "invalid_prompt", "the body must be a JSON object")
    graph = data.get("prompt")
    if graph is None:
        raise _Refused(400, "no_prompt", "No prompt provided", "the body needs a field prompt")
    if not is_object(graph):
        raise _Refused(400, "invalid_prompt", "Invalid workflow: 'prompt' field must be an object")
    if not graph:
        raise _Refused(400, "prompt_no_outputs", "Prompt has no outputs")
    if len(graph) > MOST_NODES:
        raise _Refused(
            400, "invalid_prompt", f"the workflow has {len(graph)} nodes; at most {MOST_NODES} run"
        )
    if is_array(graph.get("nodes")):
        details = "Node ID '#nodes'; export the workflow in API format"
        raise _Refused(400, "invalid_prompt", "This is a workflow as the editor saves it", details)
    for name, type, expected in _FIELDS:
        value = data.get(name)
        # In Python true and false are numbers.
        if name in data and not (isinstance(value, type) and isinstance(value, bool) is (type is bool)):
            raise _Refused(400, "invalid_prompt", f"{name}: expected {expected}")
    targets = data.get("partial_execution_targets") or []
    if not all(isinstance(target, str) for target in targets):
        raise _Refused(400, "invalid_prompt", "partial_execution_targets: expected a list of node ids")
    return data


_FIELDS: Final[tuple[tuple[str, Any, str], ...]] = (
    ("extra_data", dict, "an object"),
    ("number", (int, float), "a number"),
    ("front", bool, "true or false"),
    ("partial_execution_targets", list, "a list of node ids"),
    ("workflow_id", str, "text"),
    ("workflow_version_id", str, "text"),
    ("client_id", str, "text"),
    ("prompt_id", str, "text"),
)


def _check_account(engine: JobEngine) -> None:
    account = engine.account
    status = 429 if engine.quirks.billing_as_429 else 402
    if not account.subscription_active:
        message = "This workspace has no active subscription; subscribe to run workflows"
        raise _Refused(status, "CLOUD_SUBSCRIPTION_REQUIRED", message)
    if account.credits is not None and account.credits <= 0:
        if account.tier == "free":
            raise _Refused(status, "FREE_TIER_EXHAUSTED", "The free tier is used up; upgrade to continue")
        raise _Refused(status, "PAYMENT_REQUIRED", "There are no credits left; add some to continue")


def _prompt_id(data: Json, engine: JobEngine) -> str | None:
    wanted = data.get("prompt_id")
    if wanted is None or not engine.quirks.accept_prompt_id:
        return None
    if not is_uuid(wanted):
        raise _Refused(400, "invalid_prompt_id", "prompt_id: expected a UUID in lower case with hyphens")
    return str(wanted)
