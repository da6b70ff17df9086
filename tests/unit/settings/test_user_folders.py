"""The folders of a user's files: our own rule for Linux must be the one that platformdirs has."""

from __future__ import annotations

import os
import sys

import platformdirs
import pytest

from comfy_cloud._settings.user_folders import cache_path, config_path


@pytest.mark.parametrize("platform", [sys.platform, "another"])
@pytest.mark.parametrize("chosen", [None, "", "relative", "/xdg", "/xdg/with space"])
@pytest.mark.parametrize("home", [None, "", "relative", "/home/somebody", "/home/somebody/", "/"])
def test_the_same_as_platformdirs(
    home: str | None, chosen: str | None, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COMFY_CLOUD_CONFIG_DIR", "COMFY_CLOUD_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("HOME", home), ("XDG_CONFIG_HOME", chosen), ("XDG_CACHE_HOME", chosen)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    expected = (
        platformdirs.user_config_dir("comfy-cloud", appauthor=False),
        platformdirs.user_cache_dir("comfy-cloud", appauthor=False),
    )
    monkeypatch.setattr("comfy_cloud._settings.user_folders.sys.platform", platform)
    assert (config_path(), cache_path()) == expected
    assert os.path.isabs(cache_path())


def test_the_variables_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_CONFIG_DIR", "here")
    monkeypatch.setenv("COMFY_CLOUD_CACHE_DIR", "/there")
    assert (config_path(), cache_path()) == ("here", "/there")
    assert config_path({"COMFY_CLOUD_CONFIG_DIR": "/given"}) == "/given"
