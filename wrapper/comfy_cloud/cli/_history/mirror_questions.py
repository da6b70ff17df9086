"""The verbs of `comfy-cloud history` that ask the mirror."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import click

from .._console.commands import verb
from .._console.completions import job_ids, model_names
from .._console.details import Details, details_options
from .._console.exits import API, CommandError
from .._console.formats import output_format
from .._console.listing import Listing, listing_options
from .._console.options import GlobalOptions, output_option, pass_options
from .._console.records import FORMATS, Column, write_records
from .._console.streams import use_color, write_message
from .._console.times import from_milliseconds, time_option
from .mirror_option import database_option, open_mirror
from .page_options import SINCE, STATUS, UNTIL

Row = Mapping[str, Any]
JOB_ID = "The id of a job in the mirror, or its beginning."
MODEL = click.option(
    "--model",
    metavar="NAME",
    help="Only jobs with a model whose words begin so: flux.",
    shell_complete=model_names,
)
WORKFLOW = click.option("--workflow", "workflow_id", metavar="ID", help="Only jobs of this workflow.")


def _instant(row: Row) -> datetime | None:
    return from_milliseconds(row["created_ms"])


def _seconds(name: str) -> Column[Row]:
    return Column(lambda row: row[name], _rounded(name), csv_has_value=True, is_number=True, rank=4)


def _rounded(name: str) -> Callable[[Row], str]:
    return lambda row: "" if row[name] is None else f"{row[name]:.1f}"


_JOB: dict[str, Column[Row]] = {
    "id": Column(lambda row: row["id"], is_id=True, rank=0),
    "status": Column(lambda row: row["status"], is_status=True, rank=1),
    "created": Column(_instant, is_instant=True, rank=2),
}
SEARCH_COLUMNS: dict[str, Column[Row]] = {
    **_JOB,
    "prompt": Column(lambda row: row["prompt"], least=16, rank=1),
    "model": Column(lambda row: row["model"], least=10, rank=3),
    "seed": Column(lambda row: row["seed"], is_number=True, rank=5),
    "size": Column(lambda row: None if row["width"] is None else f"{row['width']}x{row['height']}", rank=6),
    "queue": _seconds("queue_seconds"),
    "run": _seconds("run_seconds"),
    "credits": Column(lambda row: row["credits"], is_number=True, rank=5),
    "outputs": Column(lambda row: row["outputs_count"], is_number=True, rank=6),
    "negative": Column(lambda row: row["negative"], rank=7),
    "workflow": Column(lambda row: row["workflow_id"], rank=7),
    "error": Column(lambda row: row["error_message"], rank=7),
}
SIMILAR_COLUMNS: dict[str, Column[Row]] = {
    **_JOB,
    "run": _seconds("run_seconds"),
    "credits": Column(lambda row: row["credits"], is_number=True, rank=5),
    "changed": Column(
        lambda row: row["values"],
        lambda row: ", ".join(f"{name}={value}" for name, value in row["values"].items()),
        least=20,
        rank=0,
    ),
}


@verb(
    "search",
    examples=[
        'history search "lighthouse -blurry" --status failed --since 30d',
        "history search '\"at dusk\" model:flux' -o csv",
    ],
)
@click.argument(
    "query",
    required=False,
    default="",
    help='Words that must all be there; "phrases", -word, word*, and prompt:, text:, title:, model:, '
    "file:, status:, workflow: or seed:.",
)
@STATUS
@MODEL
@WORKFLOW
@listing_options(SEARCH_COLUMNS, table=("id", "status", "created", "model", "prompt", "run"), times=True)
@database_option
@pass_options
def search_command(
    options: GlobalOptions,
    listing: Listing,
    query: str,
    statuses: tuple[str, ...],
    model: str | None,
    workflow_id: str | None,
    database: str | None,
) -> None:
    """Search the mirror by prompts, texts, titles, models and files; the best matches come first.

    No server is asked: `history sync` fetches what is new.
    """
    with open_mirror(options, database) as mirror:
        found = mirror.search(
            query,
            status=statuses or None,
            since=listing.since,
            until=listing.until,
            model=model,
            workflow_id=workflow_id,
            limit=None if listing.limit is None or listing.conditions else listing.limit + 1,
        )
    listing.write(found, "jobs in the mirror", filtered=bool(query), if_none="")


@verb("similar", examples=["history similar 5f2a1c0e", "history similar 5f2a1c0e -o json"])
@click.argument("job_id", metavar="ID", help=JOB_ID, shell_complete=job_ids)
@listing_options(SIMILAR_COLUMNS, table=("id", "status", "created", "run", "changed"))
@database_option
@pass_options
def similar_command(options: GlobalOptions, listing: Listing, job_id: str, database: str | None) -> None:
    """List jobs in the mirror with the same graph, and the inputs that differ.

    Values are those of the listed job, by the node ids of the job ID.
    """
    most = 1_000 if listing.limit is None or listing.conditions else listing.limit + 1
    with open_mirror(options, database) as mirror:
        found = mirror.similar(job_id, limit=most)
    listing.write(found, "jobs with the same graph")


@verb(
    "query",
    examples=[
        'history query "SELECT model, count(*) FROM models GROUP BY model"',
        'history query "SELECT * FROM overview LIMIT 5" -o csv',
    ],
)
@click.argument("sql", help="One statement that reads the mirror's tables and views.")
@output_option(*FORMATS)
@click.option(
    "--engine",
    type=click.Choice(["sqlite", "duckdb"]),
    help="What runs it; duckdb needs the extras duckdb and parquet. Default: the mirror's database.",
)
@click.option(
    "--timeout", "seconds", type=float, default=30.0, show_default=True, help="Seconds it may take."
)
@click.option(
    "--max-rows", type=click.IntRange(1), default=10_000, show_default=True, help="At most this many rows."
)
@database_option
@pass_options
def query_command(
    options: GlobalOptions,
    sql: str,
    chosen: str | None,
    engine: Any,
    seconds: float,
    max_rows: int,
    database: str | None,
) -> None:
    """Ask the mirror in SQL. A query reads: it cannot change the mirror, nor reach other files.

    The tables and views are described in the docs, in "A mirror of the history".
    """
    if seconds <= 0:
        raise CommandError("--timeout must be more than 0 seconds")
    with open_mirror(options, database) as mirror:
        found = mirror.query(sql, engine=engine, timeout=seconds, max_rows=max_rows)
    columns = {name: _plain_column(name, found.column(name)) for name in found.columns}
    form = output_format(chosen)
    written = write_records(found, columns, form, color=use_color(options.color))
    if form == "table" and not written.count:
        write_message("no rows")
    if written.left_out:
        write_message(f"no room for {', '.join(written.left_out)}; --output json or csv has all columns")
    if found.is_cut:
        write_message(f"{len(found)} rows shown, and there are more; --max-rows N, or `history export`")


def _plain_column(name: str, values: list[Any]) -> Column[Row]:
    def value(row: Row) -> Any:
        return row[name].hex() if isinstance(row[name], bytes) else row[name]

    is_number = any(type(each) in (int, float) for each in values)
    return Column(value, is_number=is_number)


@verb("stats", examples=["history stats --since 30d", "history stats --model flux -o json"])
@STATUS
@MODEL
@WORKFLOW
@SINCE
@UNTIL
@details_options
@database_option
@pass_options
def stats_command(
    options: GlobalOptions,
    details: Details,
    statuses: tuple[str, ...],
    model: str | None,
    workflow_id: str | None,
    since: str | None,
    until: str | None,
    database: str | None,
) -> None:
    """Count the jobs in the mirror by day, status, workflow and model, with their times.

    Days are those of UTC. Times are percentiles in seconds: p90 is what 90 of 100 jobs stay below.
    """
    from .mirror_texts import stats_text

    with open_mirror(options, database) as mirror:
        found = mirror.stats(
            status=statuses or None,
            since=time_option("--since", since, utc=details.utc),
            until=time_option("--until", until, utc=details.utc),
            model=model,
            workflow_id=workflow_id,
        )
    record = found.to_dict()
    details.write(record, text=lambda: stats_text(record, details))


@verb("diff", examples=["history diff 5f2a1c0e 77aa01b2"])
@click.argument("one", metavar="A", help=JOB_ID, shell_complete=job_ids)
@click.argument("other", metavar="B", help="The one to compare it with.", shell_complete=job_ids)
@details_options
@database_option
@pass_options
def diff_command(
    options: GlobalOptions, details: Details, one: str, other: str, database: str | None
) -> None:
    """Show how job B differs from job A: models, seeds, other inputs, and wiring.

    The ids of nodes, their order and the layout do not count. The exit code is 1 if they differ.
    """
    from .mirror_texts import changes_text

    with open_mirror(options, database) as mirror:
        found = mirror.difference(one, other)
    record = found.to_dict()
    details.write(record, text=lambda: changes_text(record))
    if found:
        raise click.exceptions.Exit(API)
    write_message("no difference")
