"""Profiles: named sets of settings in a TOML file of the platform's config folder, and where their keys are kept.

    default_profile = "work"
    [profiles.work]
    base_url = "https://cloud.comfy.org"
    key_store = "file"            # or "keyring"

A key is never in that file: it is in the system's keyring (extra `keyring`), else in a file beside it that only its owner can
read. Nothing here opens a connection or checks a key.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError

KEYRING_SERVICE = "comfy-cloud"
FOLDER_VARIABLE = "COMFY_CLOUD_CONFIG_DIR"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_NAME_RULE = "A profile name has 1 to 64 letters, digits, hyphens or underscores"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")
_FIELDS = {"base_url", "timeout", "key_store"}
_KEY_STORES = {"file", "keyring"}


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile as read: its name, its settings, and the key (read when it is asked for)."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None

    def get(self, name: str) -> Any:
        """A setting, or None. `api_key` comes from where the profile keeps it."""
        if name == "api_key":
            return read_key(self)
        return self.values.get(name)


def config_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The folder of the profile file: COMFY_CLOUD_CONFIG_DIR, else the platform's own."""
    env = os.environ if environment is None else environment
    if env.get(FOLDER_VARIABLE):
        return Path(env[FOLDER_VARIABLE])
    from platformdirs import user_config_path

    return user_config_path("comfy-cloud", appauthor=False)


def read_profile(name: str | None = None, environment: Mapping[str, str] | None = None) -> Profile:
    """The named profile, else the default one; an empty one when there is no profile file.

    Raises ConfigurationError when a named profile is missing, or the file cannot be read.
    """
    folder = config_folder(environment)
    document = _read_file(folder / "config.toml")
    chosen = name or document.get("default_profile") or "default"
    profiles = document["profiles"]
    if chosen not in profiles:
        if name is not None:
            known = ", ".join(sorted(profiles)) or "none"
            raise ConfigurationError(
                f"There is no profile {name!r} in {folder / 'config.toml'} (profiles: {known})"
            )
        return Profile(str(chosen), {}, None)
    values = profiles[chosen]
    unknown = sorted(set(values) - _FIELDS)
    if unknown:
        raise ConfigurationError(
            f"[profiles.{chosen}] in {folder / 'config.toml'} has unknown settings: {', '.join(unknown)}. "
            f"Known are {', '.join(sorted(_FIELDS))}; keys are stored by `comfy-cloud auth login`."
        )
    if values.get("key_store", "file") not in _KEY_STORES:
        raise ConfigurationError(
            f"key_store of [profiles.{chosen}] in {folder / 'config.toml'} must be one of: {', '.join(sorted(_KEY_STORES))}"
        )
    return Profile(str(chosen), values, folder)


def profile_names(environment: Mapping[str, str] | None = None) -> list[str]:
    """The names of all profiles, sorted."""
    return sorted(_read_file(config_folder(environment) / "config.toml")["profiles"])


