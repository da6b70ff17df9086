"""The time of the jobs as requests see it: jobs catch up first, and polls may advance the time.

Sits behind the key check, so refused requests move nothing.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from comfy_cloud_emulator.engine.clock import EngineTime
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.state.store import Store

POLLS: Final = re.compile(r"/api/((v2/)?jobs(/[^/]+)?|job/[^/]+/status|history(_v2)?(/[^/]+)?|queue|prompt)")
"""Paths that clients poll while they wait for a job."""
LISTS: Final = frozenset({"/api/jobs", "/api/history_v2", "/api/history", "/api/queue", "/api/v2/jobs"})
"""Paths of lists in which a job can be hidden."""


class JobTimeMiddleware:
    """Brings the jobs up to date before each request.

    Each poll advances the time by `step` seconds; 0 for none.
    """

    def __init__(self, app: ASGIApp, engine: JobEngine, time: EngineTime, store: Store, step: float) -> None:
        self._app = app
        self._engine = engine
        self._time = time
        self._store = store
        self._step = step

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request at the present instant."""
        is_get = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if self._step and is_get and POLLS.fullmatch(scope["path"]):
            await run_in_threadpool(self._time.advance, self._step)
        # Running jobs may compute images, which must not block the event loop.
        if self._engine.is_behind:
            await run_in_threadpool(self._engine.catch_up)
        await self._app(scope, receive, send)
        if is_get and scope["path"] in LISTS:
            self._store.hidden.list_requested(self._store.now())
