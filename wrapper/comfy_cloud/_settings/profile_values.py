"""Values of a profile's settings, from text as people type it. Pure rules."""

from __future__ import annotations

import os
from typing import Any

from ..errors import ConfigurationError
from .fields import api_from, base_url_from, comfy_user_from, timeout_from
from .network import ca_file_from, proxy_from
from .profile_rules import CHANGEABLE
from .storage_hosts import storage_hosts_from


def checked_value(setting: str, text: str) -> Any:
    """The value of a setting as a profile file has it.

    Raises ConfigurationError for a setting that a profile does not have, and for a value that is
    not valid.
    """
    if setting not in CHANGEABLE:
        raise ConfigurationError(f"A profile has no setting {setting!r}; choose from {', '.join(CHANGEABLE)}")
    if not text.strip():
        raise ConfigurationError(f"{setting} needs a value")
    if setting == "base_url":
        return base_url_from(text)
    if setting == "timeout":
        seconds = timeout_from(text)
        return int(seconds) if seconds.is_integer() else seconds
    if setting == "storage_hosts":
        return list(storage_hosts_from(text))
    if setting == "comfy_user":
        return comfy_user_from(text)
    if setting == "api":
        return api_from(text)
    if setting == "proxy":
        proxy = proxy_from(text)
        return proxy.reveal() if proxy is not None else None
    path = ca_file_from(text)
    return os.path.abspath(path) if path is not None else None  # the current folder may change
