# Made from wrapper/comfy_cloud/_async/mirror.py by `make unasync`. Do not edit.
"""`cloud.mirror()`: the mirror of this account's history, and its sync."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator

from ..errors import NotSupported
from ..mirror.location import mirror_file, origin_text
from ..mirror.mirror import Mirror
from ..mirror.store import Store
from ..mirror.sync_state import SyncResult
from ._http.session import Session
from ._jobs.history_reader import HistoryReader
from ._mirror.sync import Sync, SyncProgress
from ._mirror.watch import SyncWatch
from .user import User

_WAIT = 60.0


class SyncedMirror(Mirror):
    """A mirror that can be synced with the server: what `cloud.mirror()` returns.

    Questions to it are those of `comfy_cloud.mirror.Mirror`; they take no network.
    """

    _session: Session
    _reader: HistoryReader

    @classmethod
    def of_account(
        cls,
        session: Session,
        reader: HistoryReader,
        path: str | os.PathLike[str] | None,
        database: str | None,
    ) -> SyncedMirror:
        """Open the mirror of the client's account. See `ComfyCloud.mirror`."""
        account = _account(session)
        origin = session.settings.origin
        place = database or path or mirror_file(origin, account)
        mirror = cls(Store.open(place, account=account, origin=origin_text(origin)))
        mirror._session, mirror._reader = session, reader
        return mirror

    def sync(
        self,
        *,
        full: bool = False,
        details: bool = True,
        wait: float = _WAIT,
        progress: Callable[[SyncProgress], object] | None = None,
    ) -> SyncResult:
        """Bring the mirror up to date (GET /api/history_v2, GET /api/history_v2/{prompt_id}).

        The list is read from its newest end to the first page that is known already. Then the graph
        and outputs of each new job are fetched, once, several at the same time. It may be
        interrupted at any instant; the next sync goes on where it was.

        The whole list is read the first time, then once a week, and with `full`. Only then jobs
        that the service has deleted are noticed. They stay in the mirror, with `deleted_ms`.

        Args:
            full: Read the whole list.
            details: Also fetch the graph and outputs of each new job; a later sync may do that.
            wait: Seconds to wait for another sync of the same mirror, in any process.
            progress: Called with a `SyncProgress` after each page and batch.

        Raises:
            ConfigurationError: Another sync is still running, or the database cannot be written.
            Unauthorized: The key is missing or wrong.
            NotSupported: The server has no history.
        """
        sync = Sync(self._session, self._reader, self.store, progress)
        return sync.run(full=full, details=details, wait=wait)

    def watch(
        self, *, progress: Callable[[SyncProgress], object] | None = None
    ) -> Generator[SyncResult, None, None]:
        """Sync, and again whenever a job ends; yields what each sync did. It has no end.

        The ends of jobs come over the websocket (GET /ws). Without one, the list is polled.

        Raises:
            Unauthorized: The key is missing or wrong.
            NotSupported: The server has no history.
        """
        follow = SyncWatch(self._session)
        try:
            while True:
                yield self.sync(progress=progress)
                follow.until_due()
        finally:
            follow.close()


def _account(session: Session) -> str:
    """The id of the client's account; the user of a self-hosted server, or "" where it has none."""
    if session.settings.comfy_user is not None:
        return session.settings.comfy_user
    try:
        return (User(session).get()).id or ""
    except NotSupported:
        return ""
