"""The ASGI application of one account: which layers a request passes, from the wire to the handler.

The check of host and origin comes first. The emulator's page, the control routes and the websocket
lie directly behind it; page and control need the key where other machines are let in. API requests
pass the request recorder, the body limit, faults, the key check, the job time, compression, and the
router.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from comfy_cloud_emulator.comfyui.operations import exception_handlers, guarded, with_quirks
from comfy_cloud_emulator.engine.clock import EngineTime
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.faults import FaultScript
from comfy_cloud_emulator.faults.middleware import FaultMiddleware
from comfy_cloud_emulator.http.access import PAGE_PATHS, PAGE_PREFIX, ControlKey, KeyCheck
from comfy_cloud_emulator.http.addresses import Addresses
from comfy_cloud_emulator.http.body_limits import BodyLimit
from comfy_cloud_emulator.http.request_log import (
    CONTROL_PREFIX,
    Exchange,
    Request,
    RequestLog,
    RequestRecorder,
)
from comfy_cloud_emulator.http.routing import Operation, router
from comfy_cloud_emulator.published.operations import as_published
from comfy_cloud_emulator.routes.control.controlled import Controlled
from comfy_cloud_emulator.routes.websocket.sockets import Sockets
from comfy_cloud_emulator.state.store import Store

from .job_time import JobTimeMiddleware

COMPRESSED_FROM: Final = 1024
"""Bytes; smaller bodies are never compressed."""


class Application:
    """The ASGI application over one account's store and a script of faults.

    `operations` are those of the cloud; quirks may replace some. `log` keeps the requests. `keys`
    are those of all accounts, which no page shows. The control routes work on `emulator`, and on
    `account` where none is named; `control_key` opens them and the page, None if they are open.
    """

    def __init__(
        self,
        store: Store,
        script: FaultScript,
        engine: JobEngine,
        time: EngineTime,
        *,
        operations: Iterable[Operation],
        key: str,
        keys: Collection[str],
        sleep: Callable[[float], Awaitable[object]],
        gzip: bool = False,
        poll_step: float = 0.0,
        log: RequestLog,
        on_exchange: Exchange | None = None,
        on_request: Callable[[Request], object] | None = None,
        emulator: Controlled,
        addresses: Addresses,
        control_key: str | None,
        account: str,
    ) -> None:
        quirks = engine.quirks
        published = as_published(operations, quirks)
        api: ASGIApp = router(with_quirks(published, store, engine), exception_handlers(quirks))
        if gzip:
            from starlette.middleware.gzip import GZipMiddleware

            api = GZipMiddleware(api, minimum_size=COMPRESSED_FROM)
        api = JobTimeMiddleware(api, engine, time, store, poll_step)
        api = FaultMiddleware(api if quirks.no_key else KeyCheck(api, key), script, store, sleep)
        api = BodyLimit(api)
        self.recorder = RequestRecorder(api, log, on_exchange=on_exchange, on_request=on_request)
        self._control: ASGIApp | None = None
        self._control_key = control_key
        self._controlled = emulator, account
        self._sockets = Sockets(engine, script, key, log.upgrades)
        self._page: ASGIApp | None = None
        self._parts = store, engine, time, script, log, keys
        self._guarded = guarded(self._dispatch, quirks, addresses)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        await self._guarded(scope, receive, send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        target: ASGIApp
        if scope["type"] == "websocket":
            target = self._sockets
        elif scope["path"] in PAGE_PATHS or scope["path"].startswith(PAGE_PREFIX):
            target = self._page_application()
        else:
            target = self.recorder
            if scope["path"].startswith(CONTROL_PREFIX):
                target = self._control_application()
        await target(scope, receive, send)

    def _page_application(self) -> ASGIApp:
        """The page, built on its first request: most emulators run in tests that never open it."""
        if self._page is None:
            from comfy_cloud_emulator.page import routes
            from comfy_cloud_emulator.page.overview import Overview

            store, engine, time, script, log, keys = self._parts
            overview = Overview(store, engine, time, script, log, keys=keys)
            self._page = self._keyed(router(routes.routes(overview)))
        return self._page

    def _control_application(self) -> ASGIApp:
        """The control routes, built on their first request for the same reason."""
        if self._control is None:
            from comfy_cloud_emulator.routes.control.operations import control_operations

            operations = control_operations(*self._controlled, self._parts[-1])
            self._control = self._keyed(BodyLimit(router(operations)))
        return self._control

    def _keyed(self, app: ASGIApp) -> ASGIApp:
        return app if self._control_key is None else ControlKey(app, self._control_key)
