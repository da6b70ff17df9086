"""What uses an asset: another asset as its preview, or a job that is not over."""

from __future__ import annotations

import orjson

from comfy_cloud_emulator.state.store import Store

from .asset_store import Asset


def used_by(store: Store, asset: Asset, *, ignoring: str | None = None) -> str | None:
    """A description of what uses an asset, or None.

    That is an asset that has it as its preview, or an active job. Assets of the job `ignoring` do
    not count.
    """
    for other in store.assets.previewed_by(asset.id):
        if ignoring is None or other.job_id != ignoring:
            return f"the asset {other.id}, as its preview"
    for job in store.jobs("pending", "in_progress"):
        if asset.digest.encode() in orjson.dumps(job.graph):
            return f"the job {job.id}"
    return None


def needed_elsewhere(store: Store, job_id: str) -> str | None:
    """A description of what uses a file of this job, apart from the job itself, or None."""
    users = (used_by(store, asset, ignoring=job_id) for asset in store.assets.of_job(job_id))
    return next((user for user in users if user is not None), None)
