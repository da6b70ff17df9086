"""The models that graphs can name: their folders, the files in them, and preview pictures.

Importing a model from the web is in `assets`.
"""

from __future__ import annotations

import builtins

from comfy_cloud_api.api.model import get_model_folders, get_model_preview, get_models_in_folder
from comfy_cloud_api.models.model_file import ModelFile
from comfy_cloud_api.models.model_folder import ModelFolder

from ._http.session import AsyncSession


class AsyncModels:
    """`cloud.models`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def folders(self) -> builtins.list[ModelFolder]:
        """The kinds of models, such as checkpoints and loras (GET /api/experiment/models)."""
        return await self._session.call(get_model_folders.build(), get_model_folders.parse)

    async def list(self, folder: str) -> builtins.list[ModelFile]:
        """The models of one kind (GET /api/experiment/models/{folder}); each `name` can stand in a graph.

        Raises NotFound when there is no such folder. Comfy Cloud says the same of one that is empty.
        """
        return await self._session.call(get_models_in_folder.build(folder), get_models_in_folder.parse)

    async def preview(self, folder: str, filename: str, path_index: int = 0) -> bytes:
        """A small WebP picture of what a model does (GET /api/experiment/models/preview/{folder}/{path_index}/{filename}).

        `path_index` is that of the model in the list. Raises NotFound when there is none; Comfy Cloud hardly has any.
        """
        request = get_model_preview.build(folder, path_index, filename)
        return await self._session.call(request, get_model_preview.parse)
