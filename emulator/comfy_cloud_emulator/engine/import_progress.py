"""The progress of model imports: `asset_download` events at instants of the emulated clock.

`state.assets.tasks` keeps the tasks and completes them; this module publishes their progress.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from comfy_cloud_emulator.state.assets.tasks import RUN_MS, START_MS, Task
from comfy_cloud_emulator.state.json_values import Json
from comfy_cloud_emulator.state.store import Store

from .events import JsonEvent
from .job_engine import JobEngine

FRACTIONS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Fractions of a file at which an event is published."""


class ImportProgress:
    """Publishes the progress of a store's import tasks."""

    def __init__(self, store: Store, engine: JobEngine) -> None:
        self._store = store
        self._engine = engine
        self._followed: set[str] = set()

    def resume(self) -> None:
        """Follow the tasks that an earlier process began."""
        for task in self._store.tasks.active():
            self.follow(task)

    def follow(self, task: Task) -> None:
        """Publish the progress of a task until it is over; repeated calls have no effect."""
        if task.id in self._followed:
            return
        self._followed.add(task.id)
        for fraction in FRACTIONS:
            due = task.create_time + START_MS + int(RUN_MS * fraction)
            self._engine.at(due, partial(self._publish, task.id, fraction))

    def _publish(self, id: str, fraction: float) -> None:
        task = self._store.tasks.get(id)
        if task is None or task.status == "cancelled":
            return
        is_over = fraction == 1.0
        payload = task.payload
        total = int(payload["bytes_total"])
        data: Json = {
            "task_id": task.id,
            "asset_name": payload["filename"],
            "bytes_total": total,
            "bytes_downloaded": int(total * fraction),
            "progress": fraction,
            "status": "running",
        }
        if is_over and task.status == "failed":
            # It fails before its last part arrives.
            done = FRACTIONS[-2]
            data |= {"progress": done, "bytes_downloaded": int(total * done), "error": task.error_message}
        if is_over:
            data["status"] = task.status
        if is_over and task.result is not None:
            data |= {"asset_id": task.result["asset_id"], "asset_name": task.result["asset_name"]}
        self._engine.hub.publish(JsonEvent("asset_download", data))
