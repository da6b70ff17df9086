"""`cloud.map`: many variants of one workflow with bounded concurrency, their results as they finish.

One loop does everything: it submits one variant after the other, polls each running job when it is due, and waits in
between. So nothing is sent while the outcome of a submission is open, and an interruption leaves nothing unknown behind. What
survives the process is in `map_variant`, the running jobs are in `map_watch`, one submission in `submission`.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..._http.runtime import async_in_thread, async_shielded
from ..._jobs.polling import HeldBack, is_trouble, outage_patience
from ..._jobs.states import JobStatus
from ..._submission.journal_records import Attempt
from ..._submission.map_arguments import concurrency_of
from ..._submission.options import SubmitOptions
from ..._submission.submit_errors import concerns_all_submissions, may_be_accepted_later
from ..._submission.variant_digests import VariantDigests
from ..._workflows.workflow import Workflow
from ...errors import ComfyCloudError, ConfigurationError, SubmissionUncertain, Unauthorized
from ...retry import Retry
from .._jobs.job_operations import AsyncJobOperations
from .map_result import AsyncMapResult
from .map_variant import AsyncMapNotes, AsyncVariant, MapOptions
from .map_watch import READ_AT_ONCE, STATUS_OF_END, AsyncMapWatcher
from .submission import AsyncSubmission
from .submitter import AsyncSubmitter

if TYPE_CHECKING:
    from ..system import AsyncSystem

logger = logging.getLogger("comfy_cloud")

_ONCE = Retry.none()
# Seconds that cancelling may take after the caller was interrupted.
_CANCEL_SECONDS = 10.0
_MOST_STORED_FILES = 10_000


class _AsyncMapRun:
    """One call of `cloud.map`."""

    def __init__(
        self,
        submitter: AsyncSubmitter,
        operations: AsyncJobOperations,
        system: AsyncSystem,
        source: object,
        inputs: Iterable[Any],
        how: MapOptions,
        what: SubmitOptions,
    ) -> None:
        self._submitter = submitter
        self._operations = operations
        self._system = system
        self._settings = operations.session.settings
        self._runtime = operations.session.runtime
        self._source = source
        self._inputs: Iterator[Any] = iter(inputs)
        self._how = how
        self._what = what
        self._live = operations.live(what.client_id, is_wanted=how.on_event is not None)
        self._notes = AsyncMapNotes()
        self._ready: deque[AsyncMapResult] = deque()
        self._watcher = AsyncMapWatcher(operations, self._live, how, self._notes, self._ready)
        self._workflow: Workflow | None = None
        self._digests = VariantDigests()
        self._stored_files: dict[object, str] = {}
        self._outage = outage_patience(self._settings.retry.budget)
        self._concurrency = 1
        self._count = 0
        self._is_exhausted = False
        self._head: AsyncVariant | None = None  # the one that is being submitted

    async def open(self) -> None:
        """Check what all variants share, before anything is sent that costs something."""
        what = self._what
        if what.partial_execution_targets is not None and not isinstance(what.partial_execution_targets, str):
            what = replace(what, partial_execution_targets=tuple(what.partial_execution_targets))
        self._what = what = replace(what, client_id=self._live.client_id)
        workflow = self._workflow = await async_in_thread(Workflow.load, self._source)
        partner_key = await self._submitter.partner_key(workflow.graph, what)
        body = what.body(workflow.graph, None, "", "", partner_key)
        if self._how.journal is not None:
            shared = [body.get("partial_execution_targets"), what.workflow_id, what.randomise_seeds]
            digest = await async_in_thread(self._digests.of, workflow, shared)
            now, server = self._runtime.now(), self._settings.base_url
            for job_id, nonce in await self._notes.open(self._how.journal, digest, server, now):
                self._submitter.remember(job_id, nonce)
        self._concurrency = self._how.concurrency or await self._concurrency_of_account()
        await self._live.open()

    async def next(self) -> AsyncMapResult | None:
        """The next result; None when all were given. Raises what stopped the map, once nothing is under way."""
        while True:
            await self._watcher.poll()
            # The one that is given out makes room, so that the service has work while the caller looks at it.
            result = self._ready.popleft() if self._ready else None
            has_acted = await self._go_on_submitting()
            if result is not None:
                return result
            if has_acted or self._ready:
                continue
            if self._head is None and not self._watcher.variants:
                if self._notes.stopped_by is not None:
                    raise self._notes.stopped_by
                return None
            await self._watcher.wait(self._head)

    async def close(self) -> None:
        """Cancel what is under way, unless it shall go on; then let go of the journal and the websocket."""
        try:
            jobs = {variant.job.id: variant.nonce for variant in self._watcher.at_work if variant.job}
            head = self._head.submission if self._head is not None else None
            if self._how.detach:
                if jobs:
                    logger.warning("map was left: %d jobs go on: %s", len(jobs), ", ".join(jobs))
            elif jobs or head is not None:
                await self._cancel(jobs, head)
        finally:
            self._notes.close()
            await self._live.close()

    # Submitting

    async def _go_on_submitting(self) -> bool:
        """Take one step with the variant that is being submitted, or with the next one; False when there is none to take."""
        has_acted = False
        while self._head is None and self._notes.stopped_by is None and self._has_room():
            inputs = next(self._inputs, self)
            if inputs is self:
                self._is_exhausted = True
                break
            await self._admit(AsyncVariant(self._count, inputs))
            self._count += 1
            has_acted = True
        if self._head is not None and self._runtime.monotonic() >= self._head.due:
            await self._submit(self._head)
            has_acted = True
        return has_acted

    def _has_room(self) -> bool:
        """Whether another variant may be begun: results that were not given out yet count as well."""
        if self._is_exhausted:
            return False
        most = self._concurrency
        not_given_out = sum(not result.from_journal for result in self._ready)
        is_read_ahead = len(self._watcher.variants) + len(self._ready) >= most + READ_AT_ONCE
        return len(self._watcher.at_work) + not_given_out < most and not is_read_ahead

    async def _admit(self, variant: AsyncVariant) -> None:
        """Begin with a variant: from where the journal says that it is, else from the start."""
        try:
            await async_in_thread(self._fill_in, variant)
        except ConfigurationError as error:
            self._ready.append(variant.result(self._operations, error))
            return
        attempt = variant.attempt
        if attempt is None or self._is_to_run_again(attempt):
            variant.attempt = None
            self._head = variant
        elif attempt.job_id is None:
            self._head = variant
        else:
            variant.from_journal = True
            variant.known_end = attempt.end
            status = STATUS_OF_END.get(attempt.end, JobStatus.PENDING)
            listener = self._what.client_id
            job = self._operations.state(
                attempt.job_id, seeds=attempt.seeds, client_id=listener, status=status
            )
            self._watcher.add(variant, job)

    def _is_to_run_again(self, attempt: Attempt) -> bool:
        if attempt.end in ("failed", "cancelled", "gone"):
            return self._how.retry_failed
        return attempt.end in ("refused", "left")

    def _fill_in(self, variant: AsyncVariant) -> None:
        """Set the inputs, and see what the journal knows of the variant. Raises ConfigurationError about these inputs."""
        assert self._workflow is not None  # noqa: S101 - opened before
        workflow = variant.workflow = Workflow.load(self._workflow)
        variant.given = workflow.set_inputs({} if variant.inputs is None else variant.inputs)
        workflow.local_files()
        if self._notes.has_journal:
            self._notes.find(variant, self._digests.of(workflow))

    async def _submit(self, variant: AsyncVariant) -> None:
        """One step of a submission. Errors become the result of the variant, or stop the map."""
        submission = variant.submission
        if self._notes.stopped_by is not None and (submission is None or not submission.is_lost):
            await self._drop(variant)
            return
        try:
            if submission is None:
                submission = variant.submission = await self._prepared(variant)
                if variant.attempt is not None:
                    submission.take_up(variant.attempt.begun_at, variant.attempt.graph, self._outage)
                    variant.due = submission.due
                    return
            # Noted before anything is sent; what cannot be noted is not sent.
            if not submission.is_lost and not await self._note_begin(variant, submission):
                self._head = None
                return
            is_over = await submission.step(_ONCE, self._outage)
        except ComfyCloudError as error:
            await self._handle(variant, error)
            return
        variant.held_back = None
        variant.due = submission.due
        if is_over:
            variant.from_journal = variant.attempt is not None and not variant.is_noted
            job = self._submitter.job_of(submission)
            self._watcher.add(variant, job)
            self._head = None
            await self._notes.accepted(submission.nonce, job.id)

    async def _note_begin(self, variant: AsyncVariant, submission: AsyncSubmission) -> bool:
        return await self._notes.begin(variant, submission, self._runtime.now())

    async def _drop(self, variant: AsyncVariant) -> None:
        """Do not submit a variant that surely was not, as the map is stopped."""
        self._head = None
        if variant.is_noted:
            await self._notes.ended(variant.nonce, "refused")

    async def _prepared(self, variant: AsyncVariant) -> AsyncSubmission:
        """The submission of a variant, with its files uploaded and its seeds drawn, or those of an earlier attempt."""
        assert variant.workflow is not None  # noqa: S101 - admitted before
        submitter, attempt, workflow = self._submitter, variant.attempt, variant.workflow
        if len(self._stored_files) > _MOST_STORED_FILES:
            self._stored_files.clear()
        await submitter.store_files(workflow, self._stored_files)
        seeds: dict[str, int] = {}
        if attempt is not None:
            seeds = workflow.put_seeds(attempt.seeds)
        elif self._what.randomise_seeds:
            seeds = submitter.draw_seeds(workflow, variant.given)
        return await submitter.prepare(workflow, self._what, seeds, variant.nonce or None)

    async def _handle(self, variant: AsyncVariant, error: ComfyCloudError) -> None:
        """Decide what an error of a submission means: for now, for this variant, or for all."""
        submission = variant.submission
        is_lost = submission is not None and submission.is_lost
        if not is_lost and (may_be_accepted_later(error) or (submission is None and is_trouble(error))):
            now = self._runtime.monotonic()
            held = variant.held_back = variant.held_back or HeldBack(now, self._settings.retry.budget)
            delay = held.next_delay(now, error, self._runtime.random)
            if delay is not None:
                logger.warning("variant %d is held back for %.1f s: %s", variant.index, delay, error)
                variant.due = now + delay
                return
        self._head = None
        if variant.is_noted and not isinstance(error, SubmissionUncertain):
            await self._notes.ended(variant.nonce, "refused")
        if concerns_all_submissions(error):
            self._notes.stop(error)
        else:
            self._ready.append(variant.result(self._operations, error))

    async def _concurrency_of_account(self) -> int:
        try:
            features: Mapping[str, Any] = (await self._system.features()).to_dict()
        except Unauthorized:
            raise
        except ComfyCloudError as error:
            logger.warning("how many jobs may run at a time is not known, so it is one: %s", error)
            return 1
        return concurrency_of(features)

    # Leaving

    async def _cancel(self, jobs: dict[str, str], head: AsyncSubmission | None) -> None:
        """Cancel jobs within a bounded time, and say what came of it; `jobs` are ids with nonces. Never raises an error."""
        results: list[str] = []

        async def cancel() -> None:
            if head is not None and (job_id := await head.find_now()) is not None:
                jobs[job_id] = head.nonce
            if not jobs:
                results.append("no job is under way")
                return
            logger.warning("map was left: cancelling %d jobs: %s", len(jobs), ", ".join(jobs))
            states = [self._operations.state(job_id) for job_id in jobs]
            cancelled, errors = await self._operations.cancel(states)
            results.append(f"{len(cancelled)} of {len(jobs)} jobs were cancelled")
            results.extend(f"a job could not be cancelled: {error}" for error in errors)
            for job_id in cancelled:
                await self._notes.ended(jobs[job_id], "left")

        if not await async_shielded(cancel, _CANCEL_SECONDS):
            results.append(f"not all was done within {_CANCEL_SECONDS:g} s; some jobs may still run")
        for line in results:
            logger.warning("map was left: %s", line)


async def run_map(
    submitter: AsyncSubmitter,
    operations: AsyncJobOperations,
    system: AsyncSystem,
    workflow: object,
    inputs: Iterable[Any],
    how: MapOptions,
    what: SubmitOptions,
) -> AsyncGenerator[AsyncMapResult, None]:
    """See `AsyncComfyCloud.map`."""
    run = _AsyncMapRun(submitter, operations, system, workflow, inputs, how, what)
    try:
        await run.open()
        while (result := await run.next()) is not None:
            yield result
    finally:
        await run.close()
