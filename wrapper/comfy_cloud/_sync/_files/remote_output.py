# Made from wrapper/comfy_cloud/_async/_files/remote_output.py by `make unasync`. Do not edit.
"""An output of a job that can be read and saved, since it is bound to its client."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Unpack, overload

from ..._files.download_options import IfExists, SaveOptions
from ..._files.progress import ProgressOption
from ..._jobs.outputs import Output
from ...errors import NotSupported
from .._http.session import Session
from .file_content import FileContent
from .view import download_file, open_file, signed_url, view_request

_EDGE = 1024


class RemoteOutput(Output):
    """One file that a job made, bound to the client it came from."""

    __slots__ = ("_session",)

    def __init__(self, session: Session, raw: Mapping[str, Any], node_id: str = "", key: str = "") -> None:
        super().__init__(raw, node_id, key)
        self._session = session

    def read(self) -> bytes:
        """The whole content, in memory (GET /api/view). Large files are better saved.

        An output of API v2 is read by GET /api/v2/assets/{id}/content.

        Raises NotFound when the file is gone, and the other errors of `cloud.files.open`.
        """
        with open_file(self._session, view_request(self)) as content:
            return content.read()

    @overload
    def save(self, target: PathLike[str], **options: Unpack[SaveOptions]) -> Path: ...
    @overload
    def save(
        self, target: str | PathLike[str], *, filesystem: Any = None, **options: Unpack[SaveOptions]
    ) -> Path | str: ...
    def save(
        self,
        target: str | PathLike[str],
        *,
        filesystem: Any = None,
        if_exists: IfExists | None = None,
        overwrite: bool = False,
        progress: ProgressOption = None,
        verify: bool = True,
    ) -> Path | str:
        """Save to the file `target`, or into the folder `target` (GET /api/view); returns the path.

        An output of API v2 is read by GET /api/v2/assets/{id}/content.

        In a folder the file gets its own name. With the extra `fsspec`, `target` may be a URL, or a
        path on a `filesystem`; then the URL is returned. The arguments and errors are those of
        `cloud.files.download`.
        """
        return download_file(
            self._session,
            self,
            target,
            filesystem,
            {"if_exists": if_exists, "overwrite": overwrite, "progress": progress, "verify": verify},
        )

    def _preview_bytes(self, limit: int) -> bytes | None:
        """The image for a notebook, made smaller by the server if it can; None if it is larger."""
        try:
            with open_file(self._session, view_request(self, res=_EDGE), _EDGE) as content:
                return _read_at_most(content, limit)
        except NotSupported:
            with open_file(self._session, view_request(self)) as content:
                return _read_at_most(content, limit)

    def signed_url(self) -> str:
        """A URL that lets anybody read the file for a short time (GET /api/view). Keep it secret.

        An output of API v2 is read by GET /api/v2/assets/{id}/content.

        Raises NotSupported where the server sends files directly, as a self-hosted ComfyUI does.
        """
        return signed_url(self._session, view_request(self))


def _read_at_most(content: FileContent, limit: int) -> bytes | None:
    """The whole content, or None as soon as it turns out to be longer."""
    if content.size is not None and content.size > limit:
        return None
    found = bytearray()
    for chunk in content:
        found += chunk
        if len(found) > limit:
            return None
    return bytes(found)
