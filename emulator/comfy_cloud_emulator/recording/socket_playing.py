"""Playing the messages of recorded websockets, each once its causes were played."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from comfy_cloud_emulator.http.responses import error_response
from comfy_cloud_emulator.server.http_connection import Connection

from .addresses import for_replay
from .file_reading import RecordingFile
from .playing import NOT_RECORDED, Progress
from .records import Message
from .script import RecordedSocket


class SocketPlayer:
    """The ASGI application for websockets. `unknown` are those that were not recorded."""

    def __init__(self, file: RecordingFile, progress: Progress, own: str, unknown: list[str]) -> None:
        self._file = file
        self._progress = progress
        self._own = own
        self._unknown = unknown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one websocket until the recorded one ended, or the program closes it."""
        path = scope["raw_path"].decode("latin-1")
        recorded = self._progress.script.take_socket(path)
        await receive()  # websocket.connect
        if recorded is None:
            reason = f"no websocket to {path} is in the recording"
            self._unknown.append(reason)
            await error_response(NOT_RECORDED, reason, path=path)(scope, receive, send)
            return
        if recorded.upgrade.status != 101:
            content = self._file.content(recorded.upgrade.response)
            refusal = Response(content, recorded.upgrade.status, media_type="application/json")
            await refusal(scope, receive, send)
            return
        await send({"type": "websocket.accept"})
        sending = asyncio.create_task(self._play(recorded, scope, send))
        try:
            while (await receive())["type"] != "websocket.disconnect":
                pass
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _play(self, recorded: RecordedSocket, scope: Scope, send: Send) -> None:
        for line, item in recorded.items:
            if item.side != "server":
                continue
            await self._progress.until_due(item.after)
            if isinstance(item, Message):
                content = self._file.content(item.content)
                if item.is_text:
                    text = content.decode("utf-8", "replace")
                    if item.content.has_addresses:
                        text = for_replay(text, self._own)
                    await send({"type": "websocket.send", "text": text})
                else:
                    await send({"type": "websocket.send", "bytes": content})
                self._progress.script.sent(line)
                await asyncio.sleep(0)  # sending to a client that reads never waits
            elif item.code is None or not _can_be_sent(item.code):
                connection: Connection = scope["state"]["connection"]
                connection.reset()
                return
            else:
                await send({"type": "websocket.close", "code": item.code})
                return


def _can_be_sent(code: int) -> bool:
    """Whether a frame may contain this code; others say how a connection ended without one."""
    return 3000 <= code <= 4999 or (1000 <= code <= 1014 and code not in (1004, 1005, 1006))
