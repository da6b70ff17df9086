"""`comfy-cloud tasks`: background tasks of the service, such as the import of a model."""

from __future__ import annotations

from typing import Any

import click

from ._console.client import connect
from ._console.commands import command_group
from ._console.details import Details, details_options
from ._console.identifiers import PREFIX_REACH, known_by, whole_id
from ._console.listing import Listing, listing_options
from ._console.options import GlobalOptions, pass_options
from ._console.records import Column
from ._console.sanitizing import safe_line
from ._console.streams import write_message

COLUMNS: dict[str, Column[Any]] = {
    "id": Column(lambda task: task.id, is_id=True, rank=0),
    "name": Column(lambda task: task.task_name, rank=2),
    "status": Column(lambda task: str(getattr(task.status, "value", task.status)), is_status=True, rank=1),
    "created": Column(lambda task: task.create_time, is_instant=True, rank=3),
    "completed": Column(lambda task: task.completed_at, is_instant=True, rank=4),
    "error": Column(lambda task: task.error_message, least=12, rank=3),
}
TASK_ID = "The id of a task, or its beginning."


@command_group("tasks")
def command() -> None:
    """List, follow and cancel background tasks."""


@command.command("list", examples=["tasks list", "tasks list --status running"])
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(["created", "running", "completed", "failed", "cancelled"]),
    help="Only tasks with this status; may be given several times.",
)
@click.option("--name", metavar="NAME", help="Only tasks of this kind.")
@listing_options(COLUMNS, table=tuple(COLUMNS), times=True)
@pass_options
def list_command(
    options: GlobalOptions, listing: Listing, statuses: tuple[str, ...], name: str | None
) -> None:
    """List background tasks, newest first."""
    is_filtered = bool(statuses or name or listing.since or listing.until)
    with connect(options) as cloud:
        found = cloud.tasks.iter(
            task_name=name,
            status=statuses or None,
            created_after=listing.since,
            created_before=listing.until,
            page_size=listing.page_size(largest=100),
        )
        listing.write(found, "tasks", filtered=is_filtered)


@command.command("show", examples=["tasks show 5f2a1c0e"])
@click.argument("task_id", metavar="ID", help=TASK_ID)
@details_options
@pass_options
def show_command(options: GlobalOptions, details: Details, task_id: str) -> None:
    """Show one task with its input, result and error."""
    with connect(options) as cloud:
        details.write(cloud.tasks.get(_task_id(cloud, task_id)).to_dict())


@command.command("wait", examples=["tasks wait 5f2a1c0e --timeout 600"])
@click.argument("task_id", metavar="ID", help=TASK_ID)
@click.option("--timeout", "seconds", type=float, metavar="SECONDS", help="How long to wait at most.")
@details_options
@pass_options
def wait_command(options: GlobalOptions, details: Details, task_id: str, seconds: float | None) -> None:
    """Wait until a task has completed, and show it."""
    with connect(options) as cloud:
        details.write(cloud.tasks.wait(_task_id(cloud, task_id), timeout=seconds).to_dict())


@command.command("cancel", examples=["tasks cancel 5f2a1c0e"])
@click.argument("task_id", metavar="ID", help=TASK_ID)
@pass_options
def cancel_command(options: GlobalOptions, task_id: str) -> None:
    """Cancel a task that has not ended."""
    with connect(options) as cloud:
        whole = _task_id(cloud, task_id)
        cloud.tasks.cancel(whole)
    write_message(f"cancelled {safe_line(whole)}")


def _task_id(cloud: Any, text: str) -> str:
    return whole_id(
        text,
        lambda: (task.id for task in cloud.tasks.iter(limit=PREFIX_REACH)),
        known_by(cloud.tasks.get),
        noun="tasks",
    )
