# Made from wrapper/comfy_cloud/_async/_files/asset_import.py by `make unasync`. Do not edit.
"""Import a file from the web as an asset: start the task of the service, and follow it to its end.

`cloud.tasks` follows tasks, `comfy_cloud.tasks` reads their fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from comfy_cloud_api.api.asset import create_asset_download, get_asset_by_id, get_task
from comfy_cloud_api.models.asset import Asset
from comfy_cloud_api.models.asset_download_response import AssetDownloadResponse
from comfy_cloud_api.models.create_asset_download_body import CreateAssetDownloadBody

from ..._files.progress import ProgressCallback
from ...errors import UnexpectedResponse
from ...tasks import asset_id_of
from .._http.session import Session

if TYPE_CHECKING:
    from ..tasks import Tasks


class Imports:
    """Imports of files from the web."""

    def __init__(self, session: Session, tasks: Tasks) -> None:
        self._session = session
        self._tasks = tasks

    def run(
        self,
        url: str,
        *,
        tags: Sequence[str],
        user_metadata: Mapping[str, Any] | None,
        preview_id: str | None,
        timeout: float | None,
        progress: ProgressCallback | None,
    ) -> Asset:
        """Import a file and return its asset (POST /api/assets/download, then
        GET /api/tasks/{task_id}).
        """
        body = CreateAssetDownloadBody(
            source_url=url,
            tags=list(tags),
            user_metadata=dict(user_metadata) if user_metadata is not None else None,
            preview_id=preview_id,
        )
        found = self._session.call(create_asset_download.build(body=body), create_asset_download.parse)
        if isinstance(found, AssetDownloadResponse):
            asset_id = self._follow(found, timeout, progress)
        else:
            asset_id = found.id or ""
        return self._session.call(get_asset_by_id.build(asset_id), get_asset_by_id.parse)

    def _follow(
        self, started: AssetDownloadResponse, timeout: float | None, progress: ProgressCallback | None
    ) -> str:
        """Wait for the end of a task; returns the id of the asset that it made."""
        operation = create_asset_download.OPERATION
        task_id = started.task_id
        if not isinstance(task_id, str) or not task_id:
            raise UnexpectedResponse(
                "The import was started, but the response does not contain the id of its task",
                method=operation.method,
                path=operation.path,
            )
        task = self._tasks.wait(task_id, timeout=timeout, progress=progress)
        asset_id = asset_id_of(task)
        if asset_id is None:
            raise UnexpectedResponse(
                f"Task {task_id} has completed, but does not contain the id of its asset; "
                "look for the asset in cloud.assets",
                method=get_task.OPERATION.method,
                path=get_task.OPERATION.path,
            )
        return asset_id
