"""`comfy-cloud jobs`: list and show jobs, running ones among them, cancel and delete them.

`jobs_follow` has the verbs that wait for jobs, `jobs_again` those that come after one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ._console.client import connect, job_link
from ._console.commands import command_group
from ._console.details import Details, details_options
from ._console.listing import Listing, listing_options
from ._console.options import GlobalOptions, pass_options
from ._console.prompts import confirm_deletion
from ._console.records import Column
from ._console.sanitizing import safe_line
from ._console.streams import write_data, write_message
from ._jobs.again import AGAIN
from ._jobs.cancelled import report_cancelled
from ._jobs.columns import COLUMNS as JOB_COLUMNS
from ._jobs.follow import FOLLOWING
from ._jobs.ids import job_id_argument, job_id_of, job_ids_argument, job_ids_of
from ._jobs.previews import PREVIEW, refuse_preview, show_previews

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from comfy_cloud import Job

STATUSES = click.Choice(["pending", "in_progress", "completed", "failed", "cancelled"])
SORTS = {"created": "create_time", "duration": "execution_time"}

COLUMNS: dict[str, Column[Any]] = {
    **{name: JOB_COLUMNS[name] for name in ("id", "status", "created", "started", "finished", "duration")},
    "position": Column(lambda job: job.queue_position, is_number=True, rank=5),
    "workflow": JOB_COLUMNS["workflow"],
    "preview": JOB_COLUMNS["outputs"],
    "error": JOB_COLUMNS["error"],
}


@command_group("jobs")
def command() -> None:
    """List, follow, cancel and fetch jobs."""


@command.command(
    "list", examples=["jobs list", "jobs list --status in_progress", "jobs list --sort duration --limit 5"]
)
@click.option(
    "--status", "statuses", multiple=True, type=STATUSES, help="Only with this status; may be repeated."
)
@click.option("--workflow", metavar="ID", help="Only jobs of this saved workflow.")
@click.option(
    "--kind", type=click.Choice(["image", "video", "audio", "3d"]), help="Only with an output of this kind."
)
@click.option("--sort", type=click.Choice(list(SORTS)), help="What to sort by; default: created.")
@click.option("--reverse", is_flag=True, help="Oldest or shortest first.")
@listing_options(
    COLUMNS, table=("id", "status", "created", "duration", "position", "preview", "error"), times=True
)
@pass_options
def list_command(
    options: GlobalOptions,
    listing: Listing,
    statuses: tuple[str, ...],
    workflow: str | None,
    kind: str | None,
    sort: str | None,
    reverse: bool,
) -> None:
    """List jobs, newest first: those that wait and run, and finished ones.

    Of outputs, a list has only the one that stands for the job; `jobs show` has all.
    """
    from ._console.remembered import remembering

    is_filtered = bool(statuses or workflow or kind or listing.since or listing.until)
    with connect(options) as cloud:
        found = cloud.jobs.iter(
            status=statuses or None,
            workflow_id=workflow,
            output_type=kind,
            sort_by=SORTS[sort] if sort else None,
            sort_order="asc" if reverse else None,
            page_size=listing.page_size(filtered=bool(listing.since or listing.until)),
        )
        newest_first = sort in (None, "created") and not reverse
        listing.write(
            remembering(options, _between(found, listing, newest_first=newest_first)),
            "jobs",
            filtered=is_filtered,
            link=job_link(cloud),
        )


def _between(jobs: Iterable[Job], listing: Listing, *, newest_first: bool) -> Iterator[Job]:
    """The jobs between --since and --until, which this list of the API cannot filter by."""
    for job in jobs:
        created = job.created_at
        if created is None:
            if listing.since is None and listing.until is None:
                yield job
            continue
        if listing.since is not None and created < listing.since:
            if newest_first:
                return
            continue
        if listing.until is None or created < listing.until:
            yield job


@command.command(
    "show",
    examples=[
        "jobs show 5f2a1c0e",
        "jobs show 5f2a1c0e --preview",
        "jobs show 5f2a1c0e --jq .outputs[].filename",
    ],
)
@job_id_argument
@click.option("--raw", is_flag=True, help="Show the server's own JSON.")
@PREVIEW
@details_options
@pass_options
def show_command(options: GlobalOptions, details: Details, job_id: str, raw: bool, preview: bool) -> None:
    """Show one job: its status, times, outputs, texts and error."""
    if preview:
        refuse_preview(details, raw=raw)
    with connect(options) as cloud:
        job = cloud.jobs.get(job_id_of(cloud, job_id))
        from ._jobs.details import write_job

        write_job(job, details, raw=raw)
        if preview:
            show_previews(cloud, job.id, job.outputs)


@command.command("status", examples=["jobs status 5f2a1c0e"])
@job_id_argument
@pass_options
def status_command(options: GlobalOptions, job_id: str) -> None:
    """Print the status of a job: pending, in_progress, completed, failed or cancelled."""
    with connect(options) as cloud:
        write_data(f"{cloud.jobs.status(job_id_of(cloud, job_id)).value}\n")


@command.command("cancel", examples=["jobs cancel 5f2a1c0e", "jobs cancel 5f2a1c0e 77aa01b2"])
@job_ids_argument
@pass_options
def cancel_command(options: GlobalOptions, job_ids: tuple[str, ...]) -> None:
    """Cancel waiting and running jobs. The exit code is 1 if one had already ended."""
    with connect(options) as cloud:
        wanted = job_ids_of(cloud, job_ids)
        cancelled = cloud.jobs.cancel(*wanted)
    report_cancelled(wanted, cancelled, "cancelled {}", "already ended, so not cancelled: {}")


@command.command("delete", examples=["jobs delete 5f2a1c0e"])
@job_ids_argument
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
@pass_options
def delete_command(options: GlobalOptions, job_ids: tuple[str, ...], yes: bool) -> None:
    """Delete jobs and their outputs. This cannot be undone."""
    with connect(options) as cloud:
        found = job_ids_of(cloud, job_ids)
        named = safe_line(found[0]) if len(found) == 1 else f"{len(found)} jobs"
        confirm_deletion(f"Delete {named} and what they made?", yes)
        for job_id in found:
            cloud.jobs.delete(job_id)
            write_message(f"deleted {safe_line(job_id)}")


ASSET_COLUMNS: dict[str, Column[Any]] = {
    "id": Column(lambda asset: asset.id, is_id=True, rank=0),
    "name": Column(lambda asset: asset.name, rank=1),
    "media_type": Column(lambda asset: asset.mime_type, rank=2),
}


@command.command("assets", examples=["jobs assets 5f2a1c0e"])
@job_id_argument
@listing_options(ASSET_COLUMNS, table=tuple(ASSET_COLUMNS))
@pass_options
def assets_command(options: GlobalOptions, listing: Listing, job_id: str) -> None:
    """List the outputs of a job as assets."""
    with connect(options) as cloud:
        found = cloud.jobs.assets(job_id_of(cloud, job_id), page_size=listing.page_size(largest=100))
        listing.write(found, "assets")


for _verb in (*FOLLOWING, *AGAIN):
    command.add_command(_verb)
