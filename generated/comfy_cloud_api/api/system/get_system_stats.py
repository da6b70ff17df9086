# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/system_stats: Read versions and memory of the server."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.system_stats_response import SystemStatsResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
)

OPERATION = Operation(
    "getSystemStats",
    "GET",
    "/api/system_stats",
    "none",
)


def build() -> Request:
    """Read versions and memory of the server.

    Reports software versions, memory and devices. On the cloud the numbers describe the front
    service and not the machine that runs your jobs. No key is needed, which makes this a good first
    check that the address is right.
    """
    target = "/api/system_stats"
    return Request(OPERATION, target)


def parse(response: Response) -> SystemStatsResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(SystemStatsResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> SystemStatsResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> SystemStatsResponse:
    """The async form of `sync`."""
    return parse(await client.send(build()))
