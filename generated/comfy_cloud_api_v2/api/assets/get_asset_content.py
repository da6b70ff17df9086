# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""GET /api/v2/assets/{id}/content: Download a file."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...types import (
    Credential,
    Operation,
    Redirect,
    Request,
    Response,
    UnexpectedStatus,
    header_fields,
    path_segment,
    redirect,
)

OPERATION = Operation(
    "getAssetContent",
    "GET",
    "/api/v2/assets/{id}/content",
    "optional",
    (Credential("header", "Authorization", "Bearer "),),
)


def build(id: str, *, range_: str | None = None) -> Request:
    """Download a file.

    The cloud and deployments redirect to a signed address, a self-hosted proxy sends the bytes. A
    `Range` header resumes a download.

    Args:
        id: Identifier of the asset.
        range_: Which bytes to send, as HTTP defines it.
    """
    target = f"/api/v2/assets/{path_segment(id)}/content"
    headers = header_fields({"Range": range_})
    return Request(OPERATION, target, headers=headers)


def parse(response: Response) -> bytes | Redirect:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200 or status == 206:
        return response.content
    if status == 302:
        return redirect(response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, id: str, *, range_: str | None = None) -> bytes | Redirect:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(id, range_=range_)))


async def asyncio(client: AsyncClient, id: str, *, range_: str | None = None) -> bytes | Redirect:
    """The async form of `sync`."""
    return parse(await client.send(build(id, range_=range_)))
