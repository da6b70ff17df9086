# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""DELETE /api/workflows/{workflow_id}: Delete a saved workflow (unofficial)."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    path_segment,
)

OPERATION = Operation(
    "deleteWorkflow",
    "DELETE",
    "/api/workflows/{workflow_id}",
    "required",
)


def build(workflow_id: str) -> Request:
    """Delete a saved workflow (unofficial).

    Removes a saved workflow and all its versions.

    Args:
        workflow_id: UUID of the workflow.
    """
    target = f"/api/workflows/{path_segment(workflow_id)}"
    return Request(OPERATION, target)


def parse(response: Response) -> None:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 204:
        return None
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, workflow_id: str) -> None:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(workflow_id)))


async def asyncio(client: AsyncClient, workflow_id: str) -> None:
    """The async form of `sync`."""
    return parse(await client.send(build(workflow_id)))
