"""Where the key of a profile is kept: the system's keyring (extra `keyring`), else a file. I/O.

A locked keyring is asked again next time; nothing is cached.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from .private_files import read_key_file, write_private

KEYRING_SERVICE = "comfy-cloud"


def read_key(folder: Path, name: str, key_store: str) -> str | None:
    """The key of a profile, or None. `key_store` is "keyring" or "file".

    Raises ConfigurationError when the store cannot be read, or other users can read the key file.
    """
    if key_store != "keyring":
        return read_key_file(_key_file(folder, name))
    backend = _keyring()
    if backend is None:
        raise ConfigurationError(
            f"Profile {name!r} keeps its key in the system keyring, which is not available here. Run "
            "pip install 'comfy-cloud[keyring]', or log in again with --no-keyring."
        )
    try:
        found = backend.get_password(KEYRING_SERVICE, name)
    except backend.errors.KeyringError as error:
        raise ConfigurationError(
            f"The system keyring does not give the key of profile {name!r}: {type(error).__name__}. "
            "Unlock it, or log in again with --no-keyring."
        ) from None
    return str(found) if found else None


def store_key(folder: Path, name: str, api_key: str, use_keyring: bool | None) -> str:
    """Keep a key and return where: "keyring" or "file".

    `use_keyring` None means the keyring when there is a working one. Raises ConfigurationError
    when a required keyring is missing or locked, or the file cannot be written.
    """
    backend = None if use_keyring is False else _keyring()
    if backend is None and use_keyring:
        raise ConfigurationError(
            "There is no system keyring here. Run pip install 'comfy-cloud[keyring]', or leave out --keyring."
        )
    if backend is not None:
        try:
            backend.set_password(KEYRING_SERVICE, name, api_key)
        except backend.errors.KeyringError as error:
            if use_keyring:
                raise ConfigurationError(
                    f"The system keyring does not take the key: {type(error).__name__}. Unlock it, or leave "
                    "out --keyring."
                ) from None
        else:
            forget_key_file(folder, name)
            return "keyring"
    write_private(_key_file(folder, name), api_key + "\n")
    return "file"


def forget_key_file(folder: Path, name: str) -> None:
    """Delete the key file of a profile, if there is one."""
    _key_file(folder, name).unlink(missing_ok=True)


def forget_in_keyring(name: str) -> None:
    """Remove a key from the keyring if the keyring can be reached; a locked one keeps it."""
    backend = _keyring()
    if backend is None:
        return
    with suppress(backend.errors.KeyringError):
        if backend.get_password(KEYRING_SERVICE, name) is not None:
            backend.delete_password(KEYRING_SERVICE, name)


def _key_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.key"


def _keyring() -> Any:
    """The keyring module when it is installed and has a backend that stores anything."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    priority = getattr(keyring.get_keyring(), "priority", 0)
    return keyring if isinstance(priority, (int, float)) and priority >= 1 else None
