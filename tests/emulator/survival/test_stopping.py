"""What a stopped emulator leaves behind: nothing."""

from __future__ import annotations

import gc
import socket
import sys
from contextlib import ExitStack

import pytest

from comfy_cloud_emulator import Emulator


def test_connections_that_are_being_accepted_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel connects clients before the server knows of them."""
    unclosed: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda given: unclosed.append(str(given.exc_value)))
    for _ in range(5):
        with ExitStack() as clients:
            with Emulator() as emulator:
                port = int(emulator.url.rpartition(":")[2])
                for _ in range(50):
                    client = clients.enter_context(socket.create_connection(("127.0.0.1", port)))
                    client.sendall(b"GET /api/features HTTP/1.1\r\nHost: localhost\r\n\r\n")
    gc.collect()
    assert unclosed == []
