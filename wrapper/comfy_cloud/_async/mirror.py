"""`cloud.mirror()`: the mirror of this account's history, and its sync."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterable

from .._files.download_options import IfExists, checked_if_exists
from .._files.progress import ProgressOption
from .._http.page_arguments import check_walk
from .._jobs.history_filter import HistoryFilter, When
from .._jobs.states import JobStatus
from ..errors import ConfigurationError, ConnectionFailed, NotSupported, RequestTimeout, ServerError
from ..mirror.downloads import DownloadedFile, DownloadResult
from ..mirror.location import mirror_file, origin_text
from ..mirror.mirror import Mirror
from ..mirror.store import Store
from ..mirror.sync_state import SyncResult
from ._http.session import AsyncSession
from ._jobs.history_reader import AsyncHistoryReader
from ._mirror.download import AsyncMirrorDownload, DownloadOptions
from ._mirror.sync import AsyncSync, SyncProgress
from ._mirror.watch import AsyncSyncWatch
from .user import AsyncUser

_WAIT = 60.0


class AsyncSyncedMirror(Mirror):
    """A mirror that can be synced with the server: what `cloud.mirror()` returns.

    Questions to it are those of `comfy_cloud.mirror.Mirror`; they take no network.
    """

    _session: AsyncSession
    _reader: AsyncHistoryReader

    @classmethod
    async def of_account(
        cls,
        session: AsyncSession,
        reader: AsyncHistoryReader,
        path: str | os.PathLike[str] | None,
        database: str | None,
    ) -> AsyncSyncedMirror:
        """Open the mirror of the client's account. See `AsyncComfyCloud.mirror`."""
        account = await _account(session)
        origin = session.settings.origin
        place = database or path or mirror_file(origin, account)
        mirror = cls(Store.open(place, account=account, origin=origin_text(origin)))
        mirror._session, mirror._reader = session, reader
        return mirror

    async def sync(
        self,
        *,
        full: bool = False,
        details: bool = True,
        wait: float = _WAIT,
        progress: Callable[[SyncProgress], object] | None = None,
    ) -> SyncResult:
        """Bring the mirror up to date (GET /api/history_v2, GET /api/history_v2/{prompt_id}).

        The list is read from its newest end to the first page that is known already. Then the graph
        and outputs of each new job are fetched, once, several at the same time. It may be
        interrupted at any instant; the next sync goes on where it was.

        The whole list is read the first time, then once a week, and with `full`. Only then jobs
        that the service has deleted are noticed. They stay in the mirror, with `deleted_ms`.
        In a long history, jobs that had not ended at the last sync are asked for (GET /api/jobs).

        Args:
            full: Read the whole list.
            details: Also fetch the graph and outputs of each new job; a later sync may do that.
            wait: Seconds to wait for another sync of the same mirror, in any process.
            progress: Called with a `SyncProgress` after each page and batch.

        Raises:
            ConfigurationError: Another sync is still running, or the database cannot be written.
            Unauthorized: The key is missing or wrong.
            NotSupported: The server has no history.
        """
        sync = AsyncSync(self._session, self._reader, self.store, progress)
        return await sync.run(full=full, details=details, wait=wait)

    async def watch(
        self, *, progress: Callable[[SyncProgress], object] | None = None
    ) -> AsyncGenerator[SyncResult, None]:
        """Sync, and again whenever a job ends; yields what each sync did. It has no end.

        The ends of jobs come over the websocket (GET /ws). Without one, the list is polled. When
        the server cannot be reached after the first sync, the result has that in `failures`, and it
        is tried again.

        Raises:
            Unauthorized: The key is missing or wrong.
            NotSupported: The server has no history.
            ConnectionFailed: The first sync could not reach the server.
        """
        follow = AsyncSyncWatch(self._session)
        result = await self.sync(progress=progress)
        try:
            while True:
                yield result
                await follow.until_due(is_broken=result.is_broken)
                try:
                    result = await self.sync(progress=progress)
                except (ConnectionFailed, RequestTimeout, ServerError) as error:
                    result = SyncResult(total=result.total, failures=[str(error)], is_broken=True)
        finally:
            await follow.close()

    async def download(
        self,
        folder: str | os.PathLike[str],
        *,
        since: When | None = None,
        until: When | None = None,
        status: JobStatus | str | Iterable[JobStatus | str] | None = JobStatus.COMPLETED,
        limit: int | None = None,
        name: str = "{job}_{index}{ext}",
        if_exists: IfExists | None = "skip",
        concurrency: int = 8,
        progress: ProgressOption = None,
        on_file: Callable[[DownloadedFile], object] | None = None,
    ) -> DownloadResult:
        """Save what the jobs of the history made (GET /api/history_v2, GET /api/view for each).

        The mirror records where each file is, with its size and hash, so that none is downloaded
        twice: one that is in its place is skipped, and one that an earlier download saved under
        another path, or that another job made as well, is copied. A file that was deleted or moved
        since is downloaded again. What is saved is recorded even when this is interrupted.

        Args:
            folder: The folder to save them in, created if missing; or a URL, as for
                `cloud.files.download_all`, whose files the mirror has no path of.
            since: Only jobs created at this time or later, as for `cloud.history.iter`.
            until: Only jobs created before this time.
            status: Only jobs with this final status, or one of several; None for all.
            limit: Stop after so many jobs.
            name: A template for the names below the folder, as for `cloud.files.download_all`.
            if_exists: What to do if the destination exists, as for `cloud.files.download`.
            concurrency: How many files to download at the same time.
            progress: As for `cloud.files.download_all`, anew for each batch of files.
            on_file: Called with each file, in the order of the history, when its batch is complete.

        Raises:
            ConfigurationError: An argument is not valid, or the mirror cannot be written.
            FileExistsError: A destination exists; with "skip": and is not the same.
            Unauthorized: The key is missing or wrong.
            NotSupported: The server has no history.
        """
        if concurrency < 1:
            raise ConfigurationError(f"concurrency must be 1 or more, not {concurrency}")
        wanted = HistoryFilter.of(since, until, status, self._session.runtime.now())
        check_walk(limit, 1)
        options = DownloadOptions(
            folder, name, checked_if_exists(if_exists, overwrite=False), concurrency, progress, on_file
        )
        download = AsyncMirrorDownload(self._session, self._reader, self.store, options)
        return await download.run(wanted, limit)


async def _account(session: AsyncSession) -> str:
    """The id of the client's account; the user of a self-hosted server, or "" where it has none."""
    if session.settings.comfy_user is not None:
        return session.settings.comfy_user
    try:
        return (await AsyncUser(session).get()).id or ""
    except NotSupported:
        return ""
