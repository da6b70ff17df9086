"""`comfy-cloud models`: the models that loader nodes can use."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import click

from ._console.client import connect
from ._console.commands import command_group
from ._console.completions import model_folders, model_names
from ._console.files import write_bytes
from ._console.listing import Listing, listing_options
from ._console.naming import naming
from ._console.options import GlobalOptions, pass_options
from ._console.paths import PathType
from ._console.records import Column
from ._console.remembered import remember

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from comfy_cloud import ComfyCloud

COLUMNS: dict[str, Column[dict[str, Any]]] = {
    "folder": Column(itemgetter("folder"), rank=1),
    "name": Column(itemgetter("name"), least=20, rank=0),
    "path_index": Column(itemgetter("path_index"), is_number=True, rank=2),
}
FOLDER_COLUMNS: dict[str, Column[Any]] = {
    "name": Column(lambda folder: folder.name, rank=0),
    "paths": Column(lambda folder: folder.folders or [], lambda folder: ", ".join(folder.folders or [])),
}


@command_group("models")
def command() -> None:
    """List the models of the server."""


@command.command("folders", examples=["models folders"])
@listing_options(FOLDER_COLUMNS, table=tuple(FOLDER_COLUMNS))
@pass_options
def folders_command(options: GlobalOptions, listing: Listing) -> None:
    """List the kinds of models, such as checkpoints and loras."""
    with connect(options, needs_key=False) as cloud:
        found = cloud.models.folders()
        remember(options, "model folders", ([each.name] for each in found if each.name), all_of_them=True)
        listing.write(found, "kinds of models")


@command.command("list", examples=["models list checkpoints", "models list --where name~flux"])
@click.argument(
    "folder", required=False, help="The kind of models; default: all kinds.", shell_complete=model_folders
)
@listing_options(COLUMNS, table=("folder", "name"))
@pass_options
def list_command(options: GlobalOptions, listing: Listing, folder: str | None) -> None:
    """List models. Graphs use their names."""
    with connect(options, needs_key=False) as cloud:
        found = list(_models(cloud, folder))
        remember(options, "models", ([each["name"], each["folder"]] for each in found if each["name"]))
        listing.write(found, "models")


def _models(cloud: ComfyCloud, folder: str | None) -> Iterator[dict[str, Any]]:
    from comfy_cloud import NotFound

    names = [folder] if folder is not None else [each.name for each in cloud.models.folders()]
    for name in names:
        if not name:
            continue
        try:
            files = cloud.models.list(name)
        except NotFound:
            if folder is not None:
                raise
            continue  # Comfy Cloud says that of empty folders
        for file in files:
            yield {"folder": name, "name": file.name, "path_index": file.path_index}


@command.command("preview", examples=["models preview loras flowers.safetensors --output-file flowers.webp"])
@click.argument("folder", help="The kind of models.", shell_complete=model_folders)
@click.argument("name", help="The name of a model in `models list`.", shell_complete=model_names)
@click.option("--path-index", type=click.IntRange(0), default=0, help="As `models list` has it; default: 0.")
@click.option("-o", "--output-file", type=PathType(), metavar="FILE", help="Where to save it.")
@pass_options
def preview_command(
    options: GlobalOptions, folder: str, name: str, path_index: int, output_file: Path | None
) -> None:
    """Save the preview image of a model."""
    with connect(options, needs_key=False) as cloud, naming(name):
        write_bytes(cloud.models.preview(folder, name, path_index), output_file)
