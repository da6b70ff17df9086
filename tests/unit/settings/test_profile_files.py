"""Profiles on disk: who can read their files, and what a failure while they are written leaves."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._settings.profiles import profile_names, read_profile, save_profile
from tests.owners import owned_by

KEY = "comfyui-0123456789abcdef"
posix_only = pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")


@posix_only
@pytest.mark.parametrize("umask", [0, 0o077])
def test_only_the_owner_can_read_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    folder = tmp_path / "new" / "config"
    monkeypatch.setenv("COMFY_CLOUD_CONFIG_DIR", str(folder))
    former = os.umask(umask)
    try:
        save_profile("work", api_key=KEY)
    finally:
        os.umask(former)
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for made in (folder, folder.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700


@posix_only
def test_folders_that_exist_keep_their_mode(folder: Path) -> None:
    folder.mkdir(mode=0o750)
    folder.chmod(0o750)
    save_profile("work", api_key=KEY)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750


def read_key() -> object:
    return read_profile("work").get("api_key")


@posix_only
@pytest.mark.parametrize("action", [profile_names, read_key, lambda: save_profile("work", api_key=KEY)])
def test_a_folder_that_all_users_can_write_to_is_refused(folder: Path, action: Callable[[], object]) -> None:
    save_profile("work", api_key=KEY)
    folder.chmod(0o1777)
    action()  # with the sticky bit, nobody can replace the files of others
    folder.chmod(0o777)
    with pytest.raises(ConfigurationError, match=rf"All users can write .*chmod o-w {folder}"):
        action()


@posix_only
@pytest.mark.parametrize(("name", "read"), [("config.toml", profile_names), ("work.key", read_key)])
def test_a_link_to_a_file_in_such_a_folder_is_refused(
    folder: Path, tmp_path: Path, name: str, read: Callable[[], object]
) -> None:
    save_profile("work", api_key=KEY)
    shared = tmp_path / "shared"
    shared.mkdir()
    (folder / name).rename(shared / name)
    (folder / name).symlink_to(shared / name)
    assert read()
    shared.chmod(0o777)
    with pytest.raises(ConfigurationError, match=rf"All users can write .*chmod o-w {shared}"):
        read()


@posix_only
@pytest.mark.parametrize(("name", "read"), [("config.toml", profile_names), ("work.key", read_key)])
def test_a_file_of_another_user_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, read: Callable[[], object]
) -> None:
    save_profile("work", api_key=KEY)
    owned_by(monkeypatch, folder / name, 4711)
    with pytest.raises(
        ConfigurationError, match=rf"{name} belongs to another user .*chown \d+ .*{name}"
    ) as caught:
        read()
    assert KEY not in str(caught.value)
    owned_by(monkeypatch, folder / name, 0)  # root can write to everything anyway
    assert read()


@posix_only
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o610, 0o604, 0o602, 0o601])
def test_a_key_file_open_to_others_is_refused(folder: Path, mode: int) -> None:
    save_profile("work", api_key=KEY)
    (folder / "work.key").chmod(mode)
    with pytest.raises(ConfigurationError, match=r"Other users can read .*chmod 600 .*work\.key") as caught:
        read_profile("work").get("api_key")
    assert KEY not in str(caught.value)


@posix_only
def test_saving_repairs_the_mode_of_a_key_file(folder: Path) -> None:
    save_profile("work", api_key=KEY)
    (folder / "work.key").chmod(0o644)
    save_profile("work", api_key=KEY)
    assert read_profile("work").get("api_key") == KEY


def test_a_key_file_that_is_not_text_is_refused_and_not_shown(folder: Path) -> None:
    save_profile("work", api_key=KEY)
    (folder / "work.key").write_bytes(KEY.encode() + b"\xff")
    with pytest.raises(ConfigurationError, match="does not contain text") as caught:
        read_profile("work").get("api_key")
    assert KEY not in repr(caught.value)


def test_a_key_file_that_cannot_be_read_is_named(folder: Path) -> None:
    save_profile("work", api_key=KEY)
    (folder / "work.key").unlink()
    (folder / "work.key").mkdir()
    with pytest.raises(ConfigurationError, match=r"work\.key cannot be read"):
        read_profile("work").get("api_key")


@pytest.mark.parametrize("failing", ["config.toml", "work.key"])
def test_a_half_written_file_is_never_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    save_profile("work", api_key="old", base_url="http://localhost:1")
    before = (folder / "config.toml").read_bytes()
    replace = os.replace

    def fail(source: str, target: Path) -> None:
        if Path(target).name == failing:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ConfigurationError, match=rf"{failing} cannot be written: No space left"):
        save_profile("work", api_key="new", base_url="http://localhost:2")
    assert (folder / "config.toml").read_bytes() == before
    # A new key never stands beside the old URL.
    assert read_profile("work").get("api_key") == ("old" if failing == "work.key" else None)
    assert {path.name for path in folder.iterdir()} <= {"config.toml", "work.key"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_new_key_never_stands_beside_the_old_url(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    save_profile("work", api_key=KEY, base_url="https://old.example")
    replace = os.replace

    def fail(source: Any, target: Any) -> None:
        if str(target).endswith("config.toml"):
            raise error
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises((ConfigurationError, KeyboardInterrupt)):
        save_profile("work", api_key=f"{KEY}-new", base_url="https://new.example")
    monkeypatch.undo()
    profile = read_profile("work", {"COMFY_CLOUD_CONFIG_DIR": str(folder)})
    assert (profile.get("base_url"), profile.get("api_key")) == ("https://old.example", None)


def test_a_write_that_is_interrupted_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(source: str, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save_profile("work", api_key=KEY)
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COMFY_CLOUD_CONFIG_DIR", str(tmp_path / "file"))
    with pytest.raises(ConfigurationError, match=r"COMFY_CLOUD_CONFIG_DIR|cannot be read"):
        save_profile("work", api_key=KEY)
