"""Read many jobs that are waited for at the same time by few requests.

A client that waits for a few jobs reads each by itself. When there are more, the list of those that
have not ended is read once for all of them: a job in it is still waiting or running. One that is
not in it has probably ended, or is too new to be there, and is read by itself. So what ends a wait
is always the job's own state, with its outputs or its error.
"""

from __future__ import annotations

import logging
from contextlib import aclosing

from ..._http.concurrency import new_async_lock
from ..._http.deadlines import Deadline, current_deadline
from ..._http.forks import ForkSafeLock, renew_after_fork
from ..._http.page_arguments import LONGEST_JOBS_PAGE
from ..._jobs.entries import HistoryEntry
from ..._jobs.outputs import Factory, Output
from ..._jobs.states import JobStatus
from ...errors import BadRequest, ComfyCloudError, NotSupported
from ...retry import Retry
from .._http.session import AsyncSession
from .job_lists import AsyncListedJobs, list_query
from .job_state import AsyncJobState

logger = logging.getLogger("comfy_cloud")

# Fewer jobs are read one by one.
LEAST_TOGETHER = 10
# Everybody waits for a list; for no longer than this, and not where there is less time.
_MOST_SECONDS = 10.0
# A list is read no more often than once in so many seconds for each of its pages.
_SECONDS_FOR_PAGE = 0.5
_ONCE = Retry.none()


class AsyncSharedPolls:
    """The jobs of one client that are waited for, and the last list of those that run."""

    def __init__(self, session: AsyncSession, output: Factory[Output]) -> None:
        self._session = session
        self._lists = AsyncListedJobs(session, None, output)
        self._query = list_query([JobStatus.PENDING, JobStatus.IN_PROGRESS], None, None, None, None)
        self._followed: dict[str, int] = {}
        self._counting = ForkSafeLock()
        self._is_missing = False  # the server has no such list
        self._running: dict[str, HistoryEntry] = {}
        self._read_at = float("-inf")  # when the request for the list was sent
        self._oldest = float("-inf")  # a list from before is too old
        self._error: ComfyCloudError | None = None  # that it failed with
        self._reading = new_async_lock()
        renew_after_fork(self)

    def after_fork_in_child(self) -> None:
        """Nobody in this process reads the list, whatever the parent was doing."""
        self._reading = new_async_lock()

    def follow(self, job_id: str) -> None:
        """This job is waited for."""
        with self._counting.lock:
            self._followed[job_id] = self._followed.get(job_id, 0) + 1

    def leave(self, job_id: str) -> None:
        """It is waited for once less."""
        with self._counting.lock:
            count = self._followed.get(job_id, 1) - 1
            if count:
                self._followed[job_id] = count
                return
            self._followed.pop(job_id, None)
            if len(self._followed) < LEAST_TOGETHER:
                self._running = {}  # it may be large

    def expire(self) -> None:
        """Read the list anew from now on: a job may have ended without a message."""
        self._oldest = self._session.runtime.monotonic()

    async def read(self, job: AsyncJobState, max_age: float) -> bool:
        """Bring a job up to date, by a list that is at most so many seconds old.

        False if it was not in the list, and has to be read by itself. Raises the error of the
        request for the list.
        """
        if len(self._followed) < LEAST_TOGETHER or self._is_missing or self._session.uses_v2:
            return False
        deadline = current_deadline()
        if deadline is not None and deadline.seconds_left < _MOST_SECONDS:
            return False
        entry = (await self._list(max_age)).get(job.id)
        if entry is None:
            return False
        job.entry, job.was_dequeued = entry, False
        return True

    async def _list(self, max_age: float) -> dict[str, HistoryEntry]:
        clock = self._session.runtime.monotonic
        began = clock()
        max_age = max(max_age, _SECONDS_FOR_PAGE * len(self._followed) / LONGEST_JOBS_PAGE)
        oldest = max(began - max_age, self._oldest)
        if self._read_at < oldest:
            async with self._reading:
                # Whoever waited for somebody else's list takes that.
                if self._read_at < oldest:
                    await self._read_list(clock())
        if self._error is not None:
            raise self._error.with_traceback(None)
        return self._running

    async def _read_list(self, now: float) -> None:
        clock, running = self._session.runtime.monotonic, dict[str, HistoryEntry]()
        self._error = None
        try:
            with Deadline.for_request(clock, now + _MOST_SECONDS):
                async with aclosing(self._lists.walk(self._query, LONGEST_JOBS_PAGE, set())) as entries:
                    async for entry in entries:
                        if entry.prompt_id in self._followed:
                            running[entry.prompt_id] = entry
        except (NotSupported, BadRequest) as error:
            logger.info("jobs are read one by one, since their list cannot be read: %s", error)
            self._is_missing, running = True, {}
        except ComfyCloudError as error:
            self._error, running = error, {}
        self._running, self._read_at = running, now
