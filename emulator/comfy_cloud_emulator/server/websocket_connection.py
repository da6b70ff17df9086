"""uvicorn's websocket protocol without its log lines, which would contain keys in URLs.

A separate module, because only the first upgrade loads it.
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
    """uvicorn's websocket protocol, without log lines about requests."""

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
