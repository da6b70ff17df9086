# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""POST /api/v2/jobs: Submit a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.job import Job
from ...models.post_jobs_body import PostJobsBody
from ...types import (
    Credential,
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    header_fields,
    to_json,
)

OPERATION = Operation(
    "postJobs",
    "POST",
    "/api/v2/jobs",
    "optional",
    (Credential("header", "Authorization", "Bearer "),),
)


def build(*, body: PostJobsBody | Mapping[str, Any], idempotency_key: str | None = None) -> Request:
    """Submit a workflow.

    Checks a graph in the API format and records it as a job, which is then in the queue. Node
    classes, links and assets in the graph are checked before the response; a workflow in the
    editor's format is refused with `workflow_format_ui`.

    An Idempotency-Key works once. Any later request with it gets 422 `idempotency_key_reuse`,
    whatever its body, and makes no job. A key is free again when its request certainly made no job,
    for example because the graph was not valid. When that is not certain it stays taken: look for
    the job instead of submitting anew. A key is forgotten after 24 hours. The response of the first
    request is not repeated.

    A graph refers to an asset by an object, described under `AssetReference`, in the place of a
    file name. `webhook_url` and `inputs` are refused, because they are kept for later.

    Args:
        body: The JSON object: the model, or a mapping with its JSON names.
        idempotency_key: A UUID that the sender makes up. It works for one request; a second one
            with it gets 422 `idempotency_key_reuse`. It is forgotten after 24 hours.
    """
    target = "/api/v2/jobs"
    headers = header_fields({"Idempotency-Key": idempotency_key})
    return Request(OPERATION, target, json=to_json(body), headers=headers)


def parse(response: Response) -> Job:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 201:
        return decode_model(Job.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client, *, body: PostJobsBody | Mapping[str, Any], idempotency_key: str | None = None
) -> Job:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body, idempotency_key=idempotency_key)))


async def asyncio(
    client: AsyncClient, *, body: PostJobsBody | Mapping[str, Any], idempotency_key: str | None = None
) -> Job:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body, idempotency_key=idempotency_key)))
