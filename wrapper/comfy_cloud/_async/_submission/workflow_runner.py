"""`submit`, `run` and `map` of a client: check their options, and turn jobs into handles."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import suppress
from os import PathLike
from typing import TYPE_CHECKING, Any

from ..._jobs.events import Event
from ..._submission.map_arguments import checked_concurrency, checked_inputs
from ..._submission.options import SubmitArguments, SubmitOptions
from ...errors import ComfyCloudError, ConfigurationError
from .._jobs.job import AsyncJob
from .._jobs.job_operations import AsyncJobOperations
from .interruption import leave_submission, must_be_settled
from .map_result import AsyncMapResult
from .run import run
from .submission import AsyncSubmission
from .submitter import AsyncSubmitter

if TYPE_CHECKING:
    from ..._workflows.workflow import Workflow, WorkflowSource
    from ..system import AsyncSystem


class AsyncWorkflowRunner:
    """Runs workflows for one client."""

    def __init__(
        self, submitter: AsyncSubmitter, operations: AsyncJobOperations, system: AsyncSystem
    ) -> None:
        self._submitter = submitter
        self._operations = operations
        self._system = system

    async def load_for_validation(self, workflow: WorkflowSource) -> Workflow:
        """The workflow in a source, converted if it is one of the editor."""
        return await self._submitter.load(workflow, is_validated=True)

    async def submit(
        self, workflow: WorkflowSource, inputs: Mapping[str, Any] | None, arguments: SubmitArguments
    ) -> AsyncJob:
        """See `AsyncComfyCloud.submit`."""
        options = SubmitOptions.from_arguments("submit", arguments)
        started: list[AsyncSubmission] = []
        try:
            state = await self._submitter.submit(workflow, inputs, options, started)
        except BaseException as error:
            # The caller gets no handle, so a job must not be left running.
            if started and must_be_settled(error, started[-1]):
                await leave_submission(self._operations, started[-1])
            raise
        job = AsyncJob(self._operations, state)
        if not started[-1].is_ours:
            with suppress(ComfyCloudError):  # the handle is as good as that of a new job
                await job.refresh()
        return job

    async def run(
        self,
        workflow: WorkflowSource,
        inputs: Mapping[str, Any] | None,
        arguments: SubmitArguments,
        *,
        timeout: float | None,
        detach: bool,
        on_event: Callable[[Event], object] | None,
    ) -> AsyncJob:
        """See `AsyncComfyCloud.run`."""
        options = SubmitOptions.from_arguments("run", arguments)
        if "IPython" in sys.modules:
            from ..._notebook.run_bar import shown_events

            on_event = shown_events(on_event)
        state = await run(
            self._submitter,
            self._operations,
            workflow,
            inputs,
            timeout=timeout,
            detach=detach,
            on_event=on_event,
            options=options,
        )
        return AsyncJob(self._operations, state)

    def map(
        self,
        workflow: WorkflowSource,
        inputs: Iterable[Mapping[str, Any] | None],
        arguments: SubmitArguments,
        *,
        concurrency: int | None,
        journal: str | PathLike[str] | None,
        retry_failed: bool,
        timeout: float | None,
        detach: bool,
        on_event: Callable[[Event], object] | None,
    ) -> AsyncGenerator[AsyncMapResult, None]:
        """See `AsyncComfyCloud.map`. Checks its arguments at once, before the first result."""
        from .map_run import run_map
        from .map_variant import MapOptions

        submit_options = SubmitOptions.from_arguments("map", arguments)
        if retry_failed and submit_options.idempotency_key is not None:
            raise ConfigurationError(
                "retry_failed runs variants a second time, which idempotency_key rules out. Leave one of "
                "them out, or give another key"
            )
        options = MapOptions(
            concurrency=checked_concurrency(concurrency),
            journal=journal,
            retry_failed=retry_failed,
            timeout=timeout,
            detach=detach,
            on_event=on_event,
        )
        return run_map(
            self._submitter,
            self._operations,
            self._system,
            workflow,
            checked_inputs(inputs),
            options,
            submit_options,
        )
