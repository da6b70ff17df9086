"""The environment of a shell whose commands reach an emulator, and keep their files in a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from comfy_cloud_emulator import Emulator


def local_environment(emulator: Emulator, folder: str, terminal: str) -> dict[str, str]:
    """The variables of this process, with settings of the emulator and no others of the client."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("COMFY_")},
        "COMFY_CLOUD_BASE_URL": emulator.url,
        "COMFY_CLOUD_API_KEY": emulator.key,
        "COMFY_CLOUD_CONFIG_DIR": f"{folder}/config",
        "COMFY_CLOUD_CACHE_DIR": f"{folder}/cache",
        "COMFY_CLOUD_STATE_DIR": f"{folder}/state",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "TERM": terminal,
    }
