"""Profiles: what is written where, who can read it, and what happens when a file is broken."""

from __future__ import annotations

import os
import string
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError
from comfy_cloud._settings.config import load
from comfy_cloud._settings.profiles import (
    config_folder,
    delete_profile,
    profile_names,
    read_profile,
    save_profile,
)

KEY = "comfyui-0123456789abcdef"
posix_only = pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")


def write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text, encoding="utf-8")


# Saving, reading, deleting


def test_a_saved_profile_is_read_again(folder: Path) -> None:
    assert save_profile("work", api_key=KEY, base_url="https://cloud.example") == "file"
    profile = read_profile("work")
    assert profile.name == "work"
    assert profile.get("base_url") == "https://cloud.example"
    assert profile.get("api_key") == KEY
    assert profile.get("timeout") is None
    assert profile_names() == ["work"]


def test_the_profile_file_contains_no_key(folder: Path) -> None:
    save_profile("work", api_key=KEY)
    assert KEY not in (folder / "config.toml").read_text()
    assert KEY not in repr(read_profile("work"))
    assert sorted(path.name for path in folder.iterdir()) == ["config.toml", "work.key"]


def test_the_first_profile_becomes_the_default(folder: Path) -> None:
    save_profile("work", api_key="one")
    save_profile("home", api_key="two")
    assert read_profile().name == "work"
    assert read_profile().get("api_key") == "one"
    assert profile_names() == ["home", "work"]


def test_without_a_file_the_default_profile_is_empty(folder: Path) -> None:
    profile = read_profile()
    assert (profile.name, profile.get("base_url"), profile.get("api_key")) == ("default", None, None)
    assert profile_names() == []
    assert not folder.exists()


def test_saving_again_replaces_key_and_url_and_keeps_the_rest(folder: Path) -> None:
    save_profile("work", api_key="old", base_url="http://localhost:1")
    text = (folder / "config.toml").read_text()
    (folder / "config.toml").write_text(text + "timeout = 90\n")
    save_profile("work", api_key="new")
    assert read_profile("work").values == {"key_store": "file", "timeout": 90}
    assert read_profile("work").get("api_key") == "new"


def test_deleting_forgets_the_key_and_moves_the_default(folder: Path) -> None:
    save_profile("work", api_key="one")
    save_profile("home", api_key="two")
    assert delete_profile("work") is True
    assert not (folder / "work.key").exists()
    assert read_profile().name == "home"
    assert delete_profile("home") is True
    assert profile_names() == []
    assert sorted(path.name for path in folder.iterdir()) == ["config.toml"]
    assert read_profile().name == "default"
    assert delete_profile("home") is False


def test_deleting_another_profile_leaves_the_default(folder: Path) -> None:
    save_profile("work", api_key="one")
    save_profile("home", api_key="two")
    delete_profile("home")
    assert read_profile().name == "work"


def test_a_profile_without_a_key_file_has_no_key(folder: Path) -> None:
    write(folder, '[profiles.work]\nbase_url = "http://localhost"\n')
    assert read_profile("work").get("api_key") is None


def test_a_profile_can_be_for_a_server_without_keys(folder: Path) -> None:
    save_profile("mine", api_key="", base_url="http://localhost:8188")
    assert read_profile("mine").get("api_key") is None


