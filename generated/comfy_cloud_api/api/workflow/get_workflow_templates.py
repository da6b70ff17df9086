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

    Present so that programs written for a self-hosted server find the route. The cloud has no
    templates to offer here and always returns an empty object. No key is needed.
    """
    target = "/api/workflow_templates"
    return Request(OPERATION, target)


def parse(response: Response) -> dict[str, Any]:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> dict[str, Any]:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> dict[str, Any]:
    """The async form of `sync`."""
    return parse(await client.send(build()))
