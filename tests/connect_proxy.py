"""A proxy on loopback for tests: it opens tunnels (CONNECT), always to this machine."""

from __future__ import annotations

import base64
import socket
import threading
from contextlib import suppress

from tests.socket_server import SocketServer, read_request


class ConnectProxy(SocketServer):
    """`tunnels` has the host of each tunnel, `logins` the credentials that came with it."""

    def __init__(self, *, is_tls: bool) -> None:
        super().__init__(is_tls=is_tls)
        self.tunnels: list[str] = []
        self.logins: list[str] = []

    def _serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb", buffering=0) as lines:
            request = read_request(lines)
        host, _, port = request.target.rpartition(":")
        assert request.method == "CONNECT"
        self.tunnels.append(host)
        login = request.headers.get("proxy-authorization")
        if login is not None:
            self.logins.append(base64.b64decode(login.partition(" ")[2]).decode())
        with socket.create_connection(("127.0.0.1", int(port))) as server:
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_relay, args=(server, connection), daemon=True)
            back.start()
            _relay(connection, server)
            back.join()


def _relay(source: socket.socket, destination: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            destination.sendall(data)
    with suppress(OSError):
        destination.shutdown(socket.SHUT_RDWR)


def connect_proxy(*, is_tls: bool = False) -> ConnectProxy:
    return ConnectProxy(is_tls=is_tls)
