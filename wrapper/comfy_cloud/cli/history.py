"""`comfy-cloud history`: list, show and delete finished jobs.

Only options and messages are here. The columns are in `history_columns`, the formats in
`_console.records`, and the reading of the history in the library.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ._console.client import connect, job_link
from ._console.commands import LaterVerb, command_group
from ._console.completions import job_ids as complete_job_ids
from ._console.details import Details, details_options
from ._console.identifiers import PREFIX_REACH, known_by, whole_id
from ._console.listing import LARGEST_PAGE, Listing, listing_options
from ._console.options import GlobalOptions, pass_options
from ._console.prompts import confirm_deletion
from ._console.remembered import remembering
from ._console.sanitizing import safe_line
from ._console.streams import write_message
from ._history.page_options import STATUS
from ._jobs.columns import COLUMNS, DATA_COLUMNS, TABLE_COLUMNS
from ._jobs.details import write_job
from ._jobs.previews import PREVIEW, refuse_preview, show_previews

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud


@command_group("history")
def command() -> None:
    """List, search, save and delete finished jobs."""


def _later(name: str, module: str, summary: str) -> LaterVerb:
    return LaterVerb(name, f"{__package__}.{module}", summary)


@command.command(
    "list",
    examples=[
        "history list",
        "history list --since 7d --status failed",
        "history list --all -o csv > history.csv",
    ],
)
@STATUS
@listing_options(COLUMNS, table=TABLE_COLUMNS, data=DATA_COLUMNS, times=True)
@pass_options
def list_command(options: GlobalOptions, listing: Listing, statuses: tuple[str, ...]) -> None:
    """List finished jobs, newest first.

    jsonl and csv are written while pages arrive, which suits long histories. Except in a table,
    times are ISO in UTC. In CSV, text that a spreadsheet would run as a formula gets a leading
    apostrophe.
    """
    is_filtered = bool(listing.since or listing.until or statuses)
    with connect(options) as cloud:
        entries = cloud.history.iter(
            since=listing.since,
            until=listing.until,
            status=statuses or None,
            page_size=listing.page_size(filtered=is_filtered),
        )
        entries = remembering(options, entries)
        listing.write(entries, "finished jobs", filtered=is_filtered, link=job_link(cloud))


@command.command(
    "show",
    examples=["history show 5f2a1c0e", "history show 5f2a1c0e --preview", "history show 5f2a1c0e --raw"],
)
@click.argument(
    "job_id",
    metavar="ID",
    help="The id of a finished job, or its beginning.",
    shell_complete=complete_job_ids,
)
@click.option("--raw", is_flag=True, help="Show the server's own JSON.")
@PREVIEW
@details_options
@pass_options
def show_command(options: GlobalOptions, details: Details, job_id: str, raw: bool, preview: bool) -> None:
    """Show one finished job: its times, outputs, texts and error.

    The beginning of an id is enough: six characters or more, if only one of the newest 1000 jobs
    matches.
    """
    if preview:
        refuse_preview(details, raw=raw)
    with connect(options) as cloud:
        entry = cloud.history.get(_whole_id(cloud, job_id))
        write_job(entry, details, raw=raw)
        if preview:
            show_previews(cloud, entry.id, entry.outputs)


command.add_command(
    _later("download", "_history.download", "Save what the finished jobs made; prints the paths.")
)


@command.command("delete", examples=["history delete 5f2a1c0e 77aa01b2", "history delete 5f2a1c0e --yes"])
@click.argument(
    "job_ids",
    metavar="ID...",
    nargs=-1,
    required=True,
    help="Ids of finished jobs, or their beginnings.",
    shell_complete=complete_job_ids,
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
@pass_options
def delete_command(options: GlobalOptions, job_ids: tuple[str, ...], yes: bool) -> None:
    """Delete jobs from the history, by id or the beginning of an id.

    This cannot be undone. The server ignores complete ids that are not in the history.
    """
    with connect(options) as cloud:
        found = list(dict.fromkeys(_whole_id(cloud, job_id) for job_id in job_ids))
        named = safe_line(found[0]) if len(found) == 1 else f"{len(found)} jobs"
        confirm_deletion(f"Delete {named} from the history?", yes)
        cloud.history.delete(*found)
    write_message(f"deleted {named}")


@command.command("clear", examples=["history clear"])
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
@pass_options
def clear_command(options: GlobalOptions, yes: bool) -> None:
    """Delete the whole history of the account. This cannot be undone."""
    with connect(options) as cloud:
        confirm_deletion(f"Delete the whole history at {cloud.settings.base_url}?", yes)
        cloud.history.clear()
    write_message("deleted the whole history")


def _whole_id(cloud: ComfyCloud, text: str) -> str:
    """The id of a finished job that `text` is, or is the beginning of."""

    def newest() -> Iterator[str]:
        entries = cloud.history.iter(limit=PREFIX_REACH, page_size=LARGEST_PAGE)
        return (entry.id for entry in entries)

    return whole_id(text, newest, known_by(cloud.history.get), noun="jobs")


for _verb in (
    ("sync", "_history.sync", "Copy the history into a database on this machine, or bring that up to date."),
    (
        "search",
        "_history.mirror_questions",
        "Search the mirror by prompts, texts, titles, models and files; the best matches come first.",
    ),
    (
        "stats",
        "_history.mirror_questions",
        "Count the jobs in the mirror by day, status, workflow and model, with their times.",
    ),
    ("query", "_history.mirror_questions", "Ask the mirror in SQL."),
    (
        "similar",
        "_history.mirror_questions",
        "List jobs in the mirror with the same graph, and the inputs that differ.",
    ),
    (
        "diff",
        "_history.mirror_questions",
        "Show how job B differs from job A: models, seeds, other inputs, and wiring.",
    ),
    (
        "estimate",
        "_history.estimate",
        "Estimate the time and credits of a workflow from completed jobs of the same graph.",
    ),
    (
        "export",
        "_history.mirror_uses",
        "Write the mirror to a file that other programs read, or to a folder by month.",
    ),
    (
        "rerun",
        "_history.mirror_uses",
        "Run the workflow of a job in the mirror again, with the options of `comfy-cloud run`.",
    ),
    (
        "report",
        "history_pages",
        "Write the history as one HTML file, to look at and to search without a network.",
    ),
    ("browse", "history_pages", "Show the history as a live page on this machine, until Ctrl-C."),
):
    command.add_command(_later(*_verb))
