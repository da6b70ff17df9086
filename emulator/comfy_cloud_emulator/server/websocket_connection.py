"""The wire beneath one websocket: uvicorn's protocol, but for its log, where addresses would tell the key.

A module of its own, since it is loaded by the first upgrade only.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

_SOCKET_LOG: Final = logging.getLogger("uvicorn.error.sockets")
_SOCKET_LOG.setLevel(logging.WARNING)


class EmulatorSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol for websockets, without lines in the log that tell what was asked."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = self.conn.logger = _SOCKET_LOG
        self.conn.debug = False
