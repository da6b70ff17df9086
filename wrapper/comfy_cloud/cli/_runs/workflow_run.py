"""Runs one workflow as the options of `run` and `jobs rerun` say, and shows what became of it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .._console.details import plain
from .._console.exits import REFUSED, CommandError
from .._console.formats import json_text
from .._console.options import GlobalOptions
from .._console.remembered import job_row, remember
from .._console.sanitizing import safe_line
from .._console.saving import shows_bar
from .._console.streams import on_terminal, use_color, write_data, write_message
from .._jobs.details import job_record
from .._jobs.follow import result_record, save_outputs, say_how_it_ended
from .._workflows.assignments import RANDOM, assigned_inputs
from .arguments import RunArguments
from .seeds import seed_source
from .state import RunState
from .view import run_view
from .warnings import library_warnings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_cloud import ComfyCloud, Job, Workflow


def run_workflow(
    cloud: ComfyCloud, workflow: Workflow, arguments: RunArguments, options: GlobalOptions
) -> None:
    """Run a workflow as the options say."""
    inputs = assigned_inputs(
        workflow,
        arguments.settings,
        arguments.input_files,
        random=seed_source(arguments.idempotency_key),
        catalogue=cloud.nodes.all,
    )
    for address, value in inputs.items():
        if f"{address}={RANDOM}" in arguments.settings:
            write_message(safe_line(f"{address} = {value}"))
    if arguments.dry_run:
        _show_plan(cloud, workflow, inputs)
    elif arguments.detach:
        job = cloud.submit(
            workflow,
            inputs,
            randomise_seeds=arguments.random_seeds,
            idempotency_key=arguments.idempotency_key,
            upload_progress=not arguments.as_json and shows_bar(),
        )
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
                idempotency_key=arguments.idempotency_key,
                upload_progress=view.upload_progress(),
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
            write_message(f"to save them: `comfy-cloud jobs download {safe_line(job.id)} -d FOLDER`")
    else:
        write_data(f"{json_text(plain(job_record(job)), indent=2)}\n")
