"""`cloud.map`: many variants of one workflow with bounded concurrency; results as they finish.

One loop does everything: it submits one variant after the other, polls each running job when it is
due, and waits in between. So nothing is submitted while the outcome of a submission is open, and an
interruption leaves no job behind that is not known. `map_watch` follows the running jobs,
`submission` is a single submission, `map_variant` has what the journal keeps.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..._http.concurrency import async_in_thread, async_shielded
from ..._jobs.polling import SubmissionBackoff, is_outage, outage_limit
from ..._jobs.states import JobStatus
from ..._submission.journal_records import Attempt
from ..._submission.key_store import KeyStoreError
from ..._submission.map_arguments import concurrency_of
from ..._submission.options import SubmitOptions
from ..._submission.submit_errors import concerns_all_submissions, may_be_accepted_later
from ..._submission.variant_digests import VariantDigests
from ..._workflows.workflow import Workflow, WorkflowSource
from ...errors import ComfyCloudError, ConfigurationError, SubmissionUncertain, Unauthorized
from ...retry import Retry
from .._jobs.job_operations import AsyncJobOperations
from . import interruption
from .map_keys import AsyncMapKeys
from .map_result import AsyncMapResult
from .map_variant import AsyncMapRecord, AsyncVariant, MapOptions
from .map_watch import CONCURRENT_READS, STATUS_OF_END, AsyncMapWatcher
from .submission import AsyncSubmission, check_open
from .submitter import AsyncSubmitter, StoredName

if TYPE_CHECKING:
    from ..system import AsyncSystem

logger = logging.getLogger("comfy_cloud")

_ONCE = Retry.none()
_MAX_STORED_FILES = 10_000


class _AsyncMapRun:
    """One call of `cloud.map`."""

    def __init__(
        self,
        submitter: AsyncSubmitter,
        operations: AsyncJobOperations,
        system: AsyncSystem,
        source: WorkflowSource,
        inputs: Iterable[Any],
        options: MapOptions,
        submit_options: SubmitOptions,
    ) -> None:
        self._submitter = submitter
        self._operations = operations
        self._system = system
        self._settings = operations.session.settings
        self._runtime = operations.session.runtime
        self._source = source
        self._inputs: Iterator[Any] = iter(inputs)
        self._options = options
        self._submit_options = submit_options
        self._live = operations.live(submit_options.client_id, is_hint=options.on_event is None)
        self._record = AsyncMapRecord()
        self._ready: deque[AsyncMapResult] = deque()
        self._watcher = AsyncMapWatcher(operations, self._live, options, self._record, self._ready)
        self._workflow: Workflow | None = None
        self._digests = VariantDigests()
        self._stored_files: dict[object, StoredName] = {}
        self._outage = outage_limit(self._settings.retry.budget)
        self._concurrency = 1
        self._count = 0
        self._is_exhausted = False
        self._submitting: AsyncVariant | None = None  # the variant that is being submitted
        self._process = os.getpid()
        self._keys: AsyncMapKeys | None = None  # with an idempotency key

    async def open(self) -> None:
        """Check what all variants share, and open the journal and the websocket."""
        options = replace(self._submit_options, client_id=self._live.client_id)
        targets = options.partial_execution_targets
        if targets is not None and not isinstance(targets, str):
            options = replace(options, partial_execution_targets=tuple(targets))
        self._submit_options = options
        workflow = self._workflow = await self._submitter.load(self._source)
        partner_key = self._submitter.partner_key(options)
        body = options.body(workflow.graph, None, "", "", partner_key)
        check_open(self._operations.session)
        if self._options.journal is not None:
            digest = await self._digest(workflow, body)
            now, server = self._runtime.now(), self._settings.base_url
            for job_id, nonce in await self._record.open(self._options.journal, digest, server, now):
                self._submitter.remember(job_id, nonce)
        if options.idempotency_key is not None:
            self._keys = AsyncMapKeys(self._submitter, self._operations.session, options.idempotency_key)
            await self._keys.open(await self._digest(workflow, body))
        self._concurrency = self._options.concurrency or await self._concurrency_of_account()
        await self._live.open()

    async def _digest(self, workflow: Workflow, body: Mapping[str, Any]) -> str:
        """The digest of what all variants share."""
        options = self._submit_options
        shared = [body.get("partial_execution_targets"), options.workflow_id, options.randomise_seeds]
        return await async_in_thread(self._digests.of, workflow, shared, stop=self._digests.halt.set)

    async def next(self) -> AsyncMapResult | None:
        """The next result, or None after the last one.

        Raises the error that stopped the map, once no job is running; and in a forked child, which
        would submit everything a second time.
        """
        if os.getpid() != self._process:
            raise ConfigurationError(
                "This map belongs to the parent process, which continues it. Leave the loop in the "
                "forked child"
            )
        while True:
            await self._watcher.poll()
            # A result that is yielded frees its slot, so that the service has work meanwhile.
            result = self._ready.popleft() if self._ready else None
            has_acted = await self._continue_submitting()
            if result is not None:
                return result
            if has_acted or self._ready:
                continue
            if self._submitting is None and not self._watcher.variants:
                if self._record.stopped_by is not None:
                    raise self._record.stopped_by
                return None
            await self._watcher.wait(self._submitting)

    async def close(self) -> None:
        """Cancel the running jobs unless `detach` is set; close the journal and the websocket.

        A forked child only closes: the jobs are those of its parent.
        """
        try:
            if os.getpid() != self._process:
                return
            jobs = {
                variant.job.id: variant.nonce
                for variant in self._watcher.active
                if variant.job and (variant.submission is None or variant.submission.is_ours)
            }
            submission = self._submitting.submission if self._submitting is not None else None
            if self._options.detach:
                if jobs:
                    logger.warning("map was left: %d jobs continue: %s", len(jobs), ", ".join(jobs))
                if submission is not None and submission.is_open:
                    logger.warning("map was left: a job may continue, with the nonce %s", submission.nonce)
            elif jobs or submission is not None:
                await self._cancel(jobs, submission)
        finally:
            self._watcher.end_traces()
            self._record.close()
            await self._live.close()

    # Submitting

    async def _continue_submitting(self) -> bool:
        """Take one step of the current submission, or start the next one; False if none is due."""
        has_acted = False
        while self._submitting is None and self._record.stopped_by is None and self._has_room():
            check_open(self._operations.session)
            inputs = next(self._inputs, self)
            if inputs is self:
                self._is_exhausted = True
                break
            await self._start_variant(AsyncVariant(self._count, inputs))
            self._count += 1
            has_acted = True
        if self._submitting is not None and self._runtime.monotonic() >= self._submitting.due:
            await self._submit(self._submitting)
            has_acted = True
        return has_acted

    def _has_room(self) -> bool:
        """Whether another variant may be started. Results not yet yielded count as well."""
        if self._is_exhausted:
            return False
        limit = self._concurrency
        not_yielded = sum(not result.from_journal for result in self._ready)
        is_full = len(self._watcher.variants) + len(self._ready) >= limit + CONCURRENT_READS
        return len(self._watcher.active) + not_yielded < limit and not is_full

    async def _start_variant(self, variant: AsyncVariant) -> None:
        """Start a variant, or resume it from its state in the journal."""
        try:
            await async_in_thread(self._set_inputs, variant, stop=self._digests.halt.set)
        except ConfigurationError as error:
            self._ready.append(variant.result(self._operations, error))
            return
        attempt = variant.attempt
        if attempt is None or self._must_rerun(attempt):
            variant.attempt = None
            self._submitting = variant
        elif attempt.job_id is None:
            self._submitting = variant
        else:
            variant.from_journal = True
            variant.recorded_end = attempt.end
            status = STATUS_OF_END.get(attempt.end, JobStatus.PENDING)
            client_id = self._submit_options.client_id
            job = self._operations.state(
                attempt.job_id, seeds=attempt.seeds, client_id=client_id, status=status
            )
            self._watcher.add(variant, job)

    def _must_rerun(self, attempt: Attempt) -> bool:
        if attempt.end in ("failed", "cancelled", "gone"):
            return self._options.retry_failed
        return attempt.end in ("refused", "left")

    def _set_inputs(self, variant: AsyncVariant) -> None:
        """Set the inputs of a variant, and look it up in the journal.

        Raises ConfigurationError for inputs that are not valid.
        """
        assert self._workflow is not None  # noqa: S101 - opened before
        workflow = variant.workflow = Workflow.load(self._workflow)
        variant.given = workflow.set_inputs({} if variant.inputs is None else variant.inputs)
        workflow.local_files()
        if self._record.has_journal or self._keys is not None:
            digest = self._digests.of(workflow)
            self._record.find(variant, digest)
            if self._keys is not None:
                variant.submission_key = self._keys.take(digest)

    async def _submit(self, variant: AsyncVariant) -> None:
        """Take one step of a submission. An error becomes the result, or stops the map."""
        submission = variant.submission
        if self._record.stopped_by is not None and (submission is None or not submission.is_lost):
            await self._abandon(variant)
            return
        try:
            if submission is None:
                submission = variant.submission = await self._prepare(variant)
                if variant.attempt is not None:
                    submission.resume(variant.attempt, self._outage)
                    variant.due = submission.due
                    return
            # Recorded before it is sent, and not sent if it cannot be recorded.
            if not submission.is_lost and not await self._record_begin(variant, submission):
                self._submitting = None
                return
            is_over = await submission.step(_ONCE, self._outage)
        except ComfyCloudError as error:
            await self._handle(variant, error)
            return
        variant.backoff = None
        variant.due = submission.due
        if is_over:
            variant.from_journal = variant.attempt is not None and not variant.is_recorded
            job = self._submitter.job_of(submission)
            self._watcher.add(variant, job)
            self._submitting = None
            await self._record.accepted(submission.nonce, job.id)

    async def _record_begin(self, variant: AsyncVariant, submission: AsyncSubmission) -> bool:
        server_at = self._operations.session.server_time
        return await self._record.begin(variant, submission, self._runtime.now(), server_at)

    async def _abandon(self, variant: AsyncVariant) -> None:
        """Give up a variant that surely was not submitted, since the map has been stopped."""
        self._submitting = None
        if variant.is_recorded:
            await self._record.ended(variant.nonce, "refused")

    async def _prepare(self, variant: AsyncVariant) -> AsyncSubmission:
        """The submission of a variant: uploads its files, and draws its seeds or reuses them."""
        assert variant.workflow is not None  # noqa: S101 - admitted before
        submitter, attempt, workflow = self._submitter, variant.attempt, variant.workflow
        if len(self._stored_files) > _MAX_STORED_FILES:
            self._stored_files.clear()
        await submitter.store_files(workflow, self._stored_files, self._submit_options.upload_progress)
        seeds: dict[str, int] = {}
        if attempt is not None:
            seeds = workflow.put_seeds(attempt.seeds)
        elif self._submit_options.randomise_seeds:
            seeds = await submitter.draw_seeds(workflow, variant.given)
        key = variant.submission_key
        if attempt is not None and key is not None and attempt.nonce != key.nonce:
            key = None  # it may have been sent by an earlier call without the key
        keys = self._keys.use if self._keys is not None else None
        return await submitter.prepare(
            workflow, self._submit_options, seeds, variant.nonce or None, key=key, keys=keys
        )

    async def _handle(self, variant: AsyncVariant, error: ComfyCloudError) -> None:
        """Decide whether an error passes, concerns this variant, or concerns all variants."""
        submission = variant.submission
        is_lost = submission is not None and submission.is_lost
        if not is_lost and (may_be_accepted_later(error) or (submission is None and is_outage(error))):
            now = self._runtime.monotonic()
            backoff = variant.backoff = variant.backoff or SubmissionBackoff(now, self._settings.retry.budget)
            delay = backoff.next_delay(now, error, self._runtime.random)
            if delay is not None:
                logger.warning("variant %d is submitted again in %.1f s: %s", variant.index, delay, error)
                variant.due = now + delay
                return
        self._submitting = None
        if variant.is_recorded and not isinstance(error, SubmissionUncertain):
            await self._record.ended(variant.nonce, "refused")
        if concerns_all_submissions(error) or isinstance(error, KeyStoreError):
            self._record.stop(error)
        else:
            self._ready.append(variant.result(self._operations, error))

    async def _concurrency_of_account(self) -> int:
        try:
            features: Mapping[str, Any] = (await self._system.features()).to_dict()
        except Unauthorized:
            raise
        except ComfyCloudError as error:
            logger.warning(
                "the account's limit of running jobs is not known; running one at a time: %s", error
            )
            return 1
        return concurrency_of(features)

    # Leaving

    async def _cancel(self, jobs: dict[str, str], submission: AsyncSubmission | None) -> None:
        """Cancel jobs, given by ids with nonces, and the job of a submission whose outcome is open.

        It takes a bounded time, logs the outcome, and never raises an Exception.
        """
        results: list[str] = []
        is_finished = False

        async def cancel() -> None:
            nonlocal is_finished
            await self._cancel_jobs(jobs, results)
            if submission is not None:
                await submission.settle(interruption.SEARCH_SECONDS)
                if not submission.is_ours:
                    pass  # another caller with the same idempotency key has submitted it
                elif submission.job_id is not None and submission.job_id not in jobs:
                    await self._cancel_jobs({submission.job_id: submission.nonce}, results)
                elif submission.is_open:
                    results.append(interruption.open_outcome(submission))
            if not results:
                results.append("no job is running")
            is_finished = True

        try:
            await async_shielded(cancel, interruption.CANCEL_SECONDS)
        finally:
            # Logged after a second interruption, too.
            if not is_finished:
                results.append(
                    f"cancelling was not finished within {interruption.CANCEL_SECONDS:g} s; "
                    "some jobs may still be running"
                )
                if submission is not None and submission.is_open:
                    results.append(interruption.open_outcome(submission))
            for line in results:
                logger.warning("map was left: %s", line)

    async def _cancel_jobs(self, jobs: Mapping[str, str], results: list[str]) -> None:
        """Cancel jobs, given by ids with nonces. Appends the outcome to `results`."""
        if not jobs:
            return
        noun = "job" if len(jobs) == 1 else "jobs"
        logger.warning("map was left: cancelling %d %s: %s", len(jobs), noun, ", ".join(jobs))
        try:
            cancelled, errors = await self._operations.cancel([self._operations.state(each) for each in jobs])
            results.append(f"{len(cancelled)} of {len(jobs)} {noun} cancelled")
            results.extend(f"a job could not be cancelled: {error}" for error in errors)
            for job_id in cancelled:
                await self._record.ended(jobs[job_id], "left")
        except Exception as error:  # noqa: BLE001 - would replace the interruption
            results.append(f"jobs could not be cancelled, and may still be running: {error}")


async def run_map(
    submitter: AsyncSubmitter,
    operations: AsyncJobOperations,
    system: AsyncSystem,
    workflow: WorkflowSource,
    inputs: Iterable[Any],
    options: MapOptions,
    submit_options: SubmitOptions,
) -> AsyncGenerator[AsyncMapResult, None]:
    """See `AsyncComfyCloud.map`."""
    run = _AsyncMapRun(submitter, operations, system, workflow, inputs, options, submit_options)
    try:
        await run.open()
        while (result := await run.next()) is not None:
            yield result
    finally:
        await run.close()
