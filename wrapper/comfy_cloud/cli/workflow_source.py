"""Where a command reads a workflow from: a file, stdin, or a job."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ._console.exits import NOT_FOUND, CommandError

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud, Workflow


def load_workflow(cloud: ComfyCloud, source: str) -> Workflow:
    """The workflow in a file of any form that `Workflow.load` reads, in stdin for `-`, or of a job.

    What is not the name of a file is taken as the id of a job, or its beginning. Raises
    CommandError when there is neither.
    """
    from comfy_cloud import Workflow

    from .job_ids import job_id_of

    if source == "-":
        return Workflow.load(sys.stdin.buffer.read())
    path = Path(source).expanduser()
    if _exists(path):
        return Workflow.load(path)
    if path.suffix or len(path.parts) > 1:
        raise CommandError(f"there is no file {source!r}")
    try:
        job_id = job_id_of(cloud, source)
    except CommandError as error:
        raise CommandError(f"there is no file {source!r}, and no job: {error.message}", error.code) from None
    return workflow_of_job(cloud, job_id)


def workflow_of_job(cloud: ComfyCloud, job_id: str) -> Workflow:
    """The workflow that a job ran. Raises CommandError when the server no longer has it."""
    from comfy_cloud import Workflow

    job = cloud.jobs.get(job_id)
    if job.workflow is None:
        raise CommandError(f"the server does not have the workflow of job {job.id}", NOT_FOUND)
    return Workflow(job.workflow)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
