"""Settings as a whole: where each value comes from, and when a key must not be sent."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError, Settings
from comfy_cloud._settings import config, fields, profiles
from comfy_cloud._settings.config import load
from comfy_cloud._settings.fields import Secret
from comfy_cloud._settings.origins import is_loopback

KEY = "comfyui-0123456789abcdef"
# An environment without a profile file. That of the person who runs the tests is not read either.
NOTHING = {"COMFY_CLOUD_CONFIG_DIR": str(Path(__file__).parent / "no-such-folder")}


# Where a value comes from


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A config folder whose profiles `default` and `other` set everything that a profile can."""
    (tmp_path / "config.toml").write_text(
        '[profiles.default]\nbase_url = "http://localhost:1"\ntimeout = 11\n'
        'storage_hosts = ["profile.example"]\nproxy = "http://profile:1"\nca_file = "profile.pem"\n'
        'comfy_user = "profile_user"\napi = "v1"\n'
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
    "storage_hosts": ["argument.example"],
    "proxy": "http://argument:1",
    "ca_file": "argument.pem",
    "comfy_user": "argument_user",
    "api": "v2",
}
_VARIABLES = {
    "api_key": ("COMFY_CLOUD_API_KEY", "variable-key"),
    "base_url": ("COMFY_CLOUD_BASE_URL", "http://localhost:4"),
    "partner_api_key": ("COMFY_CLOUD_PARTNER_API_KEY", "variable-partner"),
    "timeout": ("COMFY_CLOUD_TIMEOUT", "14"),
    "storage_hosts": ("COMFY_CLOUD_STORAGE_HOSTS", "variable.example"),
    "proxy": ("COMFY_CLOUD_PROXY", "http://variable:1"),
    "ca_file": ("COMFY_CLOUD_CA_FILE", "variable.pem"),
    "comfy_user": ("COMFY_CLOUD_COMFY_USER", "variable_user"),
    "api": ("COMFY_CLOUD_API", "v2"),
}
_PROFILE = {
    "api_key": "profile-key",
    "base_url": "http://localhost:1",
    "partner_api_key": None,
    "timeout": 11.0,
    "storage_hosts": ["profile.example"],
    "proxy": "http://profile:1",
    "ca_file": "profile.pem",
    "comfy_user": "profile_user",
    "api": "v1",
}
_DEFAULTS = {
    "api_key": None,
    "base_url": "https://cloud.comfy.org",
    "partner_api_key": None,
    "timeout": 30.0,
    "storage_hosts": [],
    "proxy": None,
    "ca_file": None,
    "comfy_user": None,
    "api": "auto",
}


def value_in(settings: Settings, field: str) -> object:
    value = getattr(settings.network if field in ("proxy", "ca_file") else settings, field)
    if isinstance(value, tuple):
        return list(value)
    return value.reveal() if isinstance(value, Secret) else value


@pytest.mark.parametrize("field", _ARGUMENTS)
def test_argument_over_environment_over_profile_over_default(field: str, folder: Path) -> None:
    variable, text = _VARIABLES[field]
    configured = {"COMFY_CLOUD_CONFIG_DIR": str(folder)}
    argument = {field: _ARGUMENTS[field]}

    first = load(**argument, environment={**configured, variable: text})
    assert value_in(first, field) == _ARGUMENTS[field]
    assert first.sources[field] == "argument"

    second = load(environment={**configured, variable: text})
    shown = value_in(second, field)
    shown = shown[0] if isinstance(shown, list) else str(shown).removesuffix(".0")
    assert shown == text
    assert second.sources[field] == f"environment variable {variable}"

    third = load(environment={**configured, variable: ""})
    assert value_in(third, field) == _PROFILE[field]
    assert third.sources[field] == ("default" if _PROFILE[field] is None else "profile 'default'")

    last = load(environment=NOTHING)
    assert value_in(last, field) == _DEFAULTS[field]
    assert last.sources[field] == "default"


def test_each_field_is_chosen_separately(folder: Path) -> None:
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
        "storage_hosts": "none: the storage_hosts of profile 'default' is for http://localhost:1 only",
        "proxy": "profile 'default'",
        "ca_file": "profile 'default'",
        "comfy_user": "none: the comfy_user of profile 'default' is for http://localhost:1 only",
        "api": "profile 'default'",
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


def test_an_empty_argument_counts() -> None:
    """An empty key means no key; an empty base URL is a mistake and does not mean Comfy Cloud."""
    settings = load(api_key="", environment={**NOTHING, "COMFY_CLOUD_API_KEY": KEY})
    assert settings.api_key is None
    assert settings.sources["api_key"] == "argument"
    with pytest.raises(ConfigurationError, match="base_url needs"):
        load(base_url="", environment=NOTHING)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("COMFY_CLOUD_TIMEOUT", "soon", "timeout"),
        ("COMFY_CLOUD_BASE_URL", "cloud", "base_url"),
        ("COMFY_CLOUD_API_KEY", f"{KEY}\nmore", "API key"),
        ("COMFY_CLOUD_PARTNER_API_KEY", "ä", "partner API key"),
    ],
)
def test_the_environment_has_the_same_rules(variable: str, value: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load(environment={variable: value, "COMFY_CLOUD_CONFIG_DIR": str(tmp_path)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("api_key", "a key"), ("base_url", "ftp://a"), ("partner_api_key", "a key"), ("timeout", "no")),
        *(
            ("storage_hosts", "https://a/x"),
            ("proxy", "a:3128"),
            ("ca_file", " "),
            ("comfy_user", "a b"),
            ("api", "v3"),
        ),
    ],
)
def test_the_source_of_a_value_that_is_not_valid_is_named(name: str, value: str, tmp_path: Path) -> None:
    folder = {"COMFY_CLOUD_CONFIG_DIR": str(tmp_path)}
    variable = f"COMFY_CLOUD_{name.upper()}"
    with pytest.raises(ConfigurationError, match=f"It comes from the environment variable {variable}$"):
        load(environment={variable: value, **folder})
    with pytest.raises(ConfigurationError) as raised:
        load(environment=folder, **{name: value})  # type: ignore[arg-type]
    assert "comes from" not in str(raised.value)
    if "key" not in name:
        (tmp_path / "config.toml").write_text(f'[profiles.work]\n{name} = "{value}"\n')
        with pytest.raises(ConfigurationError, match=r"It comes from the profile 'work'$"):
            load(environment=folder, profile="work")


