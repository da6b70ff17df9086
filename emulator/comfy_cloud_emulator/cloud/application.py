"""The application put together: which layers a request passes, from the wire to the handler.

Local-only check, then the emulator's own page, its control routes and the websocket; for the API recording, faults, key check, pacing of
the jobs, compression, routing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from comfy_cloud_emulator.comfyui import operations as speaking
from comfy_cloud_emulator.engine.clock import EngineTime
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.faults.middleware import Disturbing
from comfy_cloud_emulator.faults.script import FaultScript
from comfy_cloud_emulator.http.access import PAGE_PATHS, PAGE_PREFIX, KeyCheck, LocalOnly
from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX, Exchange, Recording, Records, Request
from comfy_cloud_emulator.http.routing import Operation, router
from comfy_cloud_emulator.routes.control import engine as control_jobs
from comfy_cloud_emulator.routes.control import script as control
from comfy_cloud_emulator.routes.jobs import cancellation as cancelling
from comfy_cloud_emulator.routes.jobs import history, jobs, prompt, queue
from comfy_cloud_emulator.routes.service import nodes
from comfy_cloud_emulator.routes.service import user as account
from comfy_cloud_emulator.routes.websocket.sockets import Sockets
from comfy_cloud_emulator.state.store import Store

from .job_time import Pacing

COMPRESSED_FROM: Final = 1024
"""Bytes below which a body is never compressed."""


class Application:
    """The ASGI application over one account's store and one script of faults.

    `records` is where its requests are kept; `is_anothers` tells whether a job belongs to another account.
    """

    def __init__(
        self,
        store: Store,
        script: FaultScript,
        engine: JobEngine,
        time: EngineTime,
        *,
        key: str,
        sleep: Callable[[float], Awaitable[object]],
        gzip: bool = False,
        poll_step: float = 0.0,
        more: Iterable[Operation] = (),
        records: Records,
        is_anothers: Callable[[str], bool],
        on_exchange: Exchange | None = None,
        on_request: Callable[[Request], object] | None = None,
    ) -> None:
        served = [
            *history.routes(store),
            *jobs.routes(store, engine.quirks, is_anothers),
            *cancelling.routes(store, engine),
            *prompt.routes(store, engine),
            *queue.routes(store, engine),
            *nodes.routes(engine.catalogue),
            *account.routes(engine.account),
            *more,
        ]
        quirks = engine.quirks
        api: ASGIApp = router(speaking.operations(served, store, engine), speaking.handlers(quirks))
        if gzip:
            from starlette.middleware.gzip import GZipMiddleware

            api = GZipMiddleware(api, minimum_size=COMPRESSED_FROM)
        api = Pacing(api, engine, time, store, poll_step)
        api = Disturbing(api if quirks.no_key else KeyCheck(api, key), script, store, sleep)
        self.recording = Recording(api, records, on_exchange=on_exchange, on_request=on_request)
        own = control.routes(script, records.requests, records.clear)
        self._control = router([*own, *control_jobs.routes(engine, time)])
        self.sockets = Sockets(engine, script, key, records.upgrades)
        self._page: ASGIApp | None = None
        self._parts = store, engine, time, script, records, key
        self._guarded = LocalOnly(speaking.in_front(self._dispatch, quirks))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._guarded(scope, receive, send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        target: ASGIApp
        if scope["type"] == "websocket":
            target = self.sockets
        elif scope["path"] in PAGE_PATHS or scope["path"].startswith(PAGE_PREFIX):
            target = self._page_application()
        else:
            target = self._control if scope["path"].startswith(CONTROL_PREFIX) else self.recording
        await target(scope, receive, send)

    def _page_application(self) -> ASGIApp:
        """The page, put together when somebody opens it: most emulators run in tests, where nobody does."""
        if self._page is None:
            from comfy_cloud_emulator.page import routes as serving
            from comfy_cloud_emulator.page.overview import Overview

            store, engine, time, script, records, key = self._parts
            overview = Overview(store, engine, time, script, records, key=key)
            self._page = router(serving.routes(overview))
        return self._page
