"""The folder that keeps the state: for one emulator at a time, with a folder for each account.

The lock is the operating system's, so it ends with the process, however that ends. `store` decides
what lies in the folder.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from .account import DEFAULT_NAME
from .opening import problem

LOCK_NAME: Final = "emulator.lock"
ACCOUNTS_NAME: Final = "accounts"


class DataFolder:
    """A folder that only this process uses until `close`.

    Raises OSError when another emulator uses it, or when it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise OSError(
                f"the state cannot be kept in {path}: {problem(error)}; choose another folder"
            ) from error
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
        """Release the folder. The lock file stays: another process may be about to open it."""
        os.close(self._lock)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
