"""Single assets by either version of the API, with one interface, and the choice between them."""

from __future__ import annotations

from typing import TypeVar, Unpack

from comfy_cloud_api.api.asset import delete_asset, get_asset_content
from comfy_cloud_api.models.asset import Asset
from comfy_cloud_api.models.asset_created import AssetCreated
from comfy_cloud_api.types import Request

from ..._files.asset_fields import HashedFields, UploadFields
from ..._files.upload_sources import UploadSource
from ..._http.concurrency import AsyncCall
from ...errors import NotSupported
from .._http.session import AsyncSession
from .asset_calls import AsyncAssetCalls
from .asset_upload import AsyncUploads

T = TypeVar("T")
_GONE = 410


class AsyncAssetSource:
    """What both versions of the API can do with one asset.

    Each method raises NotSupported, and NotFound; see `AsyncAssets`.
    """

    async def get(self, asset_id: str) -> Asset:
        """One asset."""
        raise NotImplementedError

    async def exists(self, hash: str) -> bool:
        """Whether the service has content with this hash."""
        raise NotImplementedError

    async def from_hash(self, hash: str, **fields: Unpack[HashedFields]) -> AssetCreated:
        """An asset made of content that the service has."""
        raise NotImplementedError

    async def upload(self, upload: UploadSource, **fields: Unpack[UploadFields]) -> AssetCreated:
        """An asset made of a file."""
        raise NotImplementedError

    async def delete(self, asset_id: str) -> None:
        """Delete one asset."""
        raise NotImplementedError


class AsyncV1Assets(AsyncAssetSource):
    """The operations of version 1 on one asset."""

    def __init__(self, session: AsyncSession, calls: AsyncAssetCalls) -> None:
        self._session = session
        self._calls = calls
        self._uploads = AsyncUploads(session, calls)

    async def get(self, asset_id: str) -> Asset:
        return await self._calls.get(asset_id)

    async def exists(self, hash: str) -> bool:
        return await self._calls.exists(hash)

    async def from_hash(self, hash: str, **fields: Unpack[HashedFields]) -> AssetCreated:
        return await self._calls.from_hash(hash, **fields)

    async def upload(self, upload: UploadSource, **fields: Unpack[UploadFields]) -> AssetCreated:
        return await self._uploads.run(upload, **fields)

    async def delete(self, asset_id: str) -> None:
        await self._session.call(delete_asset.build(asset_id), delete_asset.parse)


def _v2_assets(session: AsyncSession) -> AsyncAssetSource:
    from .v2_assets import AsyncV2Assets  # hardly ever needed

    return AsyncV2Assets(session)


class AsyncSingleAssets(AsyncAssetSource):
    """Version 1, and API v2 where that is gone or as the settings say."""

    def __init__(self, session: AsyncSession, calls: AsyncAssetCalls) -> None:
        self._session = session
        self._v1 = AsyncV1Assets(session, calls)

    async def get(self, asset_id: str) -> Asset:
        return await self._call(lambda source: source.get(asset_id))

    async def exists(self, hash: str) -> bool:
        return await self._call(lambda source: source.exists(hash))

    async def from_hash(self, hash: str, **fields: Unpack[HashedFields]) -> AssetCreated:
        return await self._call(lambda source: source.from_hash(hash, **fields))

    async def upload(self, upload: UploadSource, **fields: Unpack[UploadFields]) -> AssetCreated:
        return await self._call(lambda source: source.upload(upload, **fields))

    async def delete(self, asset_id: str) -> None:
        return await self._call(lambda source: source.delete(asset_id))

    def content_request(self, asset_id: str) -> Request:
        """The request for the content of an asset, by the version of the API that is in use."""
        if not self._session.uses_v2:
            return get_asset_content.build(asset_id)
        from .v2_assets import v2_content  # hardly ever needed

        return v2_content(asset_id)

    async def _call(self, function: AsyncCall[AsyncAssetSource, T]) -> T:
        session, settings = self._session, self._session.settings
        if session.uses_v2:
            return await function(_v2_assets(session))
        try:
            return await function(self._v1)
        except NotSupported as error:
            # A self-hosted server without assets has no API v2 either, and is not asked for it.
            is_gone = error.status == _GONE or settings.is_comfy_cloud
            if not is_gone or settings.api != "auto" or settings.strict:
                raise
            missing = error
        try:
            found = await function(_v2_assets(session))
        except NotSupported:
            raise missing from None
        session.use_v2()
        return found
