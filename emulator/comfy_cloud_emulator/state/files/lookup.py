"""Finding the file behind a stored name, even if a generated history only names it.

Large numbers of jobs are seeded without their files. The image of such a job is derived from the
job's id, made on the first request, and stored from then on. Names that no job in the store
contains are unknown.
"""

from __future__ import annotations

import orjson

from comfy_cloud_emulator.media import samples
from comfy_cloud_emulator.state.jobs import outputs, rows
from comfy_cloud_emulator.state.store import Store

from .file_store import HEX, StoredFile


def find_file(store: Store, filename: str) -> StoredFile | None:
    """The file with this stored name, or None."""
    record = store.files.record(filename)
    if record is None and HEX.fullmatch(filename[:64]) and filename[64:] == ".png":
        _make(store, filename)
        record = store.files.record(filename)
    return record


def _make(store: Store, filename: str) -> None:
    naming = f"SELECT id, entry FROM jobs WHERE {rows.PREVIEW_NAME} = CAST(? AS BLOB) LIMIT 1"  # noqa: S608
    for job_id, entry in store.read(naming, (filename,)):
        items = [item for _, _, item in outputs.files(orjson.loads(entry)["outputs"])]
        for index, item in enumerate(items):
            if item["filename"] == filename and samples.tiny_png_name(job_id, index) == filename:
                store.files.put(samples.tiny_png(job_id, index), ".png", item.get("display_name"))
