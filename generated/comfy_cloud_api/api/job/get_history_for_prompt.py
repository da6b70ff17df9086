# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/history_v2/{prompt_id}: Fetch one finished job from the history."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.history_detail_response import HistoryDetailResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "getHistoryForPrompt",
    "GET",
    "/api/history_v2/{prompt_id}",
    "required",
)


def build(prompt_id: str) -> Request:
    """Fetch one finished job from the history.

    Returns the complete record of one finished job: the graph that ran, its outputs, status and
    node metadata. A job that is still queued or running is not in the history and returns 404, so
    this route alone cannot tell "not yet" from "never existed"; `GET /api/jobs/{job_id}` can.
    Deprecated by the service in favour of that route, without a date for its removal.

    Args:
        prompt_id: Identifier of the job, as submission returned it.
    """
    target = f"/api/history_v2/{path_segment(prompt_id)}"
    return Request(OPERATION, target)


def parse(response: Response) -> HistoryDetailResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(HistoryDetailResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, prompt_id: str) -> HistoryDetailResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(prompt_id)))


async def asyncio(client: AsyncClient, prompt_id: str) -> HistoryDetailResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(prompt_id)))
