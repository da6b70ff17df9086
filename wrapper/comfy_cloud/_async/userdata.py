"""The personal storage of a user: saved workflows, settings, whatever an app keeps there.

Paths are relative to the root of the storage, with slashes. Each is sent as one encoded segment of
the URL. `_files.user_files` reads the forms in which servers describe a file.
"""

from __future__ import annotations

import builtins

from comfy_cloud_api.api.user import (
    delete_userdata_file,
    get_userdata,
    get_userdata_file,
    post_userdata_file,
)
from comfy_cloud_api.models.post_userdata_file_full_info import PostUserdataFileFullInfo
from comfy_cloud_api.models.post_userdata_file_overwrite import PostUserdataFileOverwrite

from .._files.user_files import UserFile
from ..errors import ConfigurationError, NotFound
from ._http.session import AsyncSession


class AsyncUserdata:
    """`cloud.userdata`: the account's own files, such as workflows saved in the editor.

    List, read, write and delete them by their paths; lists have `UserFile`.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list(self, folder: str = "workflows", *, recurse: bool = True) -> builtins.list[UserFile]:
        """The files of a folder (GET /api/userdata), with paths relative to it.

        The list of a missing folder is empty.

        Args:
            folder: The path of the folder, such as workflows.
            recurse: Whether to include files in subfolders.

        Raises:
            ConfigurationError: `folder` is empty or leads out of the storage.
        """
        path = _checked(folder.rstrip("/")) + "/"
        request = get_userdata.build(dir_=path, recurse=recurse, full_info=True)
        try:
            found = await self._session.call(request, get_userdata.parse)
        except NotFound:
            return []
        return [UserFile(item) for item in found]

    async def read(self, path: str) -> bytes:
        """The content of a file (GET /api/userdata/{file}). Raises NotFound if it is missing."""
        return await self._session.call(get_userdata_file.build(_checked(path)), get_userdata_file.parse)

    async def write(self, path: str, content: bytes | str, *, overwrite: bool = True) -> UserFile:
        """Store a file (POST /api/userdata/{file}). Text is stored as UTF-8.

        Missing folders are created.

        Raises:
            Conflict: The file exists, and `overwrite` is False.
            Forbidden: Files may not be written there.
            ConfigurationError: `path` is empty or leads out of the storage.
        """
        request = post_userdata_file.build(
            _checked(path),
            body=content.encode() if isinstance(content, str) else bytes(content),
            overwrite=PostUserdataFileOverwrite.TRUE if overwrite else PostUserdataFileOverwrite.FALSE,
            full_info=PostUserdataFileFullInfo.TRUE,
        )
        return UserFile(await self._session.call(request, post_userdata_file.parse), path)

    async def delete(self, path: str) -> None:
        """Delete a file for good (DELETE /api/userdata/{file}). Raises NotFound if missing."""
        await self._session.call(delete_userdata_file.build(_checked(path)), delete_userdata_file.parse)


def _checked(path: str) -> str:
    """The path itself. Raises ConfigurationError for one that leads out of the storage.

    A server might otherwise read it as the path of something else.
    """
    segments = path.replace("\\", "/").split("/")
    if any(segment in ("", ".", "..") for segment in segments):
        raise ConfigurationError(
            f"{path[:80]!r} is not a valid path in the storage: give a path relative to its root, "
            "such as workflows/portrait.json"
        )
    return path
