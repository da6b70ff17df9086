"""The verbs of `comfy-cloud jobs` that wait: watch and wait, and download."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from .._console.client import connect
from .._console.commands import verb
from .._console.completions import job_ids as complete_job_ids
from .._console.exits import JOB_FAILED, CommandError
from .._console.options import GlobalOptions, pass_options
from .._console.remembered import remembering
from .._console.sanitizing import safe_line
from .._console.saving import saving_options, say_what_was_skipped, shows_bar
from .._console.streams import use_color, write_data, write_message
from .ids import JOB_IDS, job_ids_argument, job_ids_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from comfy_cloud import ComfyCloud, Job
    from comfy_cloud._files.download_options import IfExists


@verb("watch", examples=["jobs watch 5f2a1c0e", "jobs watch --all", "jobs watch 5f2a1c0e --json"])
@click.argument("job_ids", metavar="[ID...]", nargs=-1, help=JOB_IDS, shell_complete=complete_job_ids)
@click.option("--all", "everything", is_flag=True, help="All jobs that run or wait now.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each event.")
@click.option("--timeout", "seconds", type=float, metavar="SECONDS", help="How long to watch at most.")
@pass_options
def watch_command(
    options: GlobalOptions, job_ids: tuple[str, ...], everything: bool, as_json: bool, seconds: float | None
) -> None:
    """Show how jobs go on, until they end: one after the other, in the order of the queue.

    The jobs go on when you leave with Ctrl-C. The exit code is 3 if one failed or was cancelled.
    """
    if bool(job_ids) == everything:
        raise CommandError("give the ids of jobs, or --all")
    with connect(options) as cloud:
        jobs = [cloud.jobs.get(each) for each in _wanted(cloud, job_ids, everything=everything)]
        if not jobs:
            write_message("no job runs or waits")
        ended = list(remembering(options, _watched(jobs, options, as_json=as_json, seconds=seconds)))
    if any(job.status.value != "completed" for job in ended):
        raise click.exceptions.Exit(JOB_FAILED)


def _wanted(cloud: ComfyCloud, job_ids: Iterable[str], *, everything: bool) -> list[str]:
    if not everything:
        return job_ids_of(cloud, job_ids)
    queue = cloud.queue.get()
    return [item.job_id for item in (*queue.running, *queue.pending)]


def _watched(
    jobs: Iterable[Job], options: GlobalOptions, *, as_json: bool, seconds: float | None
) -> Iterator[Job]:
    """The jobs, each once it has been watched to its end."""
    for job in jobs:
        _watch(job, options, as_json=as_json, seconds=seconds)
        yield job


def _watch(job: Job, options: GlobalOptions, *, as_json: bool, seconds: float | None) -> None:
    from .._console.formats import json_text
    from .._runs.state import RunState
    from .._runs.view import run_view

    state = RunState(job.workflow or {}, job_id=job.id, status=job.status.value)
    color = use_color(options.color, sys.stderr)
    with run_view(state, as_json=as_json, color=color) as view:
        for event in job.events(timeout=seconds):
            view.event(event)
    if as_json:
        write_data(f"{json_text(result_record(job))}\n")
    else:
        say_how_it_ended(job)


@verb("wait", examples=["jobs wait 5f2a1c0e 77aa01b2 --timeout 600"])
@job_ids_argument
@click.option("--timeout", "seconds", type=float, metavar="SECONDS", help="How long to wait at most.")
@pass_options
def wait_command(options: GlobalOptions, job_ids: tuple[str, ...], seconds: float | None) -> None:
    """Wait until jobs have ended, without showing how they go on.

    The exit code is 3 if one failed or was cancelled, and 8 if the time was not enough.
    """
    with connect(options) as cloud:
        wanted = job_ids_of(cloud, job_ids)
        # Waiting outlasts a server that is away; a job or server that never was there is an error.
        for job_id in wanted:
            cloud.jobs.get(job_id)
        jobs = cloud.jobs.wait(*wanted, timeout=seconds)
    for job in remembering(options, jobs):
        say_how_it_ended(job)
    if any(job.status.value != "completed" for job in jobs):
        raise click.exceptions.Exit(JOB_FAILED)


@verb(
    "download",
    examples=["jobs download 5f2a1c0e -d out", "jobs download 5f2a1c0e --name '{job}_{index}{ext}'"],
)
@job_ids_argument
@saving_options()
@pass_options
def download_command(
    options: GlobalOptions, job_ids: tuple[str, ...], folder: Path, name: str, if_exists: IfExists
) -> None:
    """Save what jobs made; prints the paths. A job that goes on is waited for."""
    with connect(options) as cloud:
        for job_id in job_ids_of(cloud, job_ids):
            job = cloud.jobs.get(job_id)
            if not job.status.is_terminal:
                write_message(f"waiting for {safe_line(job.id)}")
                job.wait()
            save_outputs(job, folder, name, if_exists)


def save_outputs(job: Job, folder: Path, name: str, if_exists: IfExists) -> list[Path]:
    """Save the outputs of a job, print their paths, and say so if there are none."""
    saved = job.download(folder, name=name, if_exists=if_exists, partial=True, progress=shows_bar())
    for path in saved:
        write_data(f"{path}\n")
    say_what_was_skipped(saved)
    if not saved:
        write_message(f"job {safe_line(job.id)} made no files")
    return saved


def say_how_it_ended(job: Job) -> None:
    """Write one line about the end of a job to stderr."""
    text = f"job {job.id} {job.status.value}"
    if job.error is not None:
        text += f": {job.error}"
    write_message(safe_line(text))


def result_record(job: Job, saved: Iterable[Path] | None = None) -> dict[str, Any]:
    """The last line of a stream of JSON: the job as it ended, and the paths of what was saved."""
    from .._console.details import plain
    from .details import job_record
    from .event_records import SCHEMA

    record = {"schema": SCHEMA, "type": "result", **plain(job_record(job))}
    if saved is not None:
        record["saved"] = [str(path) for path in saved]
    return record


FOLLOWING = (watch_command, wait_command, download_command)
"""The verbs, for the group to add."""
