"""Playing a recording: a server on loopback that responds from the file."""

from __future__ import annotations

from collections.abc import Collection
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from starlette.types import Receive, Scope, Send

from comfy_cloud_emulator.http.access import LocalOnly
from comfy_cloud_emulator.http.addresses import LOOPBACK
from comfy_cloud_emulator.server.server_thread import ServerThread

from .file_reading import RecordingFile
from .playing import Played, Player, Progress, identify
from .proxy import ClientLeft
from .script import Script
from .socket_playing import SocketPlayer

KEY: Final = "comfyui-replay-key"
_NOT_RUNNING: Final = "the replay is not running; start it first"


class Replay:
    """A server on a loopback port that plays a recording; a context manager.

    It accepts any key and contacts no other machine. A request is recognised by method, path,
    parameters and body; what differs in every run does not count.

    - `path`: the file that a `Recorder` wrote
    - `port`: 0 for any free one
    - `ignore`: names of parameters and of members of JSON that do not count either, such as "seed"
    - `on_request`: called with method, path, status and a remark for each request

    Raises RecordingRefused, a ValueError, for a file that is not a recording, or of a version that
    is not known.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        port: int = 0,
        ignore: Collection[str] = (),
        on_request: Played | None = None,
    ) -> None:
        if isinstance(ignore, str):
            raise TypeError(f"ignore must be a list of names, such as [{ignore!r}]")
        self._ignored = frozenset(ignore)
        self._port = port
        self._on_request = on_request
        self._file = RecordingFile(Path(path))
        try:
            self._script = Script(
                self._file.records, lambda exchange: identify(self._file, exchange, self._ignored)
            )
        except BaseException:
            self._file.close()
            raise
        self._unknown: list[str] = []
        self._server: ServerThread | None = None

    @property
    def url(self) -> str:
        """The base URL to use, without a trailing slash."""
        if self._server is None:
            raise RuntimeError(_NOT_RUNNING)
        return f"http://{LOOPBACK}:{self._server.port}"

    @property
    def key(self) -> str:
        """A key for clients that want one; any other is accepted as well."""
        return KEY

    @property
    def about(self) -> dict[str, Any]:
        """What the file says of itself: `made_by`, `started`, `server`, and counts."""
        return dict(self._file.about)

    @property
    def unknown(self) -> list[str]:
        """The requests that were not recorded, each with what was nearest."""
        return list(self._unknown)

    @property
    def unplayed(self) -> list[str]:
        """Method and path of the requests that were recorded and nobody has sent yet."""
        return self._script.unplayed

    @property
    def waits_for(self) -> str | None:
        """The request that the next messages and changes wait for; None if there is none."""
        awaited = self._script.awaited
        return None if awaited is None else awaited.name

    def check(self) -> None:
        """Raise AssertionError if something was asked for that was not recorded, or the other way
        round."""
        problems = [
            *self.unknown,
            *(f"{name} was recorded, and nobody asked for it" for name in self.unplayed),
        ]
        if problems:
            raise AssertionError("; ".join(problems))

    def start(self) -> Self:
        """Start to serve."""
        server = ServerThread(self._not_yet, self._port)
        server.start()
        self._server = server
        progress = Progress(self._script)
        http = Player(self._file, progress, self.url, self._ignored, self._on_request)
        http.unknown = self._unknown
        sockets = SocketPlayer(self._file, progress, self.url, self._unknown)

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await (sockets if scope["type"] == "websocket" else http)(scope, receive, send)
            except ClientLeft:
                return

        server.replace(LocalOnly(application))
        return self

    def stop(self) -> None:
        """End the server, and close the file."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        self._file.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @staticmethod
    async def _not_yet(scope: Scope, receive: Receive, send: Send) -> None:
        raise ClientLeft
