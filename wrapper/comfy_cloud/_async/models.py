"""The models that graphs can name: their folders, the files in them, and preview images.

`assets` imports models from the web.
"""

from __future__ import annotations

import builtins

from comfy_cloud_api.api.model import get_model_folders, get_model_preview, get_models_in_folder
from comfy_cloud_api.models.model_file import ModelFile
from comfy_cloud_api.models.model_folder import ModelFolder

from ._http.session import AsyncSession


class AsyncModels:
    """`cloud.models`: the models that graphs can name, by folder, such as checkpoints and loras."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def folders(self) -> builtins.list[ModelFolder]:
        """The kinds of models, such as checkpoints and loras (GET /api/experiment/models)."""
        return await self._session.call(get_model_folders.build(), get_model_folders.parse)

    async def list(self, folder: str) -> builtins.list[ModelFile]:
        """The models of one kind (GET /api/experiment/models/{folder}); graphs use their `name`.

        Raises NotFound when there is no such folder, and on Comfy Cloud also when it is empty.
        """
        return await self._session.call(get_models_in_folder.build(folder), get_models_in_folder.parse)

    async def preview(self, folder: str, filename: str, path_index: int = 0) -> bytes:
        """The preview image of a model, as the bytes of a small WebP
        (GET /api/experiment/models/preview/{folder}/{path_index}/{filename}).

        `path_index` is that of the model in `list`. Raises NotFound when there is no preview; on
        Comfy Cloud hardly any model has one.
        """
        request = get_model_preview.build(folder, path_index, filename)
        return await self._session.call(request, get_model_preview.parse)
