"""The connection of one request, for the two faults that no response can express: reset and cut.

uvicorn hides the socket from the application. This subclass of its HTTP/1.1 protocol puts a handle
into `scope["state"]["connection"]` and changes nothing else.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

# SO_LINGER on, zero seconds: closing then sends RST instead of FIN. The struct's members are shorts
# on Windows.
_RESET_ON_CLOSE: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Connection:
    """A handle on the connection of the current request."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None

    def attach(self, transport: asyncio.Transport) -> None:
        """Called once the connection is established."""
        self._transport = transport

    def uses(self, transport: object) -> bool:
        """Whether this is its transport."""
        return self._transport is transport

    def reset(self) -> None:
        """Reset it, as a crashed server does."""
        if self._transport is not None:
            wire = self._transport.get_extra_info("socket")
            if wire is not None:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._transport.abort()

    def close(self) -> None:
        """Send what was written so far, then close it: the body is shorter than announced."""
        if self._transport is not None:
            self._transport.close()


class EmulatorProtocol(H11Protocol):
    """uvicorn's protocol, with the handle in the scope's state."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        # The state, and with it the handle, is copied into the scope of each request.
        self._handle = Connection()
        super().__init__(config, server_state, {**app_state, "connection": self._handle}, _loop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keep the transport in the handle."""
        self._handle.attach(transport)
        super().connection_made(transport)
