"""Read, save and sign the files of jobs: everything that GET /api/view is used for.

`cloud.files` offers it by file name, `AsyncRemoteOutput` for its own file.
"""

from __future__ import annotations

from os import PathLike
from typing import Any

from comfy_cloud_api.api.file import view_file
from comfy_cloud_api.types import Request

from ..._files.destinations import destination_for
from ..._files.download_options import SavedPath, ViewOptions, checked_if_exists
from ..._files.names import output_name, safe_name
from ..._files.progress import progress_function
from ..._files.stored_names import split_folder
from ..._http.concurrency import async_in_thread
from ..._jobs.outputs import Output
from ..._jobs.v2_entries import asset_id_of, hash_of_output
from ...errors import ConfigurationError
from ...hashing import hash_in_name
from .._http.session import AsyncSession
from .download import save
from .file_content import AsyncFileContent
from .transfer import AsyncTransfer


def view_request(
    file: str | Output,
    subfolder: str | None = None,
    kind: str | None = None,
    channel: str | None = None,
    res: int | None = None,
) -> Request:
    """The request for a file (GET /api/view). An output provides its own kind and subfolder.

    A folder in the name is sent as a subfolder.
    """
    if isinstance(file, Output):
        asset_id = asset_id_of(file)
        if asset_id is not None and channel is None and res is None:
            from .v2_assets import v2_content  # hardly ever needed

            return v2_content(asset_id)
        filename, subfolder, kind = file.filename, subfolder or file.subfolder, kind or file.type
    else:
        filename, subfolder = split_folder(file, subfolder or "")
    # A self-hosted ComfyUI knows only the short word; for an unknown one it sends the whole file.
    channel = "a" if channel == "alpha" else channel
    try:
        filename.encode()
    except UnicodeEncodeError:
        raise ConfigurationError(
            f"The file name {filename[:80]!r} contains half a character (a lone surrogate), so it cannot be "
            "requested"
        ) from None
    if not filename:
        raise ConfigurationError("A file needs a name: pass the filename of an output or of an upload")
    return view_file.build(
        filename=filename, subfolder=subfolder or None, type_=kind, channel=channel, res=res
    )


def open_file(session: AsyncSession, request: Request, res: int | None = None) -> AsyncFileContent:
    """The content of a file, requested when it is entered. See `AsyncFiles.open`."""
    return AsyncFileContent(AsyncTransfer(session, request, media_type=_converted_type(res)))


async def download_file(
    session: AsyncSession,
    file: str | Output,
    target: str | PathLike[str],
    filesystem: Any,
    options: ViewOptions,
) -> SavedPath:
    """Save a file; returns its path or URL. See `AsyncFiles.download`."""
    if_exists = checked_if_exists(options.get("if_exists"), overwrite=options.get("overwrite", False))
    name = output_name(file) if isinstance(file, Output) else safe_name(split_folder(file)[0])
    channel, res = options.get("channel"), options.get("res")
    request = view_request(file, options.get("subfolder"), options.get("type"), channel, res)
    destination = await async_in_thread(destination_for, target, name, filesystem)
    expected_hash = None
    if options.get("verify", True) and channel is None and res is None:
        if isinstance(file, Output):
            expected_hash = hash_of_output(file)
        else:
            expected_hash = hash_in_name(split_folder(file)[0])
    with progress_function(options.get("progress"), destination.name) as report:
        saved = await save(
            session, request, destination, if_exists, report, expected_hash, media_type=_converted_type(res)
        )
    return saved.path


async def signed_url(session: AsyncSession, request: Request) -> str:
    """A signed URL of a file. See `AsyncFiles.signed_url`."""
    return await AsyncTransfer(session, request).signed_url()


def _converted_type(res: int | None) -> str | None:
    """The media type of the image that the server makes; None when the file itself is requested."""
    return "image/jpeg" if res is not None else None
