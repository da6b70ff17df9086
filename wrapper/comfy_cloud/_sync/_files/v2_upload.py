# Made from wrapper/comfy_cloud/_async/_files/v2_upload.py by `make unasync`. Do not edit.
"""Upload a file by API v2: POST /api/v2/assets/from-hash, or POST /api/v2/assets.

A graph of API v2 refers to a file by its asset, not by a name.
"""

from __future__ import annotations

from typing import Any

from comfy_cloud_api_v2.api.assets import asset_from_hash, post_assets
from comfy_cloud_api_v2.models.asset import Asset
from comfy_cloud_api_v2.models.asset_from_hash_body import AssetFromHashBody
from comfy_cloud_api_v2.models.post_assets_body import PostAssetsBody
from comfy_cloud_api_v2.types import File

from ..._files.progress import ProgressCallback
from ..._files.upload_sources import Source, UploadSource
from ..._http.api_v2 import parser_of, request_of
from ..._http.concurrency import Halt, in_thread
from ..._jobs.v2_entries import asset_reference
from ...errors import ApiError, NotFound, NotSupported, UnexpectedResponse
from ...hashing import hash_file, hash_hex
from .._http.session import Session

_TAGS = ["input"]
_MISMATCH = "hash_mismatch"


def upload_by_v2(session: Session, source: Source, name: str) -> dict[str, Any]:
    """Store a file, or reuse content that the service has; returns the reference for a graph.

    Raises NotSupported, and UnexpectedResponse if the server stored other content than was sent.
    """
    with in_thread(UploadSource, source, name, undo=UploadSource.close) as upload:
        asset, _ = stored_asset(session, upload, _TAGS, None)
    return asset_reference(asset.id or "", asset.hash_, upload.name)


def stored_asset(
    session: Session,
    upload: UploadSource,
    tags: list[str],
    progress: ProgressCallback | None,
    *,
    deduplicate: bool = True,
) -> tuple[Asset, bool]:
    """The asset of a file, with its hash, and whether the file had to be sent.

    Raises NotSupported, and UnexpectedResponse if the server stored other content than was sent.
    """
    halt = Halt()
    digest = in_thread(hash_file, upload.file, halt.check, stop=halt.set)
    asset = _existing(session, digest, upload.name, tags) if deduplicate else None
    is_sent = asset is None
    if asset is None:
        asset = _sent(session, upload, digest, tags, progress)
    operation = post_assets.OPERATION
    if not (isinstance(asset.id, str) and asset.id):
        reason = "did not return the id of the asset"
    elif hash_hex(asset.hash_) not in (digest, None):
        reason = f"stored other content than was sent: {asset.hash_} instead of {digest}"
    else:
        asset.hash_ = f"blake3:{digest}"
        return asset, is_sent
    raise UnexpectedResponse(f"The server {reason}", method=operation.method, path=operation.path)


def _existing(session: Session, digest: str, name: str, tags: list[str]) -> Asset | None:
    """An asset of content that the service has; None if it has not, or cannot tell."""
    body = AssetFromHashBody(hash_=f"blake3:{digest}", file_path=name, tags=tags)
    request = request_of(asset_from_hash.build(body=body))
    try:
        return session.call(request, parser_of(asset_from_hash.parse))
    except (NotFound, NotSupported):
        return None


def _sent(
    session: Session,
    upload: UploadSource,
    digest: str,
    tags: list[str],
    progress: ProgressCallback | None,
) -> Asset:
    body = PostAssetsBody(
        file=File(upload.reader(progress), upload.name, upload.media_type),
        content_type=upload.media_type,
        file_path=upload.name,
        expected_hash=f"blake3:{digest}",
        tags=tags,
    )
    request = request_of(post_assets.build(body=body))
    try:
        return session.call(request, parser_of(post_assets.parse))
    except ApiError as error:
        if error.status != 409 or (error.code or "").lower() != _MISMATCH:
            raise
        raise UnexpectedResponse(
            f"{upload.name} arrived with other content than was sent; nothing was stored. Upload it again",
            status=error.status,
            method=post_assets.OPERATION.method,
            path=post_assets.OPERATION.path,
        ) from error
