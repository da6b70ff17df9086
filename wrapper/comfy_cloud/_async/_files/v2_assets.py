"""Single assets by API v2, as the models that `cloud.assets` returns."""

from __future__ import annotations

from typing import Unpack

from comfy_cloud_api.models.asset import Asset
from comfy_cloud_api.models.asset_created import AssetCreated
from comfy_cloud_api.types import Request
from comfy_cloud_api_v2.api.assets import (
    asset_from_hash,
    delete_asset,
    get_asset,
    get_asset_content,
    head_asset_by_hash,
)
from comfy_cloud_api_v2.models.asset_from_hash_body import AssetFromHashBody

from ..._files.asset_fields import HashedFields, UploadFields, asset_fields, refuse_fields
from ..._files.progress import report_nothing_sent
from ..._files.upload_sources import UploadSource
from ..._http.api_v2 import parser_of, request_of
from ...asset_filters import hash_text
from ...errors import NotFound
from .._http.session import AsyncSession
from .asset_sources import AsyncAssetSource
from .v2_upload import stored_asset


class AsyncV2Assets(AsyncAssetSource):
    """The operations of API v2 on one asset."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, asset_id: str) -> Asset:
        request = request_of(get_asset.build(asset_id))
        return Asset.from_dict(asset_fields(await self._session.call(request, parser_of(get_asset.parse))))

    async def exists(self, hash: str) -> bool:
        request = request_of(head_asset_by_hash.build(hash_text(hash)))
        try:
            return await self._session.call(request, parser_of(head_asset_by_hash.parse))
        except NotFound:
            return False

    async def from_hash(self, hash: str, **fields: Unpack[HashedFields]) -> AssetCreated:
        refuse_fields(mime_type=fields["mime_type"], user_metadata=fields["user_metadata"])
        body = AssetFromHashBody(hash_=hash_text(hash), file_path=fields["name"], tags=fields["tags"])
        request = request_of(asset_from_hash.build(body=body))
        found = await self._session.call(request, parser_of(asset_from_hash.parse))
        return AssetCreated.from_dict(asset_fields(found))

    async def upload(self, upload: UploadSource, **fields: Unpack[UploadFields]) -> AssetCreated:
        metadata, progress = fields["user_metadata"], fields["progress"]
        refuse_fields(user_metadata=metadata, preview_id=fields["preview_id"], asset_id=fields["asset_id"])
        found, is_sent = await stored_asset(
            self._session, upload, fields["tags"], progress, deduplicate=fields["deduplicate"]
        )
        if not is_sent:
            report_nothing_sent(progress, upload.size)
        return AssetCreated.from_dict(asset_fields(found))

    async def delete(self, asset_id: str) -> None:
        await self._session.call(request_of(delete_asset.build(asset_id)), parser_of(delete_asset.parse))


def v2_content(asset_id: str) -> Request:
    """The request for the content of an asset of API v2."""
    return request_of(get_asset_content.build(asset_id))
