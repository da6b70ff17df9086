# Made from wrapper/comfy_cloud/_async/_files/download.py by `make unasync`. Do not edit.
"""Download one or many responses to their destinations.

How bytes travel is in `transfer`, how they are written and hashed in `_files.writer`, what a destination is in
`_files.destinations`. Which names files get, the callers decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import partial

from comfy_cloud_api.types import Request

from ..._files.background_writer import BackgroundWriter
from ..._files.destinations import Destination
from ..._files.download_options import SavedPath
from ..._files.progress import ProgressCallback
from ..._http.runtime import Halt, always_in_thread, in_thread, run_side_by_side
from ...errors import UnexpectedResponse
from .._http.session import Session
from .transfer import Transfer


def save(
    session: Session,
    request: Request,
    place: Destination,
    overwrite: bool,
    progress: ProgressCallback | None,
    expected: str | None,
    halt: Halt | None = None,
    media_type: str | None = None,
) -> SavedPath:
    """Bring the content of a request to a place. `expected` is the hash that it must have, as hex digits, `media_type` the
    type that the server was asked to make of it.

    Content with another hash is fetched once more. Raises UnexpectedResponse when that does not help.
    """
    for _ in range(2):
        transfer = Transfer(session, request, can_change=True, media_type=media_type)
        saved = _try_once(transfer, place, overwrite, progress, expected, halt)
        if saved is not None:
            return saved
    operation = request.operation
    raise UnexpectedResponse(
        f"The content of {place.name} is not what its name says: its BLAKE3 is another, twice. "
        "Pass verify=False to take it as it is",
        method=operation.method,
        path=operation.path,
    )


def save_all(
    session: Session,
    wanted: Sequence[tuple[Request, Destination, str | None]],
    *,
    concurrency: int,
    overwrite: bool,
    progress: ProgressCallback | None,
) -> list[SavedPath]:
    """Bring the content of several requests to their places, each with the hash that it must have, side by side.

    Without `overwrite`, one place that is taken is found before anything is fetched. The first error ends the others.
    """
    if not overwrite:
        looks = [partial(_refuse_existing, place) for _, place, _ in wanted]
        run_side_by_side(looks, concurrency)
    together = _Together(progress)
    _ = session.storage  # made here, so that no two threads make one each
    functions = [
        partial(save, session, request, place, overwrite, together.part() if progress else None, expected)
        for request, place, expected in wanted
    ]
    return run_side_by_side(functions, concurrency)


def _try_once(
    transfer: Transfer,
    place: Destination,
    overwrite: bool,
    progress: ProgressCallback | None,
    expected: str | None,
    halt: Halt | None,
) -> SavedPath | None:
    """One attempt at the whole of a file; None when its hash is not the expected one."""
    writer = BackgroundWriter(
        partial(place.new_partial_file, overwrite=overwrite), is_hashed=expected is not None
    )
    try:
        in_thread(writer.open)
        with closing(transfer.chunks()) as chunks:
            for offset, chunk in chunks:
                if halt is not None:
                    halt.check()
                if not writer.put(offset, chunk):
                    in_thread(writer.make_room)
                if progress is not None:
                    progress(offset + len(chunk), transfer.size)
        return in_thread(writer.finish, expected)
    finally:
        if not writer.is_done:
            always_in_thread(writer.close)


def _refuse_existing(place: Destination, halt: Halt) -> None:
    halt.check()
    if place.is_remote:
        in_thread(place.refuse_existing)
    else:
        place.refuse_existing()


class _Together:
    """Adds up the progress of several downloads."""

    def __init__(self, progress: ProgressCallback | None) -> None:
        self._progress = progress
        self._done: dict[int, int] = {}

    def part(self) -> ProgressCallback:
        """The callback for one more download."""
        number = len(self._done)
        self._done[number] = 0

        def tell(done: int, _: int | None) -> None:
            self._done[number] = done
            if self._progress is not None:
                self._progress(sum(self._done.values()), None)

        return tell
