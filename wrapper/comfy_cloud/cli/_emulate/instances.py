"""The emulators that run in the background: a record of each, and how one is ended. I/O.

A record is a file in the platform's state folder that only its owner can read. The emulator holds
the operating system's lock on it for as long as it runs, however it ends. So a record without the
lock is stale, and the number of a process that has ended is never taken for the emulator's.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..._settings.private_files import refuse_foreign_file
from ...errors import ConfigurationError
from .._console.exits import API, CommandError

FOLDER_VARIABLE = "COMFY_CLOUD_STATE_DIR"
STOP_SECONDS = 10.0
"""How long an emulator may take to end before it is killed."""
_LARGEST_RECORD = 1_000_000
# A record is never reached through a symbolic link, and a pipe in its place is not waited for.
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
# Far behind the record: Windows lets nobody read a byte that is locked.
_LOCKED_BYTE = 1 << 30


def state_folder() -> Path:
    """The folder of records and logs: COMFY_CLOUD_STATE_DIR, else the platform's state folder."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    from platformdirs import user_state_path

    return user_state_path("comfy-cloud", appauthor=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """An emulator in the background.

    Attributes:
        key: The key of its default account; None if it needs none.
        process_start: When its process began, in the system's own form; None where that is unknown.
        started: ISO text in UTC.
        server: What it emulates, to read.
        accounts: The other accounts by name, each in a few words.
    """

    port: int
    url: str
    key: str | None
    pid: int
    process_start: str | None
    started: str
    server: str
    log: str
    accounts: dict[str, str]


@contextmanager
def registered(folder: Path, instance: Instance) -> Iterator[None]:
    """While entered, `instances` finds this emulator."""
    path = folder / f"emulator-{instance.port}.json"
    descriptor = _locked_file(path)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps(asdict(instance)).encode())
        yield
    finally:
        with suppress(OSError):  # Windows keeps an open file; the next reader removes it
            path.unlink()
        os.close(descriptor)


def instances(folder: Path) -> list[Instance]:
    """The emulators that run, by port. Removes the records of those that ended without doing so.

    What is not a file of its own, such as a symbolic link, is not a record. Raises
    ConfigurationError if another user could have written one: it names a process to end, and a
    server to send keys to.
    """
    found = []
    for path in folder.glob("emulator-*.json"):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDWR | _NO_LINK)
            try:
                if not _is_own_file(descriptor):
                    continue
                refuse_foreign_file(path, descriptor)
                if _lock(descriptor, wait=False):
                    path.unlink()
                elif (instance := _read(descriptor)) is not None:
                    found.append(instance)
            finally:
                os.close(descriptor)
    return sorted(found, key=lambda each: each.port)


def end(folder: Path, instance: Instance) -> bool:
    """End an emulator and wait for it; returns whether it had to be killed.

    Raises CommandError if the process with its number is another one, or cannot be ended.
    """
    if process_start(instance.pid) != instance.process_start:
        raise CommandError(
            f"{instance.url} is served by a process in another container, or on another machine; "
            f"stop it there (process {instance.pid})",
            API,
        )
    is_killed = False
    try:
        os.kill(instance.pid, signal.SIGTERM)
        if not _has_ended(folder, instance):
            is_killed = True
            os.kill(instance.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            if not _has_ended(folder, instance):
                raise CommandError(f"process {instance.pid} does not end", API)
    except ProcessLookupError:
        pass
    except OSError as error:
        raise CommandError(f"process {instance.pid} cannot be ended: {error.strerror}", API) from None
    return is_killed


def process_start(pid: int) -> str | None:
    """When a process began, in ticks since the machine started; None if that is not known."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The second field is the program's name in parentheses, and may contain anything.
    return text.rpartition(")")[2].split()[19]


def _has_ended(folder: Path, instance: Instance) -> bool:
    deadline = time.monotonic() + STOP_SECONDS
    while any(each.pid == instance.pid for each in instances(folder)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _locked_file(path: Path) -> int:
    """The file, opened and locked. Waits for those who look whether it is locked."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o600)
        if not _is_own_file(descriptor):
            os.close(descriptor)
            raise OSError(f"{path} is not a file of its own: remove it")
        try:
            refuse_foreign_file(path, descriptor)
        except ConfigurationError as error:
            os.close(descriptor)
            raise OSError(str(error)) from None
        _lock(descriptor, wait=True)
        # A reader may have removed it as stale between these two steps.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), path.lstat()):
                return descriptor
        os.close(descriptor)


def _is_own_file(descriptor: int) -> bool:
    """Whether it is a file that has no other name, which would be changed with it."""
    status = os.fstat(descriptor)
    return stat.S_ISREG(status.st_mode) and status.st_nlink <= 1


def _read(descriptor: int) -> Instance | None:
    content = b""
    while (part := os.read(descriptor, 65_536)) and len(content) < _LARGEST_RECORD:
        content += part
    try:
        record: dict[str, Any] = json.loads(content)
        instance = Instance(**record)
    except (ValueError, TypeError, RecursionError):  # not written yet, or by another version
        return None
    return instance if _is_valid(instance) else None


def _is_valid(instance: Instance) -> bool:
    """Whether a record is of an emulator on this machine. The process ids 0 and -1 mean many."""
    texts = (instance.started, instance.server, instance.log)
    return (
        type(instance.port) is int
        and instance.url == f"http://127.0.0.1:{instance.port}"
        and type(instance.pid) is int
        and instance.pid > 1
        and isinstance(instance.process_start, str | None)
        and isinstance(instance.key, str | None)
        and all(isinstance(text, str) and text.isprintable() for text in texts)
        and isinstance(instance.accounts, dict)
    )


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, *, wait: bool) -> bool:
        """Lock the file; False if another process has the lock."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _lock(descriptor: int, *, wait: bool) -> bool:
        """Lock the file; False if another process has the lock."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True
