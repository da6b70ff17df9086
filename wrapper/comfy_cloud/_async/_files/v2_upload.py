"""Upload a file by API v2, for use in a graph: POST /api/v2/assets/from-hash, or /api/v2/assets.

A graph of API v2 refers to a file by its asset, not by a name.
"""

from __future__ import annotations

from typing import Any

from comfy_cloud_api_v2.api.assets import asset_from_hash, post_assets
from comfy_cloud_api_v2.models.asset_from_hash_body import AssetFromHashBody
from comfy_cloud_api_v2.models.post_assets_body import PostAssetsBody
from comfy_cloud_api_v2.types import File

from ..._files.upload_sources import Source, UploadSource
from ..._http.api_v2 import parser_of, request_of
from ..._http.concurrency import Halt, async_in_thread
from ..._jobs.v2_entries import asset_reference
from ...errors import ApiError, NotFound, NotSupported, UnexpectedResponse
from ...hashing import hash_file, hash_hex
from .._http.session import AsyncSession

_TAGS = ["input"]
_MISMATCH = "hash_mismatch"


async def upload_by_v2(session: AsyncSession, source: Source, name: str) -> dict[str, Any]:
    """Store a file, or reuse content that the service has; returns the reference for a graph.

    Raises NotSupported, and UnexpectedResponse if the server stored other content than was sent.
    """
    with await async_in_thread(UploadSource, source, name, undo=UploadSource.close) as upload:
        halt = Halt()
        digest = await async_in_thread(hash_file, upload.file, halt.check, stop=halt.set)
        asset = await _existing(session, digest, upload.name) or await _sent(session, upload, digest)
    operation = post_assets.OPERATION
    if not (isinstance(asset.id, str) and asset.id):
        reason = "did not return the id of the asset"
    elif hash_hex(asset.hash_) not in (digest, None):
        reason = f"stored other content than was sent: {asset.hash_} instead of {digest}"
    else:
        return asset_reference(asset.id, f"blake3:{digest}", upload.name)
    raise UnexpectedResponse(f"The server {reason}", method=operation.method, path=operation.path)


async def _existing(session: AsyncSession, digest: str, name: str) -> Any:
    """An asset of content that the service has; None if it has not, or cannot tell."""
    body = AssetFromHashBody(hash_=f"blake3:{digest}", file_path=name, tags=_TAGS)
    request = request_of(asset_from_hash.build(body=body))
    try:
        return await session.call(request, parser_of(asset_from_hash.parse))
    except (NotFound, NotSupported):
        return None


async def _sent(session: AsyncSession, upload: UploadSource, digest: str) -> Any:
    body = PostAssetsBody(
        file=File(upload.reader(None), upload.name, upload.media_type),
        content_type=upload.media_type,
        file_path=upload.name,
        expected_hash=f"blake3:{digest}",
        tags=_TAGS,
    )
    request = request_of(post_assets.build(body=body))
    try:
        return await session.call(request, parser_of(post_assets.parse))
    except ApiError as error:
        if error.status != 409 or (error.code or "").lower() != _MISMATCH:
            raise
        raise UnexpectedResponse(
            f"{upload.name} arrived with other content than was sent; nothing was stored. Upload it again",
            status=error.status,
            method=post_assets.OPERATION.method,
            path=post_assets.OPERATION.path,
        ) from error