def save_profile(
    name: str,
    *,
    api_key: str,
    base_url: str | None = None,
    use_keyring: bool | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Store a profile and its key; the first profile becomes the default. Returns "keyring" or "file".

    Key and base URL of a profile that exists are replaced (no `base_url` means Comfy Cloud), its other settings stay.
    `use_keyring` None takes the system's keyring when there is a working one. Raises ConfigurationError when the
    name, the key or the URL is not usable, a keyring was demanded and there is none, or the folder cannot be written.
    """
    from .config import base_url_from, secret_from  # here, since `config` reads profiles

    if not _NAME.match(name):
        raise ConfigurationError(_NAME_RULE)
    folder = config_folder(environment)
    path = folder / "config.toml"
    document = _read_file(path)
    url = base_url_from(base_url) if base_url else None
    secret = secret_from(api_key, "API key")
    former = document["profiles"].get(name, {})
    store = _store_key(folder, name, secret.reveal() if secret else "", use_keyring)
    if former.get("key_store") == "keyring" and store == "file":
        _forget_in_keyring(name)
    kept = {setting: value for setting, value in former.items() if setting not in {"key_store", "base_url"}}
    document["profiles"][name] = {"key_store": store, **({"base_url": url} if url else {}), **kept}
    document.setdefault("default_profile", name)
    _write_private(path, _to_toml(document))
    return store


def delete_profile(name: str, environment: Mapping[str, str] | None = None) -> bool:
    """Forget a profile and its key. False when there was no such profile."""
    folder = config_folder(environment)
    path = folder / "config.toml"
    document = _read_file(path)
    values = document["profiles"].pop(name, None)
    if values is None:
        return False
    if values.get("key_store") == "keyring":
        _forget_in_keyring(name)
    (folder / f"{name}.key").unlink(missing_ok=True)
    if document.get("default_profile") == name:
        remaining = sorted(document["profiles"])
        document.pop("default_profile")
        if remaining:
            document["default_profile"] = remaining[0]
    _write_private(path, _to_toml(document))
    return True


def read_key(profile: Profile) -> str | None:
    """The key of a profile from its store, or None. Raises ConfigurationError when others can read the key file."""
    if profile.folder is None:
        return None
    if profile.values.get("key_store") == "keyring":
        backend = _keyring()
        if backend is None:
            raise ConfigurationError(
                f"Profile {profile.name!r} keeps its key in the system keyring, which is not available here. Install "
                "comfy-cloud[keyring], or log in again with --no-keyring."
            )
        try:
            found = backend.get_password(KEYRING_SERVICE, profile.name)
        except backend.errors.KeyringError as error:
            raise ConfigurationError(
                f"The system keyring does not give the key of profile {profile.name!r}: {type(error).__name__}. Unlock it, "
                "or log in again with --no-keyring."
            ) from None
        return str(found) if found else None
    path = profile.folder / f"{profile.name}.key"
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"The key file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:  # which holds the text
        raise ConfigurationError(f"The key file {path} does not hold text. Log in again.") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ConfigurationError(f"Other users can read the key file {path}. Run: chmod 600 {path}")
    return text or None


def _store_key(folder: Path, name: str, api_key: str, use_keyring: bool | None) -> str:
    backend = None if use_keyring is False else _keyring()
    if backend is None and use_keyring:
        raise ConfigurationError(
            "There is no system keyring here. Install comfy-cloud[keyring], or leave --keyring out."
        )
    if backend is not None:
        try:
            backend.set_password(KEYRING_SERVICE, name, api_key)
        except backend.errors.KeyringError as error:
            if use_keyring:
                raise ConfigurationError(
                    f"The system keyring does not take the key: {type(error).__name__}. Unlock it, or leave --keyring out."
                ) from None
        else:
            (folder / f"{name}.key").unlink(missing_ok=True)
            return "keyring"
    _write_private(folder / f"{name}.key", api_key + "\n")
    return "file"


def _forget_in_keyring(name: str) -> None:
    """Remove a key from the keyring, if that can be reached; a locked one keeps it."""
    backend = _keyring()
    if backend is None:
        return
    with suppress(backend.errors.KeyringError):
        if backend.get_password(KEYRING_SERVICE, name) is not None:
            backend.delete_password(KEYRING_SERVICE, name)


def _keyring() -> Any:
    """The keyring module when it is installed and has a backend that stores something."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    priority = getattr(keyring.get_keyring(), "priority", 0)
    return keyring if isinstance(priority, (int, float)) and priority >= 1 else None


def _read_file(path: Path) -> dict[str, Any]:
    """The document; it always has `profiles`, a table of tables with usable names."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}. Correct or delete it.") from None
    if not isinstance(document.get("default_profile", ""), str):
        raise ConfigurationError(f"default_profile in {path} must be text: the name of a profile")
    profiles = document.setdefault("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(values, dict) for values in profiles.values()):
        raise ConfigurationError(f"[profiles] in {path} must hold tables, such as [profiles.work]")
    odd = [name for name in profiles if not _NAME.match(name)]
    if odd:
        raise ConfigurationError(f"{path} has a profile {odd[0]!r}. {_NAME_RULE}")
    return document


def _write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner can read it, from the first byte on."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}. Set {FOLDER_VARIABLE} to a folder that is yours."
        ) from None


def _to_toml(document: Mapping[str, Any]) -> str:
    """TOML of a profile file: what stands at the top level, and the tables of the profiles."""
    lines = [
        f"{_toml_key(key)} = {_toml_value(value)}" for key, value in document.items() if key != "profiles"
    ]
    for name, values in sorted(document["profiles"].items()):
        lines += ["", f"[profiles.{name}]"]
        lines += [f"{_toml_key(key)} = {_toml_value(value)}" for key, value in values.items()]
    return "\n".join(lines).lstrip("\n") + "\n"


def _toml_key(key: str) -> str:
    return key if _BARE_KEY.match(key) else _toml_value(key)


def _toml_value(value: object) -> str:
    """A value as `tomllib` reads it; what people added by hand is written back in its short form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A JSON text is a TOML basic string, but for one control character that only JSON allows.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_toml_key(key)} = {_toml_value(item)}' for key, item in value.items())}}}"
    return str(value)  # numbers, dates and times
