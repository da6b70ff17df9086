"""Bringing the content of requests to their places: one file, or many side by side.

How bytes travel is in `transfer`, how they are written and hashed in `_writing`, what a place is in `places`. Which names files
get is decided by the callers.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from comfy_cloud_api.types import Request

from ..._files.destinations import Place, Saved
from ..._files.upload_sources import Progress
from ..._files.writer import Writer
from ..._http.concurrency import (
    Halt,
    async_in_thread,
    async_run_concurrently,
    async_shielded_in_thread,
)
from ...errors import UnexpectedResponse
from .transfer import AsyncTransfer

if TYPE_CHECKING:
    from ..client import AsyncComfyCloud


async def save(
    cloud: AsyncComfyCloud,
    request: Request,
    place: Place,
    overwrite: bool,
    progress: Progress | None,
    expected: str | None,
    halt: Halt | None = None,
    media_type: str | None = None,
) -> Saved:
    """Bring the content of a request to a place. `expected` is the hash that it must have, as hex digits, `media_type` the
    type that the server was asked to make of it.

    Content with another hash is fetched once more. Raises UnexpectedResponse when that does not help.
    """
    for _ in range(2):
        transfer = AsyncTransfer(cloud, request, can_change=True, media_type=media_type)
        saved = await _try_once(transfer, place, overwrite, progress, expected, halt)
        if saved is not None:
            return saved
    operation = request.operation
    raise UnexpectedResponse(
        f"The content of {place.name} is not what its name says: its BLAKE3 is another, twice. "
        "Pass verify=False to take it as it is",
        method=operation.method,
        path=operation.path,
    )


async def save_all(
    cloud: AsyncComfyCloud,
    wanted: Sequence[tuple[Request, Place, str | None]],
    *,
    concurrency: int,
    overwrite: bool,
    progress: Progress | None,
) -> list[Saved]:
    """Bring the content of several requests to their places, each with the hash that it must have, side by side.

    Without `overwrite`, one place that is taken is found before anything is fetched. The first error ends the others.
    """
    if not overwrite:
        looks = [partial(_refuse_existing, place) for _, place, _ in wanted]
        await async_run_concurrently(looks, concurrency)
    together = _Together(progress)
    _ = cloud._storage  # made here, so that no two threads make one each
    functions = [
        partial(save, cloud, request, place, overwrite, together.part() if progress else None, expected)
        for request, place, expected in wanted
    ]
    return await async_run_concurrently(functions, concurrency)


async def _try_once(
    transfer: AsyncTransfer,
    place: Place,
    overwrite: bool,
    progress: Progress | None,
    expected: str | None,
    halt: Halt | None,
) -> Saved | None:
    """One attempt at the whole of a file; None when its hash is not the expected one."""
    writer = Writer(partial(place.partial, overwrite=overwrite), is_hashed=expected is not None)
    try:
        await async_in_thread(writer.open)
        async with aclosing(transfer.chunks()) as chunks:
            async for offset, chunk in chunks:
                if halt is not None:
                    halt.check()
                if not writer.put(offset, chunk):
                    await async_in_thread(writer.make_room)
                if progress is not None:
                    progress(offset + len(chunk), transfer.size)
        return await async_in_thread(writer.finish, expected)
    finally:
        if not writer.is_done:
            await async_shielded_in_thread(writer.close)


async def _refuse_existing(place: Place, halt: Halt) -> None:
    halt.check()
    if place.is_remote:
        await async_in_thread(place.refuse_existing)
    else:
        place.refuse_existing()


class _Together:
    """Adds up the progress of several downloads."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._done: dict[int, int] = {}

    def part(self) -> Progress:
        """The callback for one more download."""
        number = len(self._done)
        self._done[number] = 0

        def tell(done: int, _: int | None) -> None:
            self._done[number] = done
            if self._progress is not None:
                self._progress(sum(self._done.values()), None)

        return tell
