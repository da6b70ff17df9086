"""The async client: settings, one attribute per resource, `submit`, `run`, `map`, `validate`, `events` and `request`.

It only puts parts together. How a request is sent is in `_http.session`, what the operations mean is in the resources, how
workflows are submitted and followed is in `_submission`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from functools import cached_property
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack
from urllib.parse import urlencode

import httpx

from comfy_cloud_api.types import Operation, Request

from .._http.deviations import Deviations
from .._http.runtime import AsyncRuntime
from .._settings import config
from ..errors import ConfigurationError
from ..hooks import RequestInfo, ResponseInfo
from ..retry import Retry
from ._http.session import AsyncSession

if TYPE_CHECKING:
    from .._jobs.events import Event
    from .._submission.options import SubmitArguments
    from .._workflows.validation import Problem
    from ._jobs.history_reader import AsyncHistoryReader
    from ._jobs.job import AsyncJob
    from ._jobs.job_operations import AsyncJobOperations
    from ._submission.map_result import AsyncMapResult
    from ._submission.submitter import AsyncSubmitter
    from ._workflows.catalogue_cache import AsyncCatalogueCache
    from .assets import AsyncAssets
    from .files import AsyncFiles
    from .history import AsyncHistory
    from .jobs import AsyncJobs
    from .models import AsyncModels
    from .nodes import AsyncNodes
    from .queue import AsyncQueue
    from .system import AsyncSystem
    from .tasks import AsyncTasks
    from .user import AsyncUser
    from .userdata import AsyncUserdata
    from .workflows import AsyncWorkflows


class AsyncComfyCloud:
    """A client of Comfy Cloud, or of a self-hosted ComfyUI given by `base_url`. Close it, or use it with `async with`.

    Args:
        api_key: The API key; by default from COMFY_CLOUD_API_KEY, else from the profile. It is sent to the origin of the
            base URL only.
        base_url: The address of the server; by default from COMFY_CLOUD_BASE_URL, else from the profile, else
            https://cloud.comfy.org.
        timeout: Seconds that a connection may stay silent before a call fails; 30 by default.
        retry: A `Retry`, or the number of attempts. POST is repeated only when it surely was not accepted.
        http_client: Your own httpx client (proxy, transport, certificates). It is used as it is, and not closed.
        partner_api_key: A separate key for partner nodes; by default the API key is used.
        max_connections: The most connections open at the same time; 100 by default.
        on_request: Called with a `RequestInfo` before each attempt.
        on_response: Called with a `ResponseInfo` after each attempt.
        profile: The profile to read; by default from COMFY_CLOUD_PROFILE, else the profile named "default".
        allow_insecure: Allow the key over plain http to a host that is not this machine.
        strict: Raise `NotSupported` for a missing operation instead of using a fallback.

    Attributes:
        settings: The settings, each with its source.
        deviations: What was tolerated in the server's responses so far, counted (see `Deviations`).

    Raises:
        ConfigurationError: A setting is not valid; the message says which, and how to fix it.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        retry: Retry | int | None = None,
        http_client: httpx.AsyncClient | None = None,
        partner_api_key: str | None = None,
        max_connections: int | None = None,
        on_request: Callable[[RequestInfo], object] | None = None,
        on_response: Callable[[ResponseInfo], object] | None = None,
        profile: str | None = None,
        allow_insecure: bool = False,
        strict: bool = False,
        runtime: AsyncRuntime | None = None,
    ) -> None:
        self.settings = config.load(
            api_key=api_key,
            base_url=base_url,
            partner_api_key=partner_api_key,
            timeout=timeout,
            retry=retry,
            max_connections=max_connections,
            allow_insecure=allow_insecure,
            strict=strict,
            profile=profile,
        )
        self._session = AsyncSession(
            self.settings,
            runtime=runtime,
            http_client=http_client,
            on_request=on_request,
            on_response=on_response,
        )
        self.deviations: Deviations = self._session.deviations

    # Resources

    @cached_property
    def history(self) -> AsyncHistory:
        """Finished jobs, newest first: `async for entry in cloud.history`."""
        from .history import AsyncHistory

        return AsyncHistory(self._session, self._history_reader)

    @cached_property
    def jobs(self) -> AsyncJobs:
        """Jobs in any state: list, read, wait for, cancel, delete."""
        from ._jobs.job_lists import AsyncJobLists
        from .jobs import AsyncJobs

        lists = AsyncJobLists(self._session, self.queue, self._history_reader, self.files.output)
        return AsyncJobs(self._session, self._operations, lists)

    @cached_property
    def queue(self) -> AsyncQueue:
        """The running and waiting jobs."""
        from .queue import AsyncQueue

        return AsyncQueue(self._session)

    @cached_property
    def assets(self) -> AsyncAssets:
        """Stored files with names, tags and metadata: upload, find, label, delete."""
        from .assets import AsyncAssets

        return AsyncAssets(self._session, self.tasks)

    @cached_property
    def tasks(self) -> AsyncTasks:
        """Background tasks, such as imports of models: list, follow, cancel."""
        from .tasks import AsyncTasks

        return AsyncTasks(self._session)

    @cached_property
    def files(self) -> AsyncFiles:
        """The files that jobs read and make: upload, read, download."""
        from .files import AsyncFiles

        return AsyncFiles(self._session)

    @cached_property
    def models(self) -> AsyncModels:
        """The models that graphs can name."""
        from .models import AsyncModels

        return AsyncModels(self._session)

    @cached_property
    def nodes(self) -> AsyncNodes:
        """The node classes that graphs can use."""
        from .nodes import AsyncNodes

        return AsyncNodes(self._catalogue)

    @cached_property
    def workflows(self) -> AsyncWorkflows:
        """Templates and shared subgraphs."""
        from .workflows import AsyncWorkflows

        return AsyncWorkflows(self._session)

    @cached_property
    def userdata(self) -> AsyncUserdata:
        """The personal storage: saved workflows and settings."""
        from .userdata import AsyncUserdata

        return AsyncUserdata(self._session)

    @cached_property
    def user(self) -> AsyncUser:
        """The account that the key belongs to."""
        from .user import AsyncUser

        return AsyncUser(self._session)

    @cached_property
    def system(self) -> AsyncSystem:
        """The server: versions, devices, features."""
        from .system import AsyncSystem

        return AsyncSystem(self._session)

    # Parts that several of them share

    @cached_property
    def _history_reader(self) -> AsyncHistoryReader:
        from ._jobs.history_reader import AsyncHistoryReader

        return AsyncHistoryReader(self._session, self.files.output)

    @cached_property
    def _operations(self) -> AsyncJobOperations:
        from ._jobs.job_operations import AsyncJobOperations

        return AsyncJobOperations(self._session, self.files, self.queue)

    @cached_property
    def _catalogue(self) -> AsyncCatalogueCache:
        from ._workflows.catalogue_cache import AsyncCatalogueCache

        return AsyncCatalogueCache(self._session)

    @cached_property
    def _submitter(self) -> AsyncSubmitter:
        from ._submission.submitter import AsyncSubmitter

        return AsyncSubmitter(self._session, self._operations, self.queue, self.assets, self._catalogue)

    # Workflows

    async def submit(
        self,
        workflow: object,
        inputs: Mapping[str, Any] | None = None,
        **options: Unpack[SubmitArguments],
    ) -> AsyncJob:
        """Submit a workflow, exactly once (POST /api/prompt); returns its job without waiting for it.

        A response that is lost on the way neither loses nor doubles the job: the lists of the service are searched for it
        before anything is sent again, which can take a minute.

        Args:
            workflow: A graph in API format: a dict, JSON, or the path of a file, also of an image or video made by ComfyUI.
            inputs: What to change in it, by "node.input"; a node is addressed by its id, title or class. A local path given
                to an input that takes a file is uploaded.
            randomise_seeds: Randomise every seed; the values are in `job.seeds`.
            extra_data: What to send beside the graph.
            partial_execution_targets: The ids of the output nodes to run; all of them by default.
            workflow_id: The saved workflow that this graph is a version of.
            client_id: The id of your own websocket, which a self-hosted ComfyUI sends the job's messages to.
            partner_nodes: Whether to send the key that partner nodes need. By default it is sent when the graph has such a
                node, as far as the classes are known from `cloud.nodes.all()`.

        Raises:
            ConfigurationError: The workflow or an input is not valid.
            InvalidWorkflow: The server refused the graph; `node_errors` says why.
            PaymentRequired, RateLimited: There are no credits, or the queue is full.
            SubmissionUncertain: It could not be found out whether there is a job. Nothing is sent again then.
        """
        from .._submission.options import SubmitOptions
        from ._jobs.job import AsyncJob

        found = SubmitOptions.from_arguments("submit", options)
        return AsyncJob(self._operations, await self._submitter.submit(workflow, inputs, found))

    async def run(
        self,
        workflow: object,
        inputs: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        detach: bool = False,
        on_event: Callable[[Event], object] | None = None,
        **options: Unpack[SubmitArguments],
    ) -> AsyncJob:
        """Submit a workflow (POST /api/prompt) and wait for its end; returns the finished job.

        On Ctrl-C or task cancellation this job alone is cancelled, the cancellation is logged, and the exception propagates.

        Args:
            timeout: Seconds to wait; without it, as long as it takes.
            detach: Leave the job running when the wait is interrupted.
            on_event: Called with each event, live over the websocket.

        The other arguments and errors are those of `submit`. Besides:

        Raises:
            JobFailed: The job ended with an error.
            JobCancelled: Somebody cancelled it.
            WaitTimeout: It has not ended in time; it still runs.
        """
        from .._submission.options import SubmitOptions
        from ._jobs.job import AsyncJob
        from ._submission.run import run

        found = SubmitOptions.from_arguments("run", options)
        state = await run(
            self._submitter,
            self._operations,
            workflow,
            inputs,
            timeout=timeout,
            detach=detach,
            on_event=on_event,
            options=found,
        )
        return AsyncJob(self._operations, state)

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
        **options: Unpack[SubmitArguments],
    ) -> AsyncGenerator[AsyncMapResult, None]:
        """Run many variants of one workflow with bounded concurrency (POST /api/prompt each); yields results as they finish.

        A variant that fails does not stop the rest: its result has the `error`. An error that holds for all of them does:
        a refused key, no credits, a full disk, or a server that cannot be reached for minutes. Then nothing more is
        submitted, the results of the running jobs are yielded, and the error is raised. A full queue is waited for.

        Leaving early (break, an error, Ctrl-C, task cancellation) cancels the running jobs of this map and no others, and
        logs that. Use `contextlib.aclosing` around it where leaving must not wait for the garbage collector.

        Args:
            workflow: As for `submit`.
            inputs: The inputs of each variant, as for `submit`; any iterable, which is read as there is room.
            concurrency: How many may run at the same time; by default as many as the account may (GET /api/features).
            journal: The path of a file that remembers what was submitted. With it the same call resumes after a crash:
                finished variants are not run again, and nothing is submitted twice. Variants are known by their content.
            retry_failed: Run those again that failed or were cancelled in an earlier call with this journal.
            timeout: Seconds for each job, from its acceptance; then its error is a WaitTimeout, and it still runs.
            detach: Leave the jobs running when the map is left early.
            on_event: Called with each event of these jobs, live over the websocket; `JobSubmitted` has the index of the
                variant and the id of its job.

        The other arguments are those of `submit`.

        Raises:
            ConfigurationError: The workflow, an option or the journal is not valid.
            Unauthorized, PaymentRequired, Forbidden, NotSupported, RateLimited, ConnectionFailed: It holds for all variants.
        """
        from .._submission.map_arguments import checked_concurrency, checked_inputs
        from .._submission.options import SubmitOptions
        from ._submission.map_run import run_map
        from ._submission.map_variant import MapOptions

        what = SubmitOptions.from_arguments("map", options)
        how = MapOptions(
            concurrency=checked_concurrency(concurrency),
            journal=journal,
            retry_failed=retry_failed,
            timeout=timeout,
            detach=detach,
            on_event=on_event,
        )
        variants = checked_inputs(inputs)
        return run_map(self._submitter, self._operations, self.system, workflow, variants, how, what)

    async def validate(self, workflow: object, inputs: Mapping[str, Any] | None = None) -> list[Problem]:
        """What is wrong with a workflow, before it costs anything; an empty list when nothing was found.

        It is checked against the node classes of the server (GET /api/object_info, cached on disk): unknown classes,
        missing or wrong inputs, values out of range or not in the list, missing models, bad links. The service checks most
        of this only when the job runs.

        Args:
            workflow: As for `submit`.
            inputs: As for `submit`; files are not uploaded.

        Raises:
            ConfigurationError: The workflow or an input is not valid at all.
        """
        from .._workflows.validation import validate
        from .._workflows.workflow import Workflow

        loaded = Workflow.load(workflow)
        loaded.set_inputs(inputs or {})
        return validate(loaded.graph, await self.nodes.all())

    # Everything else

    def events(self) -> AsyncGenerator[Event, None]:
        """Everything that happens in this account, live, without end (the websocket at /ws). It reconnects when it breaks.

        Events during a break are lost. To follow one job use `job.events()`, which never misses its end.

        Raises:
            Unauthorized: The websocket refuses the key.
            NotSupported: The server has no websocket, or this program cannot open one.
        """
        from ._jobs.account_events import account_events

        return account_events(self._session, self.files.output)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: object = None,
        content: Any = None,
        content_type: str = "application/octet-stream",
    ) -> httpx.Response:
        """Any other call to the API, with the same key, retries, hooks and errors.

        `path` begins with a slash and goes to the base URL: the key never leaves its own server. A redirect is returned, not
        followed. Raises the errors of `comfy_cloud` for statuses of 400 and above.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise ConfigurationError(
                f"request() takes a path that begins with one slash, like /api/user; not {path[:80]!r}"
            )
        if any(ord(character) <= 32 or ord(character) == 127 for character in path):
            raise ConfigurationError(
                "request() takes a path without spaces and control characters; encode them, e.g. as %20, or use params="
            )
        target = path
        if params:
            target += ("&" if "?" in path else "?") + urlencode(params, doseq=True)
        operation = Operation("request", method.upper(), path.partition("?")[0], "optional")
        return await self._session.send(
            Request(operation, target, json=json, content=content, content_type=content_type)
        )

    async def close(self) -> None:
        """Close the connections. An `http_client` that you passed in stays open."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.settings.base_url}>"
