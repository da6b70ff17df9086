"""Workflows that an agent gives: a graph, JSON, a file or a job; and their inputs."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._console.exits import NOT_FOUND, CommandError
from .._console.wording import in_command_words
from .._workflows.conversion import convert_layout
from .._workflows.input import WorkflowInput, workflow_in_bytes, workflow_in_file

if TYPE_CHECKING:
    from comfy_cloud import AsyncComfyCloud, Workflow

    from .folders import Folders

_JOB_ID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


async def read_given(
    cloud: AsyncComfyCloud, folders: Folders, given: Mapping[str, Any] | str, notes: list[str]
) -> WorkflowInput:
    """The workflow that an agent gave. What the library warns of is added to `notes`.

    Raises CommandError if there is none, or if the file may not be read.
    """
    if isinstance(given, str) and re.fullmatch(_JOB_ID, given.strip()):
        return await _of_job(cloud, given.strip())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if isinstance(given, Mapping):
            found = workflow_in_bytes(json.dumps(given).encode(), "this workflow")
        elif given.lstrip().startswith(("{", "[")):
            found = workflow_in_bytes(given.encode(errors="surrogatepass"), "this JSON")
        else:
            found = workflow_in_file(folders.file(given))
    notes += [in_command_words(str(each.message)) for each in caught]
    return found


async def _of_job(cloud: AsyncComfyCloud, job_id: str) -> WorkflowInput:
    from comfy_cloud import NotFound, Workflow

    try:
        graph = (await cloud.history.get(job_id)).workflow
    except NotFound:  # it has not ended
        graph = (await cloud.jobs.get(job_id)).workflow
    if graph is None:
        raise CommandError(f"the server does not have the workflow of job {job_id}", NOT_FOUND)
    return WorkflowInput(f"job {job_id}", "job", "API graph of a job", Workflow(graph), None)


async def graph_of(cloud: AsyncComfyCloud, found: WorkflowInput, notes: list[str]) -> Workflow:
    """The workflow as a graph; one of the editor is converted with the server's node classes."""
    from comfy_cloud import Workflow

    if found.workflow is not None:
        return found.workflow
    conversion = convert_layout(found.name, found.layout or {}, await cloud.nodes.all(), strict=False)
    notes += conversion.warnings
    if not conversion.graph:
        raise CommandError(f"{found.name} has no node that would run")
    return Workflow(conversion.graph, found.layout)


def set_inputs(
    workflow: Workflow,
    inputs: Mapping[str, Any] | None,
    files: Mapping[str, str] | None,
    folders: Folders,
    notes: list[str],
) -> None:
    """Set inputs by "NODE.INPUT": plain values, and files to upload from the allowed folders.

    A plain text never becomes an upload, also where it is the path of a file or a URL. Raises
    CommandError when a node, an input or a file is not valid.
    """
    from pathlib import Path

    from comfy_cloud import ConfigurationError

    try:
        if inputs:
            _set_plain(workflow, inputs, notes)
        if files:
            workflow.set_inputs({address: Path(folders.file(path)) for address, path in files.items()})
    except ConfigurationError as error:
        raise CommandError(in_command_words(str(error))) from None


def _set_plain(workflow: Workflow, inputs: Mapping[str, Any], notes: list[str]) -> None:
    values = {target: value for address, value in inputs.items() for target in workflow.find_inputs(address)}
    workflow.set_inputs(inputs)
    for file in workflow.files():
        workflow.replace_file(file, str(values[file.node_id, file.input]))
        name = f"{file.node_id}.{file.input}"
        notes.append(f"{name} is the name of a file on the server; to upload one from here, use `files`")
