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
MOST_UNREAD: Final = 4 << 20
"""Bytes that a client may leave unread while it sends pings."""


class EmulatorSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's websocket protocol, without log lines about requests, and with a bound on pongs."""

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

    def handle_ping(self) -> None:
        """Send a pong, unless the client sends pings without reading pongs."""
        if self.transport.get_write_buffer_size() > MOST_UNREAD:
            self.transport.abort()
        else:
            super().handle_ping()
