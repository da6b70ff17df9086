"""Ids of assets on the command line: the beginning of one is enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .._console.identifiers import PREFIX_REACH, SHORTEST_PREFIX, whole_id
from .._console.listing import LARGEST_PAGE

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud

ASSET_ID = "The id of an asset, or its beginning."


def asset_id_of(cloud: ComfyCloud, text: str) -> str:
    """The id of the asset that `text` is, or is the beginning of, among the newest 1,000."""
    from comfy_cloud import BadRequest, NotFound

    def newest() -> Iterator[str]:
        found = cloud.assets.iter(limit=PREFIX_REACH, page_size=LARGEST_PAGE)
        return (asset.id for asset in found if asset.id is not None)

    def is_known(asset_id: str) -> bool:
        try:
            cloud.assets.get(asset_id)
        except (BadRequest, NotFound):
            return False
        return True

    return whole_id(text, newest, is_known, noun="assets", shortest=SHORTEST_PREFIX, reach=PREFIX_REACH)
