# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/view: Download a stored file."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...types import (
    Operation,
    Redirect,
    Request,
    Response,
    UnexpectedStatus,
    redirect,
    with_query,
)

OPERATION = Operation(
    "viewFile",
    "GET",
    "/api/view",
    "required",
)


def build(
    *,
    filename: str,
    subfolder: str | None = None,
    type_: str | None = None,
    fullpath: str | None = None,
    format_: str | None = None,
    frame_rate: int | None = None,
    workflow: str | None = None,
    timestamp: int | None = None,
    channel: str | None = None,
    res: int | None = None,
) -> Request:
    """Download a stored file.

    Fetches an input or output file by its stored name. Normally the response is a redirect to a
    signed address at the storage provider, valid for a short time. That address must be fetched
    WITHOUT the API key: most HTTP libraries would pass the `X-API-Key` header on. With `channel`
    the service extracts part of a PNG image and sends the bytes itself, as self-hosted servers do
    for every file.

    Args:
        filename: Stored name of the file, as found in job outputs or upload responses; on the cloud
            a content hash with an extension.
        subfolder: Folder below the storage root. The cloud finds files by hash and ignores this; a
            self-hosted server needs it.
        type_: Which store to look in: `input`, `output` or `temp`. Without effect on the cloud; a
            self-hosted server takes `output` when it is absent.
        fullpath: Complete path of a temporary file. Accepted for compatibility, without effect.
        format_: Format of the file. Accepted for compatibility, without effect.
        frame_rate: Frames per second of a video. Accepted for compatibility, without effect.
        workflow: Identifier of a workflow. Accepted for compatibility, without effect.
        timestamp: Any number, sent to get past a browser's cache. Without effect on the response.
        channel: Part of a PNG image to extract: `rgb` makes it fully opaque, `a` or `alpha` gives
            its transparency as a grey image. Without it the file is redirected to unchanged.
        res: Edge in pixels of the square that the image should fit into; the response is a JPEG.
            For raster images only.
    """
    target = with_query(
        "/api/view",
        {
            "filename": filename,
            "subfolder": subfolder,
            "type": type_,
            "fullpath": fullpath,
            "format": format_,
            "frame_rate": frame_rate,
            "workflow": workflow,
            "timestamp": timestamp,
            "channel": channel,
            "res": res,
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
    client: Client,
    *,
    filename: str,
    subfolder: str | None = None,
    type_: str | None = None,
    fullpath: str | None = None,
    format_: str | None = None,
    frame_rate: int | None = None,
    workflow: str | None = None,
    timestamp: int | None = None,
    channel: str | None = None,
    res: int | None = None,
) -> bytes | Redirect:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(
        client.send(
            build(
                filename=filename,
                subfolder=subfolder,
                type_=type_,
                fullpath=fullpath,
                format_=format_,
                frame_rate=frame_rate,
                workflow=workflow,
                timestamp=timestamp,
                channel=channel,
                res=res,
            )
        )
    )


async def asyncio(
    client: AsyncClient,
    *,
    filename: str,
    subfolder: str | None = None,
    type_: str | None = None,
    fullpath: str | None = None,
    format_: str | None = None,
    frame_rate: int | None = None,
    workflow: str | None = None,
    timestamp: int | None = None,
    channel: str | None = None,
    res: int | None = None,
) -> bytes | Redirect:
    """The async form of `sync`."""
    return parse(
        await client.send(
            build(
                filename=filename,
                subfolder=subfolder,
                type_=type_,
                fullpath=fullpath,
                format_=format_,
                frame_rate=frame_rate,
                workflow=workflow,
                timestamp=timestamp,
                channel=channel,
                res=res,
            )
        )
    )
