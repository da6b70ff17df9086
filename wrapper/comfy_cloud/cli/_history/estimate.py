"""`comfy-cloud history estimate`: what a workflow will take, from the jobs of the mirror."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from .._console.client import connect
from .._console.commands import verb
from .._console.details import Details, details_options
from .._console.known_values import files_or_jobs
from .._console.options import GlobalOptions, pass_options
from .._console.streams import write_message
from .mirror_option import database_option, open_mirror

_UNITS = {"run_seconds": "s", "queue_seconds": "s", "credits": ""}
_LABELS = {"run_seconds": "run", "queue_seconds": "queue", "credits": "credits"}


@verb("estimate", examples=["history estimate workflow.json", "history estimate 5f2a1c0e -o json"])
@click.argument(
    "source",
    metavar="FILE|ID",
    help="A file with a workflow, - for stdin, or the id of a job in the mirror or its beginning.",
    shell_complete=files_or_jobs,
)
@details_options
@database_option
@pass_options
def estimate_command(options: GlobalOptions, details: Details, source: str, database: str | None) -> None:
    """Estimate the time and credits of a workflow from completed jobs of the same graph.

    Shown are the median, and the range of 8 of 10 jobs. Other prompts, seeds and values do not make
    another graph. How sure it is: "high" from 20 jobs on that took about as long, "low" with fewer
    than 5 or very different ones, else "medium"; "none" without a job.
    """
    with open_mirror(options, database) as mirror:
        graph = _graph_in(options, source) if _is_file(source) else mirror.graph(source)
        found = mirror.estimate(graph)
    record = found.to_dict()
    details.write(record, text=_text(record))
    if not found.jobs:
        write_message("the mirror has no completed job of this graph; fetch new ones: history sync")


def _is_file(source: str) -> bool:
    from pathlib import Path

    if source == "-" or source.lstrip().startswith("{"):
        return True
    try:
        return Path(source).suffix != "" or Path(source).expanduser().exists()
    except (OSError, ValueError):
        return False


def _graph_in(options: GlobalOptions, source: str) -> Mapping[str, Any]:
    from .._workflows.input import read_workflow

    def classes() -> Mapping[str, Any]:
        with connect(options, needs_key=False) as cloud:
            return cloud.nodes.all()

    return read_workflow(source, lambda: connect(options)).graph(classes).graph


def _text(record: Mapping[str, Any]) -> dict[str, Any]:
    ranges = {_LABELS[name]: _range(record[name], unit) for name, unit in _UNITS.items()}
    return {"jobs": str(record["jobs"]), **ranges, "confidence": record["confidence"]}


def _range(found: Mapping[str, Any], unit: str) -> str:
    if found["median"] is None:
        return ""
    middle, low, high = (f"{found[name]:.1f}" for name in ("median", "low", "high"))
    return f"{middle} {unit}".rstrip() + f" ({low} to {high})"
