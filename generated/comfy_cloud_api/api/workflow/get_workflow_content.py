# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/workflows/{workflow_id}/content: Read the latest version of a saved workflow
(unofficial).
"""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.saved_workflow_content import SavedWorkflowContent
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "getWorkflowContent",
    "GET",
    "/api/workflows/{workflow_id}/content",
    "required",
)


def build(workflow_id: str) -> Request:
    """Read the latest version of a saved workflow (unofficial).

    Returns the graph of the latest version.

    Args:
        workflow_id: UUID of the workflow.
    """
    target = f"/api/workflows/{path_segment(workflow_id)}/content"
    return Request(OPERATION, target)


def parse(response: Response) -> SavedWorkflowContent:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(SavedWorkflowContent.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, workflow_id: str) -> SavedWorkflowContent:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(workflow_id)))


async def asyncio(client: AsyncClient, workflow_id: str) -> SavedWorkflowContent:
    """The async form of `sync`."""
    return parse(await client.send(build(workflow_id)))
