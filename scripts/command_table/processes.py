"""Run the command on terminals of a given width, or with pipes, and keep what it prints."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .program import Program

HANG_TIMEOUT = 30.0
"""Seconds after which a program is killed."""
HANGS = -1
"""The code of a program that was killed for that."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a program printed on each stream, and how it ended."""

    code: int
    out: str
    err: str
    seconds: float


class _Reader:
    """The end of a terminal or pipe that shows what the program writes."""

    def __init__(self, width: int | None) -> None:
        if width is None:
            self.end, self.programs_end = os.pipe()
        else:
            self.end, self.programs_end = pty.openpty()
            size = struct.pack("HHHH", 40, width, 0, 0)
            fcntl.ioctl(self.programs_end, termios.TIOCSWINSZ, size)
        self.content = b""

    def read(self) -> bool:
        """Read what is there; False when there will be no more."""
        try:
            part = os.read(self.end, 65_536)
        except OSError:  # Linux: the other end of the terminal is closed
            part = b""
        self.content += part
        return bool(part)

    def text(self) -> str:
        """What was read."""
        return self.content.decode(errors="replace").replace("\r\n", "\n")


def run(
    program: Program,
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    width: int | None = None,
    stdin: bytes = b"",
    output: str = "all",
    interrupt_when: Callable[[bytes], bool] | None = None,
) -> Outcome:
    """Run the command.

    Args:
        width: The width of the terminals that stdout and stderr are; None for pipes.
        output: Where stdout goes: "all" of it is read, "head" is one line, "full" a full disk.
        interrupt_when: Asked with all that was printed, several times a second; the command gets
            Ctrl-C once when it returns true.
    """
    out, err = _Reader(width), _Reader(width)
    started = time.monotonic()
    read_end, write_end = os.pipe()
    os.write(write_end, stdin)
    os.close(write_end)
    with open("/dev/full", "wb") as full:
        programs_out = full.fileno() if output == "full" else out.programs_end
        process_id = program.start(arguments, folder, environment, (read_end, programs_out, err.programs_end))
    for end in (read_end, out.programs_end, err.programs_end):
        os.close(end)
    open_ends = {out.end: out, err.end: err}
    is_killed = False
    while open_ends:
        ready, _, _ = select.select(list(open_ends), [], [], 0.05)
        if interrupt_when is not None and interrupt_when(out.content + err.content):
            interrupt_when = None
            os.kill(process_id, signal.SIGINT)
        if time.monotonic() - started > HANG_TIMEOUT and not is_killed:
            is_killed = True
            os.kill(process_id, signal.SIGKILL)
        for end in ready:
            if not open_ends[end].read():
                del open_ends[end]
        if output == "head" and b"\n" in out.content and out.end in open_ends:
            del open_ends[out.end]
            os.close(out.end)
            out.end = -1
    code = program.exit_code()
    for reader in (out, err):
        if reader.end >= 0:
            os.close(reader.end)
    return Outcome(HANGS if is_killed else code, out.text(), err.text(), time.monotonic() - started)