@given(name=st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=64))
@example(name="a" * 64)
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_names_of_up_to_64_characters_are_accepted(tmp_path: Path, name: str) -> None:
    environment = {"COMFY_CLOUD_CONFIG_DIR": str(tmp_path)}
    save_profile(name, api_key=KEY, environment=environment)
    assert read_profile(name, environment).get("api_key") == KEY


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../work", "a/b", "a b", "ä", "a" * 65, "work\n", "a.b", '"']
)
def test_names_that_could_leave_the_folder_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="1 to 64 letters, digits"):
        save_profile(name, api_key=KEY)
    assert not folder.exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"api_key": f"{KEY}\nmore"},
        {"api_key": "ä"},
        {"base_url": "cloud"},
        {"base_url": "https://user:pass@host"},
    ],
)
def test_invalid_keys_and_urls_are_not_stored(folder: Path, bad: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        save_profile("work", **{"api_key": KEY, **bad})  # type: ignore[arg-type]
    assert not folder.exists()


def test_the_environment_may_be_given(tmp_path: Path) -> None:
    environment = {"COMFY_CLOUD_CONFIG_DIR": str(tmp_path / "elsewhere")}
    save_profile("work", api_key=KEY, environment=environment)
    assert profile_names(environment) == ["work"]
    assert profile_names() == []
    assert delete_profile("work", environment)


def test_the_default_folder_is_the_platforms() -> None:
    assert config_folder({}).name == "comfy-cloud"
    assert config_folder({}).is_absolute()


# Files that people have edited


def test_manual_edits_survive_a_save(folder: Path) -> None:
    by_hand = {
        "default_profile": "mine",
        "note": 'quotes " and \\ and tabs\t',
        "odd key": [1, 2.5, True, "x", {"a": 1, "b c": "d"}],
        "profiles": {"mine": {"timeout": 3, "base_url": "https://bücher.example/ü"}},
    }
    write(
        folder,
        'default_profile = "mine"\nnote = "quotes \\" and \\\\ and tabs\\t"\n'
        '"odd key" = [1, 2.5, true, "x", {a = 1, "b c" = "d"}]\nmade = 2026-11-23\n'
        '[profiles.mine]\ntimeout = 3\nbase_url = "https://bücher.example/ü"\n',
    )
    save_profile("work", api_key=KEY)
    document = tomllib.loads((folder / "config.toml").read_text(encoding="utf-8"))
    assert str(document.pop("made")) == "2026-11-23"
    assert document.pop("profiles") == {**by_hand.pop("profiles"), "work": {"key_store": "file"}}  # type: ignore[dict-item]
    assert document == by_hand


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
_VALUES = st.recursive(
    st.one_of(
        _TEXTS,
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
        st.dates(),
        st.times(),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
    max_leaves=4,
)


@given(
    top=st.dictionaries(
        _TEXTS.filter(lambda key: key not in {"profiles", "default_profile"}), _VALUES, max_size=4
    ),
    values=st.dictionaries(_TEXTS, _VALUES, max_size=4),
)
@example(top={"\x7f": '\x7f\x00\n"\\'}, values={})
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_survives_the_writer(top: dict[str, Any], values: dict[str, Any]) -> None:
    from comfy_cloud._settings.profile_rules import to_toml

    document = {"default_profile": "a", **top, "profiles": {"a-1_Z": values}}
    assert tomllib.loads(to_toml(document)) == document


@given(
    host=st.text(string.ascii_lowercase + "äöüßéñ字", min_size=1, max_size=10),
    path=st.text("/abcäö字-._~", max_size=10),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_base_url_in_any_script_is_read_back(tmp_path: Path, host: str, path: str) -> None:
    from comfy_cloud._settings.fields import base_url_from

    environment = {"COMFY_CLOUD_CONFIG_DIR": str(tmp_path)}
    url = base_url_from(f"https://{host}/{path}")
    save_profile("work", api_key=KEY, base_url=url, environment=environment)
    assert read_profile("work", environment).get("base_url") == url


@pytest.mark.parametrize("text", ["[profiles", "default_profile = ", "a = 1\na = 2", "[profiles.a]\nx = 'y"])
def test_a_broken_file_is_named(folder: Path, text: str) -> None:
    write(folder, text)
    for use in (read_profile, profile_names):
        with pytest.raises(ConfigurationError, match=r"config\.toml cannot be read: .*Correct or delete it"):
            use()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        save_profile("work", api_key=KEY)
    assert (folder / "config.toml").read_text() == text
    assert not (folder / "work.key").exists()


def test_a_file_that_is_not_text_is_named(folder: Path) -> None:
    folder.mkdir()
    (folder / "config.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"config\.toml cannot be read"):
        read_profile()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profiles = 3", "must contain tables"),
        ("[profiles]\nwork = 3", "must contain tables"),
        ("default_profile = 3", "default_profile .* must be text"),
        ("default_profile = ['work']", "default_profile .* must be text"),
        ("base_url = 'http://127.0.0.1:1'", r"has base_url outside of a profile"),
        (
            "[work]\nbase_url = 'http://127.0.0.1:1'",
            r"has \[work\], which is not read: write \[profiles.work\]",
        ),
        ("default_profile = 'default'\n[default]\nproxy = 'direct'", r"write \[profiles.default\]"),
        ("[profiles.'../work']\ntimeout = 1", r"profile '\.\./work'.*1 to 64"),
        ("[profiles.default]\nkey_store = 'vault'", "key_store .* file, keyring"),
        ("[profiles.default]\napi_key = 'secret-key'", "unknown settings: api_key.*auth login"),
        (
            "[profiles.default]\nretries = 3\nbase = 1",
            "unknown settings: base, retries. Known are api, base_url",
        ),
    ],
)
def test_an_invalid_setting_is_named(folder: Path, text: str, said: str) -> None:
    write(folder, text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_profile()
    assert "secret-key" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("base_url = 'https://a'", r"has base_url outside of a profile.*\[profiles\.work\]"),
        ("api_key = 'secret-key'\n[profiles.a]", "has api_key outside of a profile.*auth login"),
        ("[work]\nbase_url = 'https://a'", r"has \[work\], which is not read: write \[profiles\.work\]"),
        ("default_profile = 'default'\n[default]\nproxy = 'http://a:1'", r"write \[profiles\.default\]"),
        ("default_profile = 'work'\n[profiles.a]", r"is 'work', and there is no \[profiles\.work\]: add it"),
    ],
)
def test_settings_that_would_not_be_read_are_an_error(folder: Path, text: str, said: str) -> None:
    write(folder, text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        load(environment={"COMFY_CLOUD_CONFIG_DIR": str(folder), "COMFY_CLOUD_API_KEY": KEY})
    assert "secret-key" not in str(caught.value)


def test_an_unknown_setting_of_another_profile_does_not_matter(folder: Path) -> None:
    write(folder, "[profiles.other]\nretries = 3\n[profiles.default]\ntimeout = 2\n")
    assert read_profile().get("timeout") == 2


def test_a_missing_profile_is_named_with_the_existing_ones(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no profile 'work' .*\(profiles: none\)"):
        read_profile("work")
    save_profile("b", api_key=KEY)
    save_profile("a", api_key=KEY)
    with pytest.raises(ConfigurationError, match=r"\(profiles: a, b\)"):
        read_profile("work")
