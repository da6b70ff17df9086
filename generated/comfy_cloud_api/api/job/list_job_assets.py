# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/jobs/{job_id}/assets: List the assets that a job produced."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.job_assets_response import JobAssetsResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
    with_query,
)

OPERATION = Operation(
    "listJobAssets",
    "GET",
    "/api/jobs/{job_id}/assets",
    "required",
)


def build(job_id: str, *, limit: int | None = None, offset: int | None = None) -> Request:
    """List the assets that a job produced.

    Returns a page of the files that a job produced, as assets, each with the output it stands for.

    Args:
        job_id: UUID of the job.
        limit: How many assets a page may hold.
        offset: How many assets to skip.
    """
    target = with_query(
        f"/api/jobs/{path_segment(job_id)}/assets",
        {
            "limit": limit,
            "offset": offset,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> JobAssetsResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(JobAssetsResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client, job_id: str, *, limit: int | None = None, offset: int | None = None
) -> JobAssetsResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(job_id, limit=limit, offset=offset)))


async def asyncio(
    client: AsyncClient, job_id: str, *, limit: int | None = None, offset: int | None = None
) -> JobAssetsResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(job_id, limit=limit, offset=offset)))
