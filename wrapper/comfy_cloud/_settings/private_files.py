"""Files that only their owner can read. I/O."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from ..errors import ConfigurationError

FOLDER_VARIABLE = "COMFY_CLOUD_CONFIG_DIR"


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step. Only its owner can read it, from the first byte on."""
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
            f"{path} cannot be written: {error.strerror}. Set {FOLDER_VARIABLE} to a folder of yours."
        ) from None


def read_key_file(path: Path) -> str | None:
    """The key in a file, or None. Raises ConfigurationError when other users can read the file."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"The key file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:  # which quotes the text
        raise ConfigurationError(f"The key file {path} does not contain text. Log in again.") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ConfigurationError(f"Other users can read the key file {path}. Run: chmod 600 {path}")
    return text or None
