"""The address of a websocket: where it leads, and that its key is never shown."""

from __future__ import annotations

import logging
import ssl
from urllib.parse import parse_qs, urlsplit

import pytest

from comfy_cloud._http import websocket
from comfy_cloud._http.websocket import SocketAddress, SocketFailed
from comfy_cloud._settings.fields import Secret
from comfy_cloud._settings.network import NetworkSettings, proxy_from

KEY = "comfyui-0123456789abcdef"


@pytest.mark.parametrize(
    ("base_url", "shown"),
    [
        ("https://cloud.comfy.org", "wss://cloud.comfy.org/ws"),
        ("http://127.0.0.1:8188", "ws://127.0.0.1:8188/ws"),
        ("https://host/behind/a/proxy", "wss://host/behind/a/proxy/ws"),
    ],
)
def test_the_url_has_the_key_and_what_is_shown_has_not(base_url: str, shown: str) -> None:
    address = SocketAddress(base_url, "client & 1", Secret(KEY), greeting="hello")
    assert address.shown == shown
    url = urlsplit(address.url())
    assert f"{url.scheme}://{url.netloc}{url.path}" == shown
    assert parse_qs(url.query) == {"clientId": ["client & 1"], "token": [KEY]}
    assert KEY not in repr(address)
    assert "hello" not in repr(address)


def test_without_a_key_there_is_no_token() -> None:
    assert SocketAddress("http://host", "c").url() == "ws://host/ws?clientId=c"


def test_the_options_of_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "getproxies", lambda: {"https": "http://proxy:1"})
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    options = SocketAddress("https://cloud.comfy.org", "c", timeout=7).options(tls)
    logger = options.pop("logger")
    assert options == {
        "ssl": tls, "proxy": "http://proxy:1", "open_timeout": 7, "close_timeout": 1.0, "max_queue": 2,
        "max_size": 67_108_864,
    }  # fmt: skip
    assert not logger.isEnabledFor(logging.CRITICAL)
    assert logger.parent is None
    assert SocketAddress("http://localhost:8188", "c").options(None)["proxy"] is None
    assert SocketAddress("http://host", "c").timeout == 10
    over_tls = NetworkSettings(proxy_from("https://me:word@proxy"))
    address = SocketAddress("http://host", "c", network=over_tls)
    assert "word" not in repr(address)
    options = address.options(tls)
    assert (options["ssl"], options["proxy_ssl"]) == (None, tls)
    assert options["proxy"] == "https://me:word@proxy"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 501])
def test_a_refusal_that_no_retry_can_change(status: int) -> None:
    assert SocketFailed("refused", status).is_final


@pytest.mark.parametrize("status", [None, 200, 402, 408, 409, 429, 500, 502, 503])
def test_a_failure_that_may_pass(status: int | None) -> None:
    failure = SocketFailed("refused", status)
    assert (failure.is_final, failure.reason, failure.status) == (False, "refused", status)
    assert SocketFailed("refused", status, is_final=True).is_final
