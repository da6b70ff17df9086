"""The verbs of `comfy-cloud assets` that add, change and delete assets."""

from __future__ import annotations

import json
from typing import Any

import click

from .._console.client import connect
from .._console.commands import verb
from .._console.completions import model_folders as complete_model_folders
from .._console.details import Details, details_options
from .._console.exits import CommandError
from .._console.known_values import files as complete_files
from .._console.options import GlobalOptions, pass_options
from .._console.prompts import confirm_deletion
from .._console.sanitizing import safe_line
from .._console.saving import shows_bar
from .._console.streams import write_message
from .ids import ASSET_ID, asset_id_of


@verb("upload", examples=["assets upload photo.png", "assets upload *.png --tag input --tag cats"])
@click.argument(
    "sources",
    metavar="FILE...",
    nargs=-1,
    required=True,
    help="The files; an URL is fetched.",
    shell_complete=complete_files,
)
@click.option("--name", metavar="NAME", help="The name to store one file under; default: its own.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag; default: input.")
@click.option("--metadata", metavar="JSON", help="An object to store with it.")
@details_options
@pass_options
def upload_command(
    options: GlobalOptions,
    details: Details,
    sources: tuple[str, ...],
    name: str | None,
    tags: tuple[str, ...],
    metadata: str | None,
) -> None:
    """Store files as assets. Content that the service already has is not sent."""
    if name is not None and len(sources) > 1:
        raise CommandError("--name is for one file")
    with connect(options) as cloud:
        for source in sources:
            asset = cloud.assets.upload(
                source,
                name=name,
                tags=tags or ("input",),
                user_metadata=_object("--metadata", metadata),
                progress=shows_bar(),
            )
            details.write(asset.to_dict(), text={"id": asset.id, "name": asset.name, "tags": asset.tags})


@verb("import", examples=["assets import https://civitai.com/models/1234 --folder loras"])
@click.argument("url", help="The address of a file on the web.")
@click.option(
    "--folder", metavar="NAME", help="The model folder, such as loras.", shell_complete=complete_model_folders
)
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Without --folder: a tag.")
@click.option("--timeout", "seconds", type=float, metavar="SECONDS", help="How long to wait at most.")
@details_options
@pass_options
def import_command(
    options: GlobalOptions,
    details: Details,
    url: str,
    folder: str | None,
    tags: tuple[str, ...],
    seconds: float | None,
) -> None:
    """Let the service fetch a file from the web, and wait for it."""
    if folder is not None and tags:
        raise CommandError("--folder and --tag cannot be combined: the folder is a tag")
    with connect(options) as cloud:
        if folder is not None:
            asset = cloud.assets.download_model(url, folder, timeout=seconds, progress=shows_bar())
        else:
            asset = cloud.assets.import_url(
                url, tags=tags or ("models",), timeout=seconds, progress=shows_bar()
            )
    details.write(asset.to_dict())


@verb("from-hash", examples=["assets from-hash blake3:0123... --tag input"])
@click.argument("hash", help="The BLAKE3 hash of content that the service has.")
@click.option("--name", metavar="NAME", help="The name of the new asset.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag; default: input.")
@details_options
@pass_options
def from_hash_command(
    options: GlobalOptions, details: Details, hash: str, name: str | None, tags: tuple[str, ...]
) -> None:
    """Make an asset from content that the service already has."""
    with connect(options) as cloud:
        details.write(cloud.assets.from_hash(hash, name=name, tags=tags or ("input",)).to_dict())


@verb("set", examples=["assets set 5f2a1c0e --name portrait.png"])
@click.argument("asset_id", metavar="ID", help=ASSET_ID)
@click.option("--name", metavar="NAME", help="The new name.")
@click.option("--media-type", metavar="TYPE", help="The new media type, such as image/png.")
@click.option("--metadata", metavar="JSON", help="The new object that is stored with it.")
@details_options
@pass_options
def set_command(
    options: GlobalOptions,
    details: Details,
    asset_id: str,
    name: str | None,
    media_type: str | None,
    metadata: str | None,
) -> None:
    """Change an asset; what is not given stays as it is."""
    if name is None and media_type is None and metadata is None:
        raise CommandError("nothing to change: give --name, --media-type or --metadata")
    with connect(options) as cloud:
        changed = cloud.assets.update(
            asset_id_of(cloud, asset_id),
            name=name,
            mime_type=media_type,
            user_metadata=_object("--metadata", metadata),
        )
    details.write(changed.to_dict())


@verb("tag", examples=["assets tag 5f2a1c0e cats favourites"])
@click.argument("asset_id", metavar="ID", help=ASSET_ID)
@click.argument("tags", metavar="TAG...", nargs=-1, required=True, help="The tags to add.")
@pass_options
def tag_command(options: GlobalOptions, asset_id: str, tags: tuple[str, ...]) -> None:
    """Add tags to an asset."""
    with connect(options) as cloud:
        done = cloud.assets.add_tags(asset_id_of(cloud, asset_id), *tags)
    write_message(safe_line(f"tags: {', '.join(done.total_tags or [])}"))


@verb("untag", examples=["assets untag 5f2a1c0e cats"])
@click.argument("asset_id", metavar="ID", help=ASSET_ID)
@click.argument("tags", metavar="TAG...", nargs=-1, required=True, help="The tags to remove.")
@pass_options
def untag_command(options: GlobalOptions, asset_id: str, tags: tuple[str, ...]) -> None:
    """Remove tags from an asset."""
    with connect(options) as cloud:
        done = cloud.assets.remove_tags(asset_id_of(cloud, asset_id), *tags)
    write_message(safe_line(f"tags: {', '.join(done.total_tags or [])}"))


@verb("delete", examples=["assets delete 5f2a1c0e 77aa01b2"])
@click.argument("asset_ids", metavar="ID...", nargs=-1, required=True, help="Ids of assets, or beginnings.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
@pass_options
def delete_command(options: GlobalOptions, asset_ids: tuple[str, ...], yes: bool) -> None:
    """Delete assets. This cannot be undone."""
    with connect(options) as cloud:
        found = list(dict.fromkeys(asset_id_of(cloud, asset_id) for asset_id in asset_ids))
        named = safe_line(found[0]) if len(found) == 1 else f"{len(found)} assets"
        confirm_deletion(f"Delete {named}?", yes)
        cloud.assets.delete(*found)
    write_message(f"deleted {named}")


EDITING = (
    upload_command,
    import_command,
    from_hash_command,
    set_command,
    tag_command,
    untag_command,
    delete_command,
)
"""The verbs, for the group to add."""


def _object(option: str, text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CommandError(f'{option} takes a JSON object, such as {{"project": "cats"}}')
    return found
