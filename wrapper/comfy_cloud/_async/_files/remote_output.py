"""An output of a job that can be read and saved: it knows the client that it came from.

How bytes travel is in `transfer`; which names they get on disk in `files` and `file_names`.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, overload

from ..._files.download_options import SaveOptions
from ..._files.progress import ProgressCallback
from ..._jobs.outputs import Output

if TYPE_CHECKING:
    from ..files import AsyncFiles


class AsyncRemoteOutput(Output):
    """One file that a job made, bound to the client it came from."""

    __slots__ = ("_files",)

    def __init__(self, files: AsyncFiles, raw: Mapping[str, Any], node_id: str = "", key: str = "") -> None:
        super().__init__(raw, node_id, key)
        self._files = files

    async def read(self) -> bytes:
        """The whole content (GET /api/view). Large files are better saved.

        Raises NotFound when the file is gone, and whatever else `cloud.files.open` raises.
        """
        async with self._files.open(self) as content:
            return await content.read()

    @overload
    async def save(self, target: PathLike[str], **options: Unpack[SaveOptions]) -> Path: ...
    @overload
    async def save(
        self, target: str | PathLike[str], *, filesystem: Any = None, **options: Unpack[SaveOptions]
    ) -> Path | str: ...
    async def save(
        self,
        target: str | PathLike[str],
        *,
        filesystem: Any = None,
        overwrite: bool = False,
        progress: ProgressCallback | None = None,
        verify: bool = True,
    ) -> Path | str:
        """Save to the file `target`, or into the folder `target` under its own name (GET /api/view); returns the path.

        With the extra `fsspec`, `target` may be a URL, or a path on a `filesystem`; then the URL is returned. Arguments and
        errors are those of `cloud.files.download`.
        """
        options: SaveOptions = {"overwrite": overwrite, "progress": progress, "verify": verify}
        return await self._files.download(self, target, filesystem=filesystem, **options)

    async def signed_url(self) -> str:
        """An address that anybody can read the file from for a short time (GET /api/view). Treat it as a secret.

        Raises NotSupported where the server sends files by itself, as a self-hosted ComfyUI does.
        """
        return await self._files.signed_url(self)
