"""Faults of the emulator's websocket beyond those that it offers itself."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud_emulator.engine.events import Preview
from comfy_cloud_emulator.routes.websocket import frames
from comfy_cloud_emulator.routes.websocket.wire import SocketWire


def repeat_every_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send every message twice."""
    send = SocketWire.send

    async def twice(self: Any, message: str | bytes) -> None:
        await send(self, message)
        await send(self, message)

    monkeypatch.setattr(SocketWire, "send", twice)


def truncate_previews(monkeypatch: pytest.MonkeyPatch, kind: int, kept: int) -> None:
    """Send every preview as a binary frame of type `kind`, truncated to `kept` bytes."""
    whole = frames.encode_frame

    def broken(event: Any, with_metadata: bool) -> str | bytes:
        frame = whole(event, with_metadata)
        if isinstance(event, Preview) and isinstance(frame, bytes):
            return (kind.to_bytes(4, "big") + frame[4:])[:kept]
        return frame

    monkeypatch.setattr(frames, "encode_frame", broken)
