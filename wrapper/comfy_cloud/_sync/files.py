# Made from wrapper/comfy_cloud/_async/files.py by `make unasync`. Do not edit.
"""Files that jobs read and make: upload, read, save, and signed URLs.

`_files.view` requests them, `_files.transfer` receives the bytes, `_files.download` saves them, and
`_files.names` makes names safe. Files with tags and metadata are assets, see `assets`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, Literal, Unpack, overload

import orjson

from comfy_cloud_api.api.file import get_mask_layers, upload_image, upload_mask
from comfy_cloud_api.models.get_mask_layers_response_200 import GetMaskLayersResponse200
from comfy_cloud_api.models.upload_image_body import UploadImageBody
from comfy_cloud_api.models.upload_image_response_200 import UploadImageResponse200
from comfy_cloud_api.models.upload_mask_body import UploadMaskBody
from comfy_cloud_api.models.upload_mask_response_200 import UploadMaskResponse200
from comfy_cloud_api.types import File

from .._files.destinations import destinations_below
from .._files.download_options import Channel, DownloadOptions, IfExists, ViewOptions, checked_if_exists
from .._files.names import NameTemplate, distinct
from .._files.progress import ProgressOption, progress_function
from .._files.saved_files import SavedFiles
from .._files.stored_names import upload_name
from .._files.upload_sources import Source, UploadSource
from .._http.concurrency import in_thread
from .._jobs.outputs import Output
from .._jobs.v2_entries import hash_of_output
from ..errors import ConfigurationError
from ._files.download import save_all
from ._files.file_content import FileContent
from ._files.remote_output import RemoteOutput
from ._files.view import download_file, open_file, signed_url, view_request
from ._http.session import Session


class Files:
    """`cloud.files`: the files that jobs read and make. Upload, read and download them.

    Files are given by their `filename`, as in uploads, or as outputs. `open` streams a file,
    `download` saves one, `signed_url` makes a link to it that needs no key.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def output(self, raw: Mapping[str, Any], node_id: str = "", key: str = "") -> RemoteOutput:
        """An output from the server's object for it, such as `{"filename": ..., "type": ...}`."""
        return RemoteOutput(self._session, raw, node_id, key)

    def upload_image(
        self,
        source: Source,
        *,
        name: str | None = None,
        type: Literal["input", "output", "temp"] = "input",
        subfolder: str | None = None,
        overwrite: bool = False,
        progress: ProgressOption = None,
    ) -> UploadImageResponse200:
        """Upload an image for use in a graph (POST /api/upload/image).

        The `name` in the result is the value for a LoadImage node.

        Args:
            source: A path, bytes, or a file opened in binary mode. It is sent while it is read, not
                held in memory.
            name: The file name to send; by default that of the source. A folder in it is sent as
                part of `subfolder`. Bytes are called "file", with the extension of their type.
            type: Where to store it: input, output or temp.
            subfolder: A folder of a self-hosted ComfyUI; Comfy Cloud stores files by their content.
            overwrite: Replace a file of this name on a self-hosted ComfyUI; by default the new file
                gets another name.
            progress: Called as `progress(sent, total)` in bytes; restarts at 0 on a retry. True
                draws a bar, as for `download`.

        Raises:
            ConfigurationError: The source cannot be read in binary mode, or not a second time; or
                the name or subfolder leads out of the folder.
            BadRequest: The file is not an image, or it is larger than 50 MB, 16384 pixels on an
                edge or 67108864 pixels altogether.
        """
        with (
            in_thread(UploadSource, source, name, undo=UploadSource.close) as upload,
            progress_function(progress, upload.name) as report,
        ):
            filename, folder = upload_name(upload.name, subfolder or "")
            body = UploadImageBody(
                image=File(upload.reader(report), filename, upload.media_type),
                overwrite="true" if overwrite else None,
                subfolder=folder or None,
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
        progress: ProgressOption = None,
    ) -> UploadMaskResponse200:
        """Apply the transparency of an image to a stored one (POST /api/upload/mask).

        The result names the new file.

        Args:
            source: The mask: a path, bytes, or a file opened in binary mode.
            original: The stored image: its file name, an output, or an object with `filename`,
                `subfolder` and `type`.
            name: The file name to send; by default that of the source.
            subfolder: The folder of an original given by its file name.
            type: Where an original given by its file name is stored: input, output or temp.
            progress: Called as `progress(sent, total)` in bytes; restarts at 0 on a retry. True
                draws a bar, as for `download`.

        Raises:
            ConfigurationError: The source is not valid.
            BadRequest: An image cannot be read, or is too large.
        """
        if isinstance(original, str):
            reference: Mapping[str, Any] = {"filename": original, "subfolder": subfolder, "type": type}
        elif isinstance(original, Output):
            names = ("filename", "subfolder", "type")
            reference = {field: getattr(original, field) for field in names}
        else:
            reference = original
        with (
            in_thread(UploadSource, source, name, undo=UploadSource.close) as upload,
            progress_function(progress, upload.name) as report,
        ):
            image = File(upload.reader(report), upload_name(upload.name)[0], upload.media_type)
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
        """The content of a file, for an `with` (GET /api/view). It is requested on entering.

        An output of API v2 is read by GET /api/v2/assets/{id}/content.

        Args:
            file: The file name, or an output.
            subfolder: Its folder. A self-hosted ComfyUI needs it, Comfy Cloud does not. An output
                has its own.
            type: Where it is stored: input, output or temp. Needed like `subfolder`.
            channel: Only these channels of a PNG: "rgb", or "a" (also "alpha").
            res: Request a JPEG that fits into a square of this edge, 64 to 1024 pixels.

        Raises:
            NotSupported: `res` was given, and the server does not make smaller images, like a
                self-hosted ComfyUI.
            NotFound: There is no such file, or it belongs to somebody else.
            ConnectionFailed: The connection broke more often than the retry rules allow.
            UnexpectedResponse: The file changed while it was read.
        """
        return open_file(self._session, view_request(file, subfolder, type, channel, res), res)

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
        if_exists: IfExists | None = None,
        overwrite: bool = False,
        progress: ProgressOption = None,
        verify: bool = True,
        subfolder: str | None = None,
        type: str | None = None,
        channel: Channel | None = None,
        res: int | None = None,
    ) -> Path | str:
        """Save a file (GET /api/view); returns its path, or its URL on a `filesystem`.

        An output of API v2 is read by GET /api/v2/assets/{id}/content.

        It is written under a temporary name beside its destination, continued when the connection
        breaks, and renamed when it is complete. When anything fails, or the program is interrupted,
        nothing is left behind. Only of a large file that is received in parts, over several
        connections, two hidden files may stay: the next download of it to the same destination
        continues with them.

        Args:
            file: The file name, or an output.
            target: A path or a folder. A folder is one that exists, or is written with a slash at
                its end. In it the file gets its own name, made safe for every platform: the display
                name of an output, else the stored name. With the extra `fsspec` also a URL, such as
                `s3://bucket/folder/`.
            filesystem: A file system of fsspec; `target` is a path on it.
            if_exists: What to do if the destination exists. "error", the default, raises; "skip"
                keeps the file if it is the same: by its hash if that is known, else by its size,
                with a warning; it raises if the file has other content. "rename" saves under the
                first free name with a number, such as `a_2.png`; "overwrite" replaces the file.
            overwrite: True means `if_exists="overwrite"`.
            progress: Called as `progress(received, total)` in bytes; an unknown total is None. True
                draws a bar on stderr if that is a terminal, with rich if it is installed; "lines"
                writes lines to stderr in any case.
            verify: If the stored name is a hash, compare the content with it.
            subfolder: As for `open`; so are `type`, `channel` and `res`.

        Raises:
            FileExistsError: The destination exists; with "skip": and is not the same.
            ConfigurationError: The URL or file system is not valid.
            NotFound: There is no such file on the server.
            ConnectionFailed: The connection broke more often than the retry rules allow.
            UnexpectedResponse: The content does not match the hash in its name.
        """
        options: ViewOptions = {
            "if_exists": if_exists,
            "overwrite": overwrite,
            "progress": progress,
            "verify": verify,
            "subfolder": subfolder,
            "type": type,
            "channel": channel,
            "res": res,
        }
        return download_file(self._session, file, target, filesystem, options)

    @overload
    def download_all(
        self, outputs: Iterable[Output], folder: PathLike[str], **options: Unpack[DownloadOptions]
    ) -> SavedFiles[Path]: ...
    @overload
    def download_all(
        self,
        outputs: Iterable[Output],
        folder: str | PathLike[str],
        *,
        filesystem: Any = None,
        **options: Unpack[DownloadOptions],
    ) -> SavedFiles[Path] | SavedFiles[str]: ...
    def download_all(
        self,
        outputs: Iterable[Output],
        folder: str | PathLike[str],
        *,
        filesystem: Any = None,
        name: str = "{name}{ext}",
        concurrency: int | None = None,
        if_exists: IfExists | None = None,
        overwrite: bool = False,
        job: str | None = None,
        created: datetime | None = None,
        verify: bool = True,
        progress: ProgressOption = None,
    ) -> SavedFiles[Path] | SavedFiles[str]:
        """Save many outputs concurrently (GET /api/view for each); returns their paths or URLs.

        An output of API v2 is read by GET /api/v2/assets/{id}/content.

        The result has the order of the outputs. The first error stops the other downloads; files
        that were complete by then remain.

        Args:
            outputs: The outputs to save.
            folder: The folder to save them in, created if missing. Links in it that lead out of it
                are not followed. With the extra `fsspec` also a URL, such as `s3://bucket/folder`.
            filesystem: A file system of fsspec; `folder` is a path on it.
            name: A template for the names below the folder, such as "{node}_{index}{ext}", with
                {job}, {node}, {index} (the position among the outputs, from 0), {name}, {ext},
                {kind} and {created}. Names that coincide get a number.
            concurrency: The most files to download at the same time. By default 8, and up to 32 as
                long as that is faster; fewer while the server is busy.
            if_exists: As for `download`. With "error" nothing is requested if any file exists. The
                result has `outcomes`, which say for each file whether it was saved, skipped or
                renamed, and `skipped`, the files that were there already.
            overwrite: True means `if_exists="overwrite"`.
            job: The value of {job}.
            created: The value of {created}, for use as in `{created:%Y-%m-%d}`.
            verify: As for `download`.
            progress: Called as `progress(received, None)`, with the bytes of all files together.
                True and "lines" as for `download`.

        Raises:
            ConfigurationError: The template, `concurrency`, URL or file system is not valid.
            FileExistsError: A destination exists; with "skip": and is not the same.
            PermissionError: A link in the folder leads out of it.
        """
        if concurrency is not None and concurrency < 1:
            raise ConfigurationError(f"concurrency must be 1 or more, not {concurrency}")
        what_if_exists = checked_if_exists(if_exists, overwrite=overwrite)
        outputs = list(outputs)
        template = NameTemplate(name)
        names = [
            template.path_of(output, index, job=job, created=created) for index, output in enumerate(outputs)
        ]
        destinations = in_thread(destinations_below, folder, distinct(names), filesystem)
        downloads = [
            (view_request(output), destination, hash_of_output(output) if verify else None)
            for output, destination in zip(outputs, destinations, strict=True)
        ]
        title = f"{len(outputs)} files" if len(outputs) != 1 else str(destinations[0].name)
        with progress_function(progress, title) as report:
            saved = save_all(
                self._session, downloads, concurrency=concurrency, if_exists=what_if_exists, progress=report
            )
        paths: Any = [file.path for file in saved]
        return SavedFiles(paths, [file.outcome for file in saved])

    def signed_url(
        self,
        file: str | Output,
        *,
        subfolder: str | None = None,
        type: str | None = None,
    ) -> str:
        """A URL that lets anybody read a file for a short time (GET /api/view). Keep it secret.

        An output of API v2 is read by GET /api/v2/assets/{id}/content.

        Raises:
            NotFound: There is no such file.
            NotSupported: The server sends files directly, as a self-hosted ComfyUI does.
        """
        return signed_url(self._session, view_request(file, subfolder, type))

    def mask_layers(self, filename: str) -> GetMaskLayersResponse200:
        """The file names of the layers of a masked image (GET /api/files/mask-layers).

        Raises NotFound when there is no such image, or it has no layers.
        """
        return self._session.call(get_mask_layers.build(filename=filename), get_mask_layers.parse)
