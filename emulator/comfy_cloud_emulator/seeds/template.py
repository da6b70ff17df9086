"""A seeded cloud made once and added to stores at any instant: only its dates move.

What is made for the instant `BASE` is encoded once, with fields for its instants; adding it fills
them in. A template is never changed, so stores filled from it share nothing that could be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from comfy_cloud_emulator.state.assets.asset_store import Asset, encode_asset, moved_asset
from comfy_cloud_emulator.state.files.file_store import FileContent
from comfy_cloud_emulator.state.jobs import rows
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.store import Store, StoreSnapshot

BASE: Final = 9_100_000_000_000_000_000
"""The instant for which the parts of a template are made.

Far above every number that a job may hold (the seeds of samplers end at 2**53), so that only
instants look like it.
"""
REACH: Final = 99_999_999_999
"""Milliseconds before and after `BASE` within which instants may lie."""
_INSTANT: Final = re.compile(rb"(?<=[:,\[])9(?:0999999|1000000)\d{11}(?=[,\]}])")


class _DatedJson(NamedTuple):
    """JSON with fields for its instants, given as milliseconds after the target instant."""

    text: bytes
    after: tuple[int, ...]

    def at(self, now: int) -> bytes:
        """The JSON with its instants."""
        return self.text % tuple([now + each for each in self.after])


class _JobTemplate(NamedTuple):
    row: rows.JobRow
    entry: _DatedJson
    listing: _DatedJson


class Template:
    """Jobs, files and assets made for the instant `BASE`."""

    def __init__(self, jobs: Iterable[Job], files: Iterable[FileContent], listed: Iterable[Asset]) -> None:
        encoded = [rows.encode(job) for job in jobs]
        self._jobs = [_JobTemplate(row, _dated(row.entry), _dated(row.listing)) for row, _ in encoded]
        self._sources = frozenset(source for _, source in encoded)
        self._files = tuple(files)
        self._assets = [encode_asset(asset) for asset in listed]
        self._snapshot = self._make_snapshot()

    def fill(self, store: Store) -> None:
        """Add everything to a store, relative to its present instant."""
        now = store.now()
        if self._snapshot is not None and store.is_untouched:
            store.load(self._snapshot)
            store.assets.move(now - BASE)
        else:
            self._add_files_and_assets(store, now)
        store.add_rows((_moved(form, now) for form in self._jobs), ())

    def _make_snapshot(self) -> StoreSnapshot | None:
        store = Store(None, lambda: 0.0)
        try:
            self._add_files_and_assets(store, BASE)
            return store.snapshot()
        finally:
            store.close()

    def _add_files_and_assets(self, store: Store, now: int) -> None:
        store.add_rows((), self._sources)
        store.files.put_named(self._files)
        store.assets.add_rows(moved_asset(row, now - BASE) for row in self._assets)


def _dated(encoded: bytes) -> _DatedJson:
    return _DatedJson(
        _INSTANT.sub(b"%d", encoded.replace(b"%", b"%%")),
        tuple(int(instant) - BASE for instant in _INSTANT.findall(encoded)),
    )


def _moved(form: _JobTemplate, now: int) -> rows.JobRow:
    row, moved = form.row, now - BASE
    return row._replace(
        create_time=row.create_time + moved,
        update_time=row.update_time + moved,
        start_time=None if row.start_time is None else row.start_time + moved,
        end_time=None if row.end_time is None else row.end_time + moved,
        entry=form.entry.at(now),
        listing=form.listing.at(now),
    )
