"""The part of a client that workflows go through: submit, run, map, validate.

Only arguments are taken here; what is done with them is in `submission`, `running` and `mapping`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, cast

from .._http.session import AsyncSender

if TYPE_CHECKING:
    from ..._jobs.events import Event
    from ..._workflows.validation import Problem
    from .._jobs.job import AsyncJob
    from ..client import AsyncComfyCloud
    from .map_result import AsyncMapResult
    from .submission import AsyncSubmitter


class AsyncLauncher(AsyncSender):
    """The part of a client that launches workflows. The client has the rest."""

    @property
    def _client(self) -> AsyncComfyCloud:
        """Itself, as the client that this is a part of."""
        return cast("AsyncComfyCloud", self)

    @cached_property
    def _submitter(self) -> AsyncSubmitter:
        from .submission import AsyncSubmitter

        return AsyncSubmitter(self._client)

    async def submit(
        self,
        workflow: object,
        inputs: Mapping[str, Any] | None = None,
        *,
        randomise_seeds: bool = False,
        extra_data: Mapping[str, Any] | None = None,
        partial_execution_targets: Iterable[str] | None = None,
        workflow_id: str | None = None,
        client_id: str | None = None,
        partner_nodes: bool | None = None,
    ) -> AsyncJob:
        """Submit a workflow, exactly once (POST /api/prompt); returns its job, which then waits or runs.

        An answer that is lost on the way does not lose or double the job: the lists of the service are searched for it
        before anything is sent again, which can take a minute.

        Args:
            workflow: A graph in API format: a dict, JSON, the path of a file, or of a picture or film made by ComfyUI.
            inputs: What to change in it, by "node.input"; a node is called by its id, title or class. A local path given
                to an input that takes a file is uploaded.
            randomise_seeds: Draw every seed anew; `job.seeds` tells them.
            extra_data: What to send beside the graph.
            partial_execution_targets: The ids of the output nodes to run; all of them unless told.
            workflow_id: The saved workflow that this graph is a state of.
            client_id: The id of a websocket of your own, which a self-hosted ComfyUI sends the job's messages to.
            partner_nodes: Whether to send the key along that nodes of partner services need. Unless told, it is when the
                graph has such a node, as far as the classes are known from `cloud.nodes.all()`.

        Raises:
            ConfigurationError: The workflow or an input cannot be used.
            InvalidWorkflow: The server refused the graph; `node_errors` says why.
            PaymentRequired, RateLimited: There are no credits, or the queue is full.
            SubmissionUncertain: Whether there is a job could not be found out. Nothing is sent again then.
        """
        from ..._submission.options import SubmitOptions

        options = SubmitOptions(
            randomise_seeds=randomise_seeds,
            extra_data=extra_data,
            partial_execution_targets=partial_execution_targets,
            workflow_id=workflow_id,
            client_id=client_id,
            partner_nodes=partner_nodes,
        )
        return await self._submitter.submit(workflow, inputs, options)

    async def run(
        self,
        workflow: object,
        inputs: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        detach: bool = False,
        on_event: Callable[[Event], object] | None = None,
        randomise_seeds: bool = False,
        extra_data: Mapping[str, Any] | None = None,
        partial_execution_targets: Iterable[str] | None = None,
        workflow_id: str | None = None,
        client_id: str | None = None,
        partner_nodes: bool | None = None,
    ) -> AsyncJob:
        """Submit a workflow (POST /api/prompt) and wait for its end; returns the finished job.

        Ctrl-C, or cancelling the task, cancels this job and no other, says so in the log, and goes on as ever.

        Args:
            timeout: Seconds to wait; without it, as long as it takes.
            detach: Leave the job running when the waiting is interrupted.
            on_event: Called with each event, live over the websocket.

        The other arguments and errors are those of `submit`. Besides:

        Raises:
            JobFailed: The job ended with an error.
            JobCancelled: Somebody cancelled it.
            WaitTimeout: It has not ended in time; it still runs.
        """
        from ..._submission.options import SubmitOptions
        from .run import run

        options = SubmitOptions(
            randomise_seeds=randomise_seeds,
            extra_data=extra_data,
            partial_execution_targets=partial_execution_targets,
            workflow_id=workflow_id,
            client_id=client_id,
            partner_nodes=partner_nodes,
        )
        return await run(
            self._client, workflow, inputs, timeout=timeout, detach=detach, on_event=on_event, options=options
        )

    def map(
        self,
        workflow: object,
        inputs: Iterable[Mapping[str, Any] | None],
        *,
        concurrency: int | None = None,
        journal: str | PathLike[str] | None = None,
        retry_failed: bool = False,
        timeout: float | None = None,
        detach: bool = False,
        on_event: Callable[[Event], object] | None = None,
        randomise_seeds: bool = False,
        extra_data: Mapping[str, Any] | None = None,
        partial_execution_targets: Iterable[str] | None = None,
        workflow_id: str | None = None,
        client_id: str | None = None,
        partner_nodes: bool | None = None,
    ) -> AsyncGenerator[AsyncMapResult, None]:
        """Run many variants of one workflow (POST /api/prompt for each), so many at a time; gives results as they finish.

        A variant that fails does not stop the rest: its result has the `error`. What holds for all of them does, such as a
        refused key, no credits, a full disk, or a server that cannot be reached for minutes: nothing more is submitted, the
        results of what runs are given, and then the error is raised. A full queue is waited for.

        Leaving early (break, an error, Ctrl-C, cancelling the task) cancels the jobs of this map that are under way and no
        others, and says so in the log. Take `contextlib.aclosing` around it where leaving shall not wait for the garbage
        collector.

        Args:
            workflow: As for `submit`.
            inputs: The inputs of each variant, as for `submit`; from any iterable, which is read as there is room.
            concurrency: How many to have under way at a time; as many as the account may run (GET /api/features) unless told.
            journal: The path of a file that remembers what was submitted. With it the same call goes on after a crash:
                what has finished is not run again, and nothing is submitted twice. Variants are known by their content.
            retry_failed: Run those again that failed or were cancelled in an earlier call with this journal.
            timeout: Seconds for each job, from when it was accepted; then its error is a WaitTimeout, and it still runs.
            detach: Leave the jobs running when the map is left early.
            on_event: Called with each event of these jobs, live over the websocket; `JobSubmitted` tells which variant
                became which job.

        The other arguments are those of `submit`.

        Raises:
            ConfigurationError: The workflow, an option or the journal cannot be used.
            Unauthorized, PaymentRequired, Forbidden, NotSupported, RateLimited, ConnectionFailed: It holds for all variants.
        """
        from ..._submission.map_arguments import checked_concurrency, checked_inputs
        from ..._submission.options import SubmitOptions
        from .map_run import run_map
        from .map_variant import MapOptions

        how = MapOptions(
            concurrency=checked_concurrency(concurrency),
            journal=journal,
            retry_failed=retry_failed,
            timeout=timeout,
            detach=detach,
            on_event=on_event,
        )
        what = SubmitOptions(
            randomise_seeds=randomise_seeds,
            extra_data=extra_data,
            partial_execution_targets=partial_execution_targets,
            workflow_id=workflow_id,
            client_id=client_id,
            partner_nodes=partner_nodes,
        )
        return run_map(self._client, workflow, checked_inputs(inputs), how, what)

    async def validate(self, workflow: object, inputs: Mapping[str, Any] | None = None) -> list[Problem]:
        """What is wrong with a workflow, before it costs anything; an empty list when nothing was found.

        It is checked against the node classes of the server (GET /api/object_info, kept on disk for a while): unknown
        classes, missing or wrong inputs, values out of range or not in the list, models that are not there, bad links.
        The service checks most of this only when the job runs.

        Args:
            workflow: As for `submit`.
            inputs: As for `submit`; files are not uploaded.

        Raises:
            ConfigurationError: The workflow or an input cannot be used at all.
        """
        from ..._workflows.validation import validate
        from ..._workflows.workflow import Workflow

        loaded = Workflow.load(workflow)
        loaded.set_inputs(inputs or {})
        return validate(loaded.graph, await self._client.nodes.all())
