# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/workspaces/current: Describe the workspace of the key (unofficial)."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.workspace import Workspace
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
)

OPERATION = Operation(
    "getCurrentWorkspace",
    "GET",
    "/api/workspaces/current",
    "required",
)


def build() -> Request:
    """Describe the workspace of the key (unofficial).

    Returns the workspace that jobs of this key are charged to.
    """
    target = "/api/workspaces/current"
    return Request(OPERATION, target)


def parse(response: Response) -> Workspace:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(Workspace.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> Workspace:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> Workspace:
    """The async form of `sync`."""
    return parse(await client.send(build()))
