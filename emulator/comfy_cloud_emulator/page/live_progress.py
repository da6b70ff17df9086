"""The progress of running jobs, from the engine's events.

Listens only while a page is open, because preview images are made only for listeners. Keeps the
latest state of each running job and drops it when the job is over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from comfy_cloud_emulator.engine.events import Event, EventHub, JsonEvent, NodeText, Preview

MOST_JOBS: Final = 64
"""Jobs followed at a time; more never run."""
MOST_LAST_IMAGES: Final = 16
_ENDS: Final = frozenset({"execution_success", "execution_error", "execution_interrupted"})


@dataclass(slots=True)
class _Job:
    """The latest state of one job."""

    node: str | None = None
    value: int = 0
    most: int = 0
    cached: frozenset[str] = frozenset()
    finished: int = 0
    image: bytes | None = None
    image_number: int = 0


class LiveProgress:
    """The running jobs. Safe to use from any thread."""

    def __init__(self, hub: EventHub) -> None:
        self._hub = hub
        self._jobs: dict[str, _Job] = {}
        self._last_images: dict[str, bytes] = {}
        self._watchers = 0
        self._leave: Callable[[], None] | None = None
        self._watching = threading.Lock()
        self._lock = threading.Lock()

    @contextmanager
    def watched(self) -> Generator[None]:
        """Listen while this is entered, by any number of pages at a time."""
        # The hub calls `_hear` under its lock, so the hub is never called under ours.
        with self._watching:
            self._watchers += 1
            if self._watchers == 1:
                self._leave = self._hub.listen(self._on_event)
        try:
            yield
        finally:
            with self._watching:
                self._watchers -= 1
                if not self._watchers and self._leave is not None:
                    self._leave()
                    with self._lock:
                        self._jobs.clear()
                        self._last_images.clear()

    def now(self) -> dict[str, dict[str, Any]]:
        """By job: current node, step, steps, finished nodes, and the number of the latest image."""
        with self._lock:
            return {
                id: {
                    "node": job.node,
                    "value": job.value,
                    "max": job.most,
                    "finished": len(job.cached) + job.finished,
                    "picture": job.image_number or None,
                }
                for id, job in self._jobs.items()
            }

    def image(self, job_id: str) -> bytes | None:
        """The latest preview image of a job, a JPEG."""
        with self._lock:
            job = self._jobs.get(job_id)
            return self._last_images.get(job_id) if job is None else job.image

    def _on_event(self, event: Event) -> None:
        match event:
            case Preview(prompt_id, _, image):
                with self._lock:
                    job = self._job(prompt_id)
                    job.image, job.image_number = image, job.image_number + 1
            case JsonEvent(type, data) if "prompt_id" in data:
                with self._lock:
                    self._apply(type, data)
            case JsonEvent() | NodeText():
                pass

    def _apply(self, type: str, data: dict[str, Any]) -> None:
        id = data["prompt_id"]
        if type in _ENDS:
            self._finish_job(id)
        elif type == "execution_cached":
            self._job(id).cached = frozenset(data["nodes"])
        elif type == "executing" and data["node"] is not None:
            job = self._job(id)
            job.node, job.value, job.most = data["node"], 0, 0
        elif type == "progress":
            job = self._job(id)
            job.node, job.value, job.most = data["node"], data["value"], data["max"]
        elif type == "progress_state":
            job, nodes = self._job(id), data["nodes"]
            # A newer ComfyUI reports cached nodes here, too.
            job.finished = sum(nodes[node_id]["state"] == "finished" for node_id in nodes.keys() - job.cached)

    def _finish_job(self, id: str) -> None:
        """Drop a finished job, but keep its image: a page may be about to fetch it."""
        job = self._jobs.pop(id, None)
        if job is not None and job.image is not None:
            self._last_images[id] = job.image
            if len(self._last_images) > MOST_LAST_IMAGES:
                del self._last_images[next(iter(self._last_images))]

    def _job(self, id: str) -> _Job:
        found = self._jobs.get(id)
        if found is None:
            if len(self._jobs) >= MOST_JOBS:
                del self._jobs[next(iter(self._jobs))]
            found = self._jobs[id] = _Job()
        return found
