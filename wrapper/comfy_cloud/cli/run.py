"""`comfy-cloud run`: run a workflow, show how it goes on, and fetch what it made.

`assignments` reads --set and --input, `run_view` shows the run.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._console.client import connect
from ._console.commands import Command
from ._console.details import plain
from ._console.exits import REFUSED, CommandError
from ._console.formats import json_text
from ._console.known_values import files_or_jobs as complete_files_or_jobs
from ._console.options import GlobalOptions, pass_options
from ._console.remembered import job_row, remember
from ._console.sanitizing import safe_line
from ._console.saving import IF_EXISTS, name_option
from ._console.streams import on_terminal, use_color, write_data, write_message
from ._jobs.details import job_record
from ._jobs.follow import result_record, save_outputs, say_how_it_ended
from ._runs.state import RunState
from ._runs.view import run_view
from ._runs.warnings import library_warnings
from ._workflows.assignments import RANDOM, assigned_inputs, input_option, set_option
from ._workflows.source import load_workflow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_cloud import ComfyCloud, Job, Workflow
    from comfy_cloud._files.download_options import IfExists


@dataclass(frozen=True, slots=True)
class RunArguments:
    """The options of `run` and `jobs rerun`, apart from the workflow."""

    settings: tuple[str, ...]
    input_files: tuple[str, ...]
    random_seeds: bool
    folder: Path | None
    name: str
    if_exists: IfExists
    detach: bool
    as_json: bool
    seconds: float | None
    dry_run: bool
    no_preview: bool

    def check(self) -> None:
        """Raise CommandError for options that exclude each other."""
        if self.detach and (self.folder is not None or self.seconds is not None):
            raise CommandError("--detach leaves at once, so it cannot be combined with --folder or --timeout")


_OPTIONS = (
    set_option,
    input_option,
    click.option("--random-seeds", is_flag=True, help="Draw every seed that --set does not give."),
    click.option(
        "-d", "--folder", type=click.Path(path_type=Path), help="Save what it makes in this folder."
    ),
    name_option("{name}{ext}"),
    IF_EXISTS,
    click.option("--detach", is_flag=True, help="Print the job's id and leave; the job goes on."),
    click.option(
        "--json", "as_json", is_flag=True, help="One line of JSON for each event, and for the result."
    ),
    click.option(
        "--timeout", "seconds", type=float, metavar="SECONDS", help="How long to wait for the end at most."
    ),
    click.option("--dry-run", is_flag=True, help="Submit nothing: show the final graph and its problems."),
    click.option("--no-preview", is_flag=True, help="Show no images of the unfinished work."),
)


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: add the options of a run, and pass the command `RunArguments` as `arguments`."""

    @wraps(function)
    def with_arguments(*positional: Any, **given: Any) -> Any:
        own = {each.name: given.pop(each.name) for each in fields(RunArguments)}
        return function(*positional, arguments=RunArguments(**own), **given)

    decorated: Callable[..., Any] = with_arguments
    for decorator in reversed(_OPTIONS):
        decorated = decorator(decorated)
    return decorated


@click.command(
    "run",
    cls=Command,
    examples=[
        "run workflow.json",
        'run workflow.json -s 6.text="a lighthouse" -s KSampler.seed=random -d out',
        "run portrait.png -i 10.image=photo.png -d out",
        "run workflow.json --dry-run",
        "run workflow.json --detach",
    ],
)
@click.argument(
    "source",
    metavar="WORKFLOW",
    help="A workflow, or an image or video that contains one; -: stdin; or the id of a job.",
    shell_complete=complete_files_or_jobs,
)
@run_options
@pass_options
def command(options: GlobalOptions, source: str, arguments: RunArguments) -> None:
    """Run a workflow and wait for its end.

    Ctrl-C cancels the job and says so; a second Ctrl-C leaves at once. The exit code is 3 if the
    job failed or was cancelled, 7 if the server does not accept the workflow, and 8 if the time was
    not enough.
    """
    arguments.check()
    with connect(options) as cloud:
        run_workflow(cloud, load_workflow(cloud, source), arguments, options)


def run_workflow(
    cloud: ComfyCloud, workflow: Workflow, arguments: RunArguments, options: GlobalOptions
) -> None:
    """Run a workflow as the options say."""
    inputs = assigned_inputs(
        workflow,
        arguments.settings,
        arguments.input_files,
        random=random.SystemRandom().randint,
        catalogue=cloud.nodes.all,
    )
    for address, value in inputs.items():
        if f"{address}={RANDOM}" in arguments.settings:
            write_message(safe_line(f"{address} = {value}"))
    if arguments.dry_run:
        _show_plan(cloud, workflow, inputs)
    elif arguments.detach:
        job = cloud.submit(workflow, inputs, randomise_seeds=arguments.random_seeds)
        remember(options, "jobs", [job_row(job.id, job.status.value, datetime.now(UTC), workflow.graph)])
        write_data(f"{json_text(plain(job_record(job))) if arguments.as_json else safe_line(job.id)}\n")
    else:
        view = run_view(
            RunState(workflow.graph),
            as_json=arguments.as_json,
            color=use_color(options.color, sys.stderr),
            images=not arguments.no_preview,
        )
        with view, library_warnings(view.line):
            job = cloud.run(
                workflow,
                inputs,
                timeout=arguments.seconds,
                on_event=view.event,
                randomise_seeds=arguments.random_seeds,
            )
        remember(options, "jobs", [job_row(job.id, job.status.value, job.created_at, workflow.graph)])
        _finish(job, arguments)


def _show_plan(cloud: ComfyCloud, workflow: Workflow, inputs: Mapping[str, Any]) -> None:
    problems = cloud.validate(workflow, inputs)
    workflow.set_inputs(inputs)
    write_data(f"{workflow.to_json()}\n")
    for problem in problems:
        write_message(safe_line(str(problem)))
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise CommandError(f"{count} in this workflow; nothing was submitted", REFUSED)
    write_message("no problems; nothing was submitted")


def _finish(job: Job, arguments: RunArguments) -> None:
    """Show the outcome of a job that succeeded: the paths, the files, or a line of JSON."""
    folder, name, if_exists = arguments.folder, arguments.name, arguments.if_exists
    if arguments.as_json:
        saved = None
        if folder is not None:
            saved = job.download(folder, name=name, if_exists=if_exists)
        write_data(f"{json_text(result_record(job, saved))}\n")
        return
    say_how_it_ended(job)
    for node, seed in job.seeds.items():
        write_message(safe_line(f"{node} = {seed}"))
    if folder is not None:
        save_outputs(job, folder, name, if_exists)
    elif on_terminal():
        for output in job.outputs:
            write_data(safe_line(f"{output.kind}  {output.display_name or output.filename}") + "\n")
        if job.outputs:
            write_message(f"to save them: comfy-cloud jobs download {safe_line(job.id)} -d FOLDER")
    else:
        write_data(f"{json_text(plain(job_record(job)), indent=2)}\n")
