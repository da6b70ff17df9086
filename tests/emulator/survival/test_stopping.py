"""What a stopped emulator leaves behind: nothing."""

from __future__ import annotations

import gc
import socket
import sys
import threading
from contextlib import ExitStack, suppress

import httpx
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


def test_connections_that_come_in_while_it_stops_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    unclosed: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda given: unclosed.append(str(given.exc_value)))
    for _ in range(2):
        with ExitStack() as clients:
            with Emulator() as emulator:
                port = int(emulator.url.rpartition(":")[2])
                httpx.get(f"{emulator.url}/api/features", timeout=60)
                has_begun = threading.Event()

                def connect(
                    port: int = port, clients: ExitStack = clients, has_begun: threading.Event = has_begun
                ) -> None:
                    with suppress(OSError):  # it has stopped
                        while True:
                            client = socket.create_connection(("127.0.0.1", port))
                            clients.enter_context(client)
                            client.sendall(b"GET /api/features HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            has_begun.set()

                connecting = threading.Thread(target=connect)
                connecting.start()
                assert has_begun.wait(60)
            connecting.join()
    gc.collect()
    assert unclosed == []
