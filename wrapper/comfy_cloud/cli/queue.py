"""`comfy-cloud queue`: the jobs that run and wait now."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import click

from ._console.client import connect
from ._console.commands import command_group
from ._console.completions import job_ids as complete_job_ids
from ._console.listing import Listing, listing_options
from ._console.options import GlobalOptions, pass_options
from ._console.prompts import confirm
from ._console.records import Column
from ._console.sanitizing import safe_line
from ._console.streams import write_message
from ._jobs.cancelled import report_cancelled
from ._jobs.ids import job_ids_argument, unfinished_job_ids

COLUMNS: dict[str, Column[dict[str, Any]]] = {
    "id": Column(itemgetter("id"), is_id=True, rank=0),
    "status": Column(itemgetter("status"), is_status=True, rank=1),
    "position": Column(itemgetter("position"), is_number=True, rank=2),
    "created": Column(itemgetter("created"), is_instant=True, rank=3),
    "nodes": Column(itemgetter("nodes"), is_number=True, rank=4),
}


@command_group("queue")
def command() -> None:
    """List and clear the queue of running and waiting jobs."""


@command.command("list", examples=["queue list", "queue list -o json"])
@listing_options(COLUMNS, table=tuple(COLUMNS))
@pass_options
def list_command(options: GlobalOptions, listing: Listing) -> None:
    """List the running jobs, then the waiting ones, the next one first."""
    with connect(options) as cloud:
        queue = cloud.queue.get()
    rows = [
        {
            "id": item.job_id,
            "status": status,
            "position": position if status == "pending" else None,
            "created": item.created_at,
            "nodes": len(item.graph),
        }
        for status, items in (("in_progress", queue.running), ("pending", queue.pending))
        for position, item in enumerate(items, 1)
    ]
    listing.write(rows, "running or waiting jobs")


@command.command("remaining", examples=["queue remaining"])
@pass_options
def remaining_command(options: GlobalOptions) -> None:
    """Print how many jobs run or wait."""
    with connect(options) as cloud:
        click.echo(cloud.queue.remaining())


@command.command("cancel", examples=["queue cancel 5f2a1c0e 77aa01b2"])
@job_ids_argument
@pass_options
def cancel_command(options: GlobalOptions, job_ids: tuple[str, ...]) -> None:
    """Remove waiting jobs from the queue. `jobs cancel` also stops running ones."""
    with connect(options) as cloud:
        wanted = unfinished_job_ids(cloud, job_ids)
        removed = cloud.queue.cancel(*wanted)
    report_cancelled(
        wanted, removed, "removed {} from the queue", "not waiting, so not removed: {}; see jobs cancel"
    )


@command.command("clear", examples=["queue clear", "queue clear --yes"])
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
@pass_options
def clear_command(options: GlobalOptions, yes: bool) -> None:
    """Cancel every waiting job of the account. Running jobs continue."""
    with connect(options) as cloud:
        confirm(
            f"Cancel every waiting job at {cloud.settings.base_url}?",
            yes,
            doing="cancelling everything",
            otherwise="nothing was cancelled",
        )
        cloud.queue.clear()
    write_message("cancelled every waiting job")


@command.command("interrupt", examples=["queue interrupt 5f2a1c0e"])
@click.argument(
    "job_id",
    metavar="[ID]",
    required=False,
    help="The running job; default: the only one.",
    shell_complete=complete_job_ids,
)
@click.option("-y", "--yes", is_flag=True, help="Without ID: do not ask for confirmation.")
@pass_options
def interrupt_command(options: GlobalOptions, job_id: str | None, yes: bool) -> None:
    """Stop a running job."""
    with connect(options) as cloud:
        if job_id is None:
            confirm(
                f"Stop whatever runs at {cloud.settings.base_url}?",
                yes,
                doing="stopping whatever runs",
                otherwise="nothing was stopped",
            )
            cloud.queue.interrupt()
            write_message("asked the server to stop what runs")
            return
        (whole,) = unfinished_job_ids(cloud, (job_id,))
        cloud.queue.interrupt(whole)
    write_message(f"asked the server to stop {safe_line(whole)}")
