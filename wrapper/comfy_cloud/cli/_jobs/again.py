"""The verbs of `comfy-cloud jobs` that come after a job: explain it, and run it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .._console.client import connect
from .._console.commands import verb
from .._console.details import Details, details_options
from .._console.options import GlobalOptions, pass_options
from .._console.sanitizing import safe_text
from .._console.wrapping import fitted
from .._runs.arguments import RunArguments, run_options
from .ids import job_id_argument, job_id_of

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud
    from comfy_cloud_api.models.node_info import NodeInfo

    from .explanation import Explanation


@verb("explain", examples=["jobs explain 5f2a1c0e"])
@job_id_argument
@details_options
@pass_options
def explain_command(options: GlobalOptions, details: Details, job_id: str) -> None:
    """Say why a job failed or waits: which node, why, and what to try."""
    from .explanation import explain

    with connect(options) as cloud:
        job = cloud.jobs.get(job_id_of(cloud, job_id))
        found = explain(job, _choices(cloud))
    record = {
        "id": job.id,
        "status": job.status.value,
        "outcome": found.outcome,
        "node": found.node,
        "reason": found.reason or None,
        "advice": list(found.advice),
        "timeline": list(found.timeline),
    }
    details.write(record, text=lambda: explanation_text(job.id, found))


def _choices(cloud: ComfyCloud) -> Callable[[str, str], Sequence[str]]:
    """What the server offers for an input of a node class; nothing if it cannot be asked."""

    def offered(node_class: str, name: str) -> Sequence[str]:
        from comfy_cloud import ComfyCloudError

        try:
            node = cloud.nodes.get(node_class, stale_if_error=True)
        except ComfyCloudError:
            return []
        return choices_of_node(node, name)

    return offered


def choices_of_node(node: NodeInfo | None, name: str) -> Sequence[str]:
    """The texts that an input of a node class may have; nothing if it is not known."""
    from comfy_cloud_catalogue.declarations import input_specs
    from comfy_cloud_catalogue.dynamic import choices_of

    specs = input_specs(node.input_) if node is not None else ()
    spec = next((each for each in specs if each.name == name), None)
    choices = choices_of(spec) if spec is not None else None
    return [each for each in choices or () if isinstance(each, str)]


def explanation_text(job_id: str, found: Explanation) -> str:
    """What `jobs explain` shows."""
    lines = [fitted(f"{found.outcome} ({job_id})")]
    lines += [f"  {line}" for line in found.timeline]
    if found.node is not None:
        title, node_class = found.node["title"], found.node["class"]
        named = f"{title}, a {node_class}" if title != node_class else node_class
        lines += ["", f"Node {found.node['id']}: {named}"]
        lines += [fitted(f"{name} = {_short(value)}", "  ") for name, value in found.node["inputs"].items()]
    if found.reason:
        lines += ["", "Reported:", *(fitted(line, "  ") for line in found.reason.splitlines())]
    if found.advice:
        lines += ["", "Try:", *(fitted(line, "  - ") for line in found.advice)]
    return safe_text("\n".join(lines)) + "\n"


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 100 else f"{text[:99]}\N{HORIZONTAL ELLIPSIS}"


@verb("rerun", examples=["jobs rerun 5f2a1c0e", "jobs rerun 5f2a1c0e -s KSampler.seed=random -d out"])
@job_id_argument
@run_options
@pass_options
def rerun_command(options: GlobalOptions, job_id: str, arguments: RunArguments) -> None:
    """Run the workflow of a job again, with the options of `comfy-cloud run`."""
    from .._runs.workflow_run import run_workflow
    from .._workflows.source import workflow_of_job

    arguments.check()
    with connect(options) as cloud:
        # The titles in the layout are names of nodes, which only these options use.
        is_changed = bool(arguments.settings or arguments.input_files)
        workflow = workflow_of_job(cloud, job_id_of(cloud, job_id), with_layout=is_changed)
        run_workflow(cloud, workflow, arguments, options)


AGAIN = (explain_command, rerun_command)
"""The verbs, for the group to add."""
