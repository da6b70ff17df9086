"""Settings: every field's normaliser, where each value came from, and a key that shows itself to nobody."""

from __future__ import annotations

import copy
import pickle
import string
import traceback
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError, Retry, Settings
from comfy_cloud.config import (
    DEFAULT_BASE_URL,
    DEFAULT_MAX_CONNECTIONS,
    DEFAULT_TIMEOUT,
    Secret,
    base_url_from,
    is_loopback,
    load,
    max_connections_from,
    origin_of,
    retry_from,
    secret_from,
    timeout_from,
)

KEY = "comfyui-0123456789abcdef"


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
def test_a_base_url_that_cannot_be_used_is_refused_without_repeating_it(given: object, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        base_url_from(given)
    text = "".join(traceback.format_exception(caught.value))
    assert "base_url" in str(caught.value)
    assert "secret" not in text.replace('test_a_base_url_that_cannot', "")


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
def test_a_base_url_that_is_taken_is_settled_and_holds_no_credentials(text: str) -> None:
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
    "host", ["127.evil.example", "127.0.0.1.evil.example", "evillocalhost", "localhost.evil.example", "10.0.0.1", ""]
)
def test_hosts_that_only_look_like_loopback(host: str) -> None:
    assert not is_loopback(host)


# Keys


@pytest.mark.parametrize("blank", [None, "", " ", "\t "])
def test_no_key_and_a_blank_one_are_the_same(blank: object) -> None:
    assert secret_from(blank, "API key") is None


def test_a_key_loses_the_blanks_around_it() -> None:
    secret = secret_from(f" {KEY}\t", "API key")
    assert secret is not None
    assert secret.reveal() == KEY
    assert secret_from(secret, "API key") is secret


@pytest.mark.parametrize(
    "key", [f"{KEY}\n", f"{KEY}\r\n", f"{KEY}\nX-Evil: 1", f"{KEY}\x00", "schlüssel", "two words", f"{KEY}\x7f", "\n"]
)
def test_a_key_that_no_header_can_hold_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ConfigurationError, match=r"The API key .* Copy it again") as caught:
        secret_from(key, "API key")
    assert KEY not in str(caught.value)


def test_a_key_must_be_text() -> None:
    with pytest.raises(ConfigurationError, match="The partner API key must be text, not bytes"):
        secret_from(KEY.encode(), "partner API key")


@given(st.text())
def test_every_accepted_key_fits_into_a_header(text: str) -> None:
    try:
        secret = secret_from(text, "API key")
    except ConfigurationError:
        return
    if secret is not None:
        assert secret.reveal().encode("ascii").strip() == secret.reveal().encode("ascii")
        assert secret.reveal().isprintable()


def test_a_secret_shows_itself_to_reveal_only() -> None:
    secret = Secret(KEY)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", "%s" % secret, repr([secret]), str({"k": secret})]
    assert all(KEY not in text for text in shown)
    assert all("****" in text for text in shown)
    assert not hasattr(secret, "__dict__")
    assert secret.reveal() == KEY


def test_a_secret_is_equal_by_its_text() -> None:
    assert Secret(KEY) == Secret(KEY)
    assert hash(Secret(KEY)) == hash(Secret(KEY))
    assert Secret(KEY) != Secret("another")
    assert Secret(KEY) != KEY


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_and_settings_with_one_cannot_be_pickled(protocol: int) -> None:
    settings = load(api_key=KEY, environment={})
    for value in (Secret(KEY), settings):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(value, protocol)
    with pytest.raises(TypeError, match="cannot be pickled"):
        copy.deepcopy(settings)


def test_a_key_is_not_in_the_repr_of_settings_nor_in_a_traceback() -> None:
    settings = load(api_key=KEY, partner_api_key=KEY + "2", environment={})
    assert KEY not in repr(settings)
    assert KEY not in str(settings)

    def fail(settings: Settings, secret: Secret) -> None:
        raise RuntimeError(f"{settings} {secret}")

    with pytest.raises(RuntimeError) as caught:
        fail(settings, Secret(KEY))
    formatted = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    inner = formatted.stack[-1]  # the frame that holds only settings and secrets
    assert inner.locals is not None
    assert set(inner.locals) == {"settings", "secret"}
    assert KEY not in str(inner.locals)
    assert KEY not in "".join(traceback.format_exception(caught.value))


