"""What a profile file may contain, and how one is read, changed and written as text. Pure rules.

    default_profile = "work"
    [profiles.work]
    base_url = "https://cloud.comfy.org"
    key_store = "file"            # or "keyring"

A key is never in that file. Paths appear here only in error messages.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from .document_bounds import check_toml

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_NAME_RULE = "A profile name has 1 to 64 letters, digits, hyphens or underscores"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")
CHANGEABLE = ("base_url", "timeout", "storage_hosts", "proxy", "ca_file", "comfy_user", "api")
_FIELDS = {*CHANGEABLE, "key_store"}
_KEY_STORES = {"file", "keyring"}
# Where people expect a key, which no profile file has.
_KEY_FIELDS = {"api_key", "partner_api_key"}


def _no_key() -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile as read.

    `exists` is False for the empty one that stands in when there is no file. `read_key` fetches
    the key from where the profile keeps it.
    """

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    exists: bool = False
    read_key: Callable[[], str | None] = field(default=_no_key, repr=False, compare=False)

    def get(self, name: str) -> Any:
        """A setting, or None. `api_key` is read from the profile's key store."""
        if name == "api_key":
            return self.read_key()
        return self.values.get(name)


def check_name(name: str) -> None:
    """Raise ConfigurationError for a profile name that is not valid."""
    if not _NAME.match(name):
        raise ConfigurationError(_NAME_RULE)


def parse(text: str, path: Path) -> dict[str, Any]:
    """The document of a profile file. It always has `profiles`: a table of tables with valid names.

    Raises ConfigurationError for anything else, and ValueError when it is not TOML or nested too
    deeply.
    """
    check_toml(text)
    document = tomllib.loads(text)
    if not isinstance(document.get("default_profile", ""), str):
        raise ConfigurationError(f"default_profile in {path} must be text: the name of a profile")
    _refuse_misplaced(document, path)
    profiles = document.setdefault("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(values, dict) for values in profiles.values()):
        raise ConfigurationError(f"[profiles] in {path} must contain tables, such as [profiles.work]")
    invalid = [name for name in profiles if not _NAME.match(name)]
    if invalid:
        raise ConfigurationError(f"{path} has a profile {invalid[0]!r}. {_NAME_RULE}")
    return document


def _refuse_misplaced(document: Mapping[str, Any], path: Path) -> None:
    """Raise ConfigurationError for settings outside of a profile: ignored, they do harm.

    The key of the environment, say, would go to another server than the base URL in the file.
    """
    settings = _FIELDS | _KEY_FIELDS
    outside = sorted(settings & set(document))
    if outside:
        raise ConfigurationError(
            f"{path} has {', '.join(outside)} outside of a profile, where it is not read. Write settings "
            'under [profiles.NAME], such as [profiles.work], and default_profile = "work" at the top. Keys '
            "are stored by `comfy-cloud auth login`"
        )
    for name, table in document.items():
        if name != "profiles" and isinstance(table, dict) and settings & set(table):
            raise ConfigurationError(f"{path} has [{name}], which is not read: write [profiles.{name}]")


def find(document: Mapping[str, Any], name: str | None, path: Path) -> tuple[str, Mapping[str, Any] | None]:
    """The name and the checked settings of a profile: the named one, else the default one.

    The settings are None when there is no default profile. Raises ConfigurationError when the
    named profile, or the one that the file names as the default, does not exist, one of its
    settings is not valid, or settings are outside a profile.
    """
    chosen = str(name or document.get("default_profile") or "default")
    profiles = document["profiles"]
    if chosen not in profiles:
        if name is None and "default_profile" in document:
            raise ConfigurationError(
                f"default_profile in {path} is {chosen!r}, and there is no [profiles.{chosen}]: add it, or "
                "name another profile"
            )
        if name is None:
            return chosen, None
        known = ", ".join(sorted(profiles)) or "none"
        raise ConfigurationError(f"There is no profile {name!r} in {path} (profiles: {known})")
    values: Mapping[str, Any] = profiles[chosen]
    unknown = sorted(set(values) - _FIELDS)
    if unknown:
        raise ConfigurationError(
            f"[profiles.{chosen}] in {path} has unknown settings: {', '.join(unknown)}. "
            f"Known are {', '.join(sorted(_FIELDS))}; keys are stored by `comfy-cloud auth login`."
        )
    if key_store_of(values) not in _KEY_STORES:
        raise ConfigurationError(
            f"key_store of [profiles.{chosen}] in {path} must be one of: {', '.join(sorted(_KEY_STORES))}"
        )
    return chosen, values


def key_store_of(values: Mapping[str, Any]) -> str:
    """Where the profile with these settings keeps its key: "file" or "keyring"."""
    return str(values.get("key_store", "file"))


def add(document: dict[str, Any], name: str, key_store: str, base_url: str | None) -> None:
    """Add a profile to a document, or replace its key store and base URL.

    The first becomes the default.
    """
    former = document["profiles"].get(name, {})
    kept = {setting: value for setting, value in former.items() if setting not in {"key_store", "base_url"}}
    url = {"base_url": base_url} if base_url else {}
    document["profiles"][name] = {"key_store": key_store, **url, **kept}
    document.setdefault("default_profile", name)


def remove(document: dict[str, Any], name: str) -> Mapping[str, Any] | None:
    """Remove a profile from a document and return its settings; None when there is no such profile.

    When it was the default, the first of the others becomes the default.
    """
    values: Mapping[str, Any] | None = document["profiles"].pop(name, None)
    if values is not None and document.get("default_profile") == name:
        document.pop("default_profile")
        remaining = sorted(document["profiles"])
        if remaining:
            document["default_profile"] = remaining[0]
    return values


def change(document: dict[str, Any], name: str, setting: str, value: Any) -> None:
    """Set one setting of a profile, or remove it with None.

    A profile that does not exist is added; the first becomes the default.
    """
    values = document["profiles"].setdefault(name, {"key_store": "file"})
    document.setdefault("default_profile", name)
    if value is None:
        values.pop(setting, None)
    else:
        values[setting] = value


def to_toml(document: Mapping[str, Any]) -> str:
    """A document as TOML: what is at the top level, then the tables of the profiles."""
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
    """A value as `tomllib` reads it.

    Values that people added by hand come back in their short form.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A JSON string is a TOML basic string, except for one control character that only JSON
        # allows.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_toml_key(key)} = {_toml_value(item)}' for key, item in value.items())}}}"
    return str(value)  # numbers, dates and times
