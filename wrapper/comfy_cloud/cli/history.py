"""`comfy-cloud history`: list, show and delete finished jobs.

Only what a person asks and what they are told is here; the columns are in `history_columns`, the formats in `printing`, and
how a history is read in the library.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from .exits import NOT_FOUND, USAGE, CommandError
from .options import GlobalOptions, command_group, connect, pass_options
from .printing import (
    csv_line,
    fields_text,
    json_text,
    on_terminal,
    output_format,
    safe_line,
    safe_text,
    table_text,
    tell,
    use_color,
    write,
)

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud, HistoryEntry

PAGE_SIZE = 200
SHORTEST_PREFIX = 6
PREFIX_REACH = 1_000
"""How many of the newest entries a prefix of an id is looked for in."""

_WHOLE_ID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


@command_group("history")
def command() -> None:
    """List, show and delete finished jobs."""


@command.command("list")
@click.option(
    "--since", metavar="TIME", help="Only jobs created then or later: 2h, yesterday, 2026-11-23 14:30, ..."
)
@click.option("--until", metavar="TIME", help="Only jobs created before then.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(["completed", "failed", "cancelled"]),
    help="Only jobs that ended so; may be given several times.",
)
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="The most to show; 0: all."
)
@click.option(
    "-o",
    "--output",
    "chosen",
    type=click.Choice(["table", "json", "jsonl", "csv"]),
    help="Format; else a table on a terminal and JSON in a pipe.",
)
@click.option(
    "--columns", metavar="A,B,...", help="Which columns: id, status, created, ... (a wrong name lists all)."
)
@click.option("--utc", is_flag=True, help="Show and read times in UTC; else in the local zone.")
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
    """Finished jobs, newest first.

    jsonl and csv are printed while pages arrive, so they suit long histories. Times are ISO in UTC there and in JSON.
    In CSV, a text that a spreadsheet would run as a formula has an apostrophe before it.
    """
    from .history_columns import DATA_COLUMNS, TABLE_COLUMNS, chosen_columns

    form = output_format(chosen)
    names = chosen_columns(columns, TABLE_COLUMNS if form == "table" else DATA_COLUMNS)
    is_filtered = bool(since or until or statuses)
    earliest, before = _instant("--since", since, utc), _instant("--until", until, utc)
    with connect(options) as cloud:
        entries = cloud.history.iter(
            since=earliest,
            until=before,
            status=statuses or None,
            limit=limit or None,
            # A filter may pass over most of a page; without one, no more is fetched than is shown.
            page_size=min(limit, PAGE_SIZE) if limit and not is_filtered else PAGE_SIZE,
        )
        shown = _write_entries(entries, names, form, utc, use_color(options.color))
    if form == "table" and not shown:
        tell("no finished jobs" + (" that fit" if is_filtered else ""))
    elif form == "table" and shown == limit:
        tell(f"the newest {shown}{' that fit' if is_filtered else ''}; --limit N shows more, --limit 0 all")


def _write_entries(
    entries: Iterable[HistoryEntry], names: list[str], form: str, utc: bool, color: bool
) -> int:
    """Write the entries and return how many they were."""
    from .history_columns import STATUS_STYLES, csv_cells, json_record, table_cells, table_headers

    count = 0
    if form == "jsonl":
        for entry in entries:
            write(f"{json_text(json_record(entry, names))}\n")
            count += 1
    elif form == "csv":
        write(csv_line(names))
        for entry in entries:
            write(csv_line(csv_cells(entry, names)))
            count += 1
    elif form == "json":
        records = [json_record(entry, names) for entry in entries]
        count = len(records)
        write(f"{json_text(records, indent=2)}\n")
    else:
        found = list(entries)
        count = len(found)
        if found:
            headers = table_headers(found, names, utc)
            rows = [table_cells(entry, names, utc) for entry in found]
            styles = [STATUS_STYLES if name == "status" else None for name in names]
            whole = [number for number, name in enumerate(names) if name == "id"]
            write(table_text(headers, rows, color=color, styles=styles, whole=whole))
    return count


def _instant(option: str, text: str | None, utc: bool) -> datetime | None:
    if text is None:
        return None
    from dateutil.tz import tzlocal

    from comfy_cloud.times import parse_when

    try:
        return parse_when(text, datetime.now(UTC), UTC if utc else tzlocal())
    except ValueError as error:
        raise CommandError(f"{option}: {error}") from None


@command.command("show")
@click.argument("job_id", metavar="ID")
@click.option(
    "-o", "--output", "chosen", type=click.Choice(["table", "json"]), help="Format; else by terminal or pipe."
)
@click.option("--raw", is_flag=True, help="What the server sent, as JSON.")
@click.option("--utc", is_flag=True, help="Show times in UTC; else in the local zone.")
@pass_options
def show_command(options: GlobalOptions, job_id: str, chosen: str | None, raw: bool, utc: bool) -> None:
    """One finished job: its times, outputs, texts and error.

    The beginning of an id is enough, six characters or more, when only one of the newest 1000 jobs has it.
    """
    from .history_columns import DATA_COLUMNS, json_record

    with connect(options) as cloud:
        entry = cloud.history.get(_whole_id(cloud, job_id))
    if raw:
        sent: Any = entry.raw.to_dict() if hasattr(entry.raw, "to_dict") else entry.raw
        write(f"{json_text(sent, indent=2)}\n")
    elif output_format(chosen) == "json":
        write(f"{json_text(json_record(entry, list(DATA_COLUMNS)), indent=2)}\n")
    else:
        write(_details(entry, utc, use_color(options.color)))


def _details(entry: HistoryEntry, utc: bool, color: bool) -> str:
    """An entry for people: its fields, then its outputs and texts."""
    from .history_columns import duration_text, wall_time, zone_name

    fields = [("id", safe_line(entry.prompt_id)), ("status", entry.status.value)]
    for label, instant in (
        ("created", entry.created_at),
        ("started", entry.started_at),
        ("finished", entry.finished_at),
    ):
        if instant is not None:
            fields.append((label, f"{wall_time(instant, utc)} {zone_name(instant, utc)}"))
    if entry.duration is not None:
        fields.append(("duration", duration_text(entry.duration)))
    if entry.workflow_id:
        fields.append(("workflow", safe_line(entry.workflow_id)))
    error = entry.error
    if error is not None:
        if error.node_id is not None:
            node = f"{error.node_id} ({error.node_class})" if error.node_class else error.node_id
            fields.append(("node", safe_line(node)))
        what = f"{error.exception_type}: {error.message}" if error.exception_type else error.message
        fields.append(("error", what.strip()))
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
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@pass_options
def delete_command(options: GlobalOptions, job_ids: tuple[str, ...], yes: bool) -> None:
    """Delete jobs from the history, by id or by the beginning of one.

    It cannot be undone. Whole ids that the history does not have are ignored by the server.
    """
    with connect(options) as cloud:
        found = list(dict.fromkeys(_whole_id(cloud, job_id) for job_id in job_ids))
        named = safe_line(found[0]) if len(found) == 1 else f"{len(found)} jobs"
        _confirm(f"Delete {named} from the history?", yes)
        cloud.history.delete(*found)
    tell(f"deleted {named}")


@command.command("clear")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@pass_options
def clear_command(options: GlobalOptions, yes: bool) -> None:
    """Delete the whole history of the account. It cannot be undone."""
    with connect(options) as cloud:
        _confirm(f"Delete the whole history at {cloud.settings.base_url}?", yes)
        cloud.history.clear()
    tell("deleted the whole history")


def _confirm(question: str, yes: bool) -> None:
    """Ask on a terminal; elsewhere only --yes will do. Raises CommandError when the answer is no."""
    if yes:
        return
    if not on_terminal(sys.stdin):
        raise CommandError("deleting needs --yes when there is no terminal to ask on")
    if not click.confirm(question, err=True):
        raise CommandError("nothing was deleted", USAGE)


def _whole_id(cloud: ComfyCloud, text: str) -> str:
    """The id that `text` is or begins. Raises CommandError when there is none, or more than one."""
    if _WHOLE_ID.fullmatch(text):
        return text
    if len(text) >= SHORTEST_PREFIX:
        matches: dict[str, None] = {}
        for entry in cloud.history.iter(limit=PREFIX_REACH, page_size=PAGE_SIZE):
            if entry.prompt_id == text:
                return text
            if entry.prompt_id.startswith(text):
                matches[entry.prompt_id] = None
        if len(matches) > 1:
            raise CommandError(f"{text!r} is the beginning of {len(matches)} ids: {_some(list(matches))}")
        if matches:
            return next(iter(matches))
    if _is_known(cloud, text):
        return text
    if len(text) < SHORTEST_PREFIX:
        raise CommandError(f"{text!r} is too short: give {SHORTEST_PREFIX} characters of an id or more")
    raise CommandError(
        f"none of the newest {PREFIX_REACH} jobs has an id that begins with {text!r}", NOT_FOUND
    )


def _is_known(cloud: ComfyCloud, text: str) -> bool:
    """Whether it is the whole id of a job. A server of one's own need not use UUIDs."""
    from comfy_cloud import BadRequest, NotFound

    try:
        cloud.history.get(text)
    except (BadRequest, NotFound):
        return False
    return True


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:10]) + (f" and {len(ids) - 10} more" if len(ids) > 10 else "")
