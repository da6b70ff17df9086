"""Where this user's files are: the profiles, the cache, and databases of the history.

Completion in a shell needs these folders at each press of a key, and importing platformdirs takes
a tenth of its time. So the rule for Linux, the XDG base directories, is written out here, and
platformdirs is asked on other systems and in doubt.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Literal

CONFIG_VARIABLE = "COMFY_CLOUD_CONFIG_DIR"
CACHE_VARIABLE = "COMFY_CLOUD_CACHE_DIR"
DATA_VARIABLE = "COMFY_CLOUD_DATA_DIR"
PROFILE_FILE = "config.toml"

_NAME = "comfy-cloud"


def config_path(environment: Mapping[str, str] | None = None) -> str:
    """The folder of the profile file: COMFY_CLOUD_CONFIG_DIR, else the platform's config folder."""
    env = os.environ if environment is None else environment
    return env.get(CONFIG_VARIABLE) or _platform_folder("config")


def cache_path() -> str:
    """The folder of copies: COMFY_CLOUD_CACHE_DIR, else the platform's cache folder."""
    return os.environ.get(CACHE_VARIABLE) or _platform_folder("cache")


def data_path() -> str:
    """The folder of what is kept: COMFY_CLOUD_DATA_DIR, else the platform's data folder."""
    return os.environ.get(DATA_VARIABLE) or _platform_folder("data")


_XDG_FOLDERS = {"config": ".config", "cache": ".cache", "data": os.path.join(".local", "share")}


def _platform_folder(kind: Literal["config", "cache", "data"]) -> str:
    if sys.platform == "linux" and not hasattr(sys, "getandroidapilevel"):
        chosen = os.environ.get(f"XDG_{kind.upper()}_HOME", "")
        home = os.environ.get("HOME", "")
        if os.path.isabs(chosen):
            return os.path.join(chosen, _NAME)
        if os.path.isabs(home):
            return os.path.join(os.path.expanduser("~"), _XDG_FOLDERS[kind], _NAME)
    import platformdirs

    ask = {
        "config": platformdirs.user_config_dir,
        "cache": platformdirs.user_cache_dir,
        "data": platformdirs.user_data_dir,
    }
    return ask[kind](_NAME, appauthor=False)
