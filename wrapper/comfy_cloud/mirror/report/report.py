"""A report: the page of a mirror as one file that needs no network."""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from ..._files.whole_file import write_whole
from ...times import epoch_ms
from .document import document
from .page_data import ALL_JOBS, MOST_JOBS, JobFilter, page_data
from .report_options import ReadableMirror
from .thumbnails import Fetch, add_thumbnails, check_library

MOST_THUMBNAILS = 500


def report_html(
    mirror: ReadableMirror,
    wanted: JobFilter = ALL_JOBS,
    *,
    limit: int = MOST_JOBS,
    thumbnails: int = MOST_THUMBNAILS,
    fetch: Fetch | None = None,
    now: datetime | None = None,
) -> str:
    """The report as HTML. See `write_report`."""
    made = now or datetime.now(UTC)
    with mirror.connect() as connection:
        page = page_data(connection, wanted, limit=limit, made_ms=int(made.timestamp() * 1000))
    if thumbnails:
        check_library()
        add_thumbnails(page, limit=thumbnails, fetch=fetch)
    return document(page.json)


def write_report(
    mirror: ReadableMirror,
    path: str | os.PathLike[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    status: str | Collection[str] | None = None,
    model: str | None = None,
    workflow_id: str | None = None,
    limit: int = MOST_JOBS,
    thumbnails: int = MOST_THUMBNAILS,
    overwrite: bool = False,
    fetch: Fetch | None = None,
) -> Path:
    """Write the jobs of a mirror as one HTML file that needs no network; returns its path.

    Args:
        mirror: The mirror, which is only read.
        path: The file. It is written whole or not at all.
        since: Only jobs created at this time or later.
        until: Only jobs created before this time.
        status: Only jobs with this status, or one of these.
        model: Only jobs with a model whose name contains this.
        workflow_id: Only jobs of this workflow.
        limit: At most so many jobs, the newest.
        thumbnails: At most so many thumbnails, of files that were downloaded.
        overwrite: Replace a file that exists.
        fetch: Gives the content of an image that is not on this machine.

    Raises:
        FileExistsError: The file exists, and `overwrite` is false.
        OSError: It cannot be written.
        ConfigurationError: The mirror cannot be read, or the package pillow is not installed.
    """
    statuses = () if status is None else (status,) if isinstance(status, str) else tuple(status)
    wanted = JobFilter(_ms(since), _ms(until), statuses, model, workflow_id)
    html = report_html(mirror, wanted, limit=limit, thumbnails=thumbnails, fetch=fetch)
    target = Path(path)
    write_whole(target, html.encode(), overwrite=overwrite)
    return target


def _ms(instant: datetime | None) -> int | None:
    found = None if instant is None else epoch_ms(instant)
    return None if found is None else int(found)
