# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/queue: Cancel waiting jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.queue_manage_request import QueueManageRequest
from ...models.queue_manage_response import QueueManageResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    to_json,
)

OPERATION = Operation(
    "manageQueue",
    "POST",
    "/api/queue",
    "required",
)


def build(*, body: QueueManageRequest | Mapping[str, Any]) -> Request:
    """Cancel waiting jobs.

    Cancels the jobs listed in `delete`, or all waiting ones with `clear`. Older versions touch
    waiting jobs only; newer ones also stop running jobs that are listed.

    Args:
        body: Which waiting jobs to cancel: a list of identifiers, or all. Other fields are refused.
    """
    target = "/api/queue"
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> QueueManageResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(QueueManageResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: QueueManageRequest | Mapping[str, Any]) -> QueueManageResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(
    client: AsyncClient, *, body: QueueManageRequest | Mapping[str, Any]
) -> QueueManageResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
