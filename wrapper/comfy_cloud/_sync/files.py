# Made from wrapper/comfy_cloud/_async/files.py by `make unasync`. Do not edit.
"""Files that jobs read and make: upload, read, save, and the signed URL for others.

How bytes travel is in `_files.transfer`, how names are made safe in `_files.names`, how files are saved in `_files.download`.
Files with names and tags are assets, see `assets`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, Literal, Unpack, overload

import orjson

from comfy_cloud_api.api.file import get_mask_layers, upload_image, upload_mask, view_file
from comfy_cloud_api.models.get_mask_layers_response_200 import GetMaskLayersResponse200
from comfy_cloud_api.models.upload_image_body import UploadImageBody
from comfy_cloud_api.models.upload_image_response_200 import UploadImageResponse200
from comfy_cloud_api.models.upload_mask_body import UploadMaskBody
from comfy_cloud_api.models.upload_mask_response_200 import UploadMaskResponse200
from comfy_cloud_api.types import File, Request

from .._files.destinations import destination_for, destinations_below
from .._files.download_options import Channel, DownloadOptions, ViewOptions
from .._files.names import NameTemplate, distinct, output_name, safe_name
from .._files.progress import ProgressCallback
from .._files.upload_sources import Source, UploadSource
from .._http.runtime import in_thread
from .._jobs.outputs import Output
from ..errors import ConfigurationError
from ..hashing import hash_in_name
from ._files.download import save, save_all
from ._files.file_content import FileContent
from ._files.remote_output import RemoteOutput
from ._files.transfer import Transfer
from ._http.session import Session


class Files:
    """`cloud.files`. A file is named by its `filename`, as outputs and uploads tell it, or by the output itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def output(self, raw: Mapping[str, Any], node_id: str = "", key: str = "") -> RemoteOutput:
        """An output from the object that the server sent for it, such as `{"filename": ..., "type": ...}`."""
        return RemoteOutput(self, raw, node_id, key)

    def upload_image(
        self,
        source: Source,
        *,
        name: str | None = None,
        type: Literal["input", "output", "temp"] = "input",
        subfolder: str | None = None,
        overwrite: bool = False,
        progress: ProgressCallback | None = None,
    ) -> UploadImageResponse200:
        """Upload a picture for use in a graph (POST /api/upload/image). The `name` of the result goes into a LoadImage node.

        Args:
            source: A path, bytes, or a file opened in binary mode. It is sent as it is read, not held in memory.
            name: The file name to send; that of the source unless told.
            type: Where it belongs: input, output or temp.
            subfolder: A folder of a self-hosted ComfyUI; Comfy Cloud keeps files by their content.
            overwrite: Replace a file of this name on a self-hosted ComfyUI; otherwise it gets another name.
            progress: Called with the bytes sent and their number in all. When a try fails, it begins from 0 again.

        Raises:
            ConfigurationError: The source cannot be read in binary, or not twice.
            BadRequest: It is no picture, or larger than 50 MB, 16384 pixels on an edge or 67108864 in all.
        """
        with in_thread(UploadSource, source, name) as upload:
            body = UploadImageBody(
                image=File(upload.reader(progress), upload.name, upload.media_type),
                overwrite="true" if overwrite else None,
                subfolder=subfolder or None,
                type_=type,
            )
            return self._session.call(upload_image.build(body=body), upload_image.parse)

    def upload_mask(
        self,
        source: Source,
        original: str | Output | Mapping[str, Any],
        *,
        name: str | None = None,
        subfolder: str = "",
        type: Literal["input", "output", "temp"] = "input",
        progress: ProgressCallback | None = None,
    ) -> UploadMaskResponse200:
        """Lay the transparency of a picture over a stored one (POST /api/upload/mask); the result names the new file.

        Args:
            source: The mask: a path, bytes, or a file opened in binary mode.
            original: The stored picture: its file name, an output, or an object with `filename`, `subfolder` and `type`.
            name: The file name to send; that of the source unless told.
            subfolder: The folder of an original that was given by its file name.
            type: The kind of an original that was given by its file name.
            progress: Called with the bytes sent and their number in all.

        Raises:
            ConfigurationError: The source cannot be used.
            BadRequest: A picture cannot be read, or is too large.
        """
        if isinstance(original, str):
            reference: Mapping[str, Any] = {"filename": original, "subfolder": subfolder, "type": type}
        elif isinstance(original, Output):
            names = ("filename", "subfolder", "type")
            reference = {field: getattr(original, field) for field in names}
        else:
            reference = original
        with in_thread(UploadSource, source, name) as upload:
            image = File(upload.reader(progress), upload.name, upload.media_type)
            body = UploadMaskBody(image=image, original_ref=orjson.dumps(dict(reference)).decode())
            return self._session.call(upload_mask.build(body=body), upload_mask.parse)

    def open(
        self,
        file: str | Output,
        *,
        subfolder: str | None = None,
        type: str | None = None,
        channel: Channel | None = None,
        res: int | None = None,
    ) -> FileContent:
        """The content of a file, for an `with` (GET /api/view). Nothing is asked for before that is entered.

        Args:
            file: The file name, or an output.
            subfolder: Its folder; a self-hosted ComfyUI needs it, Comfy Cloud does not. Outputs know theirs.
            type: input, output or temp; likewise.
            channel: Only these channels of a PNG: rgb, or a (also alpha).
            res: A JPEG that fits into a square of this edge, 64 to 1024 pixels.

        Raises:
            NotSupported: `res` was given, and the server makes no smaller pictures, as a self-hosted ComfyUI.
            NotFound: There is no such file, or it belongs to somebody else.
            ConnectionFailed: It broke off more often than the retry rules allow.
            UnexpectedResponse: The file changed while it was read.
        """
        request = _view(file, subfolder, type, channel, res)
        return FileContent(Transfer(self._session, request, media_type=_made_type(res)))

    @overload
    def download(self, file: str | Output, target: PathLike[str], **options: Unpack[ViewOptions]) -> Path: ...
    @overload
    def download(
        self,
        file: str | Output,
        target: str | PathLike[str],
        *,
        filesystem: Any = None,
        **options: Unpack[ViewOptions],
    ) -> Path | str: ...
    def download(
        self,
        file: str | Output,
        target: str | PathLike[str],
        *,
        filesystem: Any = None,
        overwrite: bool = False,
        progress: ProgressCallback | None = None,
        verify: bool = True,
        subfolder: str | None = None,
        type: str | None = None,
        channel: Channel | None = None,
        res: int | None = None,
    ) -> Path | str:
        """Save a file (GET /api/view); returns the path it was saved at, or for a URL its URL.

        It is written under a temporary name beside its target, continued when the connection breaks, and gets its name
        when it is whole. When anything fails, or the program is interrupted, nothing is left behind.

        Args:
            file: The file name, or an output.
            target: A path; or a folder (one that is there, or written with a slash at its end), where it gets its own name,
                made safe for every platform: the display name of an output, else the stored name. With the extra `fsspec`
                also a URL, such as `s3://bucket/folder/`.
            filesystem: A file system of fsspec that `target` is a path on.
            overwrite: Replace what is there.
            progress: Called with the bytes received and their number in all (None when unknown).
            verify: Compare the content with the hash that the stored name is, when it is one.
            subfolder: As for `open`; so are `type`, `channel` and `res`.

        Raises:
            FileExistsError: The target is there, and `overwrite` is not set.
            ConfigurationError: The URL or file system cannot be used.
            NotFound: There is no such file on the server.
            ConnectionFailed: It broke off more often than the retry rules allow.
            UnexpectedResponse: The content is not what its name says.
        """
        name = output_name(file) if isinstance(file, Output) else safe_name(file)
        request = _view(file, subfolder, type, channel, res)
        place = in_thread(destination_for, target, name, filesystem)
        expected = None
        if verify and channel is None and res is None:
            expected = hash_in_name(file.filename if isinstance(file, Output) else file)
        return save(self._session, request, place, overwrite, progress, expected, media_type=_made_type(res))

    @overload
    def download_all(
        self, outputs: Iterable[Output], folder: PathLike[str], **options: Unpack[DownloadOptions]
    ) -> list[Path]: ...
    @overload
    def download_all(
        self,
        outputs: Iterable[Output],
        folder: str | PathLike[str],
        *,
        filesystem: Any = None,
        **options: Unpack[DownloadOptions],
    ) -> list[Path] | list[str]: ...
    def download_all(
        self,
        outputs: Iterable[Output],
        folder: str | PathLike[str],
        *,
        filesystem: Any = None,
        name: str = "{name}{ext}",
        concurrency: int = 8,
        overwrite: bool = False,
        job: str | None = None,
        created: datetime | None = None,
        verify: bool = True,
        progress: ProgressCallback | None = None,
    ) -> list[Path] | list[str]:
        """Save many outputs side by side (GET /api/view each); returns their paths, or URLs, in the order of the outputs.

        The first error ends the others; files that were whole by then stay.

        Args:
            outputs: What to save.
            folder: Where; made when it is not there. Links in it that lead out of it are not followed. With the extra
                `fsspec` also a URL, such as `s3://bucket/folder`.
            filesystem: A file system of fsspec that `folder` is a path on.
            name: A template for the names below the folder, with {job}, {node}, {index} (the place among the outputs, from 0),
                {name}, {ext}, {kind}, {created}, such as "{node}_{index}{ext}". Names that coincide get a number.
            concurrency: How many at a time.
            overwrite: Replace what is there. Otherwise, one file that is there is found before anything is fetched.
            job: What {job} stands for.
            created: What {created} stands for, such as `{created:%Y-%m-%d}`.
            verify: As for `download`.
            progress: Called with the bytes received of all files together, and None.

        Raises:
            ConfigurationError: The template, `concurrency`, the URL or the file system cannot be used.
            FileExistsError: A target is there, and `overwrite` is not set.
            PermissionError: A link in the folder leads out of it.
        """
        if concurrency < 1:
            raise ConfigurationError(f"concurrency must be 1 or more, not {concurrency}")
        outputs = list(outputs)
        template = NameTemplate(name)
        names = [
            template.path_of(output, index, job=job, created=created) for index, output in enumerate(outputs)
        ]
        places = in_thread(destinations_below, folder, distinct(names), filesystem)
        wanted = [
            (_view(output, None, None, None, None), place, hash_in_name(output.filename) if verify else None)
            for output, place in zip(outputs, places, strict=True)
        ]
        saved: Any = save_all(
            self._session, wanted, concurrency=concurrency, overwrite=overwrite, progress=progress
        )
        return saved  # type: ignore[no-any-return]

    def signed_url(
        self,
        file: str | Output,
        *,
        subfolder: str | None = None,
        type: str | None = None,
    ) -> str:
        """An address that anybody can read a file from for a short time (GET /api/view). Treat it as a secret.

        Raises:
            NotFound: There is no such file.
            NotSupported: The server sends files by itself, as a self-hosted ComfyUI does.
        """
        return Transfer(self._session, _view(file, subfolder, type, None, None)).address()

    def mask_layers(self, filename: str) -> GetMaskLayersResponse200:
        """The file names of the layers of a masked picture (GET /api/files/mask-layers).

        Raises NotFound when there is no such picture or it has no layers.
        """
        return self._session.call(get_mask_layers.build(filename=filename), get_mask_layers.parse)


def _made_type(res: int | None) -> str | None:
    """The media type of a picture that the server makes; None when the file itself is asked for."""
    return "image/jpeg" if res is not None else None


def _view(
    file: str | Output, subfolder: str | None, kind: str | None, channel: str | None, res: int | None
) -> Request:
    """The request for a file. The kind and folder of an output are its own."""
    if isinstance(file, Output):
        filename, subfolder, kind = file.filename, subfolder or file.subfolder, kind or file.type
    else:
        filename = file
    # A self-hosted ComfyUI knows only the short word; what it does not know it takes for the whole file.
    channel = "a" if channel == "alpha" else channel
    if not filename:
        raise ConfigurationError("A file needs a name: pass the filename of an output or of an upload")
    return view_file.build(
        filename=filename, subfolder=subfolder or None, type_=kind, channel=channel, res=res
    )
