"""Checks of `comfy-cloud doctor` on this machine: its folders and versions."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from ..._version import __version__
from .._console.amounts import size_text
from .findings import Finding

_LEAST_FREE = 500_000_000


def check_config_folder() -> Finding:
    """Whether profiles can be stored."""
    from ..._settings import private_files, profiles, user_folders

    folder = profiles.config_folder()
    if folder.is_dir():
        private_files.refuse_open_folder(folder / "config.toml")
    return _folder("config", folder, user_folders.CONFIG_VARIABLE)


def check_cache_folder() -> Finding:
    """Whether the node classes can be cached."""
    from ..._settings import user_folders
    from ..._workflows import catalogue_file

    return _folder("cache", catalogue_file.cache_folder(), user_folders.CACHE_VARIABLE)


def local_versions() -> Finding:
    """The versions of this package, Python and the libraries that it needs."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    shown = [f"comfy-cloud {__version__}", f"Python {platform.python_version()}"]
    missing = []
    for name in ("httpx", "websockets"):
        try:
            shown.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("versions", "failed", f"{', '.join(missing)} not found", "install comfy-cloud anew")
    return Finding("versions", "ok", f"{', '.join(shown)}, {platform.system()} {platform.release()}")


def _folder(check: str, folder: Path, variable: str) -> Finding:
    existing = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    remedy = f"make it writable, or set {variable} to a folder of yours"
    if not existing.is_dir() or not _is_writable(existing):
        return Finding(check, "failed", f"{folder} cannot be written", remedy)
    free = shutil.disk_usage(existing).free
    state = "writable" if existing == folder else "not there yet, can be made"
    figure = f"{folder}, {state}, {size_text(free)} free"
    if free < _LEAST_FREE:
        return Finding(check, "warning", figure, "free some space, or downloads may fail")
    return Finding(check, "ok", figure)


def _is_writable(folder: Path) -> bool:
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
