"""Save one response to a file: as one stream, or a large file in parts.

`transfer` receives a stream and `ranged_download` the parts, `_files.background_writer` writes and
hashes. Every download begins as one stream. If that turns out to be slow for what is left, the rest
is received in parts. What an earlier program left of a large file is continued.
"""

from __future__ import annotations

import logging
from contextlib import aclosing
from functools import partial

from comfy_cloud_api.types import Request

from ..._files.background_writer import BackgroundWriter
from ..._files.byte_ranges import ContentInfo
from ..._files.destinations import Destination
from ..._files.download_options import IfExists, SavedPath
from ..._files.progress import ProgressCallback
from ..._files.range_plan import LEAST_LEFT, RangePlan, can_be_split, is_worth_it
from ..._files.range_record import RangeRecord, part_hash, source_name, verified_parts
from ..._http.concurrency import Halt, async_in_thread, async_shielded_in_thread
from ...errors import ApiError, ConnectionFailed, NotFound, RequestTimeout
from .._http.session import AsyncSession
from .ranged_download import AsyncRangedDownload
from .transfer import AsyncTransfer

logger = logging.getLogger("comfy_cloud")


class AsyncSaving:
    """One attempt to save a whole file. `halt` stops it from another thread."""

    def __init__(
        self,
        session: AsyncSession,
        request: Request,
        transfer: AsyncTransfer,
        destination: Destination,
        if_exists: IfExists,
        progress: ProgressCallback | None,
        halt: Halt | None,
    ) -> None:
        self._session = session
        self._request = request
        self._transfer = transfer
        self._destination = destination
        self._if_exists = if_exists
        self._progress = progress
        self._halt = halt
        self._record: RangeRecord | None = None
        self._is_proved = False

    async def save(self, expected_hash: str | None, *, is_proved: bool, may_split: bool) -> SavedPath | None:
        """Save the file; None when its hash is not the expected one.

        Raises RangesRefused if the rest of a file that `may_split` could not be had in parts.
        """
        destination, if_exists, halt = self._destination, self._if_exists, self._halt
        self._is_proved = is_proved
        new_file = partial(
            destination.new_partial_file, overwrite=if_exists == "overwrite", rename=if_exists == "rename"
        )
        # Work that was asked to stop publishes nothing, even if nobody waited for its end.
        check = halt.check if halt is not None else None
        writer = BackgroundWriter(new_file, is_hashed=expected_hash is not None, check=check)
        base_url, target = self._session.settings.base_url, self._request.target
        source = source_name(base_url, target, expected_hash) if may_split else None
        keep = False
        try:
            self._record = await async_in_thread(writer.open, source)
            connections = 0
            if self._record is None:
                connections = await self._receive_stream(writer, source)
            if self._record is None and connections == 0:
                return await async_in_thread(writer.finish, expected_hash, stop=writer.stop)
            try:
                size = await self._receive_parts(writer, source, connections)
                return await async_in_thread(writer.finish_parts, size, expected_hash, stop=writer.stop)
            except BaseException as error:
                keep = self._can_be_continued(error)
                raise
        finally:
            if not writer.is_done:
                await async_shielded_in_thread(partial(writer.close, keep=keep))
            if self._record is not None:
                self._record.close(keep=keep)

    async def _receive_stream(self, writer: BackgroundWriter, source: str | None) -> int:
        """Receive the file as one stream, unless receiving the rest in parts is faster.

        Returns the number of connections for that, which are taken; 0 when all was received.
        """
        transfer, clock = self._transfer, self._session.runtime.monotonic
        began: float | None = None
        first = 0
        # Where no part may be had of it, nothing is measured.
        looks_at = LEAST_LEFT if source is not None and writer.local_file is not None else None
        async with aclosing(transfer.chunks()) as chunks:
            async for offset, chunk in chunks:
                if self._halt is not None:
                    self._halt.check()
                if not writer.put(offset, chunk):
                    await async_in_thread(writer.make_room, stop=writer.stop)
                received = offset + len(chunk)
                if self._progress is not None:
                    self._progress(received, transfer.size)
                if looks_at is None or (transfer.size or 0) - received < looks_at:
                    continue
                if began is None or offset < first:
                    began, first = clock(), received
                elif is_worth_it((transfer.size or 0) - received, received - first, clock() - began):
                    connections = self._connections(transfer.content)
                    if connections > 1:
                        return connections
                    looks_at = None
        return 0

    def _connections(self, content: ContentInfo | None) -> int:
        """Take connections for the parts of a file, as many as there are; 0 if it has no parts."""
        if content is None or not can_be_split(content, is_proved=self._is_proved):
            return 0
        return self._session.range_slots.take()

    async def _receive_parts(self, writer: BackgroundWriter, source: str | None, connections: int) -> int:
        """Receive what is missing in parts; returns the size of the whole file."""
        session, file = self._session, writer.local_file
        assert file is not None and source is not None  # noqa: S101, PT018 - it was asked before
        connections = connections or session.range_slots.take()
        try:
            if self._record is None:
                content = self._transfer.content
                assert content is not None  # noqa: S101 - it has been read in part
                whole = await async_in_thread(self._hand_over, writer, source, content, stop=writer.stop)
            else:
                content = self._record.content
                halt = self._halt or Halt()
                whole = await async_in_thread(verified_parts, self._record, file, halt.check, stop=halt.set)
            plan = RangePlan(content.size or 0, whole, connections)
            if self._record is not None and self._record.whole:
                logger.info("%s: %d of %d bytes are there", file.path, plan.received, plan.size)
            download = AsyncRangedDownload(
                session,
                self._request,
                content,
                self._transfer.origin,
                plan,
                file,
                self._record,
                self._progress,
                is_proved=self._is_proved,
            )
            await download.run(connections)
            return plan.size
        finally:
            session.range_slots.give_back(connections)

    def _hand_over(
        self, writer: BackgroundWriter, source: str, content: ContentInfo
    ) -> list[tuple[int, int]]:
        """Write what the stream has brought, and begin a record with it."""
        size, file = writer.write_rest(), writer.local_file
        assert file is not None  # noqa: S101 - it was asked before
        record = self._record = RangeRecord.new(file, source, content)
        if record is not None:
            record.add(0, size, part_hash(file, 0, size))
        return [(0, size)]

    def _can_be_continued(self, error: BaseException) -> bool:
        """Whether a later download can go on after this error or interruption."""
        if self._record is None or not self._record.whole or isinstance(error, NotFound):
            return False
        is_passing = isinstance(error, (ApiError, ConnectionFailed, RequestTimeout))
        return is_passing or not isinstance(error, Exception)
