"""Distorts the emulator's websocket beyond its faults. The emulator is async in every test."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud_emulator.engine.events import Preview
from comfy_cloud_emulator.routes.websocket import frames
from comfy_cloud_emulator.routes.websocket.wire import SocketWire


def every_message_arrives_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message is sent twice."""
    send = SocketWire.send

    async def twice(self: Any, message: str | bytes) -> None:
        await send(self, message)
        await send(self, message)

    monkeypatch.setattr(SocketWire, "send", twice)


def previews_break_off(monkeypatch: pytest.MonkeyPatch, kind: int, kept: int) -> None:
    """Every preview becomes a binary frame of this kind, cut off after `kept` bytes."""
    whole = frames.encode_frame

    def broken(event: Any, with_metadata: bool) -> str | bytes:
        frame = whole(event, with_metadata)
        if isinstance(event, Preview) and isinstance(frame, bytes):
            return (kind.to_bytes(4, "big") + frame[4:])[:kept]
        return frame

    monkeypatch.setattr(frames, "encode_frame", broken)
