"""The second server: the origin that signed addresses lead to, put together and run.

Local-only check, recording, faults, storage. It has faults and records of its own, apart from those of the API.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .access import LocalOnly
from .disturbing import Disturbing
from .faults import FaultScript
from .recording import Recording, Request
from .server import HOST, ServerThread
from .signed_urls import Signer
from .state.store import Store
from .storage import Leak, Storage


class FileOrigin:
    """The storage of one store on a loopback port. `signer` makes the addresses that it answers."""

    def __init__(
        self,
        store: Store,
        key: str,
        faults: FaultScript,
        sleep: Callable[[float], Awaitable[object]],
        port: int = 0,
    ) -> None:
        self._store, self._key, self._faults, self._sleep = store, key, faults, sleep
        self.signer = Signer(lambda: self.url, lambda: self._store.now())
        self._server = ServerThread(self._over(store), port)

    def start(self) -> None:
        """Start to serve; it answers when this returns."""
        self._server.start()

    def replace(self, store: Store) -> None:
        """Serve the files of another store from now on, at the same address. Requests and leaks are forgotten."""
        application = self._over(store)
        self._store = store
        self._server.replace(application)

    def _over(self, store: Store) -> LocalOnly:
        self._storage = Storage(store, self.signer, self._key)
        self._recording = Recording(Disturbing(self._storage, self._faults, store, self._sleep))
        return LocalOnly(self._recording, embeddable=True)

    def stop(self) -> None:
        """Break every connection off and end the thread."""
        self._server.stop()

    @property
    def url(self) -> str:
        """The origin, without a slash at its end."""
        return f"http://{HOST}:{self._server.port}"

    @property
    def leaks(self) -> list[Leak]:
        """Requests that brought a credential, oldest first."""
        return self._storage.leaks

    def requests(self) -> list[Request]:
        """The requests so far, oldest first."""
        return self._recording.requests()

    def clear_requests(self) -> None:
        """Forget the requests so far; leaks stay."""
        self._recording.clear()
