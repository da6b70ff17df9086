# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/workflows/{workflow_id}/fork: Copy a version of a workflow into a new one (unofficial)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.saved_workflow import SavedWorkflow
from ...models.saved_workflow_fork import SavedWorkflowFork
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
    to_json,
)

OPERATION = Operation(
    "forkWorkflow",
    "POST",
    "/api/workflows/{workflow_id}/fork",
    "required",
)


def build(workflow_id: str, *, body: SavedWorkflowFork | Mapping[str, Any]) -> Request:
    """Copy a version of a workflow into a new one (unofficial).

    Saves a new workflow whose first version is a version of this one.

    Args:
        workflow_id: UUID of the workflow.
        body: The JSON object: the model, or a mapping with its JSON names.
    """
    target = f"/api/workflows/{path_segment(workflow_id)}/fork"
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> SavedWorkflow:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 201:
        return decode_model(SavedWorkflow.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, workflow_id: str, *, body: SavedWorkflowFork | Mapping[str, Any]) -> SavedWorkflow:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(workflow_id, body=body)))


async def asyncio(
    client: AsyncClient, workflow_id: str, *, body: SavedWorkflowFork | Mapping[str, Any]
) -> SavedWorkflow:
    """The async form of `sync`."""
    return parse(await client.send(build(workflow_id, body=body)))
