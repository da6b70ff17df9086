"""`comfy-cloud userdata`: the account's own files, such as saved workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ._console.amounts import size_text
from ._console.client import connect
from ._console.commands import command_group
from ._console.files import read_bytes, write_bytes
from ._console.known_values import files as complete_files
from ._console.listing import Listing, listing_options
from ._console.naming import naming
from ._console.options import GlobalOptions, pass_options
from ._console.paths import PathType
from ._console.prompts import confirm_deletion
from ._console.records import Column
from ._console.sanitizing import safe_line
from ._console.streams import write_message

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_cloud import UserFile

COLUMNS: dict[str, Column[UserFile]] = {
    "path": Column(lambda file: file.path, least=20, rank=0),
    "size": Column(
        lambda file: file.size, lambda file: size_text(file.size), csv_has_value=True, is_number=True, rank=2
    ),
    "modified": Column(lambda file: file.modified, is_instant=True, rank=1),
}
PATH = "The path of a file, such as workflows/portrait.json."


@command_group("userdata")
def command() -> None:
    """List, read and write the account's own files."""


@command.command("list", examples=["userdata list", "userdata list settings"])
@click.argument("folder", default="workflows", help="The folder; default: workflows.")
@click.option("--flat", is_flag=True, help="Leave out what is in folders below it.")
@listing_options(COLUMNS, table=tuple(COLUMNS))
@pass_options
def list_command(options: GlobalOptions, listing: Listing, folder: str, flat: bool) -> None:
    """List the files of a folder, with paths relative to it.

    `read` and `delete` take the folder too: of `portrait.json` in this list, they take
    `workflows/portrait.json`.
    """
    with connect(options) as cloud:
        listing.write(cloud.userdata.list(folder, recurse=not flat), "files")


@command.command("read", examples=["userdata read workflows/portrait.json > portrait.json"])
@click.argument("path", help=PATH)
@click.option("-o", "--output-file", type=PathType(), metavar="FILE", help="Where to save it.")
@pass_options
def read_command(options: GlobalOptions, path: str, output_file: Path | None) -> None:
    """Write the content of a file to a pipe or a new file."""
    with connect(options) as cloud, naming(path, _advice(path)):
        write_bytes(cloud.userdata.read(path), output_file)


@command.command("write", examples=["userdata write workflows/portrait.json portrait.json"])
@click.argument("path", help=PATH)
@click.argument(
    "source", metavar="FILE", help="The file with the content; -: stdin.", shell_complete=complete_files
)
@click.option("--no-overwrite", is_flag=True, help="Fail if there is such a file.")
@pass_options
def write_command(options: GlobalOptions, path: str, source: str, no_overwrite: bool) -> None:
    """Store a file."""
    content = read_bytes(source)
    with connect(options) as cloud:
        stored = cloud.userdata.write(path, content, overwrite=not no_overwrite)
    write_message(f"stored {size_text(len(content))} as {safe_line(stored.path or path)}")


@command.command("delete", examples=["userdata delete workflows/portrait.json"])
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, help="Paths of files.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
@pass_options
def delete_command(options: GlobalOptions, paths: tuple[str, ...], yes: bool) -> None:
    """Delete files for good."""
    with connect(options) as cloud:
        named = paths[0] if len(paths) == 1 else f"{len(paths)} files"
        confirm_deletion(f"Delete {safe_line(named)}?", yes)
        for path in paths:
            with naming(path, _advice(path)):
                cloud.userdata.delete(path)
            write_message(f"deleted {safe_line(path)}")


def _advice(path: str) -> str:
    """What to try for a path that was not found: lists leave out the folder."""
    return "" if "/" in path else f"; a saved workflow has its folder before it: workflows/{path}"
