# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/experiment/models: List the kinds of models."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.model_folder import ModelFolder
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_list,
)

OPERATION = Operation(
    "getModelFolders",
    "GET",
    "/api/experiment/models",
    "none",
)


def build() -> Request:
    """List the kinds of models.

    Lists the model folders (checkpoints, loras, vae and so on) for which the service holds files.
    Use a `name` of this list with `GET /api/experiment/models/{folder}`. No key is needed. The
    route is marked experimental by the service and replaces the older `/models`.
    """
    target = "/api/experiment/models"
    return Request(OPERATION, target)


def parse(response: Response) -> list[ModelFolder]:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_list(ModelFolder.read, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> list[ModelFolder]:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> list[ModelFolder]:
    """The async form of `sync`."""
    return parse(await client.send(build()))
