"""Idempotency keys of one client: its store, and what the server's lists know of keys.

The store says who may send. Where it is not shared by everybody, the lists of the server are
searched too, for jobs of other machines: before the first sending, and right after it, since
another machine may have sent at the same instant. `keyed_submission` decides what to do.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from ..._http.concurrency import async_in_thread
from ..._http.forks import free_properties_after_fork
from ..._http.shared_properties import shared_property
from ..._submission.journal_records import Attempt
from ..._submission.key_records import Claim, KeyRecord, claimed, extended, finished, released
from ..._submission.key_store import IdempotencyStore, KeyStoreError, store_from, updated
from ..._submission.reconciliation import Candidate, ListCheck, Origin
from ...errors import ComfyCloudError, IdempotencyConflict, NotSupported, SubmissionUncertain
from ...notices import warn
from .._http.session import AsyncSession
from .search import AsyncSubmissionSearch

if TYPE_CHECKING:
    from .._jobs.job_operations import AsyncJobOperations
    from ..queue import AsyncQueue

logger = logging.getLogger("comfy_cloud")

# Without a shared store, a key that was used on another machine is recognised for so long: API v2
# remembers keys as long.
REMEMBERED = timedelta(hours=24)
# Seconds beyond the timeout of a request for which a key is held.
_LEASE_MARGIN = 15.0
# Seconds between attempts to read the lists.
_PAUSES = (2.0, 5.0, 10.0)


@free_properties_after_fork
class AsyncKeyUse:
    """What the keyed submissions of one client share.

    Attributes:
        used: The jobs of keys by nonce, if the lists were read once for many submissions.
    """

    def __init__(
        self,
        session: AsyncSession,
        operations: AsyncJobOperations,
        queue: AsyncQueue,
        known: OrderedDict[str, str],
    ) -> None:
        self._session = session
        self._operations = operations
        self._queue = queue
        self._known = known
        self._whole: AsyncKeyUse | None = None  # whose store it uses, if it is for a map
        self.used: Mapping[str, list[Candidate]] | None = None

    def for_map(self) -> AsyncKeyUse:
        """Another one for the submissions of a map."""
        other = AsyncKeyUse(self._session, self._operations, self._queue, self._known)
        other._whole = self
        return other

    @shared_property
    def store(self) -> IdempotencyStore | None:
        """The store, made at the first use. Raises ConfigurationError."""
        whole = self._whole
        return store_from(self._session.settings.idempotency_store) if whole is None else whole.store

    @property
    def is_shared(self) -> bool:
        """Whether a key that the store does not know was surely never used."""
        return self.store is not None and self.store.is_shared

    @property
    def lease(self) -> float:
        """For how many seconds a key is held: longer than one request takes."""
        return self._session.settings.timeout + _LEASE_MARGIN

    # The store

    async def claim(self, name: str, request: str) -> Claim:
        """Try to hold a key, to use it for `request`. Raises KeyStoreError."""
        store, owner = self.store, uuid4().hex
        if store is None:
            return Claim("held", KeyRecord(request=request, owner=owner))
        change = partial(claimed, owner=owner, request=request, seconds=self.lease)
        found: Claim = await async_in_thread(updated, store, name, change)
        return found

    async def extend(
        self, name: str, claim: KeyRecord, attempt: Attempt | None = None, *, pause: float = 0.0
    ) -> bool:
        """Hold a key longer; False if it is not held any more.

        `attempt` is sent next, or nothing happens for `pause` seconds. Raises KeyStoreError.
        """
        if self.store is None:
            return True
        change = partial(extended, claim=claim, seconds=self.lease + pause, attempt=attempt)
        is_held: bool = await async_in_thread(updated, self.store, name, change)
        return is_held

    async def finish(self, name: str, claim: KeyRecord, job_id: str) -> str:
        """Record the job of a key; returns the first one that was recorded."""
        if self.store is None:
            return job_id

        def change(content: bytes | None, now: float) -> tuple[bytes, str]:
            return finished(content, claim=claim, job_id=job_id)

        try:
            recorded: str = await async_in_thread(updated, self.store, name, change)
        except KeyStoreError as error:
            # The job is there. The record says that it may be, so the next caller searches for it.
            warn(f"job {job_id} was submitted, but its idempotency key could not be recorded: {error}")
            return job_id
        return recorded

    async def release(self, name: str, claim: KeyRecord, *, is_open: bool) -> None:
        """Hold a key no more; `is_open` says whether there may be a job of it."""
        if self.store is None:
            return

        def change(content: bytes | None, now: float) -> tuple[bytes | None, None]:
            return released(content, claim=claim, is_open=is_open), None

        try:
            await async_in_thread(updated, self.store, name, change)
        except KeyStoreError as error:
            logger.warning("an idempotency key is held until its time is over: %s", error)

    # The lists

    @property
    def now(self) -> datetime:
        """The time of the server or of this machine: the earlier one, since either may be wrong."""
        ours, server_time = self._session.runtime.now(), self._session.server_time
        return ours if server_time is None else min(ours, server_time)

    async def read_used(self) -> dict[str, list[Candidate]]:
        """The jobs of the last day by nonce, from the lists of the server.

        Raises SubmissionUncertain if the lists cannot be read.
        """
        if self._session.server_time is None:
            try:
                await self._queue.get()
            except ComfyCloudError as error:
                logger.info("the time of the server is not known: %s", error)
        check = await self._read("", self.now - REMEMBERED)
        found: dict[str, list[Candidate]] = {}
        for candidate in sorted(check.candidates, key=_age):
            if candidate.nonce is not None:
                found.setdefault(candidate.nonce, []).append(candidate)
        return found

    async def earlier_job(self, nonce: str, request: str) -> str | None:
        """The job of a key that another machine used, or None.

        Raises IdempotencyConflict, and SubmissionUncertain if the lists cannot be read.
        """
        if self.is_shared or self._session.uses_v2:
            return None
        used = self.used if self.used is not None else await self.read_used()
        candidate = next(iter(used.get(nonce, ())), None)
        if candidate is None:
            return None
        if candidate.request is not None and candidate.request != request:
            raise conflict(candidate.job_id)
        return candidate.job_id

    async def keep_oldest(self, nonce: str, job_id: str) -> str:
        """Keep the oldest job of a key, and cancel the others; returns the one that stays."""
        if self.is_shared or self._session.uses_v2:
            return job_id
        try:
            check = await self._read(nonce, self.now, pauses=())
        except SubmissionUncertain as error:
            warn(
                f"job {job_id} was submitted, but whether another machine used its idempotency key at "
                f"the same time is not known: {error}"
            )
            return job_id
        if any(each.job_id == job_id and each.is_stripped for each in check.candidates):
            self._session.warn_once(
                "This server drops what is sent beside the graph, so other machines do not recognise an "
                "idempotency key that was used here. Give all of them one store: idempotency_store="
            )
        ours = sorted((each for each in check.candidates if each.origin is Origin.OURS), key=_age)
        if len(ours) < 2:
            return job_id
        oldest, *younger = (each.job_id for each in ours)
        logger.warning("an idempotency key was used twice at the same time: job %s stays", oldest)
        await self.cancel(younger)
        return oldest

    async def cancel(self, job_ids: list[str]) -> None:
        """Cancel jobs that should not be there. Warns if that fails."""
        logger.warning("cancelling %s", ", ".join(job_ids))
        _, errors = await self._operations.cancel([self._operations.state(each) for each in job_ids])
        for error in errors:
            warn(f"a second job of an idempotency key could not be cancelled: {error}")

    async def _has_only_v2(self, check: ListCheck) -> bool:
        """Whether version 1 is missing but API v2 works, which knows the keys itself."""
        settings = self._session.settings
        is_gone = all(each.outcome == "missing" for each in check.lists)
        if not is_gone or settings.api != "auto" or settings.strict:
            return False
        from .._jobs.v2_jobs import AsyncV2Jobs  # hardly ever needed

        try:
            async with aclosing(AsyncV2Jobs(self._session, self._operations.files.output).listed()) as jobs:
                async for _ in jobs:
                    break
        except NotSupported:
            return False
        self._session.use_v2()
        return True

    async def _read(self, nonce: str, since: datetime, pauses: tuple[float, ...] = _PAUSES) -> ListCheck:
        earlier = Attempt(nonce, since, "", server_at=since)
        search = AsyncSubmissionSearch(
            self._session, self._queue, nonce, lambda _: False, self._known, earlier
        )
        check = await search.check_lists(0.0)
        for pause in pauses:
            if check.is_complete or all(each.outcome != "failed" for each in check.lists):
                break
            await self._session.runtime.sleep(pause)
            check = await search.check_lists(0.0)
        # After a job was sent it is too late to change the version: `pauses` is empty then.
        if check.is_complete or (pauses and await self._has_only_v2(check)):
            return check
        reasons = "; ".join(
            f"{each.name}: {each.reason or each.outcome}"
            for each in check.lists
            if each.outcome != "complete"
        )
        raise SubmissionUncertain(
            "The lists of the server cannot be read, so it is not known whether another machine has used "
            f"the idempotency key ({reasons}). Try again; or give all machines one store: "
            "idempotency_store=",
            nonce=nonce or None,
        )


def conflict(job_id: str | None) -> IdempotencyConflict:
    """The error of a key that was used for something else."""
    job = f" as job {job_id}" if job_id is not None else ""
    return IdempotencyConflict(
        f"The idempotency key was used before{job}, with another workflow, other inputs or other options. "
        "Nothing was sent. Pass the same as then, or another key",
        job_id=job_id,
    )


def _age(candidate: Candidate) -> tuple[float, str]:
    created_ms = candidate.created_ms
    return (created_ms if created_ms is not None else float("inf"), candidate.job_id)
