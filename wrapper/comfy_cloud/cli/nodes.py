"""`comfy-cloud nodes`: the node classes of the server, and their inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ._console.client import connect
from ._console.commands import command_group
from ._console.completions import node_classes
from ._console.details import Details, details_options
from ._console.elastic import report_text
from ._console.formats import json_text
from ._console.listing import Listing, listing_options
from ._console.options import GlobalOptions, pass_options
from ._console.records import Column
from ._console.remembered import remember
from ._workflows.object_info import catalogue_in, object_info_option
from ._workflows.output import output_file_options, write_source

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_cloud_api.models.node_info import NodeInfo

MAX_CHOICES = 1000  # as `cloud.nodes.stubs` has it

COLUMNS: dict[str, Column[NodeInfo]] = {
    "name": Column(lambda node: node.name, least=20, rank=0),
    "title": Column(lambda node: node.display_name, rank=2),
    "category": Column(lambda node: node.category, rank=1),
    "outputs": Column(lambda node: node.output or [], lambda node: _types(node.output), rank=3),
    "is_output": Column(lambda node: bool(node.output_node), lambda node: "yes" if node.output_node else ""),
    "is_paid": Column(lambda node: bool(node.api_node), lambda node: "yes" if node.api_node else ""),
    "module": Column(lambda node: node.python_module, rank=5),
}


@command_group("nodes")
def command() -> None:
    """List the node classes of the server, show their inputs, and write Python for them."""


@command.command("list", examples=["nodes list", "nodes list sampler", "nodes list --where is_paid=yes"])
@click.argument("text", required=False, help="Only classes whose name, title or category contains this.")
@listing_options(COLUMNS, table=("name", "title", "category"))
@pass_options
def list_command(options: GlobalOptions, listing: Listing, text: str | None) -> None:
    """List node classes by name."""
    with connect(options) as cloud:
        catalogue = cloud.nodes.all()
        titles = ([name, str(catalogue[name].display_name or "")] for name in sorted(catalogue))
        remember(options, "nodes", titles, all_of_them=True)
        nodes = (catalogue[name] for name in sorted(catalogue))
        listing.write((node for node in nodes if _matches(node, text)), "node classes", filtered=bool(text))


@command.command("show", examples=["nodes show KSampler", "nodes show KSampler -o json"])
@click.argument(
    "name", metavar="CLASS", help="The name of a node class, such as KSampler.", shell_complete=node_classes
)
@details_options
@pass_options
def show_command(options: GlobalOptions, details: Details, name: str) -> None:
    """Show a node class: its inputs with their types and limits, and its outputs."""
    with connect(options) as cloud:
        node = cloud.nodes.get(name)
    details.write(node.to_dict(), text=lambda: _description(node, details))


@command.command(
    "stubs",
    examples=[
        "nodes stubs -o nodes.py",
        "nodes stubs -o nodes.py --object-info classes.json",
        "nodes stubs --class KSampler --class VAEDecode > nodes.py",
    ],
)
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="CLASS",
    help="Write only this class; may be given several times. Default: all.",
    shell_complete=node_classes,
)
@click.option(
    "--max-choices",
    type=click.IntRange(min=0),
    default=MAX_CHOICES,
    show_default=True,
    metavar="N",
    help="The longest list of choices that becomes a type; longer ones take any text.",
)
@object_info_option
@output_file_options
@pass_options
def stubs_command(
    options: GlobalOptions,
    classes: tuple[str, ...],
    max_choices: int,
    object_info: Path | None,
    output_file: Path | None,
    overwrite: bool,
) -> None:
    """Write typed Python for the node classes, to build graphs with.

    It is a module to save in your project and import: nodes.KSampler(model=..., seed=7). Editors
    complete inputs and choices, and type checkers refuse a link of the wrong type. Write it anew,
    with --overwrite, when the node classes or models have changed.
    """
    if object_info is None:
        with connect(options) as cloud:
            text = cloud.nodes.stubs(*classes, max_choices=max_choices)
    else:
        from .. import node_stubs

        known = catalogue_in(object_info)
        text = node_stubs(known, classes=classes or None, max_choices=max_choices, source=object_info.name)
    write_source(text, output_file, overwrite=overwrite)


def _description(node: NodeInfo, details: Details) -> str:
    head = details.fields(
        {
            "class": node.name,
            "title": node.display_name,
            "category": node.category,
            "about": node.description,
            "module": node.python_module,
            "paid": "a partner service, billed by use" if node.api_node else None,
            "state": "deprecated" if node.deprecated else "experimental" if node.experimental else None,
            "outputs": _types(node.output),
        }
    )
    rows = list(_inputs(node))
    if not rows:
        return head
    columns = ("input", "type", "default", "limits", "group")
    return head + "\n" + report_text(columns, rows, color=details.color)


def _inputs(node: NodeInfo) -> Iterator[tuple[str, str, str, str, str]]:
    from comfy_cloud_catalogue.declarations import input_specs
    from comfy_cloud_catalogue.dynamic import choices_of

    for spec in input_specs(node.input_):
        choices, options = choices_of(spec), spec.options
        shown = spec.type
        if choices is not None:
            shown = f"one of {', '.join(map(str, choices[:8]))}"
            shown += f", and {len(choices) - 8} more" if len(choices) > 8 else ""
        default = json_text(options["default"]) if "default" in options else ""
        limits = ", ".join(f"{word} {options[word]}" for word in ("min", "max", "step") if word in options)
        yield spec.name, shown, default, limits, "optional" if spec.is_optional else "required"


def _matches(node: NodeInfo, text: str | None) -> bool:
    words = (node.name, node.display_name, node.category)
    return text is None or any(text.lower() in (word or "").lower() for word in words)


def _types(outputs: list[Any] | None) -> str:
    return ", ".join(each if isinstance(each, str) else "choice" for each in outputs or [])
