# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/jobs/cancel: Cancel several jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.jobs_cancel_request import JobsCancelRequest
from ...models.jobs_cancel_response import JobsCancelResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    to_json,
)

OPERATION = Operation(
    "cancelJobs",
    "POST",
    "/api/jobs/cancel",
    "required",
)


def build(*, body: JobsCancelRequest | Mapping[str, Any]) -> Request:
    """Cancel several jobs.

    Cancels the listed jobs, waiting or running. On the cloud one unknown identifier gives 404 and
    nothing is cancelled; a self-hosted server cancels what it can.

    Args:
        body: The jobs to cancel.
    """
    target = "/api/jobs/cancel"
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> JobsCancelResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(JobsCancelResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: JobsCancelRequest | Mapping[str, Any]) -> JobsCancelResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(client: AsyncClient, *, body: JobsCancelRequest | Mapping[str, Any]) -> JobsCancelResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
