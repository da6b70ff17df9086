"""`comfy-cloud sweep`: a grid or a list of variants of one workflow, which a kill does not lose.

`_runs.sweep_run` does the work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ._console.commands import Command
from ._console.exits import CommandError
from ._console.known_values import files_or_jobs as complete_files_or_jobs
from ._console.known_values import words as complete_words
from ._console.options import GlobalOptions, pass_options
from ._console.paths import PathType
from ._workflows.assignments import input_option
from ._workflows.completions import settable_inputs as complete_settable_inputs

if TYPE_CHECKING:
    from pathlib import Path


class _Parallel(click.ParamType[Any]):
    name = "N|auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value is None or value == "auto":
            return None
        if str(value).isdecimal() and int(value) > 0:
            return int(value)
        self.fail(f"{value!r} is neither a number from 1 nor auto", param, ctx)


@click.command(
    "sweep",
    cls=Command,
    examples=[
        "sweep workflow.json --set KSampler.cfg=5:9:1 --set 6.text=@prompts.txt -d out",
        "sweep workflow.json --csv variants.csv --name '{index}_{cfg}' -d out",
        "sweep workflow.json --csv variants.csv -d out --resume",
    ],
)
@click.argument(
    "source",
    metavar="WORKFLOW",
    help="A workflow in any form that `run` takes.",
    shell_complete=complete_files_or_jobs,
)
@click.option(
    "-s",
    "--set",
    "settings",
    multiple=True,
    metavar="NODE.INPUT=VALUES",
    shell_complete=complete_settable_inputs,
    help="An input and its values: START:STOP:STEP, @FILE with one on each line, or one value; given "
    "several times, all of them. `random` draws a seed for each cell.",
)
@click.option(
    "--csv",
    "table",
    type=PathType(),
    help="A file with a row for each cell; its first line names the inputs, such as 6.text.",
)
@input_option
@click.option("-d", "--folder", type=PathType(), required=True, help="Where all of it goes.")
@click.option(
    "--name",
    "template",
    default="{index}",
    show_default=True,
    help="How files of a cell begin; {cfg} is the value of the input cfg.",
)
@click.option(
    "--max-parallel",
    type=_Parallel(),
    help="How many jobs at once; auto: as the account may.",
    shell_complete=complete_words("auto"),
)
@click.option("--resume", is_flag=True, help="Go on with the sweep in the folder.")
@click.option("--retry-failed", is_flag=True, help="With --resume: run failed cells again.")
@click.option(
    "--idempotency-key",
    metavar="KEY",
    help="Names this sweep: no cell runs twice, whichever folder, process or machine uses the key.",
)
@click.option("--results", type=PathType(), help="The table; .csv or .parquet.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
@pass_options
def command(
    options: GlobalOptions,
    source: str,
    settings: tuple[str, ...],
    table: Path | None,
    input_files: tuple[str, ...],
    folder: Path,
    template: str,
    max_parallel: int | None,
    resume: bool,
    retry_failed: bool,
    idempotency_key: str | None,
    results: Path | None,
    yes: bool,
) -> None:
    """Run many variants of a workflow, a job for each cell of a grid or row of a table.

    The folder gets the files, results.csv and a contact sheet. After a kill, --resume goes on: no
    cell runs twice. The exit code is 3 if a cell failed.
    """
    if retry_failed and not resume:
        raise CommandError("--retry-failed needs --resume")
    if retry_failed and idempotency_key is not None:
        raise CommandError(
            "--retry-failed runs cells a second time, which --idempotency-key rules out; give another key"
        )
    from ._runs.sweep_run import SweepArguments, run_sweep

    run_sweep(
        options,
        SweepArguments(
            source=source,
            settings=settings,
            table=table,
            input_files=input_files,
            folder=folder,
            template=template,
            max_parallel=max_parallel,
            resume=resume,
            retry_failed=retry_failed,
            idempotency_key=idempotency_key,
            results=results,
            yes=yes,
        ),
    )
