# Made from wrapper/comfy_cloud/_async/client.py by `make unasync`. Do not edit.
"""The synchronous client: settings, one connection pool, the nouns, and what needs none: events and request.

How workflows are submitted and run is in `launching`, how a call is sent in `sending`; what the operations mean is in the modules
beside this one, one per noun.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import httpx

from comfy_cloud_api.types import Operation, Request

from .._http.clients import new_http_client, new_storage_client
from .._http.deviations import Deviations
from .._http.runtime import Runtime
from .._settings import config
from ..errors import ConfigurationError
from ..hooks import RequestInfo, ResponseInfo
from ..retry import Retry
from ._submission.launcher import Launcher

if TYPE_CHECKING:
    from .._jobs.events import Event
    from .assets import Assets
    from .files import Files
    from .history import History
    from .jobs import Jobs
    from .models import Models
    from .nodes import Nodes
    from .queue import Queue
    from .system import System
    from .tasks import Tasks
    from .user import User
    from .userdata import Userdata
    from .workflows import Workflows


class ComfyCloud(Launcher):
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

    Attributes:
        settings: The settings, each with the source that it came from.
        deviations: What was tolerated in the server's answers so far, counted (see `Deviations`).

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
        self.deviations = Deviations()

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
    def tasks(self) -> Tasks:
        """Background tasks, such as imports of models: list, follow, cancel."""
        from .tasks import Tasks

        return Tasks(self)

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
    def _storage(self) -> httpx.Client:
        """The client for signed addresses. It has no credentials, and is not the one that a user brings."""
        settings = self.settings
        return new_storage_client(settings.base_url, settings.max_connections, settings.timeout)

    def events(self) -> Generator[Event, None, None]:
        """Everything that happens in this account, live, for ever (the websocket at /ws); connects again when it breaks.

        What happened while it was not connected is not told. To follow one job there is `job.events()`, which loses no end.

        Raises:
            Unauthorized: The websocket refuses the key.
            NotSupported: The server has no websocket, or this program cannot open one.
        """
        from ._jobs.watch import watch_account

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
