"""The program that runs in the background: `python -m comfy_cloud.cli._emulate.daemon`.

It reads its options as JSON from stdin, where no list of processes shows the keys, and writes one
line of JSON to stdout: what it serves, or why it does not. From then on only its log is written.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._console.exits import USAGE, CommandError
from .._console.wording import in_command_words
from .emulator_options import EmulatorOptions
from .instances import Instance, process_start, registered
from .request_log import RequestLog, other_accounts

if TYPE_CHECKING:
    from comfy_cloud_emulator import Emulator, Request

LARGEST_LOG = 16_000_000
"""Bytes after which the log begins anew."""


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    given = json.load(sys.stdin)
    folder, log = Path(given["folder"]), Path(given["log"])
    options = EmulatorOptions.from_record(given["options"])
    with ExitStack() as stack:

        def report(emulator: Emulator) -> None:
            instance = _instance(emulator, folder, log)
            stack.enter_context(registered(folder, instance))
            _say(asdict(instance))

        try:
            emulator = options.build()
            requests = RequestLog(color=False, keys=options.keys(emulator))

            def write(record: Request) -> None:
                if os.fstat(2).st_size > LARGEST_LOG:
                    os.ftruncate(2, 0)
                requests.request(record)

            emulator.serve_forever(on_ready=report, on_request=write)
        except CommandError as error:
            _say({"error": error.message, "code": error.code})
            return error.code
        except OSError as error:
            _say({"error": in_command_words(str(error)), "code": USAGE})
            return USAGE
    return 0


def _instance(emulator: Emulator, folder: Path, log: Path) -> Instance:
    port = int(emulator.url.rpartition(":")[2])
    named = folder / f"emulator-{port}.log"
    with suppress(OSError):  # Windows renames no open file
        log = log.replace(named)
    return Instance(
        port=port,
        url=emulator.url,
        key=None if emulator.quirks.no_key else emulator.key,
        pid=os.getpid(),
        process_start=process_start(os.getpid()),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        server="a self-hosted ComfyUI" if emulator.quirks.no_key else "Comfy Cloud",
        log=str(log),
        accounts=other_accounts(emulator),
    )


def _say(record: dict[str, Any]) -> None:
    """Write the line that `launcher.start` waits for, and close stdout for good."""
    os.write(1, f"{json.dumps(record)}\n".encode())
    null_device = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, 1)
    os.close(null_device)


if __name__ == "__main__":
    sys.exit(main())
