"""`comfy-cloud assets`: stored files with their metadata.

`assets_edit` has the verbs that add, change and delete them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ._assets.editing import EDITING
from ._assets.ids import ASSET_ID, asset_id_of
from ._console.amounts import size_text
from ._console.client import connect
from ._console.commands import command_group
from ._console.completions import job_ids as complete_job_ids
from ._console.details import Details, details_options
from ._console.known_values import files as complete_files
from ._console.listing import Listing, listing_options
from ._console.options import GlobalOptions, pass_options
from ._console.paths import PathType
from ._console.records import Column
from ._console.saving import IF_EXISTS, shows_bar
from ._console.streams import write_data

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_cloud._files.download_options import IfExists
    from comfy_cloud_api.models.asset import Asset
    from comfy_cloud_api.models.tag_info import TagInfo

COLUMNS: dict[str, Column[Asset]] = {
    "id": Column(lambda asset: asset.id, is_id=True, rank=0),
    "name": Column(lambda asset: asset.display_name or asset.name, least=14, rank=1),
    "size": Column(
        lambda asset: asset.size,
        lambda asset: size_text(asset.size),
        csv_has_value=True,
        is_number=True,
        rank=3,
    ),
    "media_type": Column(lambda asset: asset.mime_type, rank=4),
    "tags": Column(lambda asset: asset.tags or [], lambda asset: ", ".join(asset.tags or []), rank=4),
    "created": Column(lambda asset: asset.created_at, is_instant=True, rank=2),
    "hash": Column(lambda asset: asset.hash_ or asset.asset_hash, rank=6),
    "job": Column(lambda asset: asset.job_id or asset.prompt_id, rank=6),
    "stored_name": Column(lambda asset: asset.name, rank=6),
    "metadata": Column(lambda asset: asset.user_metadata, rank=6),
}
TAG_COLUMNS: dict[str, Column[TagInfo]] = {
    "name": Column(lambda tag: tag.name, rank=0),
    "count": Column(lambda tag: tag.count, is_number=True, rank=1),
}


def asset_filters(function: Any) -> Any:
    """Decorator: add the options that say which assets, passed as `filters`."""
    from functools import wraps

    @wraps(function)
    def with_filters(
        *arguments: Any,
        tags: tuple[str, ...],
        any_tags: tuple[str, ...],
        without: tuple[str, ...],
        name: str | None,
        hash: str | None,
        jobs: tuple[str, ...],
        public: bool,
        **more: Any,
    ) -> Any:
        given = {
            "tags": tags or None,
            "tags_any": any_tags or None,
            "exclude_tags": without or None,
            "name_contains": name,
            "hash": hash,
            "job_ids": jobs or None,
            "include_public": public or None,
        }
        filters = {name: value for name, value in given.items() if value is not None}
        return function(*arguments, filters=filters, **more)

    for decorator in (
        click.option("--public", is_flag=True, help="Also the models and files that everyone has."),
        click.option(
            "--job",
            "jobs",
            multiple=True,
            metavar="ID",
            help="Made by one of these jobs.",
            shell_complete=complete_job_ids,
        ),
        click.option("--hash", metavar="HASH", help="With this BLAKE3 hash."),
        click.option("--name", metavar="TEXT", help="With this text in its name."),
        click.option("--without-tag", "without", multiple=True, metavar="TAG", help="Without this tag."),
        click.option("--any-tag", "any_tags", multiple=True, metavar="TAG", help="With one of these tags."),
        click.option("--tag", "tags", multiple=True, metavar="TAG", help="With all of these tags."),
    ):
        with_filters = decorator(with_filters)
    return with_filters


@command_group("assets")
def command() -> None:
    """List, upload, tag and fetch stored files."""


@command.command("list", examples=["assets list --tag input", "assets list --name portrait --all -o csv"])
@asset_filters
@listing_options(COLUMNS, table=("id", "name", "size", "media_type", "tags", "created"))
@pass_options
def list_command(options: GlobalOptions, listing: Listing, filters: dict[str, Any]) -> None:
    """List assets, newest first."""
    with connect(options) as cloud:
        found = cloud.assets.iter(page_size=listing.page_size(), **filters)
        listing.write(found, "assets", filtered=bool(filters))


@command.command("show", examples=["assets show 5f2a1c0e"])
@click.argument("asset_id", metavar="ID", help=ASSET_ID)
@details_options
@pass_options
def show_command(options: GlobalOptions, details: Details, asset_id: str) -> None:
    """Show one asset with all its metadata."""
    with connect(options) as cloud:
        details.write(cloud.assets.get(asset_id_of(cloud, asset_id)).to_dict())


@command.command("exists", examples=["assets exists blake3:0123..."])
@click.argument("hash", help="A BLAKE3 hash, or a stored name that contains it.")
@pass_options
def exists_command(options: GlobalOptions, hash: str) -> None:
    """Say whether the service has this content. The exit code is 0 or 5."""
    from ._console.exits import NOT_FOUND

    with connect(options) as cloud:
        found = cloud.assets.exists(hash)
    write_data("yes\n" if found else "no\n")
    if not found:
        raise click.exceptions.Exit(NOT_FOUND)


@command.command("tags", examples=["assets tags", "assets tags --prefix style"])
@click.option("--prefix", metavar="TEXT", help="Only tags that begin with this.")
@click.option("--public", is_flag=True, help="Also those of the models and files that everyone has.")
@listing_options(TAG_COLUMNS, table=tuple(TAG_COLUMNS))
@pass_options
def tags_command(options: GlobalOptions, listing: Listing, prefix: str | None, public: bool) -> None:
    """List the tags in use, each with the number of its assets."""
    with connect(options) as cloud:
        found = cloud.assets.iter_tags(
            prefix=prefix, include_public=public, page_size=listing.page_size(largest=1_000)
        )
        listing.write(found, "tags", filtered=prefix is not None)


@command.command("count", examples=["assets count --tag input"])
@asset_filters
@details_options
@pass_options
def count_command(options: GlobalOptions, details: Details, filters: dict[str, Any]) -> None:
    """Count by tag the assets that match a filter."""
    with connect(options) as cloud:
        details.write(cloud.assets.tag_histogram(**filters))


@command.command("metadata", examples=["assets metadata https://civitai.com/models/1234"])
@click.argument("url", help="The address of a file on the web.")
@details_options
@pass_options
def metadata_command(options: GlobalOptions, details: Details, url: str) -> None:
    """Show what the service finds out about a file on the web, before an import."""
    with connect(options) as cloud:
        details.write(cloud.assets.remote_metadata(url).to_dict())


@command.command(
    "download", examples=["assets download 5f2a1c0e -d out", "assets download 5f2a1c0e photo.png"]
)
@click.argument("asset_id", metavar="ID", help=ASSET_ID)
@click.argument(
    "target",
    metavar="[FILE]",
    required=False,
    help="Where to save it; default: its name.",
    shell_complete=complete_files,
)
@click.option("-d", "--folder", type=PathType(), default=".", help="The folder to save it in.")
@IF_EXISTS
@pass_options
def download_command(
    options: GlobalOptions, asset_id: str, target: str | None, folder: Path, if_exists: IfExists
) -> None:
    """Save the content of an asset, checked against its hash; prints the path."""
    from comfy_cloud._files.names import safe_name

    with connect(options) as cloud:
        asset = cloud.assets.get(asset_id_of(cloud, asset_id))
        name = target or safe_name(asset.display_name or asset.name or asset_id)
        path = folder / name
        saved = cloud.assets.download(asset, path, if_exists=if_exists, progress=shows_bar())
    write_data(f"{saved}\n")


for _verb in EDITING:
    command.add_command(_verb)
