"""The workflow that a command runs, read with the client that runs it; see `workflow_input`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING

from .._console.exits import NOT_FOUND, CommandError
from .input import read_workflow

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud, Workflow


def load_workflow(cloud: ComfyCloud, source: str, *, is_validated: bool = False) -> Workflow:
    """The workflow in a file of any form that `Workflow.load` reads, in stdin for `-`, or of a job.

    A UI workflow is converted with the node classes of the server. With `is_validated`, there are
    no warnings of what the validation that follows finds as well.

    What is not the name of a file is taken as the id of a job, or its beginning. Raises
    CommandError when there is neither.
    """
    return read_workflow(source, lambda: nullcontext(cloud)).graph(cloud.nodes.all, is_validated=is_validated)


def workflow_of_job(cloud: ComfyCloud, job_id: str, *, with_layout: bool = False) -> Workflow:
    """The workflow that a job ran, with its layout if that is wanted and known.

    Raises CommandError when the server no longer has it.
    """
    from comfy_cloud import NotFound, Workflow

    job = cloud.jobs.get(job_id)
    if job.workflow is None:
        raise CommandError(f"the server does not have the workflow of job {job.id}", NOT_FOUND)
    if not with_layout:
        return Workflow(job.workflow)
    try:
        extra = cloud.history.get(job.id).extra_data.get("extra_pnginfo")
    except NotFound:  # it has not ended
        extra = None
    layout = extra.get("workflow") if isinstance(extra, Mapping) else None
    return Workflow(job.workflow, layout if isinstance(layout, Mapping) else None)
