"""From an asset or task to the API's JSON.

Fields of the older and newer contract appear together: `hash` and `asset_hash`, `job_id` and
`prompt_id`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from comfy_cloud_emulator.state.json_values import Json

from .asset_store import Asset
from .tasks import Task

_VISUAL: Final = ("image/", "video/", "model/")


def instant(milliseconds: int) -> str:
    """An instant as RFC 3339 text in UTC with microseconds."""
    seconds = datetime.fromtimestamp(milliseconds // 1000, UTC).isoformat()[:19]
    return f"{seconds}.{milliseconds % 1000:03d}000Z"


def asset(value: Asset) -> Json:
    """The asset as `GET /api/assets` lists it."""
    document: Json = {
        "id": value.id,
        "name": value.name,
        "display_name": value.name,
        "hash": f"blake3:{value.digest}",
        "asset_hash": value.filename,
        "loader_path": value.filename if not value.is_public else value.name,
        "size": value.size,
        "mime_type": value.mime_type,
        "tags": list(value.tags),
        "user_metadata": value.user_metadata,
        "metadata": value.metadata,
        "preview_id": value.preview_id,
        "job_id": value.job_id,
        "prompt_id": value.job_id,
        "is_immutable": value.is_public,
        "created_at": instant(value.created_at),
        "updated_at": instant(value.updated_at),
        "last_access_time": instant(value.last_access_time),
    }
    preview = preview_url(value)
    if preview is not None:
        document["preview_url"] = preview
    return document


def asset_created(value: Asset, *, created_new: bool) -> Json:
    """The asset in the response to its creation."""
    return asset(value) | {"created_new": created_new}


def asset_updated(value: Asset) -> Json:
    """The asset in the response to a change."""
    shown = asset(value)
    names = ("id", "name", "display_name", "hash", "asset_hash", "loader_path", "tags", "mime_type")
    return {name: shown[name] for name in (*names, "user_metadata", "job_id", "updated_at")}


def job_asset(value: Asset) -> Json:
    """The asset as `GET /api/jobs/{job_id}/assets` lists it."""
    document: Json = {
        "id": value.id,
        "name": value.name,
        "hash": f"blake3:{value.digest}",
        "mime_type": value.mime_type,
        "size": value.size,
        "created_at": instant(value.created_at),
        "node_id": value.node_id,
        "output_key": value.output_key,
        "output_index": value.output_index,
    }
    preview = preview_url(value)
    if preview is not None:
        document["preview_url"] = preview
    return document


def preview_url(value: Asset) -> str | None:
    """Relative URL of a preview, or None for content without one."""
    if value.is_public or not value.mime_type.startswith(_VISUAL):
        return None
    kind = next((tag for tag in ("input", "temp") if tag in value.tags), "output")
    # A stored name needs no encoding.
    return f"/api/view?filename={value.filename}&type={kind}"


def task(value: Task, *, listed: bool = False) -> Json:
    """The task; in a list without its input, result and error."""
    document: Json = {
        "id": value.id,
        "idempotency_key": value.idempotency_key,
        "task_name": value.task_name,
        "status": value.status,
        "create_time": instant(value.create_time),
        "update_time": instant(value.update_time),
    }
    if value.started_at is not None:
        document["started_at"] = instant(value.started_at)
    if value.completed_at is not None:
        document["completed_at"] = instant(value.completed_at)
    if listed:
        return document
    document["payload"] = value.payload
    if value.result is not None:
        document["result"] = value.result
    if value.error_message is not None:
        document["error_message"] = value.error_message
    return document
