# Made from wrapper/comfy_cloud/_async/_mirror/download.py by `make unasync`. Do not edit.
"""Save the files of the history, and record in the mirror where they are.

Files of several jobs are downloaded at the same time. What is on this machine already, as the
mirror knows, is not requested again: it is left where it is, or copied.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ..._files.destinations import Destination, destinations_below
from ..._files.download_options import IfExists, SavePath
from ..._files.local_copy import copy_file
from ..._files.names import NameTemplate, distinct
from ..._files.progress import ProgressCallback, ProgressOption, progress_function
from ..._http.concurrency import Halt, in_thread, run_concurrently, shielded_in_thread
from ..._jobs.entries import HistoryEntry
from ..._jobs.history_filter import HistoryFilter
from ..._jobs.outputs import Output
from ..._jobs.v2_entries import hash_of_output
from ...errors import NotFound
from ...mirror.downloads import (
    DownloadedFile,
    DownloadResult,
    Downloads,
    KnownFile,
    OutputKey,
    file_hash,
    output_key,
)
from ...mirror.store import Store
from .._files.download import TotalProgress, save
from .._files.view import view_request
from .._http.iteration import at_most
from .._http.session import Session
from .._jobs.history_reader import HistoryReader

_PAGE = 200
_BATCH = 64


class DownloadOptions(NamedTuple):
    """Where files go, and how many at the same time."""

    folder: SavePath
    name: str
    if_exists: IfExists
    concurrency: int
    progress: ProgressOption
    on_file: Callable[[DownloadedFile], object] | None


class _Item(NamedTuple):
    """One output to save."""

    entry: HistoryEntry
    output: Output
    destination: Destination

    @property
    def key(self) -> OutputKey:
        return output_key(self.entry.id, self.output)


class MirrorDownload:
    """One download of what the history lists."""

    def __init__(
        self, session: Session, reader: HistoryReader, store: Store, options: DownloadOptions
    ) -> None:
        self._session = session
        self._reader = reader
        self._options = options
        self._template = NameTemplate(options.name)
        self._downloads = Downloads(store)
        self._by_hash: dict[str, str] = {}
        self._result = DownloadResult()

    def run(self, wanted: HistoryFilter, limit: int | None) -> DownloadResult:
        """Save the files of the entries that match, newest first."""
        self._by_hash = in_thread(self._downloads.by_hash)
        entries: list[HistoryEntry] = []
        items: list[_Item] = []
        page = _PAGE if limit is None else min(_PAGE, max(limit, 1))
        walk = at_most(limit, self._reader.walk(page, wanted))
        with closing(walk):
            for listed in walk:
                entry = self._whole(listed)
                more = in_thread(self._items, entry)
                # Two files of one name are saved one after the other, so it is the same each time.
                names = {str(item.destination.saved_path) for item in items}
                if len(items) + len(more) > _BATCH or any(
                    str(item.destination.saved_path) in names for item in more
                ):
                    self._save(entries, items)
                    entries, items = [], []
                self._result.jobs += 1
                entries.append(entry)
                items += more
        self._save(entries, items)
        return self._result

    def _whole(self, entry: HistoryEntry) -> HistoryEntry:
        """The entry with all of its outputs, of which some lists have only one."""
        if not entry.is_partial:
            return entry
        try:
            return (self._reader.entry(entry.id)).filled_in_from(entry)
        except NotFound:
            return entry

    def _items(self, entry: HistoryEntry) -> list[_Item]:
        outputs = entry.outputs
        names = [
            self._template.path_of(output, index, job=entry.id, created=entry.created_at)
            for index, output in enumerate(outputs)
        ]
        destinations = destinations_below(self._options.folder, distinct(names))
        return [_Item(entry, *each) for each in zip(outputs, destinations, strict=True)]

    def _save(self, entries: Sequence[HistoryEntry], items: Sequence[_Item]) -> None:
        """Save the files of a batch, and record those that were saved, also when one fails."""
        if not entries:
            return
        known = in_thread(self._downloads.known, [entry.id for entry in entries])
        done: dict[int, DownloadedFile] = {}
        try:
            title = f"{len(items)} files" if len(items) != 1 else items[0].destination.name
            with progress_function(self._options.progress, title) as report:
                total = TotalProgress(report)
                calls = [
                    partial(self._one, number, item, known.get(item.key), done, callback)
                    for number, item in enumerate(items)
                    for callback in [total.callback() if report else None]
                ]
                _ = self._session.storage  # created here, so that no two threads create one each
                run_concurrently(calls, self._options.concurrency)
        finally:
            files = [
                (items[number].entry, items[number].output, file)
                for number, file in done.items()
                if not _is_recorded(known.get(items[number].key), file)
            ]
            now_ms = int(self._session.runtime.now().timestamp() * 1000)
            shielded_in_thread(self._downloads.record, entries, files, now_ms)
        for file in _in_order(items, done):
            self._result.files.append(file)
            if self._options.on_file is not None:
                self._options.on_file(file)

    def _one(
        self,
        number: int,
        item: _Item,
        known: KnownFile | None,
        done: dict[int, DownloadedFile],
        progress: ProgressCallback | None,
        halt: Halt,
    ) -> None:
        halt.check()
        digest = hash_of_output(item.output) or (known.hash if known is not None else None)
        place = None if known is None else self._in_place(Path(known.path), item)
        if known is not None and place is not None:
            is_intact = in_thread(known.is_intact, halt.check, stop=halt.set)
            if is_intact:
                done[number] = DownloadedFile(item.entry.id, place, "skipped", known.size, digest)
                return
        path: Path | str | None = None
        outcome = "copied"
        if digest is not None:
            source = known.path if known is not None else self._by_hash.get(digest)
            if source is not None:
                path = in_thread(self._copied, source, item, digest, halt.check, stop=halt.set)
        if path is None:
            try:
                saved = save(
                    self._session,
                    view_request(item.output),
                    item.destination,
                    self._options.if_exists,
                    progress,
                    hash_of_output(item.output),
                    halt=halt,
                )
            except NotFound:
                self._result.missing.append((item.entry.id, item.output.filename))
                return
            path, outcome, digest = saved.path, saved.outcome, hash_of_output(item.output)
        done[number] = in_thread(self._described, item, path, outcome, digest, halt.check, stop=halt.set)

    def _in_place(self, saved: Path, item: _Item) -> Path | None:
        """The path of a file that was saved, if it is where this download would save it."""
        wanted = item.destination.saved_path
        if not isinstance(wanted, Path) or self._options.if_exists not in ("skip", "rename"):
            return None
        if str(saved) == os.path.abspath(wanted):
            return wanted
        is_renamed = self._options.if_exists == "rename" and str(saved.parent) == os.path.abspath(
            wanted.parent
        )
        return wanted.with_name(saved.name) if is_renamed else None

    def _copied(
        self, source: str, item: _Item, digest: str, check: Callable[[], object]
    ) -> Path | str | None:
        """Copy what an earlier download saved; None if that is gone or has changed."""
        if_exists = self._options.if_exists
        wanted = item.destination.saved_path
        if isinstance(wanted, Path) and os.path.abspath(wanted) == source:
            return None
        try:
            return copy_file(
                Path(source),
                item.destination,
                digest,
                check,
                overwrite=if_exists == "overwrite",
                rename=if_exists == "rename",
            )
        except (OSError, ValueError):
            return None  # the download reports it, if it fails as well

    def _described(
        self, item: _Item, path: Path | str, outcome: str, digest: str | None, check: Callable[[], object]
    ) -> DownloadedFile:
        """What the mirror records of a file that was saved."""
        if not isinstance(path, Path):
            return DownloadedFile(item.entry.id, path, outcome, None, digest)
        digest = digest or file_hash(path, check)
        self._by_hash[digest] = os.path.abspath(path)
        return DownloadedFile(item.entry.id, path, outcome, path.stat().st_size, digest)


def _is_recorded(known: KnownFile | None, file: DownloadedFile) -> bool:
    return known is not None and file.outcome == "skipped" and known.path == os.path.abspath(file.path)


def _in_order(items: Sequence[_Item], done: dict[int, DownloadedFile]) -> Iterator[DownloadedFile]:
    return (done[number] for number in range(len(items)) if number in done)
