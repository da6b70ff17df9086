# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/userdata: List files in the personal storage."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.get_user_data_response_full_file import GetUserDataResponseFullFile
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_list,
    with_query,
)

OPERATION = Operation(
    "getUserdata",
    "GET",
    "/api/userdata",
    "required",
)


def build(
    *, dir_: str, recurse: bool | None = None, split: bool | None = None, full_info: bool | None = None
) -> Request:
    """List files in the personal storage.

    Lists the files below a folder of the caller's personal storage, which for example contains
    saved workflows. The cloud always describes each file in full. A self-hosted server returns only
    names unless `full_info=true` is sent, so send it.

    Args:
        dir_: Folder to list, with a slash at its end, for example `workflows/`.
        recurse: `true` also lists what lies in folders below it.
        split: Splits each path into its parts on a self-hosted server. Without effect on the cloud.
        full_info: Requests size and time in addition to the path. The cloud sends them in any case.
    """
    target = with_query(
        "/api/userdata",
        {
            "dir": dir_,
            "recurse": recurse,
            "split": split,
            "full_info": full_info,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> list[GetUserDataResponseFullFile]:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_list(GetUserDataResponseFullFile.read, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client,
    *,
    dir_: str,
    recurse: bool | None = None,
    split: bool | None = None,
    full_info: bool | None = None,
) -> list[GetUserDataResponseFullFile]:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(dir_=dir_, recurse=recurse, split=split, full_info=full_info)))


async def asyncio(
    client: AsyncClient,
    *,
    dir_: str,
    recurse: bool | None = None,
    split: bool | None = None,
    full_info: bool | None = None,
) -> list[GetUserDataResponseFullFile]:
    """The async form of `sync`."""
    return parse(await client.send(build(dir_=dir_, recurse=recurse, split=split, full_info=full_info)))
