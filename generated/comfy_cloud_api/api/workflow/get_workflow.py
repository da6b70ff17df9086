# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/workflows/{workflow_id}: Describe a saved workflow (unofficial)."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.saved_workflow import SavedWorkflow
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "getWorkflow",
    "GET",
    "/api/workflows/{workflow_id}",
    "required",
)


def build(workflow_id: str) -> Request:
    """Describe a saved workflow (unofficial).

    Returns what is known about a saved workflow, without its graph.

    Args:
        workflow_id: UUID of the workflow.
    """
    target = f"/api/workflows/{path_segment(workflow_id)}"
    return Request(OPERATION, target)


def parse(response: Response) -> SavedWorkflow:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(SavedWorkflow.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, workflow_id: str) -> SavedWorkflow:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(workflow_id)))


async def asyncio(client: AsyncClient, workflow_id: str) -> SavedWorkflow:
    """The async form of `sync`."""
    return parse(await client.send(build(workflow_id)))
