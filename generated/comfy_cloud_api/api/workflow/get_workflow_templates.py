# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/workflow_templates: List workflow templates of node packs."""

from __future__ import annotations

from typing import Any

from ...client import AsyncClient, Client
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
)

OPERATION = Operation(
    "getWorkflowTemplates",
    "GET",
    "/api/workflow_templates",
    "none",
)


def build() -> Request:
    """List workflow templates of node packs.

    Present so that programs written for a self-hosted server find the route. The cloud has no templates to
    offer here and always answers with an empty object. No key is needed.
    """
    target = "/api/workflow_templates"
    return Request(OPERATION, target)


def parse(response: Response) -> dict[str, Any]:
    """The value of a successful answer.

    Raises UnexpectedStatus for every status that is not a success of this operation, and UnreadableBody when
    the answer is not what the contract says.
    """
    status = response.status_code
    if status == 200:
        return decode_model(dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> dict[str, Any]:
    """Call the operation and wait; parameters as in `build`, result and errors as in `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> dict[str, Any]:
    """Like `sync`, awaited."""
    return parse(await client.send(build()))
