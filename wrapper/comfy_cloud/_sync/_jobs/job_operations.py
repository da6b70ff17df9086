# Made from wrapper/comfy_cloud/_async/_jobs/job_operations.py by `make unasync`. Do not edit.
"""The operations on jobs: `cloud.jobs` offers them by id, `Job` for its own job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from comfy_cloud_api.api.job import delete_job, list_job_assets, manage_history
from comfy_cloud_api.models.history_manage_request import HistoryManageRequest
from comfy_cloud_api.models.job_output_asset import JobOutputAsset

from ..._http.concurrency import current_loop
from ..._http.page_arguments import LONGEST_ASSETS_PAGE
from ..._http.page_items import items_of
from ...errors import ComfyCloudError, NotSupported
from .._http.iteration import walk_by_offset
from .._http.session import Session
from .cancellation import Cancellation
from .job_live import JobLive
from .job_sources import JobReader
from .job_state import JobState
from .shared_live import SharedLive
from .shared_polls import SharedPolls

if TYPE_CHECKING:
    from ..files import Files
    from ..queue import Queue


class JobOperations:
    """The operations on jobs of one account.

    Attributes:
        session: The session of the client.
        files: `cloud.files`, which reads and saves the outputs of jobs.
    """

    def __init__(self, session: Session, files: Files, queue: Queue) -> None:
        self.session = session
        self.files = files
        self._polls = SharedPolls(session, files.output)
        self._shared_live = SharedLive(session, files.output, self._polls)
        self._reader = JobReader(session, queue, files.output)
        self._cancellation = Cancellation(session, queue)

    def state(self, job_id: str, **known: Any) -> JobState:
        """The state of a job that was not read yet. `known` are arguments of `JobState`."""
        return JobState(self._reader, job_id, **known)

    @property
    def shared_live(self) -> SharedLive:
        """The websocket that the waits of this client share, in this event loop."""
        if self._shared_live.loop not in (None, current_loop()):
            # Those who listen in another one keep theirs.
            self._shared_live = SharedLive(self.session, self.files.output, self._polls)
        return self._shared_live

    def live(self, client_id: str | None = None, *, is_hint: bool = False) -> JobLive:
        """What reports the events of jobs that are followed.

        With `is_hint` nobody wants the events; they only tell when to poll. A trace wants them.
        """
        is_hint = is_hint and self.session.tracing is None
        return JobLive(
            self.session,
            self.files.output,
            client_id,
            is_hint=is_hint,
            polls=self._polls if is_hint else None,
            shared=self.shared_live,
        )

    def cancel(self, jobs: Iterable[JobState]) -> tuple[list[str], list[ComfyCloudError]]:
        """Cancel the jobs that can be cancelled; returns their ids, and the errors about others."""
        return self._cancellation.cancel(jobs)

    def delete(self, job_id: str) -> None:
        """Delete a job, or if that is not possible, its history entry. See `Jobs.delete`."""
        session = self.session
        try:
            session.call(delete_job.build(job_id), delete_job.parse)
        except NotSupported:
            if session.settings.strict:
                raise
            # Raises when there is no such job: the history ignores unknown ids.
            self._reader.read(job_id, is_quiet=True)
            body = HistoryManageRequest(delete=[job_id])
            session.call(manage_history.build(body=body), manage_history.parse)
            session.warn_once(
                "This server cannot delete jobs; only their history entries are deleted, their files remain"
            )

    def assets(self, job_id: str, *, limit: int | None, page_size: int) -> Iterator[JobOutputAsset]:
        """The outputs of a job as assets. See `Jobs.assets`."""

        def fetch(size: int, offset: int | None) -> list[JobOutputAsset]:
            request = list_job_assets.build(job_id, limit=size, offset=offset)
            return items_of((self.session.call(request, list_job_assets.parse)).assets)

        return walk_by_offset(
            fetch,
            lambda asset: asset.id or "",
            limit=limit,
            page_size=page_size,
            longest_page=LONGEST_ASSETS_PAGE,
        )
