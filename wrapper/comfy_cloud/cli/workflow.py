"""`comfy-cloud workflow`: look into a workflow, change it, check it, and compare two of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from ._console.client import connect
from ._console.commands import command_group
from ._console.details import Details, details_options
from ._console.exits import API, NOT_FOUND, REFUSED, CommandError
from ._console.identifiers import whole_id
from ._console.known_values import files as complete_files
from ._console.known_values import files_or_jobs as complete_files_or_jobs
from ._console.listing import Listing, listing_options
from ._console.options import GlobalOptions, pass_options
from ._console.paths import PathType
from ._console.records import Column
from ._console.sanitizing import safe_line
from ._console.streams import write_message
from ._console.wrapping import fitted
from ._workflows.assignments import set_option
from ._workflows.conversion import convert_layout, laid_out, layout_or_error
from ._workflows.graph_text import difference_text, graph_difference, subgraph_nodes, svg_image, workflow_text
from ._workflows.input import FILE, WorkflowInput, read_workflow
from ._workflows.input_values import keep_file_names, set_inputs
from ._workflows.object_info import catalogue_in, object_info_option
from ._workflows.output import output_file_options, write_document, write_image
from ._workflows.problems import problem_record

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_cloud import ComfyCloud
    from comfy_cloud._workflows.node_catalogue import NodeCatalogue

TEMPLATE_COLUMNS: dict[str, Column[tuple[str, Any]]] = {
    "package": Column(lambda row: row[0], rank=1),
    "template": Column(lambda row: row[1], least=20, rank=0),
}
SUBGRAPH_COLUMNS: dict[str, Column[tuple[str, Any]]] = {
    "id": Column(lambda row: row[0], least=None, rank=0),
    "name": Column(lambda row: row[1].name, least=20, rank=1),
    "source": Column(lambda row: row[1].source, rank=3),
    "package": Column(lambda row: row[1].info.node_pack if row[1].info is not None else None, rank=2),
}


@command_group("workflow")
def command() -> None:
    """Look into a workflow, change it, check it, and compare two of them."""


@command.command(
    "show",
    examples=[
        "workflow show graph.json",
        "workflow show ComfyUI_00001_.png -o json",
        "workflow show 5f2a1c0e --svg graph.svg",
    ],
)
@click.argument("source", metavar="FILE", help=FILE, shell_complete=complete_files)
@click.option(
    "--svg",
    type=PathType(),
    metavar="FILE",
    help="Write only a drawing of the graph, as SVG; - for stdout. Needs the extra `layout`.",
)
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
@object_info_option
@details_options
@pass_options
def show_command(
    options: GlobalOptions,
    details: Details,
    source: str,
    svg: Path | None,
    overwrite: bool,
    object_info: Path | None,
) -> None:
    """Show a workflow: its inputs, models and seeds, and what its results are made of.

    Each input has the address that --set takes. JSON and YAML have the graph itself. Of a UI
    workflow, the graph is shown with --object-info, and else what can be seen without it.
    """
    found = _read(options, source)
    if svg is not None:
        workflow = found.graph(lambda: _classes(options, object_info))
        write_image(svg_image(found.name, workflow), svg, overwrite=overwrite)
        return
    if found.workflow is None and object_info is not None:
        found = found._replace(workflow=found.graph(lambda: catalogue_in(object_info)))
    graph: Mapping[str, Any] = found.workflow.graph if found.workflow is not None else found.layout or {}
    details.write(graph, text=lambda: workflow_text(found, details))


@command.command(
    "set",
    examples=[
        'workflow set graph.json -s 6.text="a lighthouse" -s KSampler.seed=random -o new.json',
        "workflow set graph.json -s 6.text=@prompt.txt --in-place",
        "workflow set ComfyUI_00001_.png -s KSampler.steps=30 > graph.json",
    ],
)
@click.argument("source", metavar="FILE", help=FILE, shell_complete=complete_files)
@set_option
@click.option("--in-place", is_flag=True, help="Write the graph to FILE itself.")
@object_info_option
@output_file_options
@pass_options
def set_command(
    options: GlobalOptions,
    source: str,
    settings: tuple[str, ...],
    in_place: bool,
    object_info: Path | None,
    output_file: Path | None,
    overwrite: bool,
) -> None:
    """Set inputs of a workflow, and write its graph.

    With --object-info, seeds are drawn from the range that their node takes. A server is asked only
    for the node classes that a UI workflow needs, and not even then with --object-info.
    """
    if not settings:
        raise CommandError("give at least one -s NODE.INPUT=VALUE")
    if in_place and output_file is not None:
        raise CommandError("--in-place and --output-file cannot be combined")
    found = _read(options, source)
    if in_place and (found.path is None or found.kind != "graph"):
        raise CommandError(
            f"--in-place is for a file that is only an API graph, and {found.name} is not; "
            "use --output-file FILE"
        )
    classes = catalogue_in(object_info) if object_info is not None else None
    workflow = found.graph(lambda: classes or _server_classes(options))
    keep_file_names(workflow, set_inputs(workflow, settings, classes))
    if in_place and found.path is not None:
        output_file, overwrite = found.path.resolve(), True  # not a link to it
    elif output_file is not None and found.path is not None and _is_same_file(output_file, found.path):
        raise CommandError(f"{output_file} is the workflow itself; use --in-place to change it")
    write_document(workflow.graph, output_file, overwrite=overwrite)


@command.command(
    "validate",
    examples=[
        "workflow validate graph.json",
        "workflow validate graph.json -s KSampler.steps=500 -o json",
        "workflow validate graph.json --object-info classes.json",
    ],
)
@click.argument("source", metavar="FILE", help=FILE, shell_complete=complete_files)
@set_option
@object_info_option
@details_options
@pass_options
def validate_command(
    options: GlobalOptions,
    details: Details,
    source: str,
    settings: tuple[str, ...],
    object_info: Path | None,
) -> None:
    """Check a workflow without running it.

    It is checked against the node classes of the server: unknown classes, missing and wrong inputs,
    values out of range, missing models and bad links are found. The exit code is 7 if there are
    problems.
    """
    found = _read(options, source)
    if object_info is not None:
        from .._workflows.validation import validate

        classes = catalogue_in(object_info)
        workflow = found.graph(lambda: classes, is_validated=True)
        set_inputs(workflow, settings, classes)
        problems = validate(workflow.graph, classes)
    else:
        with connect(options) as cloud:
            workflow = found.graph(cloud.nodes.all, is_validated=True)
            if settings:
                set_inputs(workflow, settings, cloud.nodes.all())
            problems = cloud.validate(workflow)
    record = {"valid": not problems, "problems": [problem_record(each) for each in problems]}
    details.write(record, text=lambda: "".join(f"{fitted(safe_line(str(each)))}\n" for each in problems))
    count = len(problems)
    write_message("no problems" if not count else f"{count} problem{'s' if count > 1 else ''}")
    if problems:
        raise click.exceptions.Exit(REFUSED)


@command.command(
    "convert",
    examples=[
        "workflow convert ui.json -o api.json",
        "workflow convert ui.json --object-info classes.json --check",
    ],
)
@click.argument(
    "source",
    metavar="FILE",
    help="A file with a UI workflow, - for stdin, or the id of a job.",
    shell_complete=complete_files_or_jobs,
)
@click.option("--strict", is_flag=True, help="Do exactly what the editor does, also what is of no use.")
@click.option("--check", is_flag=True, help="Write no graph, and exit with 7 if there are warnings.")
@object_info_option
@output_file_options
@pass_options
def convert_command(
    options: GlobalOptions,
    source: str,
    strict: bool,
    check: bool,
    object_info: Path | None,
    output_file: Path | None,
    overwrite: bool,
) -> None:
    """Convert a UI workflow, as the editor saves it, to an API graph.

    The node classes come from the server, or from the file of --object-info. What the graph does
    not have is said on stderr.
    """
    if check and output_file is not None:
        raise CommandError("--check writes no graph, so it cannot be combined with --output-file")
    found = _read(options, source)
    layout = layout_or_error(found)
    conversion = convert_layout(found.name, layout, _classes(options, object_info), strict=strict)
    for warning in conversion.warnings:
        write_message(f"warning: {safe_line(warning)}")
    if not check:
        write_document(conversion.graph, output_file, overwrite=overwrite)
        return
    count = len(conversion.warnings)
    write_message("no warnings" if not count else f"{count} warning{'s' if count > 1 else ''}")
    if count:
        raise click.exceptions.Exit(REFUSED)


@command.command(
    "layout",
    examples=[
        "workflow layout graph.json -o ui.json",
        "workflow layout 5f2a1c0e --object-info classes.json -o ui.json",
    ],
)
@click.argument("source", metavar="FILE", help=FILE, shell_complete=complete_files_or_jobs)
@object_info_option
@output_file_options
@pass_options
def layout_command(
    options: GlobalOptions, source: str, object_info: Path | None, output_file: Path | None, overwrite: bool
) -> None:
    """Lay out an API graph as a UI workflow, which ComfyUI opens.

    It is the way back of `workflow convert`. Needs the extra `layout`. Where FILE also has the UI
    workflow, `workflow extract --layout` writes that. The node classes come from the server, or
    from the file of --object-info. What the editor would send differently is said on stderr.
    """
    found = _read(options, source)
    classes = _classes(options, object_info)
    layout = laid_out(found.name, found.graph(lambda: classes), classes)
    for warning in layout.warnings:
        write_message(f"warning: {safe_line(warning)}")
    write_document(layout.ui, output_file, overwrite=overwrite)


@command.command(
    "extract",
    examples=[
        "workflow extract ComfyUI_00001_.png -o graph.json",
        "workflow extract 5f2a1c0e --layout -o layout.json",
    ],
)
@click.argument("source", metavar="FILE", help=FILE, shell_complete=complete_files)
@click.option("--layout", is_flag=True, help="Write the UI workflow, which ComfyUI opens, not the graph.")
@object_info_option
@output_file_options
@pass_options
def extract_command(
    options: GlobalOptions,
    source: str,
    layout: bool,
    object_info: Path | None,
    output_file: Path | None,
    overwrite: bool,
) -> None:
    """Write the graph in an image, another file or a job.

    A UI workflow without its graph is converted.
    """
    found = _read(options, source)
    if not layout:
        document: Mapping[str, Any] = found.graph(lambda: _classes(options, object_info)).graph
    elif found.layout is not None:
        document = found.layout
    else:
        raise CommandError(
            f"{found.name} contains only the API graph; leave out --layout, or make a UI workflow of it: "
            "comfy-cloud workflow layout",
            NOT_FOUND,
        )
    write_document(document, output_file, overwrite=overwrite)


@command.command("diff", examples=["workflow diff old.json new.json", "workflow diff 5f2a1c0e new.json"])
@click.argument(
    "old",
    metavar="A",
    help="A file with a workflow, - for stdin, or the id of a job.",
    shell_complete=complete_files_or_jobs,
)
@click.argument("new", metavar="B", help="The one to compare it with.", shell_complete=complete_files_or_jobs)
@details_options
@pass_options
def diff_command(options: GlobalOptions, details: Details, old: str, new: str) -> None:
    """Show how workflow B differs from A.

    Nodes are compared by their ids, and so are their inputs. The exit code is 1 if they differ.
    """
    if old == new == "-":
        raise CommandError("only one of A and B can be -")
    before, after = (
        _read(options, each).graph(lambda: _server_classes(options)).graph for each in (old, new)
    )
    found = graph_difference(before, after)
    details.write(found, text=lambda: difference_text(found, before, after, color=details.color))
    if any(found.values()):
        raise click.exceptions.Exit(API)
    write_message("no difference")


@command.command("templates", examples=["workflow templates"])
@listing_options(TEMPLATE_COLUMNS, table=tuple(TEMPLATE_COLUMNS))
@pass_options
def templates_command(options: GlobalOptions, listing: Listing) -> None:
    """List the templates of node packages.

    Comfy Cloud has none.
    """
    with connect(options, needs_key=False) as cloud:
        packages = cloud.workflows.templates()
    rows = [
        (package, name) for package, names in packages.items() for name in names if isinstance(names, list)
    ]
    listing.write(rows, "templates")


@command.command("subgraphs", examples=["workflow subgraphs", "workflow subgraphs --where name~upscale"])
@listing_options(SUBGRAPH_COLUMNS, table=tuple(SUBGRAPH_COLUMNS))
@pass_options
def subgraphs_command(options: GlobalOptions, listing: Listing) -> None:
    """List the subgraphs that the server shares."""
    with connect(options, needs_key=False) as cloud:
        listing.write(cloud.workflows.subgraphs().items(), "subgraphs")


@command.command("subgraph", examples=["workflow subgraph 1b8e4c2a", "workflow subgraph 1b8e4c2a --jq .name"])
@click.argument("subgraph_id", metavar="ID", help="The id of a subgraph, or its beginning.")
@details_options
@pass_options
def subgraph_command(options: GlobalOptions, details: Details, subgraph_id: str) -> None:
    """Show a subgraph. In JSON and YAML, `data` is its graph."""
    import json

    with connect(options, needs_key=False) as cloud:
        whole = _subgraph_id(cloud, subgraph_id)
        record = cloud.workflows.subgraph(whole).to_dict()
    with suppress(ValueError, RecursionError):  # what is not JSON is shown as it is
        record["data"] = json.loads(record.get("data") or "null")
    text = {
        "id": whole,
        "name": record.get("name"),
        "source": record.get("source"),
        "package": (record.get("info") or {}).get("node_pack"),
        "nodes": subgraph_nodes(record.get("data")),
    }
    details.write({"id": whole, **record}, text=text)


def _read(options: GlobalOptions, source: str) -> WorkflowInput:
    return read_workflow(source, lambda: connect(options))


def _subgraph_id(cloud: ComfyCloud, text: str) -> str:
    known = list(cloud.workflows.subgraphs())
    if text in known:
        return text
    return whole_id(text, lambda: known, lambda _: False, noun="subgraphs", reach=len(known))


def _classes(options: GlobalOptions, path: Path | None) -> NodeCatalogue:
    """The node classes in a file, or those of the server without one."""
    return _server_classes(options) if path is None else catalogue_in(path)


def _server_classes(options: GlobalOptions) -> NodeCatalogue:
    with connect(options, needs_key=False) as cloud:
        return cloud.nodes.all()


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return one.expanduser().samefile(other)
    except (OSError, ValueError):
        return False
