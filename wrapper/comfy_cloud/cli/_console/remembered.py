"""What earlier commands saw, for the completion of shells: ids of jobs, node classes, models. I/O.

A file in the cache folder for each server and profile. It only helps to type: nothing fails if it
cannot be read or written. It has no key, and of workflows only the beginning of a prompt.
"""

from __future__ import annotations

import json
import os
from binascii import crc32
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeVar

from ..._settings.user_folders import cache_path
from .global_options import GlobalOptions

if TYPE_CHECKING:
    from datetime import datetime

    from comfy_cloud import HistoryEntry, Job

AnyJob = TypeVar("AnyJob", "HistoryEntry", "Job")

MOST = 200
_LONGEST = 60
_LARGEST_FILE = 4_000_000

Row = list[str]
"""A value, and what is told about it."""


def remembered(options: GlobalOptions, kind: str) -> list[Row]:
    """The rows of a kind that were seen last, the newest first."""
    return _rows(_read(_path(options)).get(kind))


def remember(
    options: GlobalOptions, kind: str, rows: Iterable[Sequence[str]], *, all_of_them: bool = False
) -> None:
    """Keep these rows, before those that were known. With `all_of_them` they replace these.

    A cell that is empty keeps what was known of it: a list of jobs has no prompts.
    """
    new = [[text[:_LONGEST] for text in row] for row in rows]
    if not new:
        return
    path = _path(options)
    known = _read(path)
    old = [] if all_of_them else _rows(known.get(kind))
    seen = {row[0]: row for row in new}
    merged = new + [row for row in old if row[0] not in seen]
    for earlier in old:
        row = seen.get(earlier[0], [])
        row[:] = [now or before for now, before in zip_longest(row, earlier[: len(row)], fillvalue="")]
    known[kind] = merged if all_of_them else merged[:MOST]
    from pathlib import Path

    from ..._files.whole_file import write_whole
    from ..._settings.private_files import make_private_folder

    with suppress(OSError, ValueError):
        make_private_folder(Path(path).parent)
        write_whole(Path(path), json.dumps(known).encode(), overwrite=True)


def remembering(options: GlobalOptions, jobs: Iterable[AnyJob]) -> Iterator[AnyJob]:
    """The jobs themselves; when no more is asked for, those that came are kept."""
    rows: list[Row] = []
    try:
        for job in jobs:
            if len(rows) < MOST:
                rows.append(job_row(job.id, job.status.value, job.created_at, job.workflow))
            yield job
    finally:
        remember(options, "jobs", rows)


def job_row(job_id: str, status: str, created: datetime | None, graph: Mapping[str, Any] | None) -> Row:
    """The row of a job: its id, status, when it was created, and how its prompt begins."""
    return [job_id, status, created.isoformat() if created is not None else "", _prompt(graph)]


def _prompt(graph: Mapping[str, Any] | None) -> str:
    """The first text that a text encoder of the graph has."""
    for node in (graph or {}).values():
        if isinstance(node, Mapping) and "TextEncode" in str(node.get("class_type")):
            inputs = node.get("inputs")
            text = inputs.get("text") if isinstance(inputs, Mapping) else None
            if isinstance(text, str) and text.strip():
                return " ".join(text.split())
    return ""


def _rows(found: object) -> list[Row]:
    rows: list[Any] = found if isinstance(found, list) else []
    return [row for row in rows if isinstance(row, list) and row and all(isinstance(x, str) for x in row)]


def _path(options: GlobalOptions) -> str:
    base_url = options.base_url or os.environ.get("COMFY_CLOUD_BASE_URL") or ""
    profile = options.profile or os.environ.get("COMFY_CLOUD_PROFILE") or ""
    # Not by hashlib: its import takes longer than reading the file. Nobody gains from a collision.
    number = crc32(f"{base_url}\n{profile}".encode())
    return os.path.join(cache_path(), f"completion-{number:08x}.json")


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        found = json.loads(content) if len(content) <= _LARGEST_FILE else None
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
