from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud._settings import config, profiles
from comfy_cloud._settings.profile_rules import CHANGEABLE
from comfy_cloud_emulator import Emulator

from .conftest import Run

KEY = "comfyui-0123456789abcdef"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the keyring of the person who runs them."""
    monkeypatch.setattr("comfy_cloud._settings.key_stores._keyring", lambda: None)


def shown(run: Run, *options: str) -> dict[str, tuple[Any, str]]:
    result = run("config", "show", *options)
    assert (result.code, result.err) == (0, "")
    assert KEY not in result.out
    return {row["setting"]: (row["value"], row["source"]) for row in json.loads(result.out)}


# show


def test_the_defaults(run: Run) -> None:
    found = shown(run)
    assert found["base_url"] == ("https://cloud.comfy.org", "default")
    assert found["api_key"] == ("absent", "default")
    assert found["timeout"] == (30.0, "default")
    assert found["storage_hosts"] == ([], "default")
    assert found["proxy"] == (None, "default")
    assert found["retries"] == (4, "default")
    assert found["strict"] == (False, "default")
    assert found["profile"] == ("default", "default")
    folder = os.environ["COMFY_CLOUD_CONFIG_DIR"]
    assert found["config_folder"] == (folder, "environment variable COMFY_CLOUD_CONFIG_DIR")


def test_one_setting(run: Run) -> None:
    row = json.loads(run("config", "get", "base-url").out)
    assert row == [{"setting": "base_url", "value": "https://cloud.comfy.org", "source": "default"}]
    refused = run("config", "get", "timeuot")
    assert (refused.code, refused.out) == (2, "")
    assert "there is no setting 'timeuot'; choose from profile, base_url, api_key" in refused.err


def test_each_source(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles.save_profile("work", api_key=KEY, use_keyring=False)
    run("config", "set", "storage_hosts", "a.example.com,b.example.com")
    run("config", "set", "ca_file", "/etc/ca.pem")
    monkeypatch.setenv("COMFY_CLOUD_PROXY", f"http://user:{KEY}@proxy.example.com:3128")
    found = shown(run, "--timeout", "5", "--retries", "2", "--profile", "work")
    assert found["profile"] == ("work", "option --profile")
    assert found["api_key"] == ("present", "profile 'work'")
    assert found["timeout"] == (5.0, "option --timeout")
    assert found["retries"] == (2, "option --retries")
    assert found["storage_hosts"] == (["a.example.com", "b.example.com"], "profile 'work'")
    assert found["proxy"] == ("http://proxy.example.com:3128", "environment variable COMFY_CLOUD_PROXY")
    assert found["ca_file"] == ("/etc/ca.pem", "profile 'work'")
    monkeypatch.setenv("COMFY_API_KEY", KEY)
    profiles.delete_profile("work")
    assert shown(run)["api_key"] == ("present", "environment variable COMFY_API_KEY")


def test_the_proxy_of_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{KEY}@proxy.example.com:3128")
    value, source = shown(run)["proxy"]
    assert value == "http://proxy.example.com:3128"
    assert source.startswith("environment variable HTTPS_PROXY")
    assert shown(run, "--base-url", "http://127.0.0.1:8188")["proxy"] == (None, "default")


def test_the_settings_as_a_table(run: Run) -> None:
    lines = run("config", "show", "-o", "table").out.splitlines()
    assert lines[0].split() == ["setting", "value", "source"]
    assert ["strict", "no", "default"] in [line.split() for line in lines]


def test_a_profile_that_does_not_exist(run: Run) -> None:
    result = run("config", "show", "--profile", "nobody")
    assert (result.code, result.out) == (2, "")
    assert "There is no profile 'nobody'" in result.err


def test_path(run: Run) -> None:
    folder = Path(os.environ["COMFY_CLOUD_CONFIG_DIR"])
    assert run("config", "path").out == f"{folder / 'config.toml'}\n"


# set and unset


def test_set_and_unset(run: Run) -> None:
    result = run("config", "set", "timeout", "60")
    assert (result.code, result.out, result.err) == (0, "", "set timeout in the new profile 'default'\n")
    assert run("config", "set", "base-url", "http://127.0.0.1:8188/api/").err == (
        "set base_url in profile 'default'\n"
    )
    assert run("config", "set", "proxy", "direct", "--profile", "lan").code == 0
    file = Path(run("config", "path").out.strip())
    assert file.stat().st_mode & 0o077 == 0
    assert config.load().timeout == 60
    assert config.load().base_url == "http://127.0.0.1:8188"
    assert config.load(profile="lan").network.is_direct
    assert config.load().network.proxy is None
    assert run("config", "unset", "timeout").err == "removed timeout from profile 'default'\n"
    assert config.load().timeout == 30
    assert config.load().base_url == "http://127.0.0.1:8188"


def test_values_are_stored_as_the_file_has_them(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("config", "set", "timeout", "2.5")
    run("config", "set", "storage_hosts", "a.example.com, *.b.example.com")
    run("config", "set", "ca_file", "certs/ca.pem")
    values = profiles.read_profile().values
    assert values["timeout"] == 2.5
    assert values["storage_hosts"] == ["a.example.com", "*.b.example.com"]
    run("config", "set", "comfy_user", "anna_1")
    values = profiles.read_profile().values
    assert values["comfy_user"] == "anna_1"
    assert shown(run)["comfy_user"] == ("anna_1", "profile 'default'")
    assert values["ca_file"] == str(Path.cwd() / "certs/ca.pem")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["timeout", "soon"], "must be a number of seconds, not 'soon'"),
        (["timeout", "0"], "must be above 0"),
        (["timeout", " "], "timeout needs a value"),
        (["base_url", "cloud"], "needs http:// or https://"),
        (["storage_hosts", "a/b"], "storage_hosts must contain host names"),
        (["comfy_user", "two words"], "comfy_user must be the id of a user"),
        (["proxy", "proxy"], "proxy needs a URL"),
        (["timeuot", "5"], "a profile has no setting 'timeuot'; did you mean 'timeout'?"),
        (["zzz", "5"], "choose from base_url, timeout, storage_hosts, proxy, ca_file, comfy_user, api"),
        (["api", "v3"], "api must be auto, v1 or v2"),
        (["api_key", KEY], "store a key with `comfy-cloud auth login`"),
        (["key_store", "keyring"], "store a key with `comfy-cloud auth login`"),
        (["timeout"], "Missing argument"),
        (["timeout", "5", "--profile", "../x"], "A profile name has 1 to 64 letters"),
    ],
)
def test_what_cannot_be_set(arguments: list[str], words: str, run: Run) -> None:
    result = run("config", "set", *arguments)
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    assert KEY not in result.err
    assert result.err.count("\n") == 1
    assert profiles.profile_names() == []


def test_what_cannot_be_unset(run: Run) -> None:
    assert run("config", "unset", "timeout").err == "error: there is no profile 'default' (profiles: none)\n"
    run("config", "set", "timeout", "60")
    result = run("config", "unset", "proxy")
    assert (result.code, result.err) == (2, "error: profile 'default' does not set proxy\n")
    assert run("config", "unset", "timeuot").code == 2


def test_a_key_stays_with_its_server(run: Run) -> None:
    profiles.save_profile("work", api_key=KEY, base_url="https://comfy.example.com", use_keyring=False)
    for verb in (["set", "base_url", "https://elsewhere.example.com"], ["unset", "base_url"]):
        result = run("config", *verb)
        assert result.code == 2
        assert "The key of profile 'work' is for https://comfy.example.com" in result.err
        assert "auth login --profile work --base-url" in result.err
    assert profiles.read_profile().get("base_url") == "https://comfy.example.com"
    assert run("config", "set", "base_url", "https://comfy.example.com/path").code == 0
    assert profiles.read_profile().get("api_key") == KEY


def test_a_variable_that_wins_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_TIMEOUT", "7")
    assert "note: COMFY_CLOUD_TIMEOUT is set, and wins" in run("config", "set", "timeout", "60").err


def test_login_keeps_what_was_set(run: Run, empty_emulator: Emulator) -> None:
    run("config", "set", "timeout", "60")
    key = empty_emulator.key.encode()
    assert run("auth", "login", "--base-url", empty_emulator.url, stdin=key).code == 0
    assert config.load().timeout == 60
    assert config.load().sources["api_key"] == "profile 'default'"


def test_every_setting_of_a_profile_is_shown_and_can_be_set(run: Run) -> None:
    values = {
        "base_url": "https://comfy.example.com",
        "timeout": "5",
        "storage_hosts": "a.example.com",
        "proxy": "direct",
        "ca_file": "/etc/ca.pem",
        "comfy_user": "anna",
        "api": "v2",
    }
    assert set(values) == set(CHANGEABLE)
    for name, value in values.items():
        assert run("config", "set", name, value).code == 0
    found = shown(run)
    assert {found[name][1] for name in values} == {"profile 'default'"}
    for name in values:
        assert run("config", "unset", name).code == 0
    assert {shown(run)[name][1] for name in values} == {"default"}


def test_the_api_as_an_option(run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API", "v1")
    assert shown(run, "--api", "v2")["api"] == ("v2", "option --api")
    assert run("jobs", "list", "--api", "v2", "-o", "json").code == 0
    assert {request.path for request in cloud.requests} == {"/api/v2/jobs"}
    assert run("--api", "v3", "jobs", "list").code == 2
