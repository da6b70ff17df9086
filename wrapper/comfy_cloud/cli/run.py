"""`comfy-cloud run`: run a workflow, show how it goes on, and fetch what it made.

`_runs.arguments` has its options, and `_runs.workflow_run` does the work.
"""

from __future__ import annotations

import click

from ._console.client import connect
from ._console.commands import Command
from ._console.known_values import files_or_jobs as complete_files_or_jobs
from ._console.options import GlobalOptions, pass_options
from ._runs.arguments import RunArguments, run_options


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

    Ctrl-C and SIGTERM cancel the job and say so; a second one leaves at once. The exit code is 3 if
    the job failed or was cancelled, 7 if the server does not accept the workflow, and 8 if the time
    was not enough.
    """
    from ._runs.workflow_run import run_workflow
    from ._workflows.source import load_workflow

    arguments.check()
    with connect(options) as cloud:
        workflow = load_workflow(cloud, source, is_validated=arguments.dry_run)
        run_workflow(cloud, workflow, arguments, options)
