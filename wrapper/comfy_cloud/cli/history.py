"""`comfy-cloud history`: list, show and delete finished jobs.

Only options and messages are here. The columns are in `history_columns`, the formats in
`_console.records`, and the reading of the history in the library.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from ._console.client import connect
from ._console.commands import command_group
from ._console.exits import NOT_FOUND, CommandError
from ._console.formats import fields_text, json_text, output_format, table_text
from ._console.options import GlobalOptions, output_option, pass_options
from ._console.prompts import confirm_deletion
from ._console.records import choose_columns, json_record, write_records
from ._console.sanitizing import safe_line, safe_text
from ._console.streams import use_color, write_data, write_message
from ._console.times import duration_text, time_option, wall_time, zone_name
from .history_columns import COLUMNS, DATA_COLUMNS, TABLE_COLUMNS, error_summary

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud, HistoryEntry

PAGE_SIZE = 200
SHORTEST_PREFIX = 6
PREFIX_REACH = 1_000
"""How many of the newest entries are searched for the beginning of an id."""

_WHOLE_ID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


@command_group("history")
def command() -> None:
    """List, show and delete finished jobs."""


@command.command("list")
@click.option(
    "--since",
    metavar="TIME",
    help="Only jobs created at this time or later: 2h, yesterday, 2026-11-23 14:30, ...",
)
@click.option("--until", metavar="TIME", help="Only jobs created before this time.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(["completed", "failed", "cancelled"]),
    help="Only jobs with this status; may be given several times.",
)
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="At most this many; 0: all."
)
@output_option("table", "json", "jsonl", "csv")
@click.option(
    "--columns",
    metavar="A,B,...",
    help="Which columns: id, status, created, ... (a wrong name shows the list).",
)
@click.option("--utc", is_flag=True, help="Read and show times in UTC; default: local time.")
@pass_options
def list_command(
    options: GlobalOptions,
    since: str | None,
    until: str | None,
    statuses: tuple[str, ...],
    limit: int,
    chosen: str | None,
    columns: str | None,
    utc: bool,
) -> None:
    """List finished jobs, newest first.

    jsonl and csv are written while pages arrive, which suits long histories. Except in a table,
    times are ISO in UTC. In CSV, text that a spreadsheet would run as a formula gets a leading
    apostrophe.
    """
    form = output_format(chosen)
    shown_columns = choose_columns(COLUMNS, columns, TABLE_COLUMNS if form == "table" else DATA_COLUMNS)
    is_filtered = bool(since or until or statuses)
    earliest = time_option("--since", since, utc=utc)
    before = time_option("--until", until, utc=utc)
    with connect(options) as cloud:
        entries = cloud.history.iter(
            since=earliest,
            until=before,
            status=statuses or None,
            limit=limit or None,
            # A filter may skip most of a page; without one, no more is fetched than is shown.
            page_size=min(limit, PAGE_SIZE) if limit and not is_filtered else PAGE_SIZE,
        )
        count = write_records(entries, shown_columns, form, utc=utc, color=use_color(options.color))
    matching = " that match" if is_filtered else ""
    if form == "table" and not count:
        write_message(f"no finished jobs{matching}")
    elif form == "table" and count == limit:
        write_message(f"the newest {count}{matching}; --limit N shows more, --limit 0 all")


@command.command("show")
@click.argument("job_id", metavar="ID")
@output_option("table", "json")
@click.option("--raw", is_flag=True, help="Show the server's own JSON.")
@click.option("--utc", is_flag=True, help="Show times in UTC; default: local time.")
@pass_options
def show_command(options: GlobalOptions, job_id: str, chosen: str | None, raw: bool, utc: bool) -> None:
    """Show one finished job: its times, outputs, texts and error.

    The beginning of an id is enough: six characters or more, if only one of the newest 1000 jobs
    matches.
    """
    with connect(options) as cloud:
        entry = cloud.history.get(_whole_id(cloud, job_id))
        if not raw and entry.created_at is None:
            _fill_in(entry, cloud)
    if raw:
        sent: Any = entry.raw.to_dict() if hasattr(entry.raw, "to_dict") else entry.raw
        write_data(f"{json_text(sent, indent=2)}\n")
    elif output_format(chosen) == "json":
        columns = {name: COLUMNS[name] for name in DATA_COLUMNS}
        write_data(f"{json_text(json_record(entry, columns), indent=2)}\n")
    else:
        write_data(_details(entry, utc=utc, color=use_color(options.color)))


def _fill_in(entry: HistoryEntry, cloud: ComfyCloud) -> None:
    """Add when the job was created, which Comfy Cloud's single entry leaves out, if it is known."""
    import warnings

    from comfy_cloud import ComfyCloudError, ComfyCloudWarning

    with suppress(ComfyCloudError), warnings.catch_warnings():
        warnings.simplefilter("ignore", ComfyCloudWarning)  # about a fallback, for a detail
        entry.filled_in_from(cloud.jobs.get(entry.id))


