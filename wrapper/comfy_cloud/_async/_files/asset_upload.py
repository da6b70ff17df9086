"""Upload a file as an asset: hash it, reuse content that the service has, else send and check it.

`_files.upload_sources` has the possible sources, `hashing` the hashing. A repeated request carries
the same id, so it makes no second asset.
"""

from __future__ import annotations

import uuid
from typing import Any

import orjson

from comfy_cloud_api.api.asset import upload_asset
from comfy_cloud_api.models.asset_created import AssetCreated
from comfy_cloud_api.models.upload_asset_body import UploadAssetBody
from comfy_cloud_api.types import File

from ..._files.progress import ProgressCallback, report_nothing_sent
from ..._files.upload_sources import UploadSource
from ..._http.concurrency import Halt, async_in_thread
from ...errors import ApiError, BadRequest, Conflict, NotFound, NotSupported, UnexpectedResponse
from ...hashing import asset_hash, hash_file
from .._http.session import AsyncSession
from .asset_calls import AsyncAssetCalls

# The statuses of a server that has no assets, or has them switched off.
_NO_ASSETS_STATUSES = frozenset({404, 410, 503})


class AsyncUploads:
    """Uploads of assets."""

    def __init__(self, session: AsyncSession, calls: AsyncAssetCalls) -> None:
        self._session = session
        self._calls = calls

    async def run(
        self,
        upload: UploadSource,
        *,
        tags: list[str],
        user_metadata: dict[str, Any] | None,
        preview_id: str | None,
        asset_id: str | None,
        progress: ProgressCallback | None,
        deduplicate: bool,
    ) -> AssetCreated:
        """Store a file as an asset (POST /api/assets/from-hash, or POST /api/assets).

        See `AsyncAssets.upload`.
        """
        halt = Halt()
        digest = await async_in_thread(hash_file, upload.file, halt.check, stop=halt.set)
        if deduplicate and await self._exists(digest):
            reused = await self._reuse(digest, tags, upload, user_metadata, preview_id)
            if reused is not None:
                report_nothing_sent(progress, upload.size)
                return reused
        body = UploadAssetBody(
            file=File(upload.reader(progress), upload.name, upload.media_type),
            id=asset_id or str(uuid.uuid4()),
            preview_id=preview_id,
            name=upload.name,
            mime_type=upload.media_type,
            user_metadata=orjson.dumps(user_metadata).decode() if user_metadata is not None else None,
            hash_=f"blake3:{digest}",
            tags=orjson.dumps(tags).decode(),
        )
        created = await self._send(body, digest)
        stored = asset_hash(created)
        if stored is not None and stored != digest:
            raise UnexpectedResponse(
                f"The server stored other content than was sent: {stored} instead of {digest}. "
                f"Delete asset {created.id} and upload the file again",
                method=upload_asset.OPERATION.method,
                path=upload_asset.OPERATION.path,
            )
        return created

    async def _exists(self, digest: str) -> bool:
        """Whether the service has this content; False also when it cannot tell.

        Raises NotSupported when the server has no assets at all: it would break off the upload of a
        large file before its own error could be read.
        """
        try:
            return await self._calls.exists(digest)
        except NotSupported as error:
            if error.status in _NO_ASSETS_STATUSES:
                operation = upload_asset.OPERATION
                raise NotSupported(
                    operation.id, method=operation.method, path=operation.path, status=error.status
                ) from error
            return False
        except BadRequest:
            return False

    async def _reuse(
        self,
        digest: str,
        tags: list[str],
        upload: UploadSource,
        metadata: dict[str, Any] | None,
        preview_id: str | None,
    ) -> AssetCreated | None:
        """An asset made from existing content; None if that is gone, or the server cannot do it."""
        try:
            found = await self._calls.from_hash(
                digest, tags=tags, name=upload.name, mime_type=upload.media_type, user_metadata=metadata
            )
        except (NotFound, NotSupported):
            return None
        except BadRequest as error:
            if error.code == "FEATURE_DISABLED":
                return None
            raise
        if preview_id is not None and found.created_new and found.id:
            await self._calls.update(found.id, preview_id=preview_id)
            found.preview_id = preview_id
        return found

    async def _send(self, body: UploadAssetBody, digest: str) -> AssetCreated:
        """Send a file. An id in use may be our own: the response to an earlier attempt was lost."""
        try:
            return await self._session.call(upload_asset.build(body=body), upload_asset.parse)
        except (BadRequest, Conflict) as error:
            if error.code == "UNSUPPORTED_FIELD" and body.id is not None:
                # A self-hosted server chooses the id itself. It keeps one copy of each content, so
                # that a repeated request still does no harm.
                body.id = None
                return await self._send(body, digest)
            if error.code == "FEATURE_DISABLED" and body.hash_ is not None:
                body.hash_ = None  # a server without hashing
                return await self._send(body, digest)
            existing = None
            if error.code == "ASSET_ID_UNAVAILABLE":
                existing = await self._uploaded_before(body.id, digest)
            if existing is None:
                raise
            return existing

    async def _uploaded_before(self, asset_id: str | None, digest: str) -> AssetCreated | None:
        """The asset with this id, if it is the user's and has this content."""
        try:
            asset = await self._calls.get(asset_id or "")
        except ApiError:
            return None
        if asset_hash(asset) != digest:
            return None
        return AssetCreated.from_dict({**asset.to_dict(), "created_new": False})
