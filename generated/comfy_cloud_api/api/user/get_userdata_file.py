# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/userdata/{file}: Read a file from the personal storage."""

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
    "getUserdataFile",
    "GET",
    "/api/userdata/{file}",
    "required",
)


def build(file: str) -> Request:
    """Read a file from the personal storage.

    Returns the content of one file exactly as it was written.

    Args:
        file: Path below the caller's storage root as ONE URL segment: a slash inside it must be
            sent as `%2F`, e.g. `workflows%2Fportrait.json`.
    """
    target = f"/api/userdata/{path_segment(file)}"
    return Request(OPERATION, target)


def parse(response: Response) -> bytes:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return response.content
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, file: str) -> bytes:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(file)))


async def asyncio(client: AsyncClient, file: str) -> bytes:
    """The async form of `sync`."""
    return parse(await client.send(build(file)))
