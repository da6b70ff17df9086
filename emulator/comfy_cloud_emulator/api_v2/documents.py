"""From a job or an asset to the JSON of API v2."""

from __future__ import annotations

from typing import Any, Final

from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.state.assets.asset_store import Asset
from comfy_cloud_emulator.state.assets.documents import instant
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.jobs.outputs import kind_of
from comfy_cloud_emulator.state.jobs.statuses import JobStatus
from comfy_cloud_emulator.state.json_values import Json
from comfy_cloud_emulator.state.store import Store
from comfy_cloud_emulator.storage.signed_urls import LIFETIME, Signer

STATUSES: Final[dict[JobStatus, str]] = {
    "pending": "queued",
    "in_progress": "running",
    "completed": "succeeded",
    "failed": "failed",
    "cancelled": "canceled",
}
"""The words of API v2 for the states of a job."""
RETENTION: Final = 365 * 24 * 3600 * 1000
"""Milliseconds for which a job can be read."""
EXPIRES_AT: Final = "expires_at"
"""Where the metadata of an asset keeps the instant at which it expires."""
_OTHER_KINDS: Final[dict[str, str]] = {"3d": "file"}


class Documents:
    """Makes the JSON of one account's jobs and assets."""

    def __init__(self, store: Store, engine: JobEngine, signer: Signer) -> None:
        self._store = store
        self._engine = engine
        self._signer = signer

    def job(self, job: Job) -> Json:
        """The job as `GET /api/v2/jobs/{id}` has it."""
        path = f"/api/v2/jobs/{job.id}"
        return {
            "id": job.id,
            "status": STATUSES[job.status],
            "created_at": instant(job.create_time),
            "started_at": _instant_or_none(job.start_time),
            "completed_at": _instant_or_none(job.end_time),
            "expires_at": instant(job.create_time + RETENTION),
            "queue_position": self.queue_position(job),
            "progress": self.progress(job),
            "outputs": self.outputs(job),
            "error": _error(job),
            "metrics": {
                "queue_ms": None if job.start_time is None else job.start_time - job.create_time,
                "execution_ms": None
                if job.start_time is None or job.end_time is None
                else job.end_time - job.start_time,
            },
            "urls": {"self": path, "events": f"{path}/events", "cancel": f"{path}/cancel"},
        }

    def queue_position(self, job: Job) -> int | None:
        """The position among the waiting jobs, from 1."""
        if job.status != "pending":
            return None
        return sum(other.number <= job.number for other in self._store.jobs("pending"))

    def progress(self, job: Job) -> Json | None:
        """How far a job is; None for one that has not started."""
        total = len(job.graph)
        if job.status == "completed":
            return {"value": 1.0, "nodes_done": total, "nodes_total": total}
        done = self._engine.nodes_done(job.id)
        if done is None:
            return None
        node_id = next((node for id, node in self._engine.nodes_at_work() if id == job.id), None)
        return progress(job, done, node_id)

    def outputs(self, job: Job) -> list[Json]:
        """The files that a job made, as assets."""
        return [self.output(asset) for asset in self._store.assets.of_job(job.id)]

    def output(self, asset: Asset) -> Json:
        """One file that a job made."""
        kind = kind_of(asset.output_key or "", {"filename": asset.filename})
        if asset.name.endswith(".latent"):
            kind = "latent"
        elif asset.mime_type.startswith("text/"):
            kind = "text"
        return {
            "node_id": asset.node_id or "",
            "name": asset.name,
            "type": _OTHER_KINDS.get(kind, kind),
            "content_type": asset.mime_type,
            "size_bytes": asset.size,
            "id": asset.id,
            "hash": f"blake3:{asset.digest}",
            **self._url(asset),
            "job_id": asset.job_id,
        }

    def asset(self, asset: Asset, *, created_new: bool | None = None) -> Json:
        """An asset; `created_new` only where it is made."""
        document: Json = {
            "id": asset.id,
            "hash": f"blake3:{asset.digest}",
            "size_bytes": asset.size,
            "content_type": asset.mime_type,
            "file_path": asset.name,
            "created_at": instant(asset.created_at),
            **self._url(asset),
            "expires_at": _instant_or_none(asset.metadata.get(EXPIRES_AT)),
        }
        if asset.job_id is not None:
            document["job_id"] = asset.job_id
        return document if created_new is None else document | {"created_new": created_new}

    def _url(self, asset: Asset) -> dict[str, Any]:
        return {
            "url": self._signer.url(asset.filename, asset.name),
            "url_expires_at": instant(self._store.now() + LIFETIME * 1000),
        }


def progress(
    job: Job, done: int, node_id: str | None, step: float | None = None, steps: float | None = None
) -> Json:
    """A snapshot of progress: how many nodes are done, and the step of the one that runs."""
    total = max(1, len(job.graph))
    part = step / steps if step is not None and steps else 0.0
    found: Json = {
        "value": round(min(1.0, (min(done, total) + part) / total), 4),
        "nodes_done": done,
        "nodes_total": len(job.graph),
    }
    if node_id is None or node_id not in job.graph:
        return found
    name = job.graph[node_id]["class_type"]
    found |= {"current_node": node_id, "current_node_class": name, "message": name}
    if step is not None and steps:
        found |= {"step": int(step), "steps": int(steps), "message": f"{name} {int(step)}/{int(steps)}"}
    return found


def _error(job: Job) -> Json | None:
    if job.status != "failed":
        return None
    data = job.execution_error or {}
    node_id, traceback = data.get("node_id") or None, "".join(data.get("traceback") or ())
    return {
        "code": "node_execution_error" if node_id else "execution_error",
        "message": str(data.get("exception_message", "")).strip() or "the job failed",
        "node_id": node_id,
        "class_type": data.get("node_type") or None,
        "traceback": traceback or None,
    }


def _instant_or_none(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else instant(milliseconds)
