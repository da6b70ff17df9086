"""A proxy on loopback for tests: it opens tunnels (CONNECT), always to this machine."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.certificates import server_context


class ConnectProxy:
    """`tunnels` has the host of each tunnel, `logins` the credentials that came with it."""

    def __init__(self, *, is_tls: bool) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._context = server_context() if is_tls else None
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if is_tls else 'http'}://127.0.0.1:{self.port}"
        self.tunnels: list[str] = []
        self.logins: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with plain, suppress(OSError, ValueError):
            if self._context is None:
                self._tunnel(plain)
                return
            with self._context.wrap_socket(plain, server_side=True) as client:
                self._tunnel(client)

    def _tunnel(self, client: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        host, _, port = target.rpartition(":")
        assert method == "CONNECT"
        self.tunnels.append(host)
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "proxy-authorization":
                self.logins.append(base64.b64decode(value.partition(" ")[2]).decode())
        with socket.create_connection(("127.0.0.1", int(port))) as server:
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_relay, args=(server, client), daemon=True)
            back.start()
            _relay(client, server)
            back.join()


def _relay(source: socket.socket, destination: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            destination.sendall(data)
    with suppress(OSError):
        destination.shutdown(socket.SHUT_RDWR)


@contextmanager
def connect_proxy(*, is_tls: bool = False) -> Iterator[ConnectProxy]:
    proxy = ConnectProxy(is_tls=is_tls)
    try:
        yield proxy
    finally:
        proxy.close()