def test_the_real_environment_is_read_unless_another_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", KEY)
    assert value_in(load(), "api_key") == KEY
    assert load(environment=NOTHING).api_key is None


def test_settings_cannot_be_changed() -> None:
    settings = load(environment=NOTHING)
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
def test_comfy_cloud_is_recognised_by_its_host(url: str, expected: bool) -> None:
    assert load(base_url=url, environment=NOTHING).is_comfy_cloud is expected


# The key and plain http


@pytest.mark.parametrize(
    "url", ["http://cloud.comfy.org", "http://192.168.1.5:8188", "http://127.evil.example"]
)
def test_a_key_over_plain_http_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"unencrypted.*https.*allow_insecure=True") as caught:
        load(api_key=KEY, base_url=url, environment=NOTHING)
    assert KEY not in str(caught.value)
    assert load(api_key=KEY, base_url=url, allow_insecure=True, environment=NOTHING).api_key == Secret(KEY)
    assert load(base_url=url, environment=NOTHING).api_key is None


def test_a_partner_key_over_plain_http_is_refused() -> None:
    url = "http://192.168.1.5:8188"
    with pytest.raises(ConfigurationError, match=r"partner API key.*unencrypted.*https") as caught:
        load(partner_api_key=KEY, base_url=url, environment=NOTHING)
    assert KEY not in str(caught.value)
    allowed = load(partner_api_key=KEY, base_url=url, allow_insecure=True, environment=NOTHING)
    assert allowed.partner_api_key == Secret(KEY)
    local = load(partner_api_key=KEY, base_url="http://127.0.0.1:8188", environment=NOTHING)
    assert local.partner_api_key == Secret(KEY)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8188", "http://localhost", "http://[::1]:1", "https://cloud.comfy.org"]
)
def test_a_key_over_https_or_to_this_machine_is_fine(url: str) -> None:
    assert load(api_key=KEY, base_url=url, environment=NOTHING).api_key == Secret(KEY)


@given(st.text(string.ascii_lowercase + string.digits + ".-", min_size=1, max_size=20))
@settings(deadline=None)
def test_no_other_host_gets_a_key_unencrypted(host: str) -> None:
    assume(not is_loopback(host))
    with pytest.raises(ConfigurationError):
        load(api_key=KEY, base_url=f"http://{host}", environment=NOTHING)


def test_the_key_of_a_profile_goes_to_its_own_server_only() -> None:
    profiles.save_profile("default", api_key="comfyui-kept-at-home", use_keyring=False)
    assert config.load().api_key == fields.Secret("comfyui-kept-at-home")
    elsewhere = config.load(base_url="http://127.0.0.1:8188")
    assert elsewhere.api_key is None
    assert elsewhere.sources["api_key"] == (
        "none: the key of profile 'default' is for https://cloud.comfy.org only"
    )


@pytest.mark.parametrize("user", ["two words", "line\nbreak", "ä", 17])
def test_a_user_that_is_not_an_id_is_refused(user: Any) -> None:
    with pytest.raises(ConfigurationError, match="comfy_user must be"):
        load(comfy_user=user, environment=NOTHING)
    assert load(comfy_user=" ", environment=NOTHING).comfy_user is None


# The variable of the vendor's SDK


def test_the_key_of_the_vendors_variable_is_used_if_there_is_no_other(folder: Path) -> None:
    vendor = {"COMFY_API_KEY": "comfyui-of-the-sdk\n", "COMFY_CLOUD_CONFIG_DIR": "/nonexistent"}
    found = config.load(environment=vendor)
    assert found.api_key == fields.Secret("comfyui-of-the-sdk")
    assert found.sources["api_key"] == "environment variable COMFY_API_KEY"

    ours = config.load(environment={**vendor, "COMFY_CLOUD_API_KEY": "comfyui-ours"})
    assert ours.api_key == fields.Secret("comfyui-ours")
    assert ours.sources["api_key"] == "environment variable COMFY_CLOUD_API_KEY"

    kept = config.load(environment={**vendor, "COMFY_CLOUD_CONFIG_DIR": str(folder)})
    assert kept.sources["api_key"] == "profile 'default'"
    assert config.load(api_key="", environment=vendor).api_key is None
    assert config.load(environment={**vendor, "COMFY_API_KEY": ""}).sources["api_key"] == "default"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://cloud.comfy.org", True),
        ("http://127.0.0.1:8188", True),
        ("https://comfy.example.com", False),
    ],
)
def test_the_key_of_the_vendors_variable_goes_to_comfy_cloud_only(url: str, expected: bool) -> None:
    vendor = {"COMFY_API_KEY": "comfyui-of-the-sdk", "COMFY_CLOUD_CONFIG_DIR": "/nonexistent"}
    found = config.load(base_url=url, environment=vendor)
    assert (found.api_key is not None) is expected
    if not expected:
        assert found.sources["api_key"] == "none: the key in COMFY_API_KEY is for Comfy Cloud only"
