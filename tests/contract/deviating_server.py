"""A server that breaks the contract: a proxy to an emulator that changes its responses."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from comfy_cloud_emulator import Emulator

_HOP = frozenset(
    {"content-length", "transfer-encoding", "connection", "date", "server", "host", "content-encoding"}
)


@dataclass
class Reply:
    """A response that can be changed before it is sent."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The value in the body."""
        return json.loads(self.content)

    @json.setter
    def json(self, value: Any) -> None:
        self.content = json.dumps(value).encode()


@dataclass
class Asked:
    """A request that the server received."""

    method: str
    target: str
    headers: dict[str, str] = field(repr=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


Tamper = Callable[[Asked, Reply], object]


@dataclass
class Server:
    """A running server: its address and the requests that it received."""

    url: str
    asked: list[Asked]


@contextmanager
def tampered(emulator: Emulator, tamper: Tamper) -> Iterator[Server]:
    """Serve the emulator's responses, changed by `tamper`, on another port."""
    asked: list[Asked] = []
    behind = httpx.Client(base_url=emulator.url, trust_env=False, timeout=30)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else the body waits for the other side to acknowledge the head

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Asked(self.command, self.path, headers)
            asked.append(request)
            sent = {name: value for name, value in headers.items() if name not in _HOP}
            found = behind.request(
                self.command, self.path, headers={**sent, "accept-encoding": "identity"}, content=body
            )
            kept = {name: value for name, value in found.headers.items() if name not in _HOP}
            reply = Reply(found.status_code, kept, found.content)
            tamper(request, reply)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            if self.command != "HEAD" and reply.status != 204:
                self.wfile.write(reply.content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = respond

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the terminal."""

    with behind, ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Server(f"http://127.0.0.1:{httpd.server_address[1]}", asked)
        finally:
            httpd.shutdown()
            thread.join()
