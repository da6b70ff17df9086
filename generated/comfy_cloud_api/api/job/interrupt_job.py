# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/interrupt: Stop running jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.interrupt_job_body import InterruptJobBody
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    to_json,
)

OPERATION = Operation(
    "interruptJob",
    "POST",
    "/api/interrupt",
    "required",
)


def build(*, body: InterruptJobBody | Mapping[str, Any] | None = None) -> Request:
    """Stop running jobs.

    Stops the running job named in the body. Without a body older versions stop all running jobs of
    the caller, newer ones a single one: the oldest running, else the oldest waiting.

    Args:
        body: The job to stop; may be left out.
    """
    target = "/api/interrupt"
    if body is None:
        return Request(OPERATION, target)
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> None:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return None
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: InterruptJobBody | Mapping[str, Any] | None = None) -> None:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(client: AsyncClient, *, body: InterruptJobBody | Mapping[str, Any] | None = None) -> None:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
