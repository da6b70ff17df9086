"""The async client: settings, one attribute per resource, workflows, events and any other request.

It only puts parts together: `_http.session` sends, resources know operations, `_parts` the rest.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from .._http.forks import free_properties_after_fork
from .._http.shared_properties import shared_property
from .._late_names import names_imported_late
from .._settings.defaults import DEFAULT_MAX_RESPONSE_BYTES
from ._http.general_calls import AsyncGeneralCalls

if TYPE_CHECKING:
    import httpx

    from .._http.runtime import AsyncRuntime
    from .._jobs.events import Event
    from .._settings.fields import ApiChoice
    from .._submission.key_store import IdempotencyStore
    from .._submission.options import SubmitArguments
    from .._workflows.validation import Problem
    from .._workflows.workflow import WorkflowSource
    from ..hooks import RequestInfo, ResponseInfo
    from ..retry import Retry
    from ..tracing import Tracing
    from ._jobs.job import AsyncJob
    from ._submission.map_result import AsyncMapResult
    from .assets import AsyncAssets
    from .files import AsyncFiles
    from .history import AsyncHistory
    from .jobs import AsyncJobs
    from .mirror import AsyncSyncedMirror
    from .models import AsyncModels
    from .nodes import AsyncNodes
    from .queue import AsyncQueue
    from .system import AsyncSystem
    from .tasks import AsyncTasks
    from .user import AsyncUser
    from .userdata import AsyncUserdata
    from .workflows import AsyncWorkflows


@names_imported_late("._client_names")
@free_properties_after_fork
class AsyncComfyCloud(AsyncGeneralCalls):
    """A client for Comfy Cloud or, by `base_url`, a self-hosted ComfyUI. Use it with `async with`.

    Args:
        api_key: The API key, sent to the origin of the base URL only; by default from
            COMFY_CLOUD_API_KEY, else from the profile, else from COMFY_API_KEY, the SDK's.
        base_url: The URL of the server; by default from COMFY_CLOUD_BASE_URL, else from the
            profile, else https://cloud.comfy.org.
        timeout: Seconds that a connection may stay silent before a call fails; by default from
            COMFY_CLOUD_TIMEOUT, else from the profile, else 30. A response must be complete within
            ten times as many; the content of a file may take any time.
        retry: A `Retry`, or the number of attempts. A POST that has an effect is retried only
            when the server surely did not accept it.
        http_client: Your own httpx client, used as it is, and never closed.
        partner_api_key: A key for partner nodes alone; by default the API key, on Comfy Cloud only.
        max_connections: How many connections may be open at the same time; 100 by default.
        max_response_bytes: The largest response in bytes, decoded, and the largest download without
            an announced length; 256 MiB by default, None for no limit.
        on_request, on_response: Called with a `RequestInfo` before each attempt, and with a
            `ResponseInfo` after it.
        tracing: Is told of calls and jobs, such as `comfy_cloud.integrations.otel.OpenTelemetry()`.
        profile: The profile to read; by default from COMFY_CLOUD_PROFILE, else `default_profile`.
        allow_insecure: Allow keys over plain http to a host that is not this machine.
        strict: Raise `NotSupported` for a missing operation instead of using a fallback.
        storage_hosts: Hosts that signed URLs may lead to besides public https addresses, such as
            "*.internal.example.com", or "http://minio.lan" for plain http; by default from
            COMFY_CLOUD_STORAGE_HOSTS (with commas), else from the profile.
        proxy: The URL of a proxy for the API, signed URLs and the websocket, or "direct" for none;
            by default from COMFY_CLOUD_PROXY, else from the profile, else HTTPS_PROXY, ALL_PROXY
            and NO_PROXY decide.
        ca_file: A PEM file or a folder with further certificates to trust, such as your company's;
            by default from COMFY_CLOUD_CA_FILE, else from the profile.
        comfy_user: The id of the user on a self-hosted server that has several (`--multi-user`); by
            default from COMFY_CLOUD_COMFY_USER, else from the profile.
        api: Which API jobs and the history use: "v1", "v2", or "auto", the default, for v1 unless
            it is gone; else from COMFY_CLOUD_API, or from the profile.
        idempotency_store: What remembers idempotency keys: a file, redis://HOST (extra `redis`), an
            `IdempotencyStore`, or "none"; by default from COMFY_CLOUD_IDEMPOTENCY_STORE, else a
            file in the platform's data folder.

    Attributes:
        settings: The settings, each with its source.
        deviations: Counts of what was tolerated in the server's responses (see `Deviations`).

    Raises:
        ConfigurationError: A setting is not valid; the message names it and the fix.
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
        max_response_bytes: int | None = DEFAULT_MAX_RESPONSE_BYTES,
        on_request: Callable[[RequestInfo], object] | None = None,
        on_response: Callable[[ResponseInfo], object] | None = None,
        tracing: Tracing | None = None,
        profile: str | None = None,
        allow_insecure: bool = False,
        strict: bool = False,
        storage_hosts: Sequence[str] | None = None,
        proxy: str | None = None,
        ca_file: str | PathLike[str] | None = None,
        comfy_user: str | None = None,
        api: ApiChoice | None = None,
        idempotency_store: str | PathLike[str] | IdempotencyStore | None = None,
        runtime: AsyncRuntime | None = None,
    ) -> None:
        from .._settings import config  # not at the top, like the next two: they cost import time
        from ._http.session import AsyncSession
        from ._parts import AsyncClientParts

        self.settings = config.load(
            api_key=api_key,
            base_url=base_url,
            partner_api_key=partner_api_key,
            timeout=timeout,
            retry=retry,
            max_connections=max_connections,
            max_response_bytes=max_response_bytes,
            allow_insecure=allow_insecure,
            strict=strict,
            storage_hosts=storage_hosts,
            proxy=proxy,
            ca_file=ca_file,
            comfy_user=comfy_user,
            api=api,
            idempotency_store=idempotency_store,
            profile=profile,
        )
        self._session = AsyncSession(
            self.settings, runtime=runtime, http_client=http_client, on_request=on_request,
            on_response=on_response, tracing=tracing
        )  # fmt: skip
        self.deviations = self._session.deviations
        self._parts = AsyncClientParts(self._session)

    # Resources

    @shared_property
    def history(self) -> AsyncHistory:
        """Finished jobs, newest first: `async for entry in cloud.history`."""
        from .history import AsyncHistory

        return AsyncHistory(self._session, self._parts.history_reader)

    @shared_property
    def jobs(self) -> AsyncJobs:
        """Jobs in any state: list, read, wait for, cancel, delete."""
        from .jobs import AsyncJobs

        return AsyncJobs(self._session, self._parts.job_operations, self._parts.job_lists)

    @shared_property
    def queue(self) -> AsyncQueue:
        """The running and waiting jobs."""
        return self._parts.queue

    @shared_property
    def assets(self) -> AsyncAssets:
        """Stored files with names, tags and metadata: upload, find, tag, delete."""
        return self._parts.assets

    @shared_property
    def tasks(self) -> AsyncTasks:
        """Background tasks, such as imports of models: list, follow, cancel."""
        return self._parts.tasks

    @shared_property
    def files(self) -> AsyncFiles:
        """The files that jobs read and make: upload, read, download."""
        return self._parts.files

    @shared_property
    def models(self) -> AsyncModels:
        """The models that graphs can name."""
        from .models import AsyncModels

        return AsyncModels(self._session)

    @shared_property
    def nodes(self) -> AsyncNodes:
        """The node classes that graphs can use."""
        from .nodes import AsyncNodes

        return AsyncNodes(self._parts.catalogue)

    @shared_property
    def workflows(self) -> AsyncWorkflows:
        """Templates and shared subgraphs."""
        from .workflows import AsyncWorkflows

        return AsyncWorkflows(self._session)

    @shared_property
    def userdata(self) -> AsyncUserdata:
        """The user's personal storage: saved workflows and settings."""
        from .userdata import AsyncUserdata

        return AsyncUserdata(self._session)

    @shared_property
    def user(self) -> AsyncUser:
        """The account that the key belongs to."""
        from .user import AsyncUser

        return AsyncUser(self._session)

    @shared_property
    def system(self) -> AsyncSystem:
        """The server: versions, devices, features."""
        return self._parts.system

    # Workflows

    async def submit(
        self,
        workflow: WorkflowSource,
        inputs: Mapping[str, Any] | None = None,
        **options: Unpack[SubmitArguments],
    ) -> AsyncJob:
        """Submit a workflow, exactly once (POST /api/prompt); returns its job without waiting.

        By API v2 it is POST /api/v2/jobs; local files are sent by POST /api/v2/assets, or only
        named by POST /api/v2/assets/from-hash. A lost job is searched for by GET /api/v2/jobs and
        GET /api/v2/jobs/{id}/workflow.

        A lost response neither loses nor doubles the job: the lists of the service are searched for
        it before anything is sent again, which can take a minute. If it is interrupted by Ctrl-C or
        task cancellation, there is no handle. So the job is searched for, and cancelled if found,
        within at most ten seconds, and the outcome is logged.

        Args:
            workflow: A graph in API format or a workflow of the editor: a dict, JSON, or the path
                of a file, also of an image or video made by ComfyUI. One of the editor is converted
                with the server's node classes (GET /api/object_info, cached on disk).
            inputs: The inputs to change, by "node.input"; a node is named by its id, title or
                class. A local path for an input that takes a file is uploaded.
            randomise_seeds: Randomise every seed; the values are in `job.seeds`. They are within
                what their node takes, once `cloud.validate` or `cloud.nodes` has fetched the
                classes. Of a workflow of the editor, those which it would change after a run.
            extra_data: Extra data to send with the graph.
            partial_execution_targets: The ids of the output nodes to run; by default all of them.
            workflow_id: The id of the saved workflow that this graph is a version of.
            client_id: The id of your own websocket; a self-hosted ComfyUI sends its messages there.
            partner_nodes: Whether to send the key that partner nodes need. By default
                `partner_api_key` is sent to every server, and without one the API key to Comfy
                Cloud only. One in `extra_data` is never replaced.
            idempotency_key: A text that names this order, such as "order-17". One key becomes at
                most one job, whichever process, machine or retry uses it: a later call returns that
                job, whatever became of it. What is guaranteed depends on `idempotency_store`.
            upload_progress: Called as `progress(sent, total)` in bytes, for one local file after
                the other; restarts at 0 on a retry. True draws a bar.

        Raises:
            ConfigurationError: The workflow or an input is not valid.
            InvalidWorkflow: The server rejected the graph; see its `node_errors`.
            PaymentRequired, RateLimited: There are no credits left, or the queue is full.
            SubmissionUncertain: It could not be established whether there is a job. Nothing is sent
                again in that case.
            IdempotencyConflict: The key was used before, for something else. Nothing was sent.
        """
        return await self._parts.workflow_runner.submit(workflow, inputs, options)

    async def run(
        self,
        workflow: WorkflowSource,
        inputs: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        detach: bool = False,
        on_event: Callable[[Event], object] | None = None,
        **options: Unpack[SubmitArguments],
    ) -> AsyncJob:
        """Submit a workflow (POST /api/prompt) and wait for its end; returns the finished job.

        By API v2 it is POST /api/v2/jobs, as in `submit`, and GET /api/v2/jobs/{id}. On Ctrl-C or
        task cancellation this job alone is cancelled, that is logged, and the exception propagates.

        Args:
            timeout: Seconds for all of it, sending included; by default there is no limit.
            detach: Leave the job running when the wait is interrupted.
            on_event: Called with each event, live over the websocket.

        The other arguments and errors are those of `submit`. In addition:

        Raises:
            JobFailed: The job ended with an error.
            JobCancelled: The job was cancelled.
            WaitTimeout: The job has not ended in time; it is still running. Or, with a `job_id` of
                None, the workflow could not be submitted in time; there is no job.
        """
        return await self._parts.workflow_runner.run(
            workflow, inputs, options, timeout=timeout, detach=detach, on_event=on_event
        )

    def map(
        self,
        workflow: WorkflowSource,
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
        """Run many variants of one workflow with bounded concurrency (POST /api/prompt for each).

        By API v2 it is POST /api/v2/jobs, as in `submit`, and GET /api/v2/jobs/{id}.
        Yields results as they finish: if `result.ok`, its `job` completed, otherwise it has an
        `error`. A variant that fails does not stop the others.

        An error that concerns all variants stops the map: a rejected key, no credits, a full disk,
        or a server that cannot be reached for minutes. Then nothing more is submitted, the results
        of the running jobs are yielded, and the error is raised. When the queue is full, the map
        waits.

        Leaving early (break, an error, Ctrl-C, task cancellation) cancels the running jobs of this
        map and no others, and logs it. Use `contextlib.aclosing` around the map if leaving must not
        wait for the garbage collector.

        Args:
            workflow: As for `submit`.
            inputs: The inputs of each variant, as for `submit`. Any iterable; it is read as slots
                become free.
            concurrency: How many jobs may run at the same time; by default as many as the account
                allows (GET /api/features).
            journal: The path of a file that records what was submitted. With it the same call
                resumes after a crash: finished variants are not run again, and nothing is submitted
                twice. Variants are recognised by their content.
            retry_failed: Rerun variants that failed or were cancelled in an earlier call with this
                journal.
            timeout: Seconds for each job, from its acceptance. After that its result has a
                WaitTimeout, and the job is still running.
            detach: Leave the jobs running when the map is left early.
            on_event: Called with each event of these jobs, live over the websocket. `JobSubmitted`
                has the index of the variant and the id of its job.

        The other arguments are those of `submit`. With an `idempotency_key`, each variant has a key
        made of it and of what the variant runs.

        Raises:
            ConfigurationError: The workflow, an option, the journal or the store is not valid.
            IdempotencyConflict: The key was used before, for another workflow.
            Unauthorized, PaymentRequired, Forbidden, NotSupported, RateLimited, ConnectionFailed:
                The error concerns all variants.
        """
        return self._parts.workflow_runner.map(
            workflow,
            inputs,
            options,
            concurrency=concurrency,
            journal=journal,
            retry_failed=retry_failed,
            timeout=timeout,
            detach=detach,
            on_event=on_event,
        )

    async def validate(
        self, workflow: WorkflowSource, inputs: Mapping[str, Any] | None = None
    ) -> list[Problem]:
        """The problems of a workflow, found before it costs anything; empty when there are none.

        It is checked against the node classes of the server (GET /api/object_info, cached on disk):
        unknown classes, missing or wrong inputs, values out of range or not in the list, missing
        models, bad links. The service checks most of this only when the job runs. The arguments are
        those of `submit`; files are not uploaded.

        Raises:
            ConfigurationError: The workflow or an input cannot be read at all.
        """
        from .._workflows.validation import validate

        loaded = await self._parts.workflow_runner.load_for_validation(workflow)
        loaded.set_inputs(inputs or {})
        return validate(loaded.graph, await self.nodes.all())

    def events(self) -> AsyncGenerator[Event, None]:
        """The live events of this account, without end (websocket, GET /ws).

        A broken connection is reopened; events sent in between are lost. To follow one job use
        `job.events()`, which never misses its end.

        Raises:
            Unauthorized: The websocket rejected the key.
            NotSupported: The server has no websocket, or this program cannot open one.
        """
        from ._jobs.account_events import account_events

        return account_events(self._session, self.files.output)

    async def mirror(
        self, path: str | PathLike[str] | None = None, *, database: str | None = None
    ) -> AsyncSyncedMirror:
        """Open a database of the whole history on this machine, to sync and to search.

        It needs the extra `mirror`: pip install 'comfy-cloud[mirror]'. See `comfy_cloud.mirror`.

        Args:
            path: A file of SQLite; by default one for this account (GET /api/user) in the
                platform's data folder, or in COMFY_CLOUD_DATA_DIR.
            database: A URL such as "postgresql+psycopg://user:password@host/name" instead.

        Raises:
            ConfigurationError: It cannot be opened, or is of another account; it is as it was.
        """
        from ..mirror import check_libraries

        check_libraries()
        from .mirror import AsyncSyncedMirror

        return await AsyncSyncedMirror.of_account(self._session, self._parts.history_reader, path, database)

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
        if not hasattr(self, "settings"):  # its settings were refused
            return f"<{type(self).__name__} without settings>"
        return f"<{type(self).__name__} {self.settings.base_url}>"
