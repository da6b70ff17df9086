"""Start the command many times, and import it once: each run is a fork of one process.

That process has one thread, has imported everything and run nothing. What Python does when a
program starts and ends happens in each fork: new streams, and the usual end.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

_LONGEST_MESSAGE = 1_000_000


class Program:
    """A process that forks for each run, one run at a time. Used as a context manager."""

    def __enter__(self) -> Self:
        self._messages, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", __name__, str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        return self

    def __exit__(self, *_: object) -> None:
        self._messages.close()
        self._process.wait()

    def start(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], streams: Sequence[int]
    ) -> int:
        """Run the command on stdin, stdout and stderr; returns its process id."""
        message = json.dumps([list(arguments), str(folder), dict(environment)]).encode()
        socket.send_fds(self._messages, [message], list(streams))
        return int(self._messages.recv(100))

    def exit_code(self) -> int:
        """Wait for the end of the run."""
        return int(self._messages.recv(100))


def main() -> int:
    """Fork for each message, until the socket is closed."""
    from click import Context

    import comfy_cloud
    import comfy_cloud.cli.app as command

    comfy_cloud.ComfyCloud(api_key="k", base_url="http://127.0.0.1:9").close()  # imports the client
    for name in command.COMMANDS:
        command.root.get_command(Context(command.root), name)
    import rich.live
    import rich.progress
    import rich.table  # noqa: F401 - imported once, before the forks

    messages = socket.socket(fileno=int(sys.argv[1]))
    while True:
        message, streams, _, _ = socket.recv_fds(messages, _LONGEST_MESSAGE, 3)
        if not message:
            return 0
        child = os.fork()
        if child == 0:
            messages.close()
            arguments, folder, environment = json.loads(message)
            _become_program(streams, folder, environment)
            return command.run(arguments)
        for stream in streams:
            os.close(stream)
        messages.send(str(child).encode())
        _, status = os.waitpid(child, 0)
        messages.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become_program(streams: Sequence[int], folder: str, environment: Mapping[str, str]) -> None:
    """Give this process the streams, folder and variables of a program that was just started."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    # The process that started all this may ignore Ctrl-C, which a program inherits.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # They stay open to the end, as those of a program do.
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # type: ignore[misc] # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False)  # type: ignore[misc] # noqa: SIM115
    errors = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = errors  # type: ignore[misc]


if __name__ == "__main__":
    sys.exit(main())
