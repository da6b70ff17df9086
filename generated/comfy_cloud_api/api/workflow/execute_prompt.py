# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/prompt: Submit a workflow and create a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.prompt_request import PromptRequest
from ...models.prompt_response import PromptResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    to_json,
)

OPERATION = Operation(
    "executePrompt",
    "POST",
    "/api/prompt",
    "required",
)


def build(*, body: PromptRequest | Mapping[str, Any]) -> Request:
    """Submit a workflow and create a job.

    Takes a workflow graph in API format and queues it as one job for the caller. The response is
    sent as soon as the job is queued. Most errors in the graph itself (a wrong input name, a file
    that does not exist, a missing model) show up later, as a failed job with an `execution_error`.
    Each accepted call creates a job that may cost credits, and sending the same body twice creates
    two jobs: after a timeout, look for the job in `GET /api/jobs` before submitting again.

    Args:
        body: The graph to run, and what to send with it.
    """
    target = "/api/prompt"
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> PromptResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(PromptResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: PromptRequest | Mapping[str, Any]) -> PromptResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(client: AsyncClient, *, body: PromptRequest | Mapping[str, Any]) -> PromptResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
