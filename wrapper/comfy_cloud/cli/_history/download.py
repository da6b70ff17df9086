"""`comfy-cloud history download`. With the extra `mirror`, the mirror records what was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .._console.client import connect
from .._console.commands import verb
from .._console.exits import NOT_FOUND, CommandError
from .._console.listing import LARGEST_PAGE
from .._console.options import GlobalOptions, pass_options
from .._console.sanitizing import safe_line
from .._console.saving import saving_options, shows_bar
from .._console.streams import write_data, write_message
from .._console.times import time_option
from .mirror_option import database_option, path_or_url
from .page_options import SINCE, UNTIL

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from comfy_cloud import ComfyCloud
    from comfy_cloud._files.download_options import IfExists
    from comfy_cloud.mirror.downloads import DownloadedFile


class _Saving:
    """What to save and where, and what became of it. No dataclass: completion imports this."""

    def __init__(
        self,
        *,
        since: datetime | None,
        until: datetime | None,
        limit: int | None,
        folder: Path,
        name: str,
        if_exists: IfExists,
    ) -> None:
        self.since = since
        self.until = until
        self.limit = limit
        self.folder = folder
        self.name = name
        self.if_exists: IfExists = if_exists
        self.jobs = 0
        self.skipped = 0
        self.copied = 0
        self.missing: list[str] = []


@verb(
    "download",
    examples=[
        "history download --since 7d -d out",
        "history download --since yesterday --name '{created:%Y-%m-%d}/{job}_{index}{ext}' -d out",
    ],
)
@SINCE
@UNTIL
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many jobs; default: all.")
@click.option("--utc", is_flag=True, help="Read times in UTC; default: local time.")
@saving_options("{job}_{index}{ext}")
@database_option
@pass_options
def download_command(
    options: GlobalOptions,
    since: str | None,
    until: str | None,
    limit: int | None,
    utc: bool,
    folder: Path,
    name: str,
    if_exists: IfExists,
    database: str | None,
) -> None:
    """Save what the finished jobs made; prints the paths. It can be run again.

    The mirror records each file, so that none is downloaded twice: one that an earlier download
    saved elsewhere is copied. One that was deleted since is downloaded again.
    """
    saving = _Saving(
        since=time_option("--since", since, utc=utc),
        until=time_option("--until", until, utc=utc),
        limit=limit,
        folder=folder,
        name=name,
        if_exists=if_exists,
    )
    with connect(options) as cloud:
        mirror = _mirror(cloud, database)
        if mirror is None:
            _save(cloud, saving)
        else:
            with mirror:
                _save_and_record(mirror, saving)
    _report(saving)


def _mirror(cloud: ComfyCloud, database: str | None) -> Any:
    """The mirror to record files in.

    None where that of the account cannot be used: files are saved without it as well.
    """
    from comfy_cloud import ConfigurationError

    if database is not None:
        return cloud.mirror(**path_or_url(database))
    try:
        import sqlalchemy  # noqa: F401
    except ModuleNotFoundError:
        return None
    try:
        return cloud.mirror()
    except ConfigurationError as error:
        write_message(safe_line(f"warning: what is saved is not recorded. {error}"))
        return None


def _save_and_record(mirror: Any, saving: _Saving) -> None:
    result = mirror.download(
        saving.folder,
        since=saving.since,
        until=saving.until,
        limit=saving.limit,
        name=saving.name,
        if_exists=saving.if_exists,
        progress=shows_bar(),
        on_file=_write_path,
    )
    saving.jobs = result.jobs
    saving.skipped = len(result.with_outcome("skipped"))
    saving.copied = len(result.with_outcome("copied"))
    saving.missing = list(dict.fromkeys(job_id for job_id, _ in result.missing))


def _write_path(file: DownloadedFile) -> None:
    write_data(f"{file.path}\n")


def _save(cloud: ComfyCloud, saving: _Saving) -> None:
    from comfy_cloud import NotFound

    entries = cloud.history.iter(
        since=saving.since, until=saving.until, status="completed", limit=saving.limit, page_size=LARGEST_PAGE
    )
    for entry in entries:
        saving.jobs += 1
        try:
            saved = cloud.files.download_all(
                entry.outputs,
                saving.folder,
                name=saving.name,
                if_exists=saving.if_exists,
                job=entry.id,
                created=entry.created_at,
                progress=shows_bar(),
            )
        except NotFound:
            saving.missing.append(entry.id)
            continue
        for path in saved:
            write_data(f"{path}\n")
        saving.skipped += len(saved.skipped)


def _report(saving: _Saving) -> None:
    if not saving.jobs:
        write_message("no finished jobs that match")
    if saving.copied:
        write_message(f"{saving.copied} of these files were copied from where they had been saved before")
    if saving.skipped:
        write_message(f"{saving.skipped} of these files were there already")
    if saving.missing:
        shown = safe_line(", ".join(job_id[:8] for job_id in saving.missing[:10]))
        count = "1 job" if len(saving.missing) == 1 else f"{len(saving.missing)} jobs"
        raise CommandError(f"of {count}, files are no longer on the server: {shown}", NOT_FOUND)
