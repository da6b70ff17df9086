"""Reading the messages of a websocket of the emulator."""

from __future__ import annotations

import json
from typing import Any

from websockets.sync.client import ClientConnection

from .workflows import Json

PATIENCE = 10
"""Seconds after which a message counts as lost."""


def read(socket: ClientConnection) -> Json | bytes:
    """The next message: JSON, or bytes."""
    message = socket.recv(timeout=PATIENCE)
    return message if isinstance(message, bytes) else json.loads(message)  # type: ignore[no-any-return]


def until(socket: ClientConnection, type: str, **data: Any) -> list[Json | bytes]:
    """The messages up to and including the first of a type."""
    seen: list[Json | bytes] = []
    while True:
        seen.append(last := read(socket))
        if isinstance(last, dict) and last["type"] == type and data.items() <= last["data"].items():
            return seen
