"""Runs a sweep: its plan, its jobs, its files, and the results.

`sweep_cells` makes the cells, `sweep_results` the table and the contact sheet.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from comfy_cloud import NotSupported

from ..._files.whole_file import write_whole
from ..._submission.graph_identity import graph_digest
from .._console.client import connect
from .._console.exits import JOB_FAILED, CommandError
from .._console.options import GlobalOptions
from .._console.prompts import confirm
from .._console.sanitizing import safe_line
from .._console.streams import use_color, write_data, write_message
from .._workflows.assignments import assigned_inputs, find_assignment
from .._workflows.source import load_workflow
from .seeds import CellSeeds, seed_source
from .sweep_cells import (
    Cell,
    csv_cells,
    file_prefix,
    grid,
    plan_text,
    planned_inputs,
    short_names,
    with_seeds,
)
from .sweep_results import CellResult, rows, write_contact_sheet, write_table
from .sweep_view import sweep_view
from .warnings import library_warnings

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud, MapResult, Workflow

JOURNAL = "sweep.jsonl"
PLAN = "sweep.json"


class SweepArguments(NamedTuple):
    """The workflow and the options of `sweep`."""

    source: str
    settings: tuple[str, ...]
    table: Path | None
    input_files: tuple[str, ...]
    folder: Path
    template: str
    max_parallel: int | None
    resume: bool
    retry_failed: bool
    idempotency_key: str | None
    results: Path | None
    yes: bool


def run_sweep(options: GlobalOptions, given: SweepArguments) -> None:
    """Run the cells, and write the results even when it is interrupted."""
    with connect(options) as cloud:
        workflow = load_workflow(cloud, given.source)
        cells = _cells(workflow, given.settings, given.table)
        # Later, a sweep waits for a server that is away; one that never responded is an error.
        with suppress(NotSupported):  # that is a response too: API v2 has no queue
            cloud.queue.get()
        names = short_names(list(cells[0].values))
        inputs = _inputs(
            cloud,
            workflow,
            cells,
            given.input_files,
            given.folder,
            resume=given.resume,
            idempotency_key=given.idempotency_key,
        )
        drawn = [with_seeds(cell, each) for cell, each in zip(cells, inputs, strict=True)]
        prefixes = [file_prefix(given.template, cell, names) for cell in drawn]
        if len(set(prefixes)) != len(prefixes):
            raise CommandError(f"--name {given.template!r} gives several cells one name; add {{index}}")
        jobs = "1 job" if len(cells) == 1 else f"{len(cells)} jobs"
        write_message(
            f"this sweep is {jobs}" + (", some of which may be done already" if given.resume else "")
        )
        if len(cells) > 1:
            confirm(
                f"Run {jobs}?", given.yes or given.resume, doing="a sweep", otherwise="nothing was submitted"
            )
        _start(given.folder, workflow, cells, inputs, resume=given.resume)
        found = [CellResult(cell.index, cell.values) for cell in drawn]
        view = sweep_view(found, color=use_color(options.color, sys.stderr))
        try:
            with view, library_warnings(view.line):
                for result in cloud.map(
                    workflow,
                    inputs,
                    concurrency=given.max_parallel,
                    journal=given.folder / JOURNAL,
                    retry_failed=given.retry_failed,
                    idempotency_key=given.idempotency_key,
                    on_event=view.event,
                ):
                    _take_in(result, found[result.index], given.folder, prefixes[result.index])
                    view.ended(found[result.index])
        finally:
            _write_results(
                found, names, given.folder, given.results, title=f"Sweep of {Path(given.source).name}"
            )
    failed = sum(each.status != "completed" for each in found)
    if failed:
        write_message(f"{failed} of {len(found)} cells did not complete; see results.csv")
        raise click.exceptions.Exit(JOB_FAILED)
    write_message(f"all {jobs} completed" if len(found) > 1 else "the job completed")


def _cells(workflow: Workflow, settings: Sequence[str], table: Path | None) -> list[Cell]:
    def split(given: str) -> tuple[str, str]:
        found = find_assignment(workflow, "--set", given)
        return found.address, found.text

    combinations = grid(settings, split)
    if table is None:
        if not settings:
            raise CommandError("give the values to try: --set NODE.INPUT=VALUES, or --csv FILE")
        return combinations
    if len(combinations) > 1:
        raise CommandError("--csv lists the cells, so each --set beside it has one value")
    return csv_cells(table, combinations[0].values)


def _inputs(
    cloud: ComfyCloud,
    workflow: Workflow,
    cells: Sequence[Cell],
    input_files: Sequence[str],
    folder: Path,
    *,
    resume: bool,
    idempotency_key: str | None,
) -> list[dict[str, Any]]:
    """The inputs of each cell: as the plan of an interrupted sweep has them, or new ones."""
    plan = folder / PLAN
    files = assigned_inputs(workflow, (), input_files, random=seed_source(None))
    if not resume:
        if plan.exists():
            raise CommandError(f"there is a sweep in {folder}; --resume goes on with it")
        seeds = CellSeeds(idempotency_key)
        return [
            {
                **assigned_inputs(
                    workflow,
                    [f"{address}={text}" for address, text in cell.values.items()],
                    random=seeds.source(cell.values),
                    catalogue=cloud.nodes.all,
                ),
                **files,
            }
            for cell in cells
        ]
    try:
        text = plan.read_text(encoding="utf-8")
    except OSError:
        raise CommandError(f"there is no sweep in {folder} to go on with; leave out --resume") from None
    earlier = planned_inputs(text, graph_digest(workflow.graph), cells)
    if earlier is None:
        raise CommandError(
            f"the sweep in {folder} has another workflow or other values; give those, or another folder"
        )
    return [{**each, **files} for each in earlier]


def _start(
    folder: Path,
    workflow: Workflow,
    cells: Sequence[Cell],
    inputs: Sequence[dict[str, Any]],
    *,
    resume: bool,
) -> None:
    if resume:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        content = plan_text(graph_digest(workflow.graph), cells, inputs).encode()
        write_whole(folder / PLAN, content, overwrite=False)
    except OSError as error:
        raise CommandError(f"{folder} cannot be written: {error.strerror or error}") from None


def _take_in(result: MapResult, cell: CellResult, folder: Path, prefix: str) -> None:
    """Note how a cell ended, and save what it made."""
    job, error = result.job, result.error
    if job is not None:
        cell.job_id = job.id
        cell.status = job.status.value
        cell.seconds = job.duration.total_seconds() if job.duration is not None else None
    if error is not None:
        cell.status = "failed" if cell.status in ("not run", "completed") else cell.status
        cell.error = safe_line(str(error))
        return
    several = job is not None and len(job.outputs) > 1
    name = prefix.replace("{", "{{").replace("}", "}}") + ("_{index}{ext}" if several else "{ext}")
    if job is not None:
        cell.files = job.download(folder, name=name, if_exists="skip")


def _write_results(
    found: Sequence[CellResult], names: dict[str, str], folder: Path, results: Path | None, *, title: str
) -> None:
    table = results or folder / "results.csv"
    write_table(rows(found, names, folder), table)
    write_data(f"{table}\n")
    try:
        for path in write_contact_sheet(found, names, folder, title):
            write_data(f"{path}\n")
    except CommandError as error:
        write_message(f"no contact sheet: {error.message}")