# Timeout, retry, connections


@pytest.mark.parametrize(("given", "expected"), [(None, DEFAULT_TIMEOUT), (5, 5.0), (0.1, 0.1), ("2.5", 2.5), (" 7 ", 7.0)])
def test_a_timeout_is_a_number_of_seconds(given: object, expected: float) -> None:
    assert timeout_from(given) == expected


@pytest.mark.parametrize("bad", [0, -1, "0", float("nan"), float("inf"), "inf", "nan", "soon", "", True, [], 1e9, 10**400])
def test_a_timeout_that_would_never_end_or_begin_is_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError, match="timeout must be"):
        timeout_from(bad)


@given(st.one_of(st.floats(), st.integers(), st.text(), st.floats().map(str)))
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
def test_a_retry_that_makes_no_sense_is_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError, match=r"retry|attempts"):
        retry_from(bad)


def test_the_bound_of_connections() -> None:
    assert max_connections_from(None) == DEFAULT_MAX_CONNECTIONS
    assert max_connections_from(1) == 1


@pytest.mark.parametrize("bad", [0, -5, True, "10", 1.5])
def test_a_bound_of_connections_that_makes_no_sense_is_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError, match="max_connections must be"):
        max_connections_from(bad)


# Where a value comes from


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A config folder whose profiles `default` and `other` set everything that a profile can."""
    (tmp_path / "config.toml").write_text(
        '[profiles.default]\nbase_url = "http://localhost:1"\ntimeout = 11\n'
        '[profiles.other]\nbase_url = "http://localhost:2"\ntimeout = 12\n'
    )
    for name, key in {"default": "profile-key", "other": "other-key"}.items():
        (tmp_path / f"{name}.key").write_text(key)
        (tmp_path / f"{name}.key").chmod(0o600)
    return tmp_path


_ARGUMENTS: dict[str, Any] = {
    "api_key": "argument-key",
    "base_url": "http://localhost:3",
    "partner_api_key": "argument-partner",
    "timeout": 13.0,
}
_VARIABLES = {
    "api_key": ("COMFY_CLOUD_API_KEY", "variable-key"),
    "base_url": ("COMFY_CLOUD_BASE_URL", "http://localhost:4"),
    "partner_api_key": ("COMFY_CLOUD_PARTNER_API_KEY", "variable-partner"),
    "timeout": ("COMFY_CLOUD_TIMEOUT", "14"),
}
_PROFILE = {"api_key": "profile-key", "base_url": "http://localhost:1", "partner_api_key": None, "timeout": 11.0}
_DEFAULTS = {"api_key": None, "base_url": DEFAULT_BASE_URL, "partner_api_key": None, "timeout": DEFAULT_TIMEOUT}


def value_in(settings: Settings, field: str) -> object:
    value = getattr(settings, field)
    return value.reveal() if isinstance(value, Secret) else value


@pytest.mark.parametrize("field", _ARGUMENTS)
def test_argument_over_environment_over_profile_over_default(field: str, folder: Path) -> None:
    variable, text = _VARIABLES[field]
    configured = {"COMFY_CLOUD_CONFIG_DIR": str(folder)}
    nothing = {"COMFY_CLOUD_CONFIG_DIR": str(folder / "nowhere")}
    argument = {field: _ARGUMENTS[field]}

    first = load(**argument, environment={**configured, variable: text})
    assert value_in(first, field) == _ARGUMENTS[field]
    assert first.sources[field] == "argument"

    second = load(environment={**configured, variable: text})
    assert str(value_in(second, field)).removesuffix(".0") == text
    assert second.sources[field] == f"environment variable {variable}"

    third = load(environment={**configured, variable: ""})
    assert value_in(third, field) == _PROFILE[field]
    assert third.sources[field] == ("default" if _PROFILE[field] is None else "profile 'default'")

    last = load(environment=nothing)
    assert value_in(last, field) == _DEFAULTS[field]
    assert last.sources[field] == "default"


def test_each_field_is_chosen_by_itself(folder: Path) -> None:
    environment = {"COMFY_CLOUD_CONFIG_DIR": str(folder), "COMFY_CLOUD_BASE_URL": "http://localhost:4"}
    settings = load(api_key="argument-key", environment=environment)
    assert (value_in(settings, "api_key"), settings.base_url, settings.timeout) == (
        "argument-key", "http://localhost:4", 11.0,
    )  # fmt: skip
    assert settings.sources == {
        "base_url": "environment variable COMFY_CLOUD_BASE_URL",
        "api_key": "argument",
        "partner_api_key": "default",
        "timeout": "profile 'default'",
    }


def test_a_profile_is_named_by_argument_or_environment(folder: Path) -> None:
    configured = {"COMFY_CLOUD_CONFIG_DIR": str(folder)}
    assert load(profile="other", environment=configured).base_url == "http://localhost:2"
    named = {**configured, "COMFY_CLOUD_PROFILE": "other"}
    assert value_in(load(environment=named), "api_key") == "other-key"
    assert load(environment=named).sources["api_key"] == "profile 'other'"
    assert load(profile="default", environment=named).base_url == "http://localhost:1"
    assert load(environment={**configured, "COMFY_CLOUD_PROFILE": ""}).base_url == "http://localhost:1"


def test_a_named_profile_must_exist(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no profile 'third' .*\(profiles: default, other\)"):
        load(profile="third", environment={"COMFY_CLOUD_CONFIG_DIR": str(folder)})


def test_an_empty_argument_is_an_answer_too() -> None:
    """An empty key means no key; an empty base URL is a mistake, and not a call of Comfy Cloud."""
    settings = load(api_key="", environment={"COMFY_CLOUD_API_KEY": KEY})
    assert settings.api_key is None
    assert settings.sources["api_key"] == "argument"
    with pytest.raises(ConfigurationError, match="base_url needs"):
        load(base_url="", environment={})


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("COMFY_CLOUD_TIMEOUT", "soon", "timeout"),
        ("COMFY_CLOUD_BASE_URL", "cloud", "base_url"),
        ("COMFY_CLOUD_API_KEY", f"{KEY}\n", "API key"),
        ("COMFY_CLOUD_PARTNER_API_KEY", "ä", "partner API key"),
    ],
)
def test_the_environment_is_held_to_the_same_rules(variable: str, value: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load(environment={variable: value, "COMFY_CLOUD_CONFIG_DIR": str(tmp_path)})


def test_the_real_environment_is_read_unless_another_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", KEY)
    assert value_in(load(), "api_key") == KEY
    assert load(environment={}).api_key is None


def test_settings_cannot_be_changed() -> None:
    settings = load(environment={})
    with pytest.raises(AttributeError):
        settings.base_url = "http://localhost"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://cloud.comfy.org", True),
        ("https://stage.cloud.comfy.org/x", True),
        ("https://comfy.org", True),
        ("https://notcomfy.org", False),
        ("https://comfy.org.example", False),
        ("http://localhost:8188", False),
    ],
)
def test_comfy_cloud_itself_is_known_by_its_host(url: str, expected: bool) -> None:
    assert load(base_url=url, environment={}).is_comfy_cloud is expected


# The key and plain http


@pytest.mark.parametrize("url", ["http://cloud.comfy.org", "http://192.168.1.5:8188", "http://127.evil.example"])
def test_a_key_over_plain_http_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"unencrypted.*https.*allow_insecure=True") as caught:
        load(api_key=KEY, base_url=url, environment={})
    assert KEY not in str(caught.value)
    assert load(api_key=KEY, base_url=url, allow_insecure=True, environment={}).api_key == Secret(KEY)
    assert load(base_url=url, environment={}).api_key is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:8188", "http://localhost", "http://[::1]:1", "https://cloud.comfy.org"])
def test_a_key_over_https_or_to_this_machine_is_fine(url: str) -> None:
    assert load(api_key=KEY, base_url=url, environment={}).api_key == Secret(KEY)


@given(st.text(string.ascii_lowercase + string.digits + ".-", min_size=1, max_size=20))
def test_no_host_but_this_machine_gets_a_key_in_the_clear(host: str) -> None:
    assume(not is_loopback(host))
    with pytest.raises(ConfigurationError):
        load(api_key=KEY, base_url=f"http://{host}", environment={})
