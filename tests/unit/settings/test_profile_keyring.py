"""Keys in the system's keyring: when it is used, when a file is, and when it is locked or gone."""

from __future__ import annotations

from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._settings.profiles import delete_profile, profile_names, read_profile, save_profile

KEY = "comfyui-0123456789abcdef"


class FakeKeyring(keyring.backend.KeyringBackend):
    """Keeps its passwords in a dict; a locked one does not return them."""

    priority = 5.0

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def _open(self) -> dict[tuple[str, str], str]:
        if self.is_locked:
            raise keyring.errors.KeyringLocked("locked")
        return self.stored

    def get_password(self, service: str, username: str) -> str | None:
        return self._open().get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self._open()[service, username]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> FakeKeyring:
    fake = FakeKeyring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: fake)
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(fake, name))
    return fake


# The system's keyring


def test_a_working_keyring_is_preferred(folder: Path, ring: FakeKeyring) -> None:
    assert save_profile("work", api_key=KEY) == "keyring"
    assert ring.stored == {("comfy-cloud", "work"): KEY}
    assert sorted(path.name for path in folder.iterdir()) == ["config.toml"]
    assert read_profile("work").get("api_key") == KEY
    assert delete_profile("work")
    assert ring.stored == {}


def test_a_keyring_can_be_declined_and_required(folder: Path, ring: FakeKeyring) -> None:
    assert save_profile("work", api_key=KEY, use_keyring=False) == "file"
    assert ring.stored == {}
    assert save_profile("work", api_key=KEY, use_keyring=True) == "keyring"
    assert not (folder / "work.key").exists()


def test_moving_to_a_file_removes_the_key_from_the_keyring(folder: Path, ring: FakeKeyring) -> None:
    save_profile("work", api_key="old")
    assert save_profile("work", api_key="new", use_keyring=False) == "file"
    assert ring.stored == {}
    assert read_profile("work").get("api_key") == "new"


def test_a_required_keyring_that_does_not_exist(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no system keyring.*comfy-cloud\[keyring\]"):
        save_profile("work", api_key=KEY, use_keyring=True)
    assert not folder.exists()


def test_keyring_not_installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "keyring", None)
    assert save_profile("work", api_key=KEY) == "file"


def test_a_key_in_a_keyring_that_is_gone(
    folder: Path, ring: FakeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_profile("work", api_key=KEY)
    ring.priority = 0.0
    with pytest.raises(ConfigurationError, match=r"keeps its key in the system keyring.*--no-keyring"):
        read_profile("work").get("api_key")
    assert delete_profile("work")


def test_a_locked_keyring(folder: Path, ring: FakeKeyring) -> None:
    save_profile("work", api_key=KEY)
    ring.is_locked = True
    with pytest.raises(ConfigurationError, match=r"does not give the key .*KeyringLocked\. Unlock it"):
        read_profile("work").get("api_key")
    with pytest.raises(ConfigurationError, match=r"does not take the key: KeyringLocked"):
        save_profile("work", api_key=KEY, use_keyring=True)
    assert save_profile("other", api_key=KEY) == "file"
    assert delete_profile("work")
    assert profile_names() == ["other"]


def test_a_key_that_vanished_from_the_keyring(folder: Path, ring: FakeKeyring) -> None:
    save_profile("work", api_key=KEY)
    ring.stored.clear()
    assert read_profile("work").get("api_key") is None
    assert delete_profile("work")
