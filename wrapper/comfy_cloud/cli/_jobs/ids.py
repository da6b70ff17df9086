"""Ids of jobs on the command line: the beginning of one is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import click

from .._console.completions import job_ids
from .._console.identifiers import PREFIX_REACH, known_by, whole_id
from .._console.listing import LARGEST_PAGE

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud

JOB_IDS = "Ids of jobs, or their beginnings."
job_id_argument = click.argument(
    "job_id", metavar="ID", help="The id of a job, or its beginning.", shell_complete=job_ids
)
job_ids_argument = click.argument(
    "job_ids", metavar="ID...", nargs=-1, required=True, help=JOB_IDS, shell_complete=job_ids
)


def job_id_of(cloud: ComfyCloud, text: str) -> str:
    """The id of the job that `text` is, or is the beginning of, among the newest 1,000.

    Raises CommandError when no job's id begins with `text`, or several do.
    """

    def newest() -> Iterator[str]:
        jobs = cloud.jobs.iter(limit=PREFIX_REACH, page_size=LARGEST_PAGE)
        return (job.id for job in jobs)

    return _whole(cloud, text, newest)


def job_ids_of(cloud: ComfyCloud, texts: Iterable[str]) -> list[str]:
    """The same for several, each once."""
    return list(dict.fromkeys(job_id_of(cloud, text) for text in texts))


def unfinished_job_ids(cloud: ComfyCloud, texts: Iterable[str]) -> list[str]:
    """The same, but the beginning of an id is only looked for among running and waiting jobs."""

    def queued() -> list[str]:
        queue = cloud.queue.get()
        return [item.job_id for item in (*queue.running, *queue.pending)]

    return list(dict.fromkeys(_whole(cloud, text, queued) for text in texts))


def _whole(cloud: ComfyCloud, text: str, newest: Callable[[], Iterable[str]]) -> str:
    return whole_id(text, newest, known_by(cloud.jobs.get), noun="jobs")
