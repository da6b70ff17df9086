"""`comfy-cloud files`: inputs to upload, and any file of the server by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ._console.amounts import size_text
from ._console.client import connect
from ._console.commands import command_group
from ._console.details import Details, details_options
from ._console.exits import CommandError
from ._console.known_values import files as complete_files
from ._console.naming import naming
from ._console.options import GlobalOptions, pass_options
from ._console.saving import FOLDER, IF_EXISTS, shows_bar
from ._console.streams import write_data, write_message

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_cloud._files.download_options import IfExists

TYPES = click.Choice(["input", "output", "temp"])


@command_group("files")
def command() -> None:
    """Upload inputs, and fetch any file by its name."""


@command.command("upload", examples=["files upload photo.png", "files upload *.png --subfolder portraits"])
@click.argument(
    "sources",
    metavar="FILE...",
    nargs=-1,
    required=True,
    help="The images; an URL is fetched.",
    shell_complete=complete_files,
)
@click.option("--name", metavar="NAME", help="The name to store one file under; default: its own.")
@click.option("--subfolder", metavar="FOLDER", help="The folder on the server.")
@click.option("--type", type=TYPES, default="input", help="Where the server keeps it; default: input.")
@click.option("--overwrite", is_flag=True, help="Replace a file of this name; default: another name.")
@details_options
@pass_options
def upload_command(
    options: GlobalOptions,
    details: Details,
    sources: tuple[str, ...],
    name: str | None,
    subfolder: str | None,
    type: Any,
    overwrite: bool,
) -> None:
    """Upload images for use in a graph; shows the name to put into the graph."""
    if name is not None and len(sources) > 1:
        raise CommandError("--name is for one file")
    with connect(options) as cloud:
        for source in sources:
            stored = cloud.files.upload_image(
                source, name=name, type=type, subfolder=subfolder, overwrite=overwrite, progress=shows_bar()
            )
            details.write(stored.to_dict(), text=_stored_text(stored.to_dict()))


@command.command("mask", examples=["files mask mask.png photo.png"])
@click.argument(
    "source", metavar="MASK", help="The image whose transparency is the mask.", shell_complete=complete_files
)
@click.argument("original", help="The stored name of the image to mask.")
@click.option("--subfolder", default="", metavar="FOLDER", help="The folder of the result.")
@details_options
@pass_options
def mask_command(
    options: GlobalOptions, details: Details, source: str, original: str, subfolder: str
) -> None:
    """Apply the transparency of an image to a stored one."""
    with connect(options) as cloud:
        stored = cloud.files.upload_mask(source, original, subfolder=subfolder).to_dict()
    details.write(stored, text=_stored_text(stored))


def _stored_text(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What a person wants to know of a stored image: its name for the graph, and its asset."""
    asset = stored.get("asset")
    known = asset if isinstance(asset, Mapping) else {}
    size = known.get("size")
    return {
        **{name: stored.get(name) for name in ("name", "subfolder", "type")},
        "asset": known.get("id"),
        "size": size_text(size) if isinstance(size, int) else None,
    }


@command.command("layers", examples=["files layers clipspace-painted-masked-1.png"])
@click.argument("name", help="The stored name of a masked image.")
@details_options
@pass_options
def layers_command(options: GlobalOptions, details: Details, name: str) -> None:
    """Show the file names of the layers of a masked image."""
    with connect(options) as cloud, naming(name):
        details.write(cloud.files.mask_layers(name).to_dict())


@command.command(
    "download", examples=["files download ComfyUI_00001_.png", "files download a.png b.png -d out"]
)
@click.argument("names", metavar="NAME...", nargs=-1, required=True, help="Stored names of files.")
@FOLDER
@click.option("--subfolder", metavar="FOLDER", help="The folder on the server.")
@click.option("--type", type=TYPES, help="Where the server keeps them; default: output.")
@IF_EXISTS
@pass_options
def download_command(
    options: GlobalOptions,
    names: tuple[str, ...],
    folder: Path,
    subfolder: str | None,
    type: Any,
    if_exists: IfExists,
) -> None:
    """Save files under their names, checked against the hash in the name; prints the paths."""
    from comfy_cloud._files.names import safe_name

    with connect(options) as cloud:
        for name in names:
            target = folder / safe_name(name.rpartition("/")[2])
            with naming(name):
                saved = cloud.files.download(
                    name, target, subfolder=subfolder, type=type, if_exists=if_exists, progress=shows_bar()
                )
            write_data(f"{saved}\n")


@command.command("url", examples=["files url ComfyUI_00001_.png"])
@click.argument("name", help="The stored name of a file.")
@click.option("--subfolder", metavar="FOLDER", help="The folder on the server.")
@click.option("--type", type=TYPES, help="Where the server keeps it; default: output.")
@pass_options
def url_command(options: GlobalOptions, name: str, subfolder: str | None, type: Any) -> None:
    """Print a signed URL of a file. Anybody can read the file with it, for a short time."""
    with connect(options) as cloud, naming(name):
        write_data(f"{cloud.files.signed_url(name, subfolder=subfolder, type=type)}\n")
        write_message("keep it secret: anybody can read the file with it until it expires")
