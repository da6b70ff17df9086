# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/prompt: Count the jobs still to be finished."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.prompt_info import PromptInfo
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
)

OPERATION = Operation(
    "getPromptInfo",
    "GET",
    "/api/prompt",
    "required",
)


def build() -> Request:
    """Count the jobs still to be finished.

    Reports how many of the caller's jobs are waiting or running, and nothing else. It is the
    cheapest way to see whether anything is going on; use `GET /api/queue` to see which jobs these
    are.
    """
    target = "/api/prompt"
    return Request(OPERATION, target)


def parse(response: Response) -> PromptInfo:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(PromptInfo.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> PromptInfo:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> PromptInfo:
    """The async form of `sync`."""
    return parse(await client.send(build()))
