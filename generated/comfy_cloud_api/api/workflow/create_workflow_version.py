# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/workflows/{workflow_id}/versions: Save a new version of a workflow (unofficial)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.saved_workflow_change import SavedWorkflowChange
from ...models.saved_workflow_version import SavedWorkflowVersion
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
    "createWorkflowVersion",
    "POST",
    "/api/workflows/{workflow_id}/versions",
    "required",
)


def build(workflow_id: str, *, body: SavedWorkflowChange | Mapping[str, Any]) -> Request:
    """Save a new version of a workflow (unofficial).

    Adds a version. It is refused with 409 when `base_version` is not the latest one, so that no
    change of somebody else is lost.

    Args:
        workflow_id: UUID of the workflow.
        body: The JSON object: the model, or a mapping with its JSON names.
    """
    target = f"/api/workflows/{path_segment(workflow_id)}/versions"
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> SavedWorkflowVersion:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 201:
        return decode_model(SavedWorkflowVersion.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client, workflow_id: str, *, body: SavedWorkflowChange | Mapping[str, Any]
) -> SavedWorkflowVersion:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(workflow_id, body=body)))


async def asyncio(
    client: AsyncClient, workflow_id: str, *, body: SavedWorkflowChange | Mapping[str, Any]
) -> SavedWorkflowVersion:
    """The async form of `sync`."""
    return parse(await client.send(build(workflow_id, body=body)))
