"""The circumstances that each command is tried under, and what they change."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .account import Account, write_files
from .invocations import INVOCATIONS, Invocation
from .processes import Outcome, run
from .program import Program


@dataclass(frozen=True, slots=True)
class Circumstance:
    """One column of the table.

    Attributes:
        name: Its name, as a column.
        width: The width of the terminal; None for pipes.
        environment: Variables beside those of the account.
        arguments: "given", "unknown", or "wrong" for an option that does not exist.
        server: "account", "none" (nothing listens) or "silent" (never responds).
        has_key: Whether a key is set.
        output: Where stdout goes: "all" of it is read, "head" is one line, "full" a full disk.
        interrupts: Whether Ctrl-C is typed while it waits for the server.
    """

    name: str
    width: int | None = 80
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: str = "given"
    server: str = "account"
    has_key: bool = True
    output: str = "all"
    interrupts: bool = False

    def applies_to(self, invocation: Invocation) -> bool:
        """Whether the command can meet it."""
        if self.arguments == "unknown":
            return invocation.unknown is not None
        if self.server != "account" or not self.has_key:
            return not invocation.is_local
        return True


CIRCUMSTANCES = (
    Circumstance("40 columns", width=40),
    Circumstance("80 columns"),
    Circumstance("200 columns", width=200),
    Circumstance("pipe", width=None),
    Circumstance("NO_COLOR", environment={"NO_COLOR": "1"}),
    Circumstance("TERM=dumb", environment={"TERM": "dumb"}),
    Circumstance("bad option", arguments="wrong"),
    Circumstance("unknown name", arguments="unknown"),
    Circumstance("server down", server="none"),
    Circumstance("no key", has_key=False),
    Circumstance("Ctrl-C", server="silent", interrupts=True),
    Circumstance("head -1", width=None, output="head"),
    Circumstance("full disk", width=None, output="full"),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """A command under a circumstance, with what came of it.

    `left` are the files that it made.
    """

    words: str
    invocation: Invocation
    circumstance: Circumstance
    arguments: list[str]
    outcome: Outcome
    key: str
    address: str
    left: list[str]


def attempt(program: Program, words: str, where: Circumstance, account: Account, folder: Path) -> Trial:
    """Run a command in a new folder, under a circumstance."""
    invocation = INVOCATIONS[words]
    write_files(folder)
    before = _files(folder)
    arguments = _arguments(words, invocation, where, account)
    with _server(where, account) as (address, is_reached):
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COMFY_CLOUD_CONFIG_DIR": str(folder / "config"),
            "COMFY_CLOUD_CACHE_DIR": str(folder / "cache"),
            "COMFY_CLOUD_BASE_URL": address,
            **({"COMFY_CLOUD_API_KEY": account.key} if where.has_key else {}),
            **where.environment,
        }
        serves = invocation.serves and where.arguments == "given"
        interrupt_when = is_reached if where.interrupts else _has_line if serves else None
        outcome = run(
            program,
            arguments,
            folder=folder,
            environment=environment,
            width=where.width,
            stdin=invocation.stdin.format_map(account.names).encode(),
            output=where.output,
            interrupt_when=interrupt_when,
        )
    left = sorted(_files(folder) - before)
    return Trial(words, invocation, where, arguments, outcome, account.key, address, left)


def _arguments(words: str, invocation: Invocation, where: Circumstance, account: Account) -> list[str]:
    given = invocation.unknown if where.arguments == "unknown" else invocation.given
    more = ["--no-such-option"] if where.arguments == "wrong" else []
    if where.server == "none":
        more += ["--retries", "1"]
    return [*words.split(), *account.words(given or ""), *more]


def _has_line(shown: bytes) -> bool:
    return b"\n" in shown


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@contextmanager
def _server(where: Circumstance, account: Account) -> Iterator[tuple[str, Callable[[bytes], bool] | None]]:
    """The address to set, and a function that says whether the program has connected."""
    if where.server == "account":
        yield account.url, None
    else:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            if where.server == "none":
                listener.close()
                yield address, None
                return
            listener.setblocking(False)
            connections: list[socket.socket] = []

            def is_reached(_: bytes) -> bool:
                try:
                    connections.append(listener.accept()[0])
                except BlockingIOError:
                    return False
                return True

            yield address, is_reached
            for connection in connections:
                connection.close()
