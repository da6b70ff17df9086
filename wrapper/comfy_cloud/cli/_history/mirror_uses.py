"""The verbs of `comfy-cloud history` that use the mirror: export it, run its jobs again."""

from __future__ import annotations

from pathlib import Path

import click

from .._console.client import connect
from .._console.commands import verb
from .._console.completions import files, job_ids
from .._console.exits import CommandError
from .._console.file_errors import NOT_REPLACED, is_special
from .._console.options import GlobalOptions, pass_options
from .._console.sanitizing import safe_line
from .._console.streams import write_data, write_message
from .._console.times import time_option
from .._runs.arguments import RunArguments, run_options
from .mirror_option import database_option, open_mirror
from .mirror_questions import JOB_ID

FORMS = ("csv", "jsonl", "parquet", "xlsx", "duckdb")


@verb(
    "export",
    examples=[
        "history export --to history.csv",
        "history export --to dataset/ --partition month",
        "history export --to inputs.parquet --table inputs --overwrite",
    ],
)
@click.option(
    "--to",
    "target",
    required=True,
    metavar="PATH|URL",
    shell_complete=files,
    help="The file, whose ending says the format: .csv, .jsonl, .parquet, .xlsx or .duckdb; with "
    "--partition or --delta, a folder. URLs are those of fsspec.",
)
@click.option(
    "--table", default="history", show_default=True, help="A table or view of the mirror, or `history`."
)
@click.option("--format", "form", type=click.Choice(FORMS), help="The format, where --to does not say it.")
@click.option(
    "--partition",
    type=click.Choice(["month"]),
    help="One file for each month; those that are there are replaced.",
)
@click.option("--delta", is_flag=True, help="A table of Delta Lake, by month. Needs the extra delta.")
@click.option("--since", metavar="TIME", help="Only jobs created then or later; of months, whole ones.")
@click.option("--utc", is_flag=True, help="Read times in UTC; default: local time.")
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
@database_option
@pass_options
def export_command(
    options: GlobalOptions,
    target: str,
    table: str,
    form: str | None,
    partition: str | None,
    delta: bool,
    since: str | None,
    utc: bool,
    overwrite: bool,
    database: str | None,
) -> None:
    """Write the mirror to a file that other programs read, or to a folder by month.

    `history`, the default table, has one row for each job. Files appear when they are complete. In
    CSV, text that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    if delta and partition is not None:
        raise CommandError("--delta has partitions by month already; leave out --partition")
    try:
        with open_mirror(options, database) as mirror:
            done = mirror.export(
                target,
                table=table,
                form=form,
                partition="month" if partition is not None else None,
                delta=delta,
                since=time_option("--since", since, utc=utc),
                overwrite=overwrite,
            )
    except FileExistsError:
        if "://" not in target and is_special(Path(target)):
            raise CommandError(f"{safe_line(target)} {NOT_REPLACED}; choose another PATH for --to") from None
        raise CommandError(
            f"{safe_line(target)} already exists; choose another PATH for --to, or add --overwrite"
        ) from None
    for file in done.files:
        write_data(f"{file}\n")
    write_message("exported 1 row" if done.rows == 1 else f"exported {done.rows} rows")


@verb("rerun", examples=["history rerun 5f2a1c0e -s KSampler.seed=random -d out"])
@click.argument("job_id", metavar="ID", help=JOB_ID, shell_complete=job_ids)
@run_options
@database_option
@pass_options
def rerun_command(options: GlobalOptions, job_id: str, arguments: RunArguments, database: str | None) -> None:
    """Run the workflow of a job in the mirror again, with the options of `comfy-cloud run`.

    Also for jobs that the service has deleted.
    """
    from comfy_cloud import Workflow

    from .._runs.workflow_run import run_workflow

    arguments.check()
    with open_mirror(options, database) as mirror:
        workflow = Workflow(mirror.graph(job_id))
    with connect(options) as cloud:
        run_workflow(cloud, workflow, arguments, options)
