"""The server of the second origin: local-only check, request recorder, faults, storage.

Its faults and its request log are separate from those of the API.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from comfy_cloud_emulator.faults import FaultScript
from comfy_cloud_emulator.faults.middleware import FaultMiddleware
from comfy_cloud_emulator.http.access import LocalOnly
from comfy_cloud_emulator.http.addresses import Addresses
from comfy_cloud_emulator.http.request_log import Request, RequestLog, RequestRecorder
from comfy_cloud_emulator.server.server_thread import ServerThread
from comfy_cloud_emulator.state.store import Store

from .application import Buckets, Leak, Storage
from .signed_urls import Signer


class FileOrigin:
    """The storage of all accounts on a port of its own. `signer` makes the URLs that it serves.

    `store` is the default account's, which faults that change the state work on. `speed` is in
    bytes per second for each connection.
    """

    def __init__(
        self,
        store: Store,
        buckets: Buckets,
        faults: FaultScript,
        sleep: Callable[[float], Awaitable[object]],
        port: int = 0,
        speed: float | None = None,
        addresses: Addresses | None = None,
    ) -> None:
        self._speed = speed
        self._addresses = addresses or Addresses()
        self._store, self._faults, self._sleep = store, faults, sleep
        self.signer = Signer(lambda: self.url, lambda: self._store.now())
        self._server = ServerThread(
            self._application(store, buckets), port, self._addresses.host, "files_port"
        )

    def start(self) -> None:
        """Start serving; when this returns, requests are served."""
        self._server.start()

    def replace(self, store: Store, buckets: Buckets) -> None:
        """Serve other files at the same address. Forgets requests and leaks."""
        application = self._application(store, buckets)
        self._store = store
        self._server.replace(application)

    def _application(self, store: Store, buckets: Buckets) -> LocalOnly:
        self._storage = Storage(buckets, self.signer, self._pause if self._speed is not None else None)
        self._records = RequestLog()
        disturbing = FaultMiddleware(self._storage, self._faults, store, self._sleep)
        recorder = RequestRecorder(disturbing, self._records)
        return LocalOnly(recorder, embeddable=True, addresses=self._addresses)

    async def _pause(self, sent: int) -> None:
        """Wait as long as a connection of this speed takes for so many bytes."""
        if self._speed is not None:
            await self._sleep(sent / self._speed)

    def stop(self) -> None:
        """Abort every connection and end the thread."""
        self._server.stop()

    @property
    def url(self) -> str:
        """The origin for whoever asks, without a trailing slash."""
        return self._addresses.files_url(self._server.port)

    @property
    def leaks(self) -> list[Leak]:
        """Requests that sent a credential, oldest first."""
        return self._storage.leaks

    def requests(self) -> list[Request]:
        """The requests so far, oldest first."""
        return self._records.requests()

    def clear_requests(self) -> None:
        """Forget the requests so far; leaks stay."""
        self._records.clear()