def _details(entry: HistoryEntry, *, utc: bool, color: bool) -> str:
    """An entry as text to read: its fields, then its outputs and texts."""
    fields = [("id", safe_line(entry.id)), ("status", entry.status.value)]
    for label, instant in (
        ("created", entry.created_at),
        ("started", entry.started_at),
        ("finished", entry.finished_at),
    ):
        if instant is not None:
            fields.append((label, f"{wall_time(instant, utc=utc)} {zone_name(instant, utc=utc)}"))
    if entry.duration is not None:
        fields.append(("duration", duration_text(entry.duration)))
    if entry.workflow_id:
        fields.append(("workflow", safe_line(entry.workflow_id)))
    error = entry.error
    if error is not None:
        if error.node_id is not None:
            node = f"{error.node_id} ({error.node_class})" if error.node_class else error.node_id
            fields.append(("node", safe_line(node)))
        fields.append(("error", error_summary(error)))
        if error.traceback:
            fields.append(("traceback", "\n".join(line.rstrip("\n") for line in error.traceback)))
    parts = [fields_text(fields)]
    if entry.outputs:
        rows = [
            (
                output.kind,
                output.node_id,
                output.display_name or "",
                f"{output.subfolder}/{output.filename}".lstrip("/"),
            )
            for output in entry.outputs
        ]
        parts.append(table_text(("kind", "node", "name", "file"), rows, color=color))
    parts += [safe_text(text).rstrip("\n") + "\n" for text in entry.texts]
    return "\n".join(parts)


@command.command("delete")
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
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


@command.command("clear")
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
@pass_options
def clear_command(options: GlobalOptions, yes: bool) -> None:
    """Delete the whole history of the account. This cannot be undone."""
    with connect(options) as cloud:
        confirm_deletion(f"Delete the whole history at {cloud.settings.base_url}?", yes)
        cloud.history.clear()
    write_message("deleted the whole history")


def _whole_id(cloud: ComfyCloud, text: str) -> str:
    """The job id that `text` is, or is the beginning of.

    Raises CommandError when no id matches, or more than one.
    """
    if _WHOLE_ID.fullmatch(text):
        return text
    if len(text) >= SHORTEST_PREFIX:
        matches: dict[str, None] = {}
        for entry in cloud.history.iter(limit=PREFIX_REACH, page_size=PAGE_SIZE):
            if entry.id == text:
                return text
            if entry.id.startswith(text):
                matches[entry.id] = None
        if len(matches) > 1:
            raise CommandError(f"{len(matches)} ids begin with {text!r}: {_some(list(matches))}")
        if matches:
            return next(iter(matches))
    if _is_known(cloud, text):
        return text
    if len(text) < SHORTEST_PREFIX:
        raise CommandError(f"{text!r} is too short: give at least {SHORTEST_PREFIX} characters of an id")
    raise CommandError(
        f"none of the newest {PREFIX_REACH} jobs has an id that begins with {text!r}", NOT_FOUND
    )


def _is_known(cloud: ComfyCloud, text: str) -> bool:
    """Whether it is the complete id of a job. A self-hosted server need not use UUIDs."""
    from comfy_cloud import BadRequest, NotFound

    try:
        cloud.history.get(text)
    except (BadRequest, NotFound):
        return False
    return True


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:10]) + (f" and {len(ids) - 10} more" if len(ids) > 10 else "")
