# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/assets/{id}/content: Download the content of an asset."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.get_asset_content_disposition import GetAssetContentDisposition
from ...types import (
    Operation,
    Redirect,
    Request,
    Response,
    UnexpectedStatus,
    path_segment,
    redirect,
    with_query,
)

OPERATION = Operation(
    "getAssetContent",
    "GET",
    "/api/assets/{id}/content",
    "required",
)


def build(id: str, *, disposition: GetAssetContentDisposition | str | None = None) -> Request:
    """Download the content of an asset.

    Redirects to a signed address at the storage provider, valid for a short time; fetch that
    WITHOUT the API key. A self-hosted server sends the bytes itself.

    Args:
        id: UUID of the asset.
        disposition: Whether a browser should save the file (`attachment`) or show it (`inline`).
    """
    target = with_query(
        f"/api/assets/{path_segment(id)}/content",
        {
            "disposition": disposition,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> bytes | Redirect:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return response.content
    if status == 302:
        return redirect(response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client, id: str, *, disposition: GetAssetContentDisposition | str | None = None
) -> bytes | Redirect:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(id, disposition=disposition)))


async def asyncio(
    client: AsyncClient, id: str, *, disposition: GetAssetContentDisposition | str | None = None
) -> bytes | Redirect:
    """The async form of `sync`."""
    return parse(await client.send(build(id, disposition=disposition)))
