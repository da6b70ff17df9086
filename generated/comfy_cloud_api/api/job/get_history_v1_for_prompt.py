# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/history/{prompt_id}: Fetch one finished job on a self-hosted server."""

from __future__ import annotations

from typing import Any

from ...client import AsyncClient, Client
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "getHistoryV1ForPrompt",
    "GET",
    "/api/history/{prompt_id}",
    "required",
)


def build(prompt_id: str) -> Request:
    """Fetch one finished job on a self-hosted server.

    Returns an object with the record of one finished job under its identifier, or an empty object
    if the job is unknown or not finished. The cloud does not have this route and returns 404.

    Args:
        prompt_id: Identifier of the job.
    """
    target = f"/api/history/{path_segment(prompt_id)}"
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


def sync(client: Client, prompt_id: str) -> dict[str, Any]:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(prompt_id)))


async def asyncio(client: AsyncClient, prompt_id: str) -> dict[str, Any]:
    """The async form of `sync`."""
    return parse(await client.send(build(prompt_id)))
