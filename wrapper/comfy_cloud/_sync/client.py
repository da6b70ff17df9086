# Made from wrapper/comfy_cloud/_async/client.py by `make unasync`. Do not edit.
"""The synchronous client: settings, one connection pool, the nouns, and what needs none: submit, run, events, request.

How a call is sent is in `sending`; what the operations mean is in the modules beside this one, one per noun.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import httpx

from comfy_cloud_api.types import Operation, Request

from .. import config
from .._runtime import Runtime, new_http_client, new_storage_client
from ..errors import ConfigurationError
from ..hooks import RequestInfo, ResponseInfo
from ..retry import Retry
from .sending import Sender

if TYPE_CHECKING:
    from ..events import Event
    from ..validation import Problem
    from .assets import Assets
    from .files import Files
    from .history import History
    from .job import Job
    from .jobs import Jobs
    from .models import Models
    from .nodes import Nodes
    from .queue import Queue
    from .submission import Submitter
    from .system import System
    from .user import User
    from .userdata import Userdata
    from .workflows import Workflows


class ComfyCloud(Sender):
    """A client of Comfy Cloud, or of a self-hosted ComfyUI by its `base_url`. Close it, or use it with `with`.

    Args:
        api_key: The key; else COMFY_CLOUD_API_KEY, else the profile's. It is sent to the origin of the base URL only.
        base_url: Where the API is; else COMFY_CLOUD_BASE_URL, else the profile's, else https://cloud.comfy.org.
        timeout: Seconds that a connection may stay silent before a call fails; 30 unless told.
        retry: A `Retry`, or the number of attempts. POST is repeated only when it surely was not accepted.
        http_client: An httpx client of your own (proxy, transport, certificates). It is used as it is and not closed.
        partner_api_key: A separate key for partner nodes; the API key serves when there is none.
        max_connections: The bound of connections open at a time; 100 unless told.
        on_request: Called with a `RequestInfo` before each attempt.
        on_response: Called with a `ResponseInfo` after each attempt.
        profile: The profile to read; else COMFY_CLOUD_PROFILE, else the default one.
        allow_insecure: Allow the key over plain http to a host that is not this machine.
        strict: Raise `NotSupported` where a substitute for a missing operation would be used otherwise.

    Raises:
        ConfigurationError: A setting cannot be used; the message says which, and how to mend it.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        retry: Retry | int | None = None,
        http_client: httpx.Client | None = None,
        partner_api_key: str | None = None,
        max_connections: int | None = None,
        on_request: Callable[[RequestInfo], object] | None = None,
        on_response: Callable[[ResponseInfo], object] | None = None,
        profile: str | None = None,
        allow_insecure: bool = False,
        strict: bool = False,
        runtime: Runtime | None = None,
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
        self._runtime = runtime or Runtime()
        self._owns_http = http_client is None
        self._http = http_client or new_http_client(self.settings.base_url, self.settings.max_connections)
        self._headers = list(self._http.headers.raw)
        seconds = self.settings.timeout
        self._extensions = {
            "timeout": {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
        }
        self._on_request = on_request
        self._on_response = on_response

    @cached_property
    def history(self) -> History:
        """Finished jobs, newest first: `for entry in cloud.history`."""
        from .history import History

        return History(self)

    @cached_property
    def jobs(self) -> Jobs:
        """Jobs in any state: list, read, wait for, cancel, delete."""
        from .jobs import Jobs

        return Jobs(self)

    @cached_property
    def queue(self) -> Queue:
        """What runs and waits."""
        from .queue import Queue

        return Queue(self)

    @cached_property
    def assets(self) -> Assets:
        """Stored files with names, tags and metadata: upload, find, label, delete."""
        from .assets import Assets

        return Assets(self)

    @cached_property
    def files(self) -> Files:
        """The files that jobs read and make: upload, read, download."""
        from .files import Files

        return Files(self)

    @cached_property
    def models(self) -> Models:
        """The models that graphs can name."""
        from .models import Models

        return Models(self)

    @cached_property
    def nodes(self) -> Nodes:
        """The node classes that graphs can use."""
        from .nodes import Nodes

        return Nodes(self)

    @cached_property
    def workflows(self) -> Workflows:
        """Templates and shared subgraphs."""
        from .workflows import Workflows

        return Workflows(self)

    @cached_property
    def userdata(self) -> Userdata:
        """The personal storage: saved workflows and settings."""
        from .userdata import Userdata

        return Userdata(self)

    @cached_property
    def user(self) -> User:
        """The account that the key belongs to."""
        from .user import User

        return User(self)

    @cached_property
    def system(self) -> System:
        """The server: versions, devices, what it can do."""
        from .system import System

        return System(self)

    @cached_property
    def _submitter(self) -> Submitter:
        from .submission import Submitter

        return Submitter(self)

    @cached_property
    def _storage(self) -> httpx.Client:
        """The client for signed addresses. It has no credentials, and is not the one that a user brings."""
        settings = self.settings
        return new_storage_client(settings.base_url, settings.max_connections, settings.timeout)

    def submit(
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
    ) -> Job:
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
        from ..submitting import SubmitOptions

        options = SubmitOptions(
            randomise_seeds=randomise_seeds,
            extra_data=extra_data,
            partial_execution_targets=partial_execution_targets,
            workflow_id=workflow_id,
            client_id=client_id,
            partner_nodes=partner_nodes,
        )
        return self._submitter.submit(workflow, inputs, options)

    def run(
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
    ) -> Job:
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
        from ..submitting import SubmitOptions
        from .running import run

        options = SubmitOptions(
            randomise_seeds=randomise_seeds,
            extra_data=extra_data,
            partial_execution_targets=partial_execution_targets,
            workflow_id=workflow_id,
            client_id=client_id,
            partner_nodes=partner_nodes,
        )
        return run(self, workflow, inputs, timeout=timeout, detach=detach, on_event=on_event, options=options)

    def validate(self, workflow: object, inputs: Mapping[str, Any] | None = None) -> list[Problem]:
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
        from ..validation import validate
        from ..workflow import Workflow

        loaded = Workflow.load(workflow)
        loaded.set_inputs(inputs or {})
        return validate(loaded.graph, self.nodes.all())

    def events(self) -> Generator[Event, None, None]:
        """Everything that happens in this account, live, for ever (the websocket at /ws); connects again when it breaks.

        What happened while it was not connected is not told. To follow one job there is `job.events()`, which loses no end.

        Raises:
            Unauthorized: The websocket refuses the key.
            NotSupported: The server has no websocket, or this program cannot open one.
        """
        from .watching import watch_account

        return watch_account(self)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: object = None,
        content: Any = None,
        content_type: str = "application/octet-stream",
    ) -> httpx.Response:
        """Any call that has no method here, with the same key, retries, hooks and errors.

        `path` begins with a slash, and goes to the base URL: the key never leaves its own server. A redirect is returned, not
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
        return self._send(Request(operation, target, json=json, content=content, content_type=content_type))

    def close(self) -> None:
        """Close the connections. An `http_client` that you brought stays open."""
        if "_storage" in self.__dict__:
            self._storage.close()
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.settings.base_url}>"
