"""Recording a session with a real server: a proxy on loopback, and a file when it ends."""

from __future__ import annotations

import asyncio
import errno
import secrets
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from starlette.types import Receive, Scope, Send

from comfy_cloud_emulator.http.access import LocalOnly
from comfy_cloud_emulator.http.addresses import LOOPBACK
from comfy_cloud_emulator.http.responses import error_response
from comfy_cloud_emulator.server.server_thread import ServerThread

from .addresses import Addresses
from .exchange_log import ExchangeLog
from .file_writing import save
from .proxy import Proxy, why_not_recorded
from .secrets_found import SecretsFound
from .socket_proxy import SocketProxy
from .upstream import VERSION, Settings, Upstream, load

_NOT_RUNNING: Final = "the recorder is not running; start it first"
STAND_IN: Final = "comfyui-recording-"


class Saved(NamedTuple):
    """What a recording contains: the file, and how many requests and websocket messages."""

    path: Path
    requests: int
    messages: int


class Recorder:
    """A proxy on a loopback port that records a session with a real server; a context manager.

    A program that uses `url` and `key` talks to the server as ever. When the block ends, also by
    an exception, what was said is written to `path`, without keys, cookies and signatures. Any
    program can be recorded that takes a base URL.

    - `path`: the file to write. It must not exist, unless `overwrite`
    - `base_url`, `api_key`: the server; by default that of the environment and the profile, as for
      a client
    - `port`: of the proxy; 0 for any free one
    - `settings`: instead of these, the settings of a client

    Raises FileExistsError, NotADirectoryError if there is no such folder, and ConfigurationError
    for a setting that is not valid.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        port: int = 0,
        overwrite: bool = False,
        settings: Settings | None = None,
    ) -> None:
        self.path = Path(path)
        self._refuse_path(overwrite)
        self._settings = settings or load(base_url=base_url, api_key=api_key)
        self._port = port
        self._stand_in = STAND_IN + secrets.token_hex(16)
        self._upstream = Upstream(self._settings, self._stand_in)
        self._log: ExchangeLog | None = None
        self._server: ServerThread | None = None
        self._started = ""
        self.saved: Saved | None = None

    @property
    def url(self) -> str:
        """The base URL to use, without a trailing slash."""
        if self._server is None:
            raise RuntimeError(_NOT_RUNNING)
        return f"http://{LOOPBACK}:{self._server.port}"

    @property
    def key(self) -> str | None:
        """The key to use. The recorder sends the server's own in its place; None if it has none."""
        return self._stand_in if self._upstream.has_key else None

    @property
    def server(self) -> str:
        """The address of the server that is recorded."""
        return self._settings.base_url

    def start(self) -> Self:
        """Start to serve."""
        log = self._log = ExchangeLog(SecretsFound([self._stand_in, *self._upstream.keys]))
        try:
            self._server = ServerThread(_NoApplication(), self._port)
            self._server.start()
        except BaseException:
            log.close()
            self._server = None
            raise
        log.own = self.url
        addresses = Addresses(self.server, self.url)
        http = Proxy(self._upstream, log, addresses)
        sockets = SocketProxy(self._upstream, log, addresses)

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            if (reason := why_not_recorded(scope)) is not None:
                await error_response(400, reason)(scope, receive, send)
                return
            await (sockets if scope["type"] == "websocket" else http)(scope, receive, send)

        self._server.replace(LocalOnly(application))
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        return self

    def stop(self) -> Saved:
        """End the recording, and write the file.

        Raises OSError if it cannot be written, or is not complete since the disk for temporary
        files was full; nothing is left then.
        """
        log = self._end()
        try:
            if log.failure is not None:
                reason = f"The recording is not complete, and is not written: {log.failure.strerror}"
                raise OSError(log.failure.errno, reason)
            requests, messages = log.counts
            about = {
                "made_by": f"comfy-cloud {VERSION}",
                "started": self._started,
                "server": log.secrets.text(self.server),
                "requests": requests,
                "messages": messages,
            }
            save(self.path, about, log.records)
        finally:
            log.close()
        self.saved = Saved(self.path, requests, messages)
        return self.saved

    def discard(self) -> None:
        """End the recording without a file."""
        self._end().close()

    def _end(self) -> ExchangeLog:
        if self._server is None or self._log is None:
            raise RuntimeError(_NOT_RUNNING)
        log, server = self._log, self._server
        self._server = None
        server.replace(_NoApplication())
        server.run(self._upstream.close())
        server.stop()
        return log

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _refuse_path(self, overwrite: bool) -> None:
        folder = self.path.parent
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "There is no such folder", str(folder))
        if self.path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "This is a folder; name a file", str(self.path))
        if self.path.exists() and not overwrite:
            reason = "The file already exists; pass overwrite=True to replace it"
            raise FileExistsError(errno.EEXIST, reason, str(self.path))


class _NoApplication:
    """What is served until the address is known."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()
