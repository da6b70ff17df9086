"""One normaliser per setting: what it accepts and refuses, and that no error repeats a secret."""

from __future__ import annotations

import copy
import pickle
import string
import traceback
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError, Retry, Settings
from comfy_cloud._settings.config import load
from comfy_cloud._settings.fields import (
    Secret,
    base_url_from,
    in_bytes,
    max_connections_from,
    max_response_bytes_from,
    retry_from,
    secret_from,
    timeout_from,
)
from comfy_cloud._settings.origins import is_loopback, origin_of

KEY = "comfyui-0123456789abcdef"
# An environment without a profile file. That of the person who runs the tests is not read either.
NOTHING = {"COMFY_CLOUD_CONFIG_DIR": str(Path(__file__).parent / "no-such-folder")}


# Base URL


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://cloud.comfy.org", "https://cloud.comfy.org"),
        ("https://cloud.comfy.org/", "https://cloud.comfy.org"),
        ("https://cloud.comfy.org/api", "https://cloud.comfy.org"),
        ("https://cloud.comfy.org/api/", "https://cloud.comfy.org"),
        ("https://cloud.comfy.org/api/api", "https://cloud.comfy.org"),
        ("https://cloud.comfy.org//api", "https://cloud.comfy.org"),
        ("  HTTPS://Cloud.Comfy.ORG/ ", "https://cloud.comfy.org"),
        ("http://127.0.0.1:8188", "http://127.0.0.1:8188"),
        ("http://[::1]:8188/", "http://[::1]:8188"),
        ("http://host:/", "http://host"),
        ("https://host/behind/a/proxy/api", "https://host/behind/a/proxy"),
        ("https://host/graphapi", "https://host/graphapi"),
        ("https://bücher.example", "https://bücher.example"),
        ("https://host?", "https://host"),
    ],
)
def test_a_base_url_has_one_form(given: str, expected: str) -> None:
    assert base_url_from(given) == expected


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "needs http"),
        ("cloud.comfy.org", "needs http"),
        ("ftp://cloud.comfy.org", "needs http"),
        ("https://", "needs http"),
        ("https:///api", "needs http"),
        ("file:///etc/passwd", "needs http"),
        (None, "needs http"),
        ("https://user:secret@host", "user name or password"),
        ("https://secret@host", "user name or password"),
        ("https://@host", "user name or password"),
        ("https://host?key=secret", "query or fragment"),
        ("https://host#secret", "query or fragment"),
        ("https://host:0", "host or port"),
        ("https://host:99999", "host or port"),
        ("https://host:secret", "host or port"),
        ("https://user:secret/with-a-slash@host", "host or port"),
        ("https://user:secret℀@host", "host or port"),
        ("https://[::1", "host or port"),
        ("https://cloud.comfy.org\\.secret.example", "host or port"),
        ("https://ho st", "space or line break"),
        ("https://host/\npath", "space or line break"),
        ("https://ho\x00st", "space or line break"),
    ],
)
def test_an_invalid_base_url_is_refused_without_repeating_it(given: object, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        base_url_from(given)
    text = "".join(traceback.format_exception(caught.value))
    assert "base_url" in str(caught.value)
    assert "secret" not in text


_URL_PARTS = st.tuples(
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", ""]),
    st.sampled_from(["", "user@", "user:pass@", ":@"]),
    st.one_of(
        st.sampled_from(["cloud.comfy.org", "localhost", "[::1]", "127.0.0.1", "bücher.example"]),
        st.text(string.ascii_letters + string.digits + ".-_%\\[]é", max_size=12),
    ),
    st.sampled_from(["", ":", ":1", ":8188", ":0", ":70000", ":x"]),
    st.text("/api.%-_~ \\;ü", max_size=12),
    st.sampled_from(["", "?", "?q=1", "#", "#part"]),
).map("".join)


@given(st.one_of(_URL_PARTS, st.text()))
@example("http://host/api/api")
@example("http://host//api")
@settings(deadline=None)
def test_an_accepted_base_url_is_final_and_has_no_credentials(text: str) -> None:
    try:
        url = base_url_from(text)
    except ConfigurationError:
        return
    parts = urlsplit(url)
    assert base_url_from(url) == url
    assert not url.endswith(("/", "/api"))
    assert parts.scheme in {"http", "https"}
    assert parts.hostname
    assert (parts.username, parts.password, parts.query, parts.fragment) == (None, None, "", "")
    assert "@" not in parts.netloc


def test_an_origin_names_the_default_port() -> None:
    assert origin_of("https://Host/path") == ("https", "host", 443)
    assert origin_of("http://host") == ("http", "host", 80)
    assert origin_of("http://[::1]:8188") == ("http", "::1", 8188)


@pytest.mark.parametrize("host", ["localhost", "app.localhost", "127.0.0.1", "127.255.0.3", "::1"])
def test_loopback_hosts(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["127.evil.example", "127.0.0.1.evil.example", "evillocalhost", "localhost.evil.example", "10.0.0.1", ""],
)
def test_hosts_that_only_look_like_loopback(host: str) -> None:
    assert not is_loopback(host)


# Keys


@pytest.mark.parametrize("blank", [None, "", " ", "\t ", "\r\n"])
def test_no_key_and_a_blank_one_are_the_same(blank: object) -> None:
    assert secret_from(blank, "API key") is None


@pytest.mark.parametrize("key", [f" {KEY}\t", f"{KEY}\n", f"\n{KEY}\r\n", f"{KEY}\xa0"])
def test_whitespace_around_a_key_is_removed(key: str) -> None:
    secret = secret_from(key, "API key")
    assert secret is not None
    assert secret.reveal() == KEY
    assert secret_from(secret, "API key") is secret


@pytest.mark.parametrize("key", [f"{KEY}\nX-Evil: 1", f"{KEY}\x00", "schlüssel", "two words", f"{KEY}\x7f"])
def test_a_key_that_does_not_fit_into_a_header_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ConfigurationError, match=r"The API key .* Copy it again") as caught:
        secret_from(key, "API key")
    assert KEY not in str(caught.value)


