# Made from wrapper/comfy_cloud/_async/_files/asset_sources.py by `make unasync`. Do not edit.
"""Single assets by either version of the API, with one interface, and the choice between them."""

from __future__ import annotations

from typing import TypeVar, Unpack

from comfy_cloud_api.api.asset import delete_asset, get_asset_content
from comfy_cloud_api.models.asset import Asset
from comfy_cloud_api.models.asset_created import AssetCreated
from comfy_cloud_api.types import Request

from ..._files.asset_fields import HashedFields, UploadFields
from ..._files.upload_sources import UploadSource
from ..._http.concurrency import Call
from ...errors import NotSupported
from .._http.session import Session
from .asset_calls import AssetCalls
from .asset_upload import Uploads

T = TypeVar("T")
_GONE = 410


class AssetSource:
    """What both versions of the API can do with one asset.

    Each method raises NotSupported, and NotFound; see `Assets`.
    """

    def get(self, asset_id: str) -> Asset:
        """One asset."""
        raise NotImplementedError

    def exists(self, hash: str) -> bool:
        """Whether the service has content with this hash."""
        raise NotImplementedError

    def from_hash(self, hash: str, **fields: Unpack[HashedFields]) -> AssetCreated:
        """An asset made of content that the service has."""
        raise NotImplementedError

    def upload(self, upload: UploadSource, **fields: Unpack[UploadFields]) -> AssetCreated:
        """An asset made of a file."""
        raise NotImplementedError

    def delete(self, asset_id: str) -> None:
        """Delete one asset."""
        raise NotImplementedError


class V1Assets(AssetSource):
    """The operations of version 1 on one asset."""

    def __init__(self, session: Session, calls: AssetCalls) -> None:
        self._session = session
        self._calls = calls
        self._uploads = Uploads(session, calls)

    def get(self, asset_id: str) -> Asset:
        return self._calls.get(asset_id)

    def exists(self, hash: str) -> bool:
        return self._calls.exists(hash)

    def from_hash(self, hash: str, **fields: Unpack[HashedFields]) -> AssetCreated:
        return self._calls.from_hash(hash, **fields)

    def upload(self, upload: UploadSource, **fields: Unpack[UploadFields]) -> AssetCreated:
        return self._uploads.run(upload, **fields)

    def delete(self, asset_id: str) -> None:
        self._session.call(delete_asset.build(asset_id), delete_asset.parse)


def _v2_assets(session: Session) -> AssetSource:
    from .v2_assets import V2Assets  # hardly ever needed

    return V2Assets(session)


class SingleAssets(AssetSource):
    """Version 1, and API v2 where that is gone or as the settings say."""

    def __init__(self, session: Session, calls: AssetCalls) -> None:
        self._session = session
        self._v1 = V1Assets(session, calls)

    def get(self, asset_id: str) -> Asset:
        return self._call(lambda source: source.get(asset_id))

    def exists(self, hash: str) -> bool:
        return self._call(lambda source: source.exists(hash))

    def from_hash(self, hash: str, **fields: Unpack[HashedFields]) -> AssetCreated:
        return self._call(lambda source: source.from_hash(hash, **fields))

    def upload(self, upload: UploadSource, **fields: Unpack[UploadFields]) -> AssetCreated:
        return self._call(lambda source: source.upload(upload, **fields))

    def delete(self, asset_id: str) -> None:
        return self._call(lambda source: source.delete(asset_id))

    def content_request(self, asset_id: str) -> Request:
        """The request for the content of an asset, by the version of the API that is in use."""
        if not self._session.uses_v2:
            return get_asset_content.build(asset_id)
        from .v2_assets import v2_content  # hardly ever needed

        return v2_content(asset_id)

    def _call(self, function: Call[AssetSource, T]) -> T:
        session, settings = self._session, self._session.settings
        if session.uses_v2:
            return function(_v2_assets(session))
        try:
            return function(self._v1)
        except NotSupported as error:
            # A self-hosted server without assets has no API v2 either, and is not asked for it.
            is_gone = error.status == _GONE or settings.is_comfy_cloud
            if not is_gone or settings.api != "auto" or settings.strict:
                raise
            missing = error
        try:
            found = function(_v2_assets(session))
        except NotSupported:
            raise missing from None
        session.use_v2()
        return found
