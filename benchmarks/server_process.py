"""Servers in a separate process.

`python -m benchmarks.server_process ENTRIES [SPEED]` starts an emulator, prints its URL and waits.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

KEY = "comfyui-bench-key"


def emulator_running(entries: int, speed: float = 1.0) -> AbstractContextManager[str]:
    """Run an emulator with that many history entries of about 3 KB. Yields its URL.

    Its jobs run so many times as fast as usual.
    """
    return module_running("benchmarks.server_process", str(entries), str(speed))


@contextmanager
def module_running(module: str, *arguments: str) -> Iterator[str]:
    """Run a module in a separate process until the block ends. Yields its first line of output."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def main() -> None:
    from comfy_cloud_emulator import Emulator

    entries, speed = int(sys.argv[1]), float(sys.argv[2])
    with Emulator(key=KEY, seed_data=("bench", entries), speed=speed, tier="creator") as emulator:
        print(emulator.url, flush=True)
        sys.stdin.read()  # until the parent closes it


if __name__ == "__main__":
    main()
