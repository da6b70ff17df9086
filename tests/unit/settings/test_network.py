"""The proxy and the certificates: what is accepted, and which proxy the environment names."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._settings.network import NetworkSettings, ca_file_from, proxy_from, proxy_in


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        (" https://proxy.example/ ", "https://proxy.example"),
        ("socks5h://me:word@[::1]:1080", "socks5h://me:word@[::1]:1080"),
        ("http://token@proxy.example", "http://token:@proxy.example"),
        ("Direct", "direct"),
    ],
)
def test_a_proxy_is_a_url_or_direct(given: str, expected: str) -> None:
    secret = proxy_from(given)
    assert secret is not None
    assert secret.reveal() == expected
    assert proxy_from(secret) is secret


@pytest.mark.parametrize(
    "bad",
    [
        "", "proxy.example:3128", "ftp://a", "http://", "http://me:hidden@a:x", "http://hidden@a/x",
        "http://hidden@a?x", "http://hidden@a#x", "http://hidden@bücher.example", "http://a:0", 7,
    ],
)  # fmt: skip
def test_other_proxies_are_refused_without_being_quoted(bad: object) -> None:
    with pytest.raises(ConfigurationError, match="proxy needs a URL") as raised:
        proxy_from(bad)
    assert "hidden" not in str(raised.value)


def test_a_setting_wins_over_the_environment() -> None:
    environment = {"https": "http://other:1", "all": "http://all:1"}
    assert NetworkSettings(proxy_from("http://a:1")).proxy_for("https://b", environment) == "http://a:1"
    assert NetworkSettings(proxy_from("http://a:1")).proxy_for("http://localhost", {}) == "http://a:1"
    assert NetworkSettings(proxy_from("direct")).proxy_for("https://b", environment) is None
    assert NetworkSettings().proxy_for("https://b", environment) == "http://other:1"
    assert NetworkSettings().proxy_for("http://localhost:8188", environment) is None
    assert "a:1" not in repr(NetworkSettings(proxy_from("http://a:1")))


def test_certificates_are_a_path() -> None:
    assert ca_file_from(None) is None
    assert ca_file_from(Path("a") / "b.pem") == str(Path("a") / "b.pem")
    assert ca_file_from("~/b.pem") == str(Path("~/b.pem").expanduser())
    for bad in ("", " ", 7, b"a"):
        with pytest.raises(ConfigurationError, match="ca_file must be"):
            ca_file_from(bad)


URLS = [
    "https://example.com", "https://example.com:8443", "https://a.example.com", "https://badexample.com",
    "http://example.com", "https://10.0.0.1", "https://10.0.0.1:8443", "https://[fd00::1]", "https://other.test",
]  # fmt: skip
EXCLUDED = [
    "", "*", "example.com", ".example.com", "Example.com", "a.example.com", "other.test,example.com ",
    "example.com:8443", "10.0.0.1", "fd00::1", "https://example.com", "http://example.com", "10.0.0.0/8",
]  # fmt: skip


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("excluded", EXCLUDED)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"])
def test_the_environment_means_what_it_means_to_httpx(
    url: str, excluded: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    monkeypatch.setenv(name, "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", excluded)
    environment = {name.partition("_")[0].lower(): "proxy.example:3128", "no": excluded}
    with httpx.Client(verify=False) as client:
        is_direct = client._transport_for_url(httpx.URL(url)) is client._transport
    assert (proxy_in(environment, url) is None) == is_direct
    assert proxy_in(environment, url) in (None, "http://proxy.example:3128")


@pytest.mark.parametrize(
    ("proxy", "expected"),
    [
        ("http://me@proxy.example:3128", "http://me:@proxy.example:3128"),
        ("me@proxy.example:3128", "http://me:@proxy.example:3128"),
        ("http://me:p@proxy.example:3128/", "http://me:p@proxy.example:3128/"),
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("", None),
    ],
)
def test_a_user_of_the_environment_without_a_password(proxy: str, expected: str | None) -> None:
    assert proxy_in({"https": proxy}, "https://comfy.example") == expected
