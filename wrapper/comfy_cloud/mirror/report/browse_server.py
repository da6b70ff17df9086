"""The live page over HTTP on loopback. I/O.

A web page from elsewhere can reach a server on loopback, so nothing is given away without the
random token in the path, and no request is answered whose Host is not this server: a name that an
attacker points at 127.0.0.1 would not be. Nothing can be changed: there is only GET.
"""

# pyright: reportIncompatibleVariableOverride=false
# pyright: reportIncompatibleUnannotatedOverride=false
from __future__ import annotations

import hmac
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from .browse_routes import BrowseRoutes, Page

_TOKEN_BYTES = 24
_SECONDS = 30.0


class BrowseServer(ThreadingHTTPServer):
    """Serves until `shutdown`; `url` has the token. Raises OSError if the port is taken."""

    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, routes: BrowseRoutes, port: int = 0) -> None:
        self.routes = routes
        self.token = secrets.token_urlsafe(_TOKEN_BYTES)
        super().__init__(("127.0.0.1", port), _Handler)
        self.hosts = {f"127.0.0.1:{self.server_port}", f"localhost:{self.server_port}"}

    def server_bind(self) -> None:
        """Bind without the lookup of a host name, which can take seconds without a network."""
        TCPServer.server_bind(self)
        self.server_name = "127.0.0.1"
        self.server_port = self.server_address[1]

    @property
    def url(self) -> str:
        """The address to open. Who has it can read the history."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a browser closes connections as it likes."""


class _Handler(BaseHTTPRequestHandler):
    server: BrowseServer
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS

    def do_GET(self) -> None:
        """Respond, with the same headers whatever the outcome."""
        try:
            page = self._page()
        except Exception:  # noqa: BLE001 - the page says that it failed, and the server goes on
            page = Page(500, b"the mirror could not be read")
        self._send(page)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is not HTTP or not GET, with none of its words in the response."""
        self.close_connection = True
        self._send(Page(code, b"only GET is served here"))

    def _send(self, page: Page) -> None:
        self.send_response(page.status)
        for name, value in self._headers(page):
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page.content)

    def _page(self) -> Page:
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self.server.hosts:
            return Page(421, b"wrong host")
        if self.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            return Page(403, b"only this page may ask")
        path, _, query = self.path.partition("?")
        _, token, *rest = [*path.split("/", 2), "", ""][:3]
        is_known = hmac.compare_digest(token.encode("latin-1", "replace"), self.server.token.encode())
        if not is_known or query or not path.startswith(f"/{token}/"):
            return Page(404, b"not found")
        return self.server.routes.get(rest[0], self.headers.get("If-None-Match", ""))

    def _headers(self, page: Page) -> list[tuple[str, str]]:
        is_image = page.media_type.startswith("image/")
        made = [
            ("Content-Type", page.media_type),
            ("Content-Length", str(len(page.content))),
            ("Cache-Control", "private, max-age=3600" if is_image else "no-store"),
            ("Content-Security-Policy", self.server.routes.policy),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
        ]
        if page.tag:
            made.append(("ETag", page.tag))
        return made

    def version_string(self) -> str:
        """The Server header names no versions."""
        return "comfy-cloud"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: paths have the token."""
