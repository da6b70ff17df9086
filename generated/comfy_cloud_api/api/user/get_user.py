# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/user: Show who the key belongs to."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.user_response import UserResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
)

OPERATION = Operation(
    "getUser",
    "GET",
    "/api/user",
    "required",
)


def build() -> Request:
    """Show who the key belongs to.

    Returns the account state of the caller. It is the simplest way to check that a key works.
    """
    target = "/api/user"
    return Request(OPERATION, target)


def parse(response: Response) -> UserResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(UserResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> UserResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> UserResponse:
    """The async form of `sync`."""
    return parse(await client.send(build()))
