"""The folder in which the state of an emulated cloud survives: one emulator at a time, and a place for each account.

The lock is one of the operating system, so it ends with the process, however that ends. What lies in the folder is the
business of `store`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from .account import DEFAULT_NAME

LOCK_NAME: Final = "emulator.lock"
ACCOUNTS_NAME: Final = "accounts"


class DataFolder:
    """A folder that this process alone uses until `close`. Raises OSError when another emulator uses it."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._lock)
        except OSError as error:
            os.close(self._lock)
            raise OSError(
                f"another emulator keeps its state in {path}; stop it, or choose another folder"
            ) from error

    def of(self, account: str) -> Path:
        """The folder of an account, by the account's name."""
        return self._path if account == DEFAULT_NAME else self._path / ACCOUNTS_NAME / account

    def close(self) -> None:
        """Let others use it. The file of the lock stays, since another process may be about to open it."""
        os.close(self._lock)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
