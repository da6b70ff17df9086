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
from ..._http.deadlines import Deadline
from ...errors import RequestTimeout, UnexpectedResponse, WaitTimeout
from ...tasks import asset_id_of
from .._http.session import Session
from .._jobs.task_watch import wait_for_task

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
        clock = self._session.runtime.monotonic
        deadline = None if timeout is None else clock() + timeout
        limit = Deadline.for_request(clock, deadline)
        try:
            with limit:
                request = create_asset_download.build(body=body)
                found = self._session.call(request, create_asset_download.parse)
            if isinstance(found, AssetDownloadResponse):
                asset_id = self._follow(found, deadline, timeout, progress)
            else:
                asset_id = found.id or ""
            limit = Deadline.for_request(clock, deadline)
            with limit:
                return self._session.call(get_asset_by_id.build(asset_id), get_asset_by_id.parse)
        except RequestTimeout as error:
            if limit.is_over:
                raise WaitTimeout(
                    f"the import was not finished within {timeout:g} s; the service may continue it. "
                    "Check cloud.tasks.list() before starting it again",
                    timeout=timeout,
                ) from error
            raise

    def _follow(
        self,
        started: AssetDownloadResponse,
        deadline: float | None,
        timeout: float | None,
        progress: ProgressCallback | None,
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
        task = wait_for_task(self._session, self._tasks.get, task_id, timeout, deadline, progress)
        asset_id = asset_id_of(task)
        if asset_id is None:
            raise UnexpectedResponse(
                f"Task {task_id} has completed, but does not contain the id of its asset; "
                "look for the asset in cloud.assets",
                method=get_task.OPERATION.method,
                path=get_task.OPERATION.path,
            )
        return asset_id
