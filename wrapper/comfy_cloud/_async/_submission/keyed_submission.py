"""A submission with an idempotency key: sent only by the caller that holds the key.

It has the steps of `submission.AsyncSubmission`, and one before: get hold of the key in the store.
If another caller holds it, this one waits; if the key has a job, this is that job; if an earlier
holder may have sent it, the lists are searched first. `key_use` has the store and the lists.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._http.deadlines import Deadline, current_deadline
from ..._submission.graph_identity import graph_digest
from ..._submission.journal_records import Attempt
from ..._submission.key_records import Claim
from ..._submission.reconciliation import PATIENCE
from ..._submission.submit_errors import may_be_accepted_later
from ..._workflows.seeds import put_seeds
from ...errors import (
    ApiError,
    ComfyCloudError,
    RequestTimeout,
    SubmissionUncertain,
)
from ...retry import Failure, Retry, next_delay
from .._http.session import AsyncSession
from .key_use import REMEMBERED, AsyncKeyUse, conflict
from .submission import AsyncSubmission

if TYPE_CHECKING:
    from ..queue import AsyncQueue

logger = logging.getLogger("comfy_cloud")

_ONCE = Retry.none()
# Seconds between looks at a key that another caller holds.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


class AsyncKeyedSubmission(AsyncSubmission):
    """One submission with a key. `request` is the digest of what is submitted.

    Its nonce, made from the key, is also the name of the key in the store.
    """

    def __init__(
        self,
        session: AsyncSession,
        queue: AsyncQueue,
        body: dict[str, Any],
        nonce: str,
        known: OrderedDict[str, str],
        seeds: Mapping[str, int] | None = None,
        *,
        keys: AsyncKeyUse,
        request: str,
    ) -> None:
        super().__init__(session, queue, body, nonce, known, seeds)
        self._keys = keys
        self._request = request
        self._claim: Claim | None = None
        self._earlier: tuple[Attempt, float] | None = None
        self._pause = _FIRST_PAUSE
        self._is_key_taken = False

    async def send(self) -> None:
        """See `AsyncSubmission.send`. Waits while another caller holds the key."""
        runtime, policy = self._session.runtime, self._session.settings.retry
        began, attempts = runtime.monotonic(), 0
        try:
            while True:
                try:
                    if await self.step():
                        return
                except ComfyCloudError as error:
                    attempts += 1
                    failure = _failure_of(error)
                    elapsed = runtime.monotonic() - began
                    delay = (
                        None
                        if failure is None or self.is_open
                        else next_delay(policy, failure, attempts, elapsed, False, runtime.random)
                    )
                    if delay is None:
                        raise
                    self.due = runtime.monotonic() + delay
                pause = max(0.0, self.due - runtime.monotonic())
                deadline = current_deadline()
                if deadline is not None and pause >= deadline.seconds_left:
                    self._end_late(deadline)
                await runtime.sleep(pause)
        except Exception:
            await self._let_go()
            raise

    def resume(self, attempt: Attempt, outage: float) -> None:
        """Once the key is held, start by searching for a submission of an earlier program."""
        self._earlier = (attempt, outage)

    async def step(self, retry: Retry | None = None, outage: float = PATIENCE) -> bool:
        """See `AsyncSubmission.step`. Also False while another caller holds the key."""
        if self._claim is None and not await self._get_hold(outage):
            return self.job_id is not None
        claim = self._claim
        assert claim is not None  # noqa: S101 - got hold of it
        is_sent = not self.is_lost
        attempt = self._attempt() if is_sent else None
        if not await self._keys.extend(self.nonce, claim.record, attempt):
            self._start_again()
            return False
        try:
            if is_sent:
                self.is_ours = True
                clock = self._session.runtime.monotonic
                # The request ends before the key is held no more.
                outer, limit = current_deadline(), Deadline(clock, clock() + self._session.settings.timeout)
                try:
                    with limit:
                        is_finished = await super().step(retry or _ONCE, outage)
                finally:
                    if limit.is_over and outer is not None and outer.seconds_left <= 0:
                        outer.is_over = True
            else:
                is_finished = await super().step(retry or _ONCE, outage)
        except ComfyCloudError as error:
            await self._handle(error, outage)
            return False
        if is_finished:
            await self._settle_job()
        elif self.is_lost:
            pause = max(0.0, self.due - self._session.runtime.monotonic())
            await self._keys.extend(self.nonce, claim.record, pause=pause)
        return is_finished

    async def settle(self, seconds: float) -> None:
        """See `AsyncSubmission.settle`. The key is held no more afterwards."""
        await super().settle(seconds)
        await self._let_go()

    async def _get_hold(self, outage: float) -> bool:
        """Try to get hold of the key. False if another caller has it, or if it has a job.

        Raises IdempotencyConflict, KeyStoreError and SubmissionUncertain.
        """
        claim = await self._keys.claim(self.nonce, self._request)
        if claim.kind == "conflict":
            raise conflict(claim.record.job_id)
        if claim.kind == "busy":
            self.due = self._session.runtime.monotonic() + self._pause
            self._pause = min(_LONGEST_PAUSE, self._pause * 1.5)
            return False
        if claim.kind == "done":
            self.job_id, self.seeds, self.is_ours = claim.record.job_id, claim.record.seeds, False
            return False
        self._claim = claim
        earlier = claim.record.attempt(self.nonce)
        if earlier is None and self._earlier is not None:
            earlier = self._earlier[0]
        if earlier is not None:
            # If it proves to have left no job, it is sent again as it was.
            self.seeds = put_seeds(self._body["prompt"], earlier.seeds)
            super().resume(earlier, outage)
            return True
        try:
            found = await self._keys.earlier_job(self.nonce, self._request)
        except ComfyCloudError:
            await self._let_go()
            raise
        if found is None:
            self._is_by_v2 = self._session.uses_v2  # perhaps only the lists have shown it
            return True
        self._use(found)
        await self._let_go()
        return False

    async def _settle_job(self) -> None:
        """Record the job of the key; if it has another one by now, that is the job."""
        assert self.job_id is not None  # noqa: S101 - it is finished
        kept = await self._keys.keep_oldest(self.nonce, self.job_id) if self.is_ours else self.job_id
        self._use(kept)
        if self._claim is None:
            return
        recorded = await self._keys.finish(self.nonce, self._claim.record, kept)
        self._claim = None
        if recorded != kept:
            # This program stood still for longer than it may hold the key, and another one sent.
            await self._keys.cancel([kept])
            self._use(recorded)

    def _use(self, job_id: str) -> None:
        if job_id != self.job_id:
            # Another caller has submitted it; which seeds that has drawn is not known here.
            self.job_id, self.is_ours, self.seeds = job_id, False, {}

    async def _let_go(self) -> None:
        claim, self._claim = self._claim, None
        if claim is None:
            return
        if self.job_id is not None:
            await self._keys.finish(self.nonce, claim.record, self.job_id)
        else:
            await self._keys.release(self.nonce, claim.record, is_open=self.is_open)

    async def _handle(self, error: ComfyCloudError, outage: float) -> None:
        """Raise an error of a step; the key is held no more unless it may be sent again."""
        from .v2_submission import AsyncV2Search, is_key_taken

        if self._is_by_v2 and is_key_taken(error) and not self._is_key_taken:
            # Another machine has used the key. Its job is looked for by its graph.
            self._is_key_taken, self.is_ours = True, False
            since = self._keys.now - REMEMBERED
            graph = graph_digest(self._body["prompt"])
            super().resume(Attempt(self.nonce, since, graph, server_at=since, api="v2"), outage)
            if isinstance(self._search, AsyncV2Search):
                self._search.is_taken = True
            return
        if not may_be_accepted_later(error):
            await self._let_go()
        if self._is_key_taken and isinstance(error, SubmissionUncertain):
            raise conflict(None) from error
        raise error

    def _start_again(self) -> None:
        """The key is held no more: begin by getting hold of it."""
        logger.warning("an idempotency key was held for too long; another caller may have it")
        self._claim = self._lost = self._first = self._search = None
        self.is_open = False
        self.due = float("-inf")

    def _attempt(self) -> Attempt:
        return Attempt(
            self.nonce,
            self._session.runtime.now(),
            graph_digest(self._body["prompt"]),
            self.seeds,
            server_at=self._session.server_time,
            api=self.api,
        )

    def _end_late(self, deadline: Deadline) -> None:
        deadline.is_over = True
        if self._lost is not None:
            raise self._late()
        raise RequestTimeout(
            "The time was over while another caller was submitting with the same idempotency key"
        )


def _failure_of(error: ComfyCloudError) -> Failure | None:
    """What `next_delay` takes of an error that may pass, or None."""
    if isinstance(error, ApiError):
        return Failure(
            kind="status", status=error.status, retry_after=error.retry_after, error_code=error.code
        )
    return Failure(kind="connect") if may_be_accepted_later(error) else None
