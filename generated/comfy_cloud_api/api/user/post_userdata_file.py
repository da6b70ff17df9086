# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/userdata/{file}: Write a file to the personal storage."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.post_userdata_file_full_info import PostUserdataFileFullInfo
from ...models.post_userdata_file_overwrite import PostUserdataFileOverwrite
from ...models.user_data_response_full import UserDataResponseFull
from ...types import (
    Content,
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_value,
    path_segment,
    with_query,
)

OPERATION = Operation(
    "postUserdataFile",
    "POST",
    "/api/userdata/{file}",
    "required",
)


def build(
    file: str,
    *,
    body: Content,
    overwrite: PostUserdataFileOverwrite | str | None = None,
    full_info: PostUserdataFileFullInfo | str | None = None,
) -> Request:
    """Write a file to the personal storage.

    Stores the request body under the given path and makes folders as needed. An existing file is
    replaced unless `overwrite` is `false`.

    Args:
        file: Path below the caller's storage root as ONE URL segment: a slash inside it must be
            sent as `%2F`, e.g. `workflows%2Fportrait.json`.
        body: The bytes to store.
        overwrite: `false` keeps an existing file and returns 409 instead.
        full_info: Requests a full description of the file; otherwise a self-hosted server returns
            only its path.
    """
    target = with_query(
        f"/api/userdata/{path_segment(file)}",
        {
            "overwrite": overwrite,
            "full_info": full_info,
        },
    )
    return Request(OPERATION, target, content=body, content_type="application/octet-stream")


def parse(response: Response) -> UserDataResponseFull | str:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_value(UserDataResponseFull.read, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client,
    file: str,
    *,
    body: Content,
    overwrite: PostUserdataFileOverwrite | str | None = None,
    full_info: PostUserdataFileFullInfo | str | None = None,
) -> UserDataResponseFull | str:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(file, body=body, overwrite=overwrite, full_info=full_info)))


async def asyncio(
    client: AsyncClient,
    file: str,
    *,
    body: Content,
    overwrite: PostUserdataFileOverwrite | str | None = None,
    full_info: PostUserdataFileFullInfo | str | None = None,
) -> UserDataResponseFull | str:
    """The async form of `sync`."""
    return parse(await client.send(build(file, body=body, overwrite=overwrite, full_info=full_info)))
