# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/workflows: Save a workflow (unofficial)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.saved_workflow import SavedWorkflow
from ...models.saved_workflow_creation import SavedWorkflowCreation
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    to_json,
)

OPERATION = Operation(
    "createWorkflow",
    "POST",
    "/api/workflows",
    "required",
)


def build(*, body: SavedWorkflowCreation | Mapping[str, Any]) -> Request:
    """Save a workflow (unofficial).

    Saves a new workflow with its first version.

    Args:
        body: The JSON object: the model, or a mapping with its JSON names.
    """
    target = "/api/workflows"
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


def sync(client: Client, *, body: SavedWorkflowCreation | Mapping[str, Any]) -> SavedWorkflow:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(client: AsyncClient, *, body: SavedWorkflowCreation | Mapping[str, Any]) -> SavedWorkflow:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
