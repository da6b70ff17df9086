"""Ids of assets on the command line: the beginning of one is enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .._console.identifiers import PREFIX_REACH, known_by, whole_id
from .._console.listing import LARGEST_PAGE

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud

ASSET_ID = "The id of an asset, or its beginning."


def asset_id_of(cloud: ComfyCloud, text: str) -> str:
    """The id of the asset that `text` is, or is the beginning of, among the newest 1,000."""

    def newest() -> Iterator[str]:
        found = cloud.assets.iter(limit=PREFIX_REACH, page_size=LARGEST_PAGE)
        return (asset.id for asset in found if asset.id is not None)

    return whole_id(text, newest, known_by(cloud.assets.get), noun="assets")
