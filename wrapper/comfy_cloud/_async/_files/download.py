"""Download one or many responses to their destinations.

`saving` saves one file, `_files.destinations` knows the kinds of destination. The callers choose
the file names.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from comfy_cloud_api.types import Request

from ..._files.byte_ranges import RangesRefused
from ..._files.destinations import Destination
from ..._files.download_options import IfExists
from ..._files.progress import ProgressCallback
from ..._files.saved_files import Saved
from ..._http.concurrency import Halt, async_in_thread, async_run_concurrently
from ..._http.pace import FIRST, MOST, Pace
from ...errors import UnexpectedResponse
from .._http.session import AsyncSession
from .existing_file import keep_existing
from .saving import AsyncSaving
from .transfer import AsyncTransfer

logger = logging.getLogger("comfy_cloud")

_BY_SIZE = (
    'if_exists="skip": where the hash of the content is not known, or verify=False was passed, a file that '
    "exists is compared by its size alone"
)


async def save(
    session: AsyncSession,
    request: Request,
    destination: Destination,
    if_exists: IfExists,
    progress: ProgressCallback | None,
    expected_hash: str | None,
    media_type: str | None = None,
    listed_size: int | None = None,
    halt: Halt | None = None,
) -> Saved:
    """Save the content of a response; returns where, and what was done.

    `expected_hash` is the hash of the content as hex digits, `media_type` the type that the server
    was asked to convert it to, `listed_size` the most bytes that it may have. Content with another
    hash is requested once more. If its hash is wrong again, UnexpectedResponse is raised. `halt`
    stops it from another thread.
    """
    saved = await _save(
        session,
        request,
        destination,
        if_exists,
        progress,
        expected_hash,
        halt,
        media_type=media_type,
        listed_size=listed_size,
    )
    if saved.is_by_size:
        session.warn_once(_BY_SIZE)
    return saved


async def _save(
    session: AsyncSession,
    request: Request,
    destination: Destination,
    if_exists: IfExists,
    progress: ProgressCallback | None,
    expected_hash: str | None,
    halt: Halt | None = None,
    media_type: str | None = None,
    listed_size: int | None = None,
) -> Saved:
    # Content that was put together without a strong validator may be wrong: not the second time.
    is_proved, may_split = expected_hash is not None, media_type is None
    while True:
        transfer = AsyncTransfer(
            session,
            request,
            can_change=True,
            media_type=media_type,
            is_proved=is_proved,
            listed_size=listed_size,
        )
        is_there, saved = False, None
        try:
            saving = AsyncSaving(session, request, transfer, destination, if_exists, progress, halt)
            saved = await saving.save(expected_hash, is_proved=is_proved, may_split=may_split)
        except RangesRefused:  # it has changed meanwhile, or the server sends no parts after all
            may_split = False
            continue
        except FileExistsError:
            if if_exists != "skip":
                raise
            is_there = True
        if is_there:
            return await keep_existing(transfer, destination, expected_hash)
        if saved is not None:
            is_renamed = if_exists == "rename" and saved != destination.saved_path
            if is_renamed:
                logger.info("%s exists; saved as %s", destination.saved_path, saved)
            return Saved(saved, "renamed" if is_renamed else "saved")
        if not is_proved:
            break
        is_proved = may_split = False
    operation = request.operation
    raise UnexpectedResponse(
        f"The content of {destination.name} does not match its BLAKE3 hash, "
        "not even after a second download. Pass verify=False to save it all the same",
        method=operation.method,
        path=operation.path,
    )


async def save_all(
    session: AsyncSession,
    downloads: Sequence[tuple[Request, Destination, str | None]],
    *,
    concurrency: int | None,
    if_exists: IfExists,
    progress: ProgressCallback | None,
) -> list[Saved]:
    """Save the content of several responses concurrently.

    `downloads` are requests with their destinations and expected hashes. Without a `concurrency`
    as many run as makes them fastest. If an existing file is an error, it raises before anything is
    requested. The first error stops the others.
    """
    most = concurrency or min(MOST, session.max_connections)
    pace = Pace(session.runtime.monotonic, lambda: session.refusals, most) if concurrency is None else None
    if if_exists == "error":
        checks = [partial(_refuse_existing, destination) for _, destination, _ in downloads]
        await async_run_concurrently(checks, min(most, FIRST))
    total = TotalProgress(progress)
    _ = session.storage  # created here, so that no two threads create one each
    functions = [
        partial(
            _save, session, request, destination, if_exists, total.callback() if progress else None, expected
        )
        for request, destination, expected in downloads
    ]
    saved = await async_run_concurrently(functions, most, pace)
    if any(file.is_by_size for file in saved):
        session.warn_once(_BY_SIZE)
    return saved


async def _refuse_existing(destination: Destination, halt: Halt) -> None:
    halt.check()
    if destination.is_remote:
        await async_in_thread(destination.refuse_existing)
    else:
        destination.refuse_existing()


class TotalProgress:
    """Adds up the progress of several downloads."""

    def __init__(self, progress: ProgressCallback | None) -> None:
        self._progress = progress
        self._received: dict[int, int] = {}
        self._sizes: dict[int, int | None] = {}

    def callback(self) -> ProgressCallback:
        """The progress callback for one more download."""
        number = len(self._received)
        self._received[number], self._sizes[number] = 0, None

        def report(received: int, size: int | None) -> None:
            self._received[number], self._sizes[number] = received, size
            if self._progress is not None:
                self._progress(sum(self._received.values()), self._total())

        return report

    def _total(self) -> int | None:
        """The size of all files, for a display; functions of users are promised None."""
        if not getattr(self._progress, "shows_total", False):
            return None
        known = [size for size in self._sizes.values() if size is not None]
        return sum(known) if len(known) == len(self._sizes) else None
