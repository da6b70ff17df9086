"""An emulator in a separate process that kills itself at a chosen write.

Run it as `python -m tests.emulator.survival.crash_child FOLDER N`. A write is the commit of a
transaction, or the renaming of a completely written file. The process ends as with `kill -9`,
before the Nth write is done; 0 means never. Its first line is its URL. Time is virtual.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any, NoReturn

from comfy_cloud_emulator import Account, Emulator

SECOND = "comfyui-second-key"
ACCOUNTS = {SECOND: Account("pro", credits=1000.0, name="second")}


class _Death:
    """Counts writes while enabled, and ends the process at one of them."""

    def __init__(self, at: int, *, is_awake: bool) -> None:
        self.at = at
        self.is_awake = is_awake
        self.writes = 0

    def write(self) -> None:
        self.writes += self.is_awake
        if self.is_awake and self.writes == self.at:
            die()

    def statement(self, text: str) -> None:
        if text == "COMMIT":
            self.write()


def die() -> NoReturn:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def main(folder: str, dies_at: str, *options: str) -> None:
    """Serve, and die. The URL also goes to a FIFO `url` beside the folder, if there is one."""
    # Starting writes too; writes before it are counted only on request.
    death = _Death(int(dies_at), is_awake="--from-the-start" in options)
    watch(death)
    listener = Path(folder).with_name("url")

    def begin(emulator: Emulator) -> None:
        death.is_awake = True
        print(emulator.url, flush=True)
        if listener.is_fifo():
            listener.write_text(emulator.url, encoding="utf-8")

    seed_data = "demo" if "--demo" in options else None
    Emulator(data=Path(folder), time="virtual", accounts=ACCOUNTS, seed_data=seed_data).serve_forever(begin)
    print(death.writes)


def watch(death: _Death) -> None:
    """Count every write of this process."""
    connect, rename = sqlite3.connect, Path.replace

    def watched_connect(*arguments: Any, **named: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **named)
        connection.set_trace_callback(death.statement)
        return connection

    def watched_rename(self: Path, target: Any) -> Path:
        death.write()
        return rename(self, target)

    sqlite3.connect = watched_connect  # type: ignore[assignment]
    Path.replace = watched_rename  # type: ignore[method-assign]


if __name__ == "__main__":
    main(*sys.argv[1:])
