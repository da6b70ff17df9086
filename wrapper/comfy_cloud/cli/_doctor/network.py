"""Checks of `comfy-cloud doctor` that need no key: name, proxy, connection and TLS, clock."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..config import proxy_in_use, source_text
from .findings import Finding, State

if TYPE_CHECKING:
    from comfy_cloud import Settings

PATIENCE = 8.0
"""Seconds that one step of a check waits; less than the deadline, so that it can say for what."""

_LEAST_DAYS = 7
_CLOCK_SECONDS = 10
_WRONG_CLOCK_SECONDS = 300
_DEFAULT_PORTS = {"https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(slots=True)
class Reached:
    """What the first response of the server showed. `stats` is empty if it is no ComfyUI."""

    date: str | None = None
    received: datetime = datetime.min
    stats: Mapping[str, Any] = field(default_factory=dict)
    is_reached: bool = False


def local_now() -> datetime:
    """What the clock of this machine shows."""
    return datetime.now(UTC)


def look_up_name(settings: Settings) -> Finding:
    """Which addresses the host has, or its proxy, which looks up the others."""
    import socket

    proxy, source = proxy_in_use(settings)
    host = _host_of(proxy or settings.base_url)
    through = f"; the proxy looks up {_host_of(settings.base_url)}" if _is_url(proxy) else ""
    if not _is_url(proxy):
        host, source = _host_of(settings.base_url), source_text("base_url", settings.sources["base_url"])
    if _is_address(host):
        return Finding("name", "ok", f"{host} is an address, not a name{through}")
    began = time.monotonic()
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        return Finding(
            "name",
            "failed",
            f"{host} is not found: {error.strerror or error}",
            f"check the spelling (it comes from: {source}), the network, a VPN and the name server",
        )
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    shown = ", ".join(addresses[:2]) + (f" and {len(addresses) - 2} more" if len(addresses) > 2 else "")
    return Finding("name", "ok", f"{host} is {shown} ({_milliseconds(began)}){through}")


def reach_proxy(settings: Settings) -> Finding:
    """Whether there is a proxy, and whether it accepts connections."""
    import socket

    proxy, source = proxy_in_use(settings)
    if not _is_url(proxy):
        return Finding("proxy", "ok", "none" if proxy is None else f"none: {proxy} ({source})")
    assert proxy is not None  # noqa: S101 - it is a URL
    parts = urlsplit(proxy)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 80)
    began = time.monotonic()
    try:
        socket.create_connection((parts.hostname or "", port), timeout=PATIENCE).close()
    except OSError as error:
        return Finding(
            "proxy",
            "failed",
            f"{proxy} cannot be reached: {error.strerror or error}",
            f"correct it (it comes from: {source}), or use none: comfy-cloud config set proxy direct",
        )
    return Finding("proxy", "ok", f"{proxy} ({source}), connected in {_milliseconds(began)}")


def reach_server(settings: Settings, reached: Reached) -> Finding:
    """Whether the server responds, and what protects the connection. Fills in `reached`."""
    import httpx

    from ..._http.clients import new_http_client

    began = time.monotonic()
    try:
        with (
            new_http_client(settings.base_url, 1, settings.network) as client,
            client.stream("GET", f"{settings.base_url}/api/system_stats", timeout=PATIENCE) as response,
        ):
            protection = _protection(response.extensions.get("network_stream"))
            response.read()
    except (httpx.HTTPError, OSError) as error:
        return _unreachable(settings, error)
    reached.is_reached = True
    reached.date, reached.received = response.headers.get("Date"), local_now()
    reached.stats = _stats_in(response)
    figure = f"HTTP {response.status_code} in {_milliseconds(began)}, {protection.text(settings)}"
    if response.status_code >= 500:
        return Finding("connection", "failed", figure, "the server has a problem; try again later")
    if response.is_redirect:
        there = urlsplit(response.headers["Location"])
        figure += f"; it redirects to {there.scheme}://{there.netloc.rpartition('@')[2]}"
        return Finding("connection", "failed", figure, "use the address that it redirects to as base URL")
    if not reached.stats and response.status_code in (200, 404, 405):
        return Finding(
            "connection",
            "failed",
            f"{figure}; the response is not from ComfyUI ({response.headers.get('Content-Type', 'no type')})",
            "check the base URL, and whether the network wants you to sign in",
        )
    if protection.days_left is not None and protection.days_left < _LEAST_DAYS:
        return Finding("connection", "warning", figure, "the server's certificate must be renewed")
    return Finding("connection", "ok", figure)


def compare_clocks(date: str | None, received: datetime) -> Finding:
    """How far the clock of this machine is from that of the server, by the header Date."""
    from email.utils import parsedate_to_datetime

    try:
        server = parsedate_to_datetime(date or "")
    except ValueError:
        return Finding("clock", "skipped", "the server sends no date")
    if server.tzinfo is None:
        server = server.replace(tzinfo=UTC)
    seconds = (received - server).total_seconds()
    # The header has whole seconds: the server's clock is up to one second later.
    seconds = 0.0 if 0 <= seconds <= 1 else seconds - 1 if seconds > 1 else seconds
    if abs(seconds) <= _CLOCK_SECONDS:
        return Finding("clock", "ok", f"{abs(seconds):.1f} s from the server's")
    direction = "ahead of" if seconds > 0 else "behind"
    figure = f"{_duration(abs(seconds))} {direction} the server's"
    state: State = "failed" if abs(seconds) > _WRONG_CLOCK_SECONDS else "warning"
    remedy = "set the clock of this machine (switch on its time synchronisation)"
    return Finding("clock", state, figure, remedy)


@dataclass(frozen=True, slots=True)
class _Protection:
    """The TLS version and the certificate of a connection; None without TLS."""

    version: str | None = None
    issuer: str = ""
    days_left: int | None = None

    def text(self, settings: Settings) -> str:
        if self.version is None:
            return "no TLS"
        issued = f", certificate from {self.issuer}" if self.issuer else ""
        left = f", {self.days_left} days left" if self.days_left is not None else ""
        return f"{self.version}{issued}{left}, trusted by {_authorities(settings)}"


def _protection(stream: Any) -> _Protection:
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    if tls is None:
        return _Protection()
    certificate = tls.getpeercert() or {}
    names = {name: value for part in certificate.get("issuer", ()) for name, value in part}
    ends = certificate.get("notAfter")
    days = int((ssl.cert_time_to_seconds(ends) - time.time()) // 86_400) if ends else None
    issuer = names.get("organizationName") or names.get("commonName") or ""
    return _Protection(tls.version() or "TLS", issuer, days)


def _authorities(settings: Settings) -> str:
    import os

    if settings.network.ca_file is not None:
        return f"ca_file {settings.network.ca_file} and the usual authorities"
    variable = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), None)
    return variable if variable is not None else "the usual authorities"


def _unreachable(settings: Settings, error: Exception) -> Finding:
    import httpx

    source = source_text("base_url", settings.sources["base_url"])
    causes = list(_causes(error))
    untrusted = next((each for each in causes if isinstance(each, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        return Finding(
            "connection",
            "failed",
            f"the certificate is not trusted: {untrusted.verify_message}",
            "if your company or your own server issues certificates: comfy-cloud config set ca_file FILE",
        )
    if isinstance(error, httpx.ProxyError):
        return Finding("connection", "failed", f"the proxy refuses: {error}", "check its user and password")
    if isinstance(error, httpx.TimeoutException):
        figure = f"{settings.base_url} does not respond within {PATIENCE:g} s"
        return Finding(
            "connection", "failed", figure, "check the network, a firewall and a proxy; try again later"
        )
    reason = next((str(each) for each in reversed(causes) if str(each)), type(error).__name__)
    return Finding(
        "connection",
        "failed",
        f"{settings.base_url} cannot be reached: {reason}",
        f"check the address (it comes from: {source}), the network and a firewall",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _stats_in(response: Any) -> Mapping[str, Any]:
    """The server's description of itself; empty if the response is not one."""
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) and isinstance(found.get("system"), Mapping) else {}


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_url(proxy: str | None) -> bool:
    return proxy is not None and "://" in proxy


def _is_address(host: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _milliseconds(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f} ms"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
