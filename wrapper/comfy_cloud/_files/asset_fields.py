"""What is stored with an asset, and an asset of API v2 in the fields of version 1. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from comfy_cloud_api_v2.models.asset import Asset

from ..errors import ConfigurationError
from .progress import ProgressCallback

_FIELDS = {"size_bytes": "size", "content_type": "mime_type", "url": "short_url"}


class UploadFields(TypedDict):
    """What an upload stores, and how; see `AsyncAssets.upload`."""

    tags: list[str]
    user_metadata: dict[str, Any] | None
    preview_id: str | None
    asset_id: str | None
    progress: ProgressCallback | None
    deduplicate: bool


class HashedFields(TypedDict):
    """What is stored with content that the service has; see `AsyncAssets.from_hash`."""

    tags: list[str]
    name: str | None
    mime_type: str | None
    user_metadata: Mapping[str, Any] | None


def asset_fields(found: Asset) -> dict[str, Any]:
    """The fields of an asset, under the names that they have in version 1.

    Its name is the last part of its path. Fields without a counterpart keep their names.
    """
    fields = {_FIELDS.get(name, name): value for name, value in found.to_dict().items()}
    path = fields.get("file_path")
    if isinstance(path, str) and path:
        fields.setdefault("name", path.rpartition("/")[2])
    return fields


def refuse_fields(**given: object) -> None:
    """Raise ConfigurationError for an argument that API v2 has no place for."""
    name = next((name for name, value in given.items() if value is not None), None)
    if name is not None:
        raise ConfigurationError(f"{name}: API v2 does not store it with an asset; leave it out")
