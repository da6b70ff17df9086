"""Profiles on disk: named sets of settings in a TOML file of the platform's config folder. I/O.

What the file may contain is in `profile_rules`, where keys are kept in `key_stores`. Nothing here
opens a connection or checks a key with a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from . import profile_rules
from .document_bounds import MOST_PROFILE_BYTES, check_bytes
from .fields import DEFAULT_BASE_URL, base_url_from, secret_from
from .key_stores import forget_in_keyring, forget_key_file, read_key, store_key
from .origins import origin_of
from .private_files import refuse_foreign_file, write_private
from .profile_rules import Profile
from .profile_values import checked_value
from .user_folders import PROFILE_FILE, config_path


def config_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The folder of the profile file: COMFY_CLOUD_CONFIG_DIR, else the platform's config folder."""
    return Path(config_path(environment))


def read_profile(name: str | None = None, environment: Mapping[str, str] | None = None) -> Profile:
    """The named profile, else the default one; an empty one when there is no profile file.

    Raises ConfigurationError when a named profile does not exist, or the file cannot be read.
    """
    path = _path(environment)
    chosen, values = profile_rules.find(_read(path), name, path)
    if values is None:
        return Profile(chosen)
    key_store = profile_rules.key_store_of(values)
    return Profile(chosen, values, exists=True, read_key=partial(read_key, path.parent, chosen, key_store))


def profile_names(environment: Mapping[str, str] | None = None) -> list[str]:
    """The names of all profiles, sorted."""
    return sorted(_read(_path(environment))["profiles"])


def save_profile(
    name: str,
    *,
    api_key: str,
    base_url: str | None = None,
    use_keyring: bool | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Store a profile and its key. Returns "keyring" or "file".

    The first profile becomes the default. The key and base URL of an existing profile are
    replaced (no `base_url` means Comfy Cloud); its other settings stay. If the profile cannot be
    written, it has no key any more, neither the old nor the new one. `use_keyring` None means the
    system's keyring when there is a working one. Raises ConfigurationError when the name, the
    key or the URL is not valid, a required keyring is not available, or the folder cannot be
    written.
    """
    profile_rules.check_name(name)
    path = _path(environment)
    document = _read(path)
    url = base_url_from(base_url) if base_url else None
    secret = secret_from(api_key, "API key")
    former_store = profile_rules.key_store_of(document["profiles"].get(name, {}))
    key_store = store_key(path.parent, name, secret.reveal() if secret else "", use_keyring)
    if former_store == "keyring" and key_store == "file":
        forget_in_keyring(name)
    profile_rules.add(document, name, key_store, url)
    try:
        write_private(path, profile_rules.to_toml(document))
    except BaseException:
        # The new key must not stand beside the old URL, to which it would be sent.
        forget_in_keyring(name)
        forget_key_file(path.parent, name)
        raise
    return key_store


def set_in_profile(name: str, setting: str, text: str, environment: Mapping[str, str] | None = None) -> None:
    """Set one setting of a profile, from text.

    A profile that does not exist is added, without a key. Raises ConfigurationError for a setting
    that a profile does not have, for a value that is not valid, and for the base URL of another
    server than the one that the profile's key is for.
    """
    profile_rules.check_name(name)
    value = checked_value(setting, text)
    path = _path(environment)
    document = _read(path)
    if setting == "base_url" and name in document["profiles"]:
        _keep_key_at_home(read_profile(name, environment), value)
    profile_rules.change(document, name, setting, value)
    write_private(path, profile_rules.to_toml(document))


def unset_in_profile(name: str, setting: str, environment: Mapping[str, str] | None = None) -> bool:
    """Remove one setting of a profile. False if the profile does not have it.

    Raises ConfigurationError for the base URL of a profile whose key is for another server than
    Comfy Cloud.
    """
    path = _path(environment)
    document = _read(path)
    if setting not in document["profiles"].get(name, {}):
        return False
    if setting == "base_url":
        _keep_key_at_home(read_profile(name, environment), DEFAULT_BASE_URL)
    profile_rules.change(document, name, setting, None)
    write_private(path, profile_rules.to_toml(document))
    return True


def _keep_key_at_home(profile: Profile, url: str) -> None:
    home = base_url_from(profile.get("base_url") or DEFAULT_BASE_URL)
    if origin_of(home) != origin_of(url) and profile.get("api_key") is not None:
        raise ConfigurationError(
            f"The key of profile {profile.name!r} is for {home}, and would be sent to {url}. Store a key for "
            f"that server: comfy-cloud auth login --profile {profile.name} --base-url {url}"
        )


def delete_profile(name: str, environment: Mapping[str, str] | None = None) -> bool:
    """Delete a profile and its key. False when there is no such profile."""
    path = _path(environment)
    document = _read(path)
    values = profile_rules.remove(document, name)
    if values is None:
        return False
    if profile_rules.key_store_of(values) == "keyring":
        forget_in_keyring(name)
    forget_key_file(path.parent, name)
    write_private(path, profile_rules.to_toml(document))
    return True


def _path(environment: Mapping[str, str] | None) -> Path:
    return config_folder(environment) / PROFILE_FILE


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            refuse_foreign_file(path, file)  # it decides where keys are sent
            content = file.read(MOST_PROFILE_BYTES + 1)
        check_bytes(len(content), MOST_PROFILE_BYTES)
        text = content.decode("utf-8").replace("\r\n", "\n")
    except FileNotFoundError:
        text = ""
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        return profile_rules.parse(text, path)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> ConfigurationError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return ConfigurationError(f"{path} cannot be read: {reason}. Correct or delete it.")
