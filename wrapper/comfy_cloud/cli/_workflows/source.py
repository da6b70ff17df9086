"""The workflow that a command runs, read with the client that runs it; see `workflow_input`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from .._console.exits import NOT_FOUND, CommandError
from .input import read_workflow

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud, Workflow


def load_workflow(cloud: ComfyCloud, source: str) -> Workflow:
    """The workflow in a file of any form that `Workflow.load` reads, in stdin for `-`, or of a job.

    A UI workflow is converted with the node classes of the server.

    What is not the name of a file is taken as the id of a job, or its beginning. Raises
    CommandError when there is neither.
    """
    return read_workflow(source, lambda: nullcontext(cloud)).graph(cloud.nodes.all)


def workflow_of_job(cloud: ComfyCloud, job_id: str) -> Workflow:
    """The workflow that a job ran. Raises CommandError when the server no longer has it."""
    from comfy_cloud import Workflow

    job = cloud.jobs.get(job_id)
    if job.workflow is None:
        raise CommandError(f"the server does not have the workflow of job {job.id}", NOT_FOUND)
    return Workflow(job.workflow)