def test_a_key_must_be_text() -> None:
    with pytest.raises(ConfigurationError, match="The partner API key must be text, not bytes"):
        secret_from(KEY.encode(), "partner API key")


@given(st.text())
@settings(deadline=None)
def test_every_accepted_key_fits_into_a_header(text: str) -> None:
    try:
        secret = secret_from(text, "API key")
    except ConfigurationError:
        return
    if secret is not None:
        assert secret.reveal().encode("ascii").strip() == secret.reveal().encode("ascii")
        assert secret.reveal().isprintable()


def test_only_reveal_shows_a_secret() -> None:
    secret = Secret(KEY)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>40}",
        format(secret, ""),
        repr([secret]),
        str({"k": secret}),
    ]
    assert all(KEY not in text for text in shown)
    assert all("****" in text for text in shown)
    assert not hasattr(secret, "__dict__")
    assert secret.reveal() == KEY


def test_secrets_with_the_same_text_are_equal() -> None:
    assert Secret(KEY) == Secret(KEY)
    assert hash(Secret(KEY)) == hash(Secret(KEY))
    assert Secret(KEY) != Secret("another")
    assert Secret(KEY) != KEY


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_and_settings_with_one_cannot_be_pickled(protocol: int) -> None:
    settings = load(api_key=KEY, environment=NOTHING)
    for value in (Secret(KEY), settings):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(value, protocol)
    with pytest.raises(TypeError, match="cannot be pickled"):
        copy.deepcopy(settings)


def test_a_key_is_not_in_the_repr_of_settings_nor_in_a_traceback() -> None:
    settings = load(api_key=KEY, partner_api_key=KEY + "2", environment=NOTHING)
    assert KEY not in repr(settings)
    assert KEY not in str(settings)

    def fail(settings: Settings, secret: Secret) -> None:
        raise RuntimeError(f"{settings} {secret}")

    with pytest.raises(RuntimeError) as caught:
        fail(settings, Secret(KEY))
    formatted = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    inner = formatted.stack[-1]  # the frame with only settings and secrets
    assert inner.locals is not None
    assert set(inner.locals) == {"settings", "secret"}
    assert KEY not in str(inner.locals)
    assert KEY not in "".join(traceback.format_exception(caught.value))


# Timeout, retry, connections


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, 30.0), (5, 5.0), (0.1, 0.1), ("2.5", 2.5), (" 7 ", 7.0), (9_999_999, 9_999_999.0)],
)
def test_a_timeout_is_a_number_of_seconds(given: object, expected: float) -> None:
    assert timeout_from(given) == expected


@pytest.mark.parametrize(
    "bad", [0, -1, "0", float("nan"), float("inf"), "inf", "nan", "soon", "", True, [], 1e7, 10**400]
)
def test_an_invalid_timeout_is_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError, match="timeout must be"):
        timeout_from(bad)


@given(st.one_of(st.floats(), st.integers(), st.text(), st.floats().map(str)))
@settings(deadline=None)
def test_every_accepted_timeout_is_finite_and_above_zero(value: object) -> None:
    try:
        seconds = timeout_from(value)
    except ConfigurationError:
        return
    assert 0 < seconds < 1e7


def test_a_retry_policy_or_a_number_of_attempts() -> None:
    policy = Retry(attempts=2, budget=1)
    assert retry_from(policy) is policy
    assert retry_from(None) == Retry()
    assert retry_from(3) == Retry(attempts=3)


@pytest.mark.parametrize("bad", [0, -1, True, "3", 2.5])
def test_an_invalid_retry_is_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError, match=r"retry|attempts"):
        retry_from(bad)


def test_the_number_of_connections() -> None:
    assert max_connections_from(None) == 100
    assert max_connections_from(1) == 1


def test_the_size_of_a_response() -> None:
    assert max_response_bytes_from(None) is None
    assert max_response_bytes_from(1) == 1
    assert load(environment=NOTHING).max_response_bytes == 268_435_456
    assert load(environment=NOTHING, max_response_bytes=None).max_response_bytes is None
    assert (in_bytes(3 * 1024 * 1024), in_bytes(1000), in_bytes(2**20 + 1)) == (
        "3 MiB",
        "1000 bytes",
        "1048577 bytes",
    )


@pytest.mark.parametrize("bad", [0, -5, True, "10", 1.5])
def test_an_invalid_size_of_a_response_is_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError, match=r"max_response_bytes must be .* None for no limit"):
        max_response_bytes_from(bad)


@pytest.mark.parametrize("bad", [0, -5, True, "10", 1.5])
def test_an_invalid_number_of_connections_is_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError, match="max_connections must be"):
        max_connections_from(bad)
