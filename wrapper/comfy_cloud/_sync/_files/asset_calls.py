# Made from wrapper/comfy_cloud/_async/_files/asset_calls.py by `make unasync`. Do not edit.
"""The requests about assets that both `cloud.assets` and uploads send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfy_cloud_api.api.asset import (
    check_asset_by_hash,
    create_asset_from_hash,
    get_asset_by_id,
    list_tags,
    update_asset,
)
from comfy_cloud_api.models.asset import Asset
from comfy_cloud_api.models.asset_created import AssetCreated
from comfy_cloud_api.models.asset_updated import AssetUpdated
from comfy_cloud_api.models.create_asset_from_hash_body import CreateAssetFromHashBody
from comfy_cloud_api.models.update_asset_body import UpdateAssetBody

from ...asset_filters import hash_text
from ...errors import ConfigurationError, NotFound, ServerError
from ...retry import Retry
from .._http.session import Session


class AssetCalls:
    """Requests about one asset, or about content by its hash."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, asset_id: str) -> Asset:
        """See `Assets.get`."""
        return self._session.call(get_asset_by_id.build(asset_id), get_asset_by_id.parse)

    def exists(self, hash: str) -> bool:
        """See `Assets.exists`."""
        request = check_asset_by_hash.build(hash_text(hash))
        parse = check_asset_by_hash.parse
        try:
            try:
                return self._session.call(request, parse, retry=Retry.none())
            except ServerError:
                # A response to HEAD contains no reason. If assets are switched off, another
                # operation says so, and retrying would be pointless.
                self._session.call(list_tags.build(limit=1), list_tags.parse)
            return self._session.call(request, parse)
        except NotFound:
            return False

    def from_hash(
        self,
        hash: str,
        *,
        tags: list[str],
        name: str | None,
        mime_type: str | None,
        user_metadata: Mapping[str, Any] | None,
    ) -> AssetCreated:
        """See `Assets.from_hash`."""
        body = CreateAssetFromHashBody(
            hash_=hash_text(hash),
            tags=tags,
            name=name,
            mime_type=mime_type,
            user_metadata=dict(user_metadata) if user_metadata is not None else None,
        )
        request = create_asset_from_hash.build(body=body)
        return self._session.call(request, create_asset_from_hash.parse)

    def update(
        self,
        asset_id: str,
        *,
        name: str | None = None,
        mime_type: str | None = None,
        preview_id: str | None = None,
        user_metadata: Mapping[str, Any] | None = None,
    ) -> AssetUpdated:
        """See `Assets.update`."""
        metadata = dict(user_metadata) if user_metadata is not None else None
        body = UpdateAssetBody(name=name, mime_type=mime_type, preview_id=preview_id, user_metadata=metadata)
        if not body.to_dict():
            raise ConfigurationError("assets.update() needs name, mime_type, preview_id or user_metadata")
        return self._session.call(update_asset.build(asset_id, body=body), update_asset.parse)
