"""Profiles: named sets of settings in a TOML file of the platform's config folder, and where their keys are kept.

    default_profile = "work"
    [profiles.work]
    base_url = "https://cloud.comfy.org"
    key_store = "file"            # or "keyring"

A key is never in that file: it is in the system's keyring (extra `keyring`), else in a file beside it that only its owner can
read. Nothing here opens a connection or checks a key.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import ConfigurationError

KEYRING_SERVICE = "comfy-cloud"
FOLDER_VARIABLE = "COMFY_CLOUD_CONFIG_DIR"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_FIELDS = {"base_url", "timeout", "key_store"}


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
    profiles = document.get("profiles", {})
    if chosen not in profiles:
        if name is not None:
            known = ", ".join(sorted(profiles)) or "none"
            raise ConfigurationError(f"There is no profile {name!r} in {folder / 'config.toml'} (profiles: {known})")
        return Profile(str(chosen), {}, None)
    values = profiles[chosen]
    if not isinstance(values, dict):
        raise ConfigurationError(f"[profiles.{chosen}] in {folder / 'config.toml'} must be a table")
    unknown = sorted(set(values) - _FIELDS)
    if unknown:
        raise ConfigurationError(
            f"[profiles.{chosen}] in {folder / 'config.toml'} has unknown settings: {', '.join(unknown)}. "
            f"Known are {', '.join(sorted(_FIELDS))}; keys are stored by `comfy-cloud auth login`."
        )
    return Profile(str(chosen), values, folder)


def profile_names(environment: Mapping[str, str] | None = None) -> list[str]:
    """The names of all profiles, sorted."""
    return sorted(_read_file(config_folder(environment) / "config.toml").get("profiles", {}))


def save_profile(
    name: str,
    *,
    api_key: str,
    base_url: str | None = None,
    use_keyring: bool | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Store a profile and its key; the first profile becomes the default. Returns "keyring" or "file".

    `use_keyring` None takes the system's keyring when there is a working one. Raises ConfigurationError when the
    name is not usable, or a keyring was demanded and there is none.
    """
    if not _NAME.match(name):
        raise ConfigurationError("A profile name has 1 to 64 letters, digits, hyphens or underscores")
    folder = config_folder(environment)
    path = folder / "config.toml"
    document = _read_file(path)
    store = _store_key(folder, name, api_key, use_keyring)
    values = {"key_store": store, **({"base_url": base_url} if base_url else {})}
    document.setdefault("profiles", {})[name] = values
    document.setdefault("default_profile", name)
    _write_private(path, _to_toml(document))
    return store


def delete_profile(name: str, environment: Mapping[str, str] | None = None) -> bool:
    """Forget a profile and its key. False when there was no such profile."""
    folder = config_folder(environment)
    path = folder / "config.toml"
    document = _read_file(path)
    values = document.get("profiles", {}).pop(name, None)
    if values is None:
        return False
    if values.get("key_store") == "keyring":
        backend = _keyring()
        if backend is not None and backend.get_password(KEYRING_SERVICE, name) is not None:
            backend.delete_password(KEYRING_SERVICE, name)
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
        found = backend.get_password(KEYRING_SERVICE, profile.name)
        return str(found) if found else None
    path = profile.folder / f"{profile.name}.key"
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"The key file {path} cannot be read: {error.strerror}") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ConfigurationError(f"Other users can read the key file {path}. Run: chmod 600 {path}")
    return text or None


def _store_key(folder: Path, name: str, api_key: str, use_keyring: bool | None) -> str:
    backend = None if use_keyring is False else _keyring()
    if backend is None and use_keyring:
        raise ConfigurationError("There is no system keyring here. Install comfy-cloud[keyring], or leave --keyring out.")
    if backend is not None:
        backend.set_password(KEYRING_SERVICE, name, api_key)
        (folder / f"{name}.key").unlink(missing_ok=True)
        return "keyring"
    _write_private(folder / f"{name}.key", api_key + "\n")
    return "file"


def _keyring() -> Any:
    """The keyring module when it is installed and has a backend that stores something."""
    try:
        import keyring
    except ImportError:
        return None
    priority = getattr(keyring.get_keyring(), "priority", 0)
    return keyring if isinstance(priority, (int, float)) and priority >= 1 else None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}. Correct or delete it.") from None


def _write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner can read it, from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _to_toml(document: Mapping[str, Any]) -> str:
    """TOML of a profile file: text and numbers at the top level, and the tables of the profiles."""
    lines = [f"{key} = {_toml_value(value)}" for key, value in document.items() if key != "profiles"]
    for name, values in sorted(document.get("profiles", {}).items()):
        lines += ["", f"[profiles.{name}]", *(f"{key} = {_toml_value(value)}" for key, value in values.items())]
    return "\n".join(lines).lstrip("\n") + "\n"


def _toml_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    import json

    return json.dumps(str(value), ensure_ascii=False)  # a JSON text is a valid TOML basic string
